"""A window with a full, read-only or slow disk, or with a clock that jumps."""

import contextlib
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from digitpad.core.runs.run_folder import read_run
from tests.stress.digitpad_process import (
    Answer,
    Window,
    check,
    new_home,
    open_and_close,
    run_digitpad,
    small_disk,
    user_folder,
)
from tests.stress.environment.processes import TRAINING, picture
from tests.stress.two_windows.contests import serving

_MANY = 100_000
_DAY = 24 * 3600.0


# A full disk


def _fill(home: Path) -> None:
    with contextlib.suppress(OSError), (home / "ballast").open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@contextlib.contextmanager
def _window_on_small_disk(*, is_real: bool) -> Iterator[tuple[Path, Window, Callable[[bool], object]]]:
    """Open a window whose folders are on a disk that `fill(True)` fills and `fill(False)` empties.

    Where it is not real, or mounting is not allowed, no file can grow instead.
    """
    with contextlib.ExitStack() as places:
        home = places.enter_context(new_home())
        is_mounted = is_real and places.enter_context(small_disk(home, 6))
        window = places.enter_context(Window(home))
        if is_mounted:
            yield home, window, lambda full: _fill(home) if full else (home / "ballast").unlink()
        else:
            yield home, window, lambda full: window.tell("fill_disk", full=full)


def _check_reported(answer: Answer, what: str, sentence: object = None) -> None:
    said = [str(sentence)] if sentence else answer.said
    words = ("cannot", "not kept", "could not", "cannot be saved", "not written", "failed")
    is_told = any(word in text for word in words for text in said)
    check(is_told, f"{what} on a full disk: {answer.said}, {answer.result}")
    check("Details are in the log" not in " ".join(said), f"{what} on a full disk was not foreseen: {said}")


def _do_everything(home: Path, window: Window, *, works: bool) -> None:
    """Keep, mark, save, export, download and train: either all work, or each failure is reported."""
    number = 7 if works else 8
    run = window.tell("runs")[0]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("keep", {"number": number, "label": 3}),
        ("mark", {"indices": [number], "note": "n" * 900}),
        ("save_recipe", {"name": f"recipe {number}", "epochs": 3}),
        ("save_drawing", {"place": str(home / f"{number}.png")}),
        ("export", {"run": run, "kind": "csv", "place": str(home / f"{number}.csv")}),
        ("export", {"run": run, "kind": "safetensors", "place": str(home / f"{number}.safetensors")}),
        ("rename", {"run": run, "name": f"name {number}"}),
    ]
    for do, how in asked:
        window.tell("clear_messages")
        answer = window.do(do, **how)
        if not works:
            _check_reported(answer, do)
    with serving({"file.gz": os.urandom(200_000)}) as (mirror, files):
        problem = window.do("download", mirror=mirror, files=files)
        if not works:
            _check_reported(problem, "download", problem.result)
        check(bool(problem.result) != works, f"a download: {problem}")
    trained = window.do("train", epochs=1)
    if not works:
        _check_reported(trained, "train", trained.result["problem"])
    else:
        ids, notes = window.tell("digits"), window.tell("mark", indices=[9])
        check(bool(ids) and "7" in notes, f"kept are {ids} and {notes}")
        check(not trained.result["problem"], f"{trained}")
        for end in ("png", "csv", "safetensors"):
            check((home / f"7.{end}").is_file(), f"7.{end} was not written")
    left = [path.name for path in home.rglob("*.part")]
    check(not left, f"parts of files are left: {left}")


def full_disk(*, is_real: bool) -> None:
    """Every failed write is reported, and works again once there is room."""
    with _window_on_small_disk(is_real=is_real) as (home, window, fill):
        window.tell("train", epochs=1)
        window.tell("keep", number=1, label=1)
        for tab in (1, 2, 3, 0):
            window.tell("tab", number=tab)
        window.tell("run_event_loop", seconds=0.5)  # until the Mistakes tab has reported that data is missing
        window.tell("evaluate")
        window.tell("setting", name="threshold", value=0.25)
        fill(True)
        _do_everything(home, window, works=False)
        window.tell("setting", name="threshold", value=0.75)
        fill(False)
        _do_everything(home, window, works=True)
        window.tell("setting", name="thumbnail_side", value=64)
        settings = (home / "config" / "digitpad" / "digitpad.conf").read_text()
        check("0.75" in settings and "64" in settings, f"the settings are {settings}")
        window.close()


