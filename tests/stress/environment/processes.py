"""The environment of a process: folders, names, locales, streams, descriptors, signals."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from digitpad.core.runs.run_folder import read_run
from tests.stress.digitpad_process import (
    TIMEOUT,
    check,
    environment,
    new_home,
    open_and_close,
    run_digitpad,
    user_folder,
)

TRAINING = ("train", "softmax", "--set", "dataset=digits", "--set", "train_first=200", "--set", "device=cpu")
_UNKNOWN_USER = "54321"  # a user id that no machine has


def picture(folder: Path, name: str = "seven.png") -> Path:
    """Save a picture of a seven, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    image = Image.new("L", (60, 80), 255)
    ImageDraw.Draw(image).line([(10, 10), (50, 10), (25, 70)], fill=0, width=6)
    image.save(folder / name, "PNG")
    return folder / name


def _read_seven(home: Path, path: Path, **how: Any) -> None:
    done = run_digitpad(home, "predict", str(path), "--model", "softmax", **how)
    check(done.code == 0 and ": 7 (" in done.out, f"a seven was not read: {done}")


def _train(home: Path, **how: Any) -> None:
    done = run_digitpad(home, *TRAINING, "--epochs", "1", **how)
    check(done.code == 0 and "Traceback" not in done.error, f"a training failed: {done}")


def can_run_as_unknown_user() -> bool:
    """Return whether this system allows to run a program as an unknown user in a user namespace."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*_as_unknown_user(), "true"], capture_output=True, check=False).returncode == 0


def _as_unknown_user() -> list[str]:
    return ["unshare", "-U", f"--map-user={_UNKNOWN_USER}", f"--map-group={_UNKNOWN_USER}"]


_HOMES = ("HOME", "USERPROFILE", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")


def no_home() -> None:
    """There is no home folder: commands that need none work, the others report it."""
    if not can_run_as_unknown_user():
        return
    with new_home() as home:
        nowhere = {"before": _as_unknown_user(), "without": _HOMES}
        _read_seven(home, picture(home), **nowhere)
        for command in (("runs",), ("models",), ("recipes",)):
            done = run_digitpad(home, *command, **nowhere)
            check(done.code == 0, f"{command} without a home: {done}")
        done = run_digitpad(home, *TRAINING, "--epochs", "1", **nowhere)
        done.check_message("HOME")
        open_and_close(home, before=_as_unknown_user(), without=_HOMES)


def missing_home() -> None:
    """HOME names a folder that does not exist and cannot be made."""
    with new_home() as home:
        (home / "file").write_text("no folder")
        elsewhere = {"HOME": str(home / "file" / "home")}
        without = _HOMES[1:]
        _read_seven(home, picture(home), changes=elsewhere, without=without)
        done = run_digitpad(home, *TRAINING, "--epochs", "1", changes=elsewhere, without=without)
        done.check_message("file/home")
        open_and_close(home, changes=elsewhere, without=without)


def wrong_data_folder(kind: str) -> None:
    """DIGITPAD_DATA names a missing folder or a file."""
    with new_home() as home:
        place = home / "data set"
        if kind == "file":
            place.write_text("no folder")
        changes = {"DIGITPAD_DATA": str(place)}
        run_digitpad(home, "train", "softmax", "--epochs", "1", changes=changes).check_message("data set", "download")
        run_digitpad(home, "evaluate", "--model", "softmax", changes=changes).check_message("data set")
        _train(home, changes=changes)
        open_and_close(home, changes=changes)


def unwritable_tmp() -> None:
    """There is no folder for temporary files."""
    with new_home() as home:
        (home / "file").write_text("no folder")
        changes = {name: str(home / "file") for name in ("TMPDIR", "TEMP", "TMP")}
        _read_seven(home, picture(home), changes=changes)
        _train(home, changes=changes)
        open_and_close(home, changes=changes)


_NAMES = {
    "Korean": "홍길동의 숫자",
    "blanks and quotes": ' Anne "O\'Neill" $HOME `x` ',
    "a line break": "two\nlines",
    "percent and colons": "50%20:done;#x",
    "200 characters": "n" * 200,
}


def unusual_names(name: str, locale: str = "C.UTF-8") -> None:
    """The user folder and a file have an unusual name."""
    with new_home() as outer:
        home = outer / _NAMES[name]
        home.mkdir()
        changes = {"LC_ALL": locale, "LANG": locale}
        if locale in ("C", "POSIX"):
            changes |= {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        _read_seven(home, picture(home, f"{_NAMES[name][:100]}.png"), changes=changes)
        _train(home, changes=changes)
        run_digitpad(home, "predict", str(home / f"{_NAMES[name][:80]}.jpg"), changes=changes).check_message("exist")
        check(any((user_folder(home) / "runs").iterdir()), "no run was kept")
        open_and_close(home, changes=changes)


def very_long_path() -> None:
    """A home folder as deep as the system allows, and a file's name that is too long."""
    with new_home() as outer:
        home = outer.joinpath(*["deep" * 20] * 40)
        home.mkdir(parents=True)
        _read_seven(home, picture(home))
        _train(home)
        run_digitpad(home, "predict", str(home / ("n" * 300))).check_message("n" * 50)


