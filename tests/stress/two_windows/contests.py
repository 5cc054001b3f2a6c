"""Contests: two windows use the same thing; `CheckFailedError` is raised if one loses its work to the other."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from digitpad.core.runs.run_folder import read_run
from tests.stress.digitpad_process import Window, check, user_folder

_MANY = 100_000


def _rows(home: Path, run: str) -> list[int]:
    return [row.epoch for row in read_run(user_folder(home) / "runs" / run).rows]


def _stopped_run(window: Window) -> str:
    """Train and stop a run that can be resumed for a long time."""
    window.tell("start", name="contested", epochs=_MANY)
    window.tell("epochs", count=1)
    ended = window.tell("stop")
    check(bool(ended["run"]) and not ended["problem"], f"a training ended with {ended}")
    return ended["run"]


def leave_run_in_training(home: Path, one: Window, two: Window, _seed: int) -> None:
    """A run in training is not resumed, deleted or stopped by another window that knows it as stopped."""
    run = _stopped_run(one)
    two.tell("runs")
    check(one.tell("begin_resuming", run=run), "a run cannot be resumed")
    one.tell("epochs", count=1)
    check(not two.tell("delete_run", run=run), "a run in training was deleted by another window")
    resumed = two.tell("resume", run=run, known=True)
    check("already being trained" in resumed["problem"], f"another window resumed it: {resumed}")
    two.tell("rename", run=run, name="another name")
    one.tell("epochs", count=1)
    ended = one.tell("stop")
    check(not ended["problem"], f"the training ended with {ended['problem']}")
    rows, found = _rows(home, run), read_run(user_folder(home) / "runs" / run)
    check(rows == list(range(1, len(rows) + 1)) and len(rows) > 2, f"its epochs are {rows}")
    told = (found.name, found.info.outcome)
    check(told == ("another name", "stopped"), f"name and outcome are {told}")


def resume_alternately(home: Path, one: Window, two: Window, _seed: int) -> None:
    """A window with an outdated copy of a run resumes it from its newest epoch."""
    run = _stopped_run(one)
    two.tell("runs")
    one.tell("begin_resuming", run=run)
    one.tell("epochs", count=2)
    one.tell("stop")
    before = _rows(home, run)
    check(two.tell("begin_resuming", run=run, known=True), "a run cannot be resumed")
    two.tell("epochs", count=1)
    two.tell("stop")
    rows = _rows(home, run)
    check(rows[: len(before)] == before, f"epochs are lost: {before} became {rows}")
    check(rows == list(range(1, len(rows) + 1)), f"its epochs are {rows}")


def rename_finished_run(home: Path, one: Window, two: Window, seed: int) -> None:
    """Renaming an outdated copy of a run does not overwrite its outcome."""
    one.tell("start", name="contested", epochs=2)
    one.tell("epochs", count=1)
    two.tell("runs")
    ended = one.tell("ended")
    two.tell("rename", run=ended["run"], name=f"renamed {seed}")
    info = read_run(user_folder(home) / "runs" / ended["run"]).info
    told = (info.name, info.outcome)
    check(told == (f"renamed {seed}", "finished"), f"name and outcome are {told}")


def resume_and_delete(home: Path, one: Window, two: Window, _seed: int) -> None:
    """One window resumes and one deletes a run at the same moment: the later one gets a message."""
    run = _stopped_run(one)
    two.tell("runs")
    one.ask("begin_resuming", run=run)
    two.ask("delete_run", run=run)
    has_begun = one.answer().check().result
    was_deleted = two.answer().check().result and not (user_folder(home) / "runs" / run).is_dir()
    if was_deleted:
        ended = one.tell("ended") if has_begun else {"problem": "it was gone before"}
        check(bool(ended["problem"]), f"a deleted run was trained: {ended}")
        check(bool(two.tell("undo_delete")), "a deleted run did not come back")
    else:
        one.tell("epochs", count=1)
        ended = one.tell("stop")
        check(not ended["problem"], f"the training ended with {ended['problem']}")
    rows = _rows(home, run)
    check(bool(rows) and rows == list(range(1, len(rows) + 1)), f"its epochs are {rows}")


def download_both(home: Path, one: Window, two: Window, seed: int) -> None:
    """Both download the same data set: it is complete for both."""
    contents = {f"file-{seed}-{n}.gz": bytes([n]) * 300_000 for n in range(4)}
    with serving(contents) as (mirror, files):
        for window in (one, two):
            window.ask("download", mirror=mirror, files=files)
        problems = [window.answer().check().result for window in (one, two)]
    check(problems == ["", ""], f"the downloads ended with {problems}")
    folder = user_folder(home) / "data" / "mnist"
    for name, content in contents.items():
        is_whole = (folder / name).is_file() and (folder / name).read_bytes() == content
        check(is_whole, f"{name} is not what was sent")
    left = [path.name for path in folder.iterdir() if path.name.endswith(".part")]
    check(not left, f"parts are left: {left}")


def fine_tune_both(home: Path, one: Window, two: Window, seed: int) -> None:
    """Both fine-tune the same model and keep it: there are two models afterwards."""
    for n in range(12):
        one.tell("keep", number=seed * 100 + n, label=n % 10)
    before = set((user_folder(home) / "models").glob("*.safetensors"))
    for window in (one, two):
        window.ask("fine_tune")
    files = [window.answer(300).check().result for window in (one, two)]
    check(len(set(files)) == 2, f"what was kept is {files}")
    from digitpad.core.models.model_files import read_card

    for file in files:
        check(Path(file).is_file() and Path(file) not in before, f"{file} is not there, or was before")
        read_card(Path(file))


def save_one_recipe(home: Path, one: Window, two: Window, seed: int) -> None:
    """Both save a recipe under one name: the later one gets a message."""
    for window, epochs in ((one, 3), (two, 4)):
        window.ask("save_recipe", name=f"mine {seed}", epochs=epochs)
    said = [window.answer().check().result for window in (one, two)]
    saved = [text for text in said if text.startswith("Saved to")]
    check(len(saved) == 1, f"both saved it: {said}")
    check((home / "config/digitpad/recipes" / f"mine {seed}.toml").is_file(), "there is no recipe")


def mark_one_sample(home: Path, one: Window, two: Window, seed: int) -> None:
    """Both add a note to one sample without having seen the other's: neither note is lost."""
    for window in (one, two):
        window.tell("evaluate")
    notes = [f"first {seed}", f"second {seed}"]
    for window, note in zip((one, two), notes, strict=True):
        window.ask("mark", indices=[seed % 300], note=note)
    for window in (one, two):
        window.answer().check()
    marks = json.loads((user_folder(home) / "label-marks.json").read_text(encoding="utf-8"))["marks"]
    kept = next(mark["note"] for mark in marks if mark["index"] == seed % 300)
    lost = [note for note in notes if note not in kept]
    check(not lost, f"the note {lost} is lost, {kept!r} is kept")


@contextmanager
def serving(contents: dict[str, bytes]) -> Iterator[tuple[str, list[list[Any]]]]:
    """Serve files on this machine; yield the address, and name, hash and size of each file."""
    files = [[name, hashlib.sha256(c).hexdigest(), len(c)] for name, c in contents.items()]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = contents[self.path.removeprefix("/")]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", files
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


CONTESTS: dict[str, Callable[[Path, Window, Window, int], None]] = {
    "a run in training used by the other window": leave_run_in_training,
    "a run resumed alternately": resume_alternately,
    "a finished run renamed": rename_finished_run,
    "a run resumed and deleted at the same time": resume_and_delete,
    "a recipe saved under one name": save_one_recipe,
    "a note on one sample": mark_one_sample,
    "one data set downloaded twice": download_both,
    "one model fine-tuned and kept twice": fine_tune_both,
}