def full_disk_while_training(*, is_real: bool) -> None:
    """A training that cannot save stops with a message, and can be resumed once there is room."""
    with _window_on_small_disk(is_real=is_real) as (_, window, fill):
        window.tell("start", epochs=_MANY)
        told = window.tell("epochs", count=2)
        fill(True)
        answer = window.do("ended")
        _check_reported(answer, "training", answer.result["problem"])
        rows = answer.result["rows"]
        check(len(rows) >= len(told), f"{told} were told, and {rows} are kept")
        fill(False)
        run = answer.result["run"]
        check(window.tell("begin_resuming", run=run), "the run cannot be resumed")
        window.tell("epochs", count=1)
        ended = window.tell("stop")
        is_right = not ended["problem"] and ended["rows"] == list(range(1, len(ended["rows"]) + 1))
        check(is_right and len(ended["rows"]) > len(rows), f"it went on to {ended}")
        window.close()


def full_disk_for_the_command_line() -> None:
    """The command line reports what it cannot write, and leaves no partial file."""
    with new_home() as home, small_disk(home, 1) as mounted:
        if not mounted:
            return
        seven = picture(home)
        check(run_digitpad(home, *TRAINING, "--epochs", "1").code == 0, "a training failed")
        (run,) = (path.parent.name for path in (user_folder(home) / "runs").glob("*/run.json"))
        _fill(home)
        run_digitpad(home, *TRAINING, "--epochs", "1").check_message("disk")
        run_digitpad(home, "export", run, str(home / "a.csv")).check_message("disk")
        run_digitpad(home, *TRAINING, "--epochs", "1", "--out", str(home / "a.safetensors")).check_message()
        done = run_digitpad(home, "predict", str(seven))
        check(done.code == 0, f"{done}")
        check(not list(home.rglob("*.part")), "parts of files are left")
        open_and_close(home)


# Folders that cannot be written


@contextlib.contextmanager
def _read_only(home: Path) -> Iterator[bool]:
    """Make a folder read-only: by mounting it, or without root by its permissions."""
    mount = ["mount", "--bind", str(home), str(home)]
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    is_mounted = is_root and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    if is_mounted:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(home)], capture_output=True, check=False)
    elif not is_root:
        home.chmod(0o555)
    try:
        yield is_mounted or not is_root
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(home)], capture_output=True, check=False)
        elif not is_root:
            home.chmod(0o755)


def read_only_home(*, is_new: bool) -> None:
    """With a read-only home, existing files can be used and every failed write is reported."""
    with new_home() as home:
        seven = picture(home)
        if not is_new:
            check(run_digitpad(home, *TRAINING, "--epochs", "1").code == 0, "a training failed")
        with _read_only(home) as is_so:
            if not is_so:
                return
            done = run_digitpad(home, "predict", str(seven), "--model", "softmax")
            check(done.code == 0 and ": 7 (" in done.out, f"{done}")
            for command in ("runs", "models", "recipes", "marks"):
                done = run_digitpad(home, command)
                check(done.code == 0, f"{command}: {done}")
            run_digitpad(home, *TRAINING, "--epochs", "1").check_message("read-only")
            run_digitpad(home, "download", "mnist").check_message("mnist")
            _use_read_only_home(home)


def _use_read_only_home(home: Path) -> None:
    with Window(home) as window:
        for tab in (1, 2, 3, 0):
            window.tell("tab", number=tab)
        problem = window.tell("settings_problem")
        check(bool(problem), "nobody is told that choices are not kept")
        window.tell("evaluate")
        asked: list[tuple[str, dict[str, Any]]] = [
            ("keep", {"number": 1, "label": 3}),
            ("mark", {"indices": [2], "note": "n"}),
            ("save_recipe", {"name": "mine", "epochs": 3}),
        ]
        for do, how in asked:
            window.tell("clear_messages")
            _check_reported(window.do(do, **how), do)
        trained = window.do("train", epochs=1)
        _check_reported(trained, "train", trained.result["problem"])
        window.tell("setting", name="threshold", value=0.25)
        window.close()