def closed_streams(closed: tuple[int, ...]) -> None:
    """Commands work without some of the standard streams, as with pythonw."""
    with new_home() as home:

        def close() -> None:
            for number in closed:
                os.close(number)

        run_digitpad(home, "predict", str(picture(home)), "--model", "softmax", prepare=close).check_message(code=0)
        done = run_digitpad(home, *TRAINING, "--epochs", "2", prepare=close)
        check(done.code == 0, f"a training ended with {done}")
        (run,) = (path.parent for path in (user_folder(home) / "runs").glob("*/run.json"))
        rows = [row.epoch for row in read_run(run).rows]
        check(rows == [1, 2], f"its epochs are {rows}")
        run_digitpad(home, "predict", str(home / "none.png"), prepare=close).check_message(code=1)


def training_without_streams() -> None:
    """A training without standard streams is saved."""
    with new_home() as home:
        done = run_digitpad(home, *TRAINING, "--epochs", "2", prepare=lambda: [os.close(n) for n in range(3)])
        check(done.code == 0, f"a training ended with {done}")
        (run,) = (path.parent for path in (user_folder(home) / "runs").glob("*/run.json"))
        check([row.epoch for row in read_run(run).rows] == [1, 2], "its epochs are not there")


def reader_closes_pipe() -> None:
    """The reader of the output closes the pipe after one line."""
    with new_home() as home:
        files = [str(picture(home))] * 400
        command = [sys.executable, "-m", "digitpad", "predict", "--model", "softmax", *files]
        surroundings = environment(home, PYTHONUNBUFFERED="1")
        with subprocess.Popen(
            command, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            error = process.stderr.read()
            process.wait(TIMEOUT)
        check(not error and process.returncode == 0, f"{process.returncode}, {error!r}")


def output_on_a_full_disk() -> None:
    """Standard output is on a full disk."""
    if not Path("/dev/full").exists():
        return
    with new_home() as home, Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "digitpad", "predict", "--model", "softmax", str(picture(home))]
        done = subprocess.run(
            command, env=environment(home), stdout=full, stderr=subprocess.PIPE, check=False, timeout=TIMEOUT
        )
        check(done.returncode == 1 and b"the disk is full" in done.stderr, f"{done}")


def few_descriptors(count: int) -> None:
    """The number of open files is limited."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))

    with new_home() as home:
        _read_seven(home, picture(home), prepare=limit)
        _train(home, prepare=limit)
        run_digitpad(home, "predict", str(home / "none.png"), prepare=limit).check_message("none.png")


def few_descriptors_for_a_window() -> None:
    """The window opens with 64 file descriptors."""
    with new_home() as home:
        open_and_close(home, prepare=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))


def ended_by_signal(number: int) -> None:
    """A signal ends a training: every printed epoch is saved, and the run can be resumed."""
    with new_home() as home:
        command = [sys.executable, "-m", "digitpad", *TRAINING, "--epochs", "100000", "--json"]
        with subprocess.Popen(
            command,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Under nohup and in the background, signals are ignored, and child processes inherit that.
            preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # noqa: PLW1509 - no thread is at work here
        ) as process:
            guard = threading.Timer(TIMEOUT, process.kill)
            guard.start()
            assert process.stdout is not None
            assert process.stderr is not None
            told = [process.stdout.readline() for _ in range(int(np.random.default_rng(number).integers(2, 9)))]
            process.send_signal(number)
            told += process.stdout.read().splitlines()
            error = process.stderr.read()
            was_in_time = guard.is_alive()
            guard.cancel()
        check(was_in_time, f"the training went on for {TIMEOUT:.0f} s")
        check(b"Traceback" not in error, error.decode(errors="replace")[-600:])
        (folder,) = (path.parent for path in (user_folder(home) / "runs").glob("*/run.json"))
        rows = [row.epoch for row in read_run(folder).rows]
        check(len(rows) >= len(told) and rows == list(range(1, len(rows) + 1)), f"{len(told)}: {rows}")
        check(read_run(folder).can_resume, "the run cannot go on")
        listed = run_digitpad(home, "runs")
        check(folder.name in listed.out, f"the run is not listed: {listed}")


def ended_by_sigterm() -> None:
    """SIGTERM, as sent when the system shuts down."""
    ended_by_signal(signal.SIGTERM)


def ctrl_c_a_hundred_times() -> None:
    """Ctrl+C closes the window, also when it is pressed again while it closes."""
    with new_home() as home:
        open_and_close(home, presses=100)


def training_larger_than_memory(gigabytes: int) -> None:
    """A training that needs more memory than the process may have ends with a sentence, and leaves no run."""
    with new_home() as home:
        hidden = ",".join(["8192"] * 7)
        done = run_digitpad(
            home,
            *("train", "mlp-fast", "--set", "dataset=digits", "--set", f"hidden={hidden}"),
            prepare=lambda: resource.setrlimit(resource.RLIMIT_AS, (gigabytes << 30, gigabytes << 30)),
        )
        done.check_message("GB of memory", "choose smaller layers")
        check(not list((user_folder(home) / "runs").glob("*/run.json")), "there is a run")


FOLDERS: dict[str, Callable[[], None]] = {
    "no home at all": no_home,
    "a home that is not there": missing_home,
    "DIGITPAD_DATA names nothing": partial(wrong_data_folder, "nothing"),
    "DIGITPAD_DATA names a file": partial(wrong_data_folder, "file"),
    "no place for temporary files": unwritable_tmp,
    "a very long path": very_long_path,
    **{f"a name with {name}": partial(unusual_names, name) for name in _NAMES},
    "Korean in the locale C": partial(unusual_names, "Korean", "C"),
    "Korean in the locale POSIX": partial(unusual_names, "Korean", "POSIX"),
}
MEMORY: dict[str, Callable[[], None]] = {
    f"a training larger than {size} GB": partial(training_larger_than_memory, size) for size in (4, 8, 16)
}
STREAMS: dict[str, Callable[[], None]] = {
    **{f"without streams {closed}": partial(closed_streams, closed) for closed in ((1,), (2,), (1, 2), (0, 1, 2))},
    "a reader that leaves": reader_closes_pipe,
    "output on a full disk": output_on_a_full_disk,
    "20 descriptors": partial(few_descriptors, 20),
    "12 descriptors": partial(few_descriptors, 12),
    "a window with few descriptors": few_descriptors_for_a_window,
}
SIGNALS: dict[str, Callable[[], None]] = {
    **{
        signal.Signals(number).name: partial(ended_by_signal, number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    },
    "Ctrl+C a hundred times in a window": ctrl_c_a_hundred_times,
}