_MISPLACED = {
    "a file for the user folder": ("data/digitpad", "file"),
    "a file for the data folder": ("data", "file"),
    "a file for the settings": ("config/digitpad", "file"),
    "a file for the runs": ("data/digitpad/runs", "file"),
    "a file for the models": ("data/digitpad/models", "file"),
    "a file for the recipes": ("config/digitpad/recipes", "file"),
    "a file for the log": ("data/digitpad/logs", "file"),
    "a folder for My digits": ("data/digitpad/my-digits.sqlite3", "folder"),
    "a folder for the marks": ("data/digitpad/label-marks.json", "folder"),
    "a folder for the settings' file": ("config/digitpad/digitpad.conf", "folder"),
    "a broken link for the user folder": ("data/digitpad", "link"),
}


def misplaced(name: str) -> None:
    """Something else is in the place of a folder or file of digitpad: it is kept, and named in the message."""
    where, kind = _MISPLACED[name]
    with new_home() as home:
        place = home / where
        place.parent.mkdir(parents=True, exist_ok=True)
        if kind == "file":
            place.write_text("the user's own")
        elif kind == "folder":
            place.mkdir()
        else:
            place.symlink_to(home / "nowhere" / "at all")
        done = run_digitpad(home, "predict", str(picture(home)), "--model", "softmax")
        check(done.code == 0, f"{done}")
        for command in ("runs", "models", "recipes"):
            done = run_digitpad(home, command)
            check(done.code == 0, f"{command}: {done}")
        with Window(home) as window:
            for tab in (1, 2, 3, 0):
                window.tell("tab", number=tab)
            window.tell("evaluate")
            for do, how in (("keep", {"number": 1, "label": 3}), ("mark", {"indices": [2]})):
                answer = window.do(do, **how)
                file = {"keep": "my-digits.sqlite3", "mark": "label-marks.json"}[do]
                check((user_folder(home) / file).is_file() or bool(answer.said), f"{do}: {answer}")
            ended = window.tell("train", epochs=1)
            check(bool(ended["rows"]) != bool(ended["problem"]), f"a training ended with {ended}")
            window.tell("save_recipe", name="mine", epochs=3)
            window.tell("setting", name="threshold", value=0.25)
            window.close()
        if kind == "file":
            check(place.read_text() == "the user's own", f"{where} was written over")


# A slow disk

# Each writes one small file when the user asks for it, and may wait: see docs/reliability.md.
_MAY_WAIT = ("rename", "delete_run", "undo_delete", "mark", "unmark", "save_recipe", "save_drawing")


def slow_disk(seconds: float) -> None:
    """On a slow disk, drawing, keeping digits, training and exporting never wait for the disk."""
    found: dict[str, float] = {}
    with new_home() as home, Window(home, slow=seconds) as window:

        def do(do: str, **how: Any) -> Any:
            answer = window.do(do, **how)
            for wait, where in answer.waits:
                place = f"{do}: {where.split(' < ')[0]}"
                found[place] = found.get(place, 0) + wait
            return answer.result

        window.tell("run_event_loop", seconds=0.1)  # it may wait while it starts
        do("keep", number=1, label=2)
        do("digits")
        do("start", epochs=2)
        do("epochs", count=1)
        run = do("ended")["run"]
        for tab in (1, 2, 3, 0):
            do("tab", number=tab)
        do("runs")
        do("evaluate")
        do("mark", indices=[3], note="slow")
        do("unmark", indices=[3])
        do("rename", run=run, name="slow")
        do("save_recipe", name="slow", epochs=3)
        do("save_drawing", place=str(home / "slow.png"))
        for kind in ("csv", "png", "safetensors"):
            do("export", run=run, kind=kind, place=str(home / f"slow.{kind}"))
        for tab in (1, 2, 3, 0):  # with marks on the disk by now, and a run
            do("tab", number=tab)
        do("run_event_loop", seconds=3 * seconds)
        do("delete_run", run=run)
        do("undo_delete")
        window.close()
    waits = {place: wait for place, wait in found.items() if place.partition(":")[0] not in _MAY_WAIT}
    words = ", ".join(f"{place} {wait:.1f} s" for place, wait in sorted(waits.items(), key=lambda item: -item[1]))
    check(not waits, f"the window waited for the disk: {words}")


# A clock that jumps


def clock_jumps(*jumps: float) -> None:
    """The clock is moved forward and back: order, durations, names and remaining times stay plausible."""
    with new_home() as home, Window(home) as window:
        ids, runs, rows = [], [], []
        window.tell("start", name="long", epochs=_MANY)
        for number, shift_clock in enumerate(jumps):
            window.tell("shift_clock", seconds=shift_clock)
            rows += window.tell("epochs", count=2)
            elapsed, left = window.tell("progress")
            is_sane = 0 <= elapsed < 1000 and (left is None or 0 <= left < 1e7)
            check(is_sane, f"after {elapsed} s of training {left} s are left")
            ids.append(window.tell("keep", number=number, label=number % 10))
        long = window.tell("stop")
        check(not long["problem"], f"the training ended with {long['problem']}")
        for shift_clock in jumps:
            window.tell("shift_clock", seconds=shift_clock)
            trained = window.tell("train", name="short", epochs=1)
            check(not trained["problem"], f"a training failed: {trained['problem']}")
            runs.append(trained["run"])
            ids.append(window.tell("keep", number=100 + len(ids), label=1))
        check(all(0 <= seconds < 60 for _, seconds in rows), f"epochs took {rows}")
        check(window.tell("digits") == ids[::-1], "My digits are not in the order they were kept in")
        listed = window.tell("runs")
        check(sorted(listed) == sorted([*runs, long["run"]]), f"{listed} are listed, not {runs}")
        # After the clock was moved back, a run may get the id of a deleted one.
        check(window.tell("delete_run", run=runs[0]), "a run was not deleted")
        check(window.tell("undo_delete"), "a deleted run did not come back")
        check(window.tell("begin_resuming", run=long["run"]), "the run cannot be resumed")
        window.tell("epochs", count=1)
        ended = window.tell("stop")
        check(ended["rows"] == list(range(1, len(ended["rows"]) + 1)), f"it went on to {ended}")
        for run in [*runs, long["run"]]:
            seconds = read_run(user_folder(home) / "runs" / run).seconds
            check(0 <= seconds < 1000, f"the run {run} took {seconds} s")
        window.close()


# Another program


def closing_while_my_digits_is_held(*, has_released: bool) -> None:
    """A window that is closed while another program holds My digits loses none of the digits that wait."""
    with new_home() as home, Window(home) as window:
        window.tell("keep", number=1000, label=1)
        path = user_folder(home) / "my-digits.sqlite3"
        check(path.stat().st_mode & 0o077 == 0, "others can read My digits")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            window.ask("close_while_saving", count=4)
            if has_released:
                time.sleep(0.5)  # less than the dialog waits until it offers another file
                other.execute("ROLLBACK")
            window.answer().check()
            check(window.process.wait(40) == 0, f"the window ended badly: {window.error}")
        beside = list(path.parent.glob("my-digits-unsaved-*.sqlite3"))
        digests: set[str] = set()
        for file in (path, *beside):
            with contextlib.closing(sqlite3.connect(file)) as saved:
                digests |= {digest for (digest,) in saved.execute("SELECT digest FROM drawings")}
        check(len(digests) == 5, f"{len(digests)} of 5 digits are saved, in {len(beside) + 1} files")
        check(has_released or bool(beside), "there is no other file")


FULL: dict[str, Callable[[], None]] = {
    "a full disk": partial(full_disk, is_real=True),
    "files that cannot grow": partial(full_disk, is_real=False),
    "a full disk while training": partial(full_disk_while_training, is_real=True),
    "files that cannot grow while training": partial(full_disk_while_training, is_real=False),
    "a full disk for the command line": full_disk_for_the_command_line,
}
UNWRITABLE: dict[str, Callable[[], None]] = {
    "a read-only home, used before": partial(read_only_home, is_new=False),
    "a read-only home, new": partial(read_only_home, is_new=True),
    **{name: partial(misplaced, name) for name in _MISPLACED},
    "My digits held while closing": partial(closing_while_my_digits_is_held, has_released=False),
    "My digits held for a moment": partial(closing_while_my_digits_is_held, has_released=True),
}
SLOW: dict[str, Callable[[], None]] = {
    f"{int(1000 * seconds)} ms": partial(slow_disk, seconds) for seconds in (0.2, 0.5, 2.0)
}
CLOCK: dict[str, Callable[[], None]] = {
    "a day back": partial(clock_jumps, -_DAY, -_DAY),
    "a year on": partial(clock_jumps, 365 * _DAY),
    "to and fro": partial(clock_jumps, 365 * _DAY, -366 * _DAY, 3600.0, -3600.0),
    "ten years back": partial(clock_jumps, -3650 * _DAY),
}
