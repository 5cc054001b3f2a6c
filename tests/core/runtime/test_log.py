"""The log: it says what went wrong, nothing of the user's, and is in nobody's way."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_logs
from digitpad.core.runtime.crash_log import CrashWatch, take_crashes
from digitpad.core.runtime.exception_hooks import hooked, note
from digitpad.core.runtime.fault_report import Fault, fault_of, redact, shortened
from digitpad.core.runtime.log import LogFile, close_log, environment, note_crash, open_log
from tests.helpers.idx_writing import names_in

_LOGGER = logging.getLogger("digitpad.test")


@pytest.fixture
def log() -> Iterator[LogFile]:
    log = open_log()
    yield log
    close_log(log)


def text_of(log: LogFile) -> str:
    assert log.path is not None
    return log.path.read_text(encoding="utf-8")


def raised(error: Exception) -> Exception:
    def fail() -> None:
        raise error

    return caught(fail)


def fails(number: int = 0) -> None:
    secret_label = f"kim {number}"
    raise ValueError(f"cannot take {secret_label!r}")


def caught(function: Callable[[], object]) -> Exception:
    try:
        function()
    except Exception as error:
        return error
    pytest.fail("nothing was raised")


def test_nothing_is_written_before_something_fails(log: LogFile) -> None:
    _LOGGER.warning("a plug-in is missing")
    assert log.path is None
    assert not user_logs().exists()
    note("a slot failed", caught(fails))
    said = text_of(log)
    assert len(names_in(user_logs())) == 1
    assert said.startswith(environment())
    assert said.index("a plug-in is missing") < said.index("a slot failed")


def test_a_fault_is_told_by_places_and_source_lines_and_never_by_values(log: LogFile) -> None:
    note("a slot failed", caught(fails))
    said = text_of(log)
    assert "test_log.py" in said
    assert "in fails" in said
    assert "raise ValueError(" in said
    assert "ValueError: cannot take '…'" in said
    assert "kim 0" not in said


def pixels() -> None:
    raise RuntimeError(f"cannot use {np.linspace(0, 1, 784).reshape(28, 28)!r} and {torch.arange(10.0)}")


def strokes() -> None:
    raise ValueError([np.array([[80.5, 60.25], [200.0, 61.0], [130.0, 230.0]]).tolist()])


def kind() -> None:
    {"a": 1}["kim's own label"]


def chained() -> None:
    try:
        fails()
    except ValueError as error:
        raise RuntimeError("it did not work") from error


def sentence() -> None:
    raise DigitpadError("kim's run cannot be read: choose another")


@pytest.mark.parametrize("function", [pixels, strokes, kind, chained, sentence])
def test_neither_drawings_nor_what_the_user_typed_are_in_it(log: LogFile, function: Callable[[], None]) -> None:
    note("a slot failed", caught(function))
    said = text_of(log).partition("a slot failed")[2]
    for line in said.splitlines():
        if not line.startswith("    "):  # what is source may stand there
            assert "kim" not in line
            assert "0.0" not in line
            assert "80.5" not in line
            assert len(line) < 400


def test_causes_come_first() -> None:
    text = fault_of(caught(chained)).text
    assert text.index("ValueError: ") < text.index("RuntimeError: it did not work")


def test_what_the_program_says_of_its_own_names_and_shapes_stays() -> None:
    error = caught(lambda: torch.zeros(64, 784) @ torch.zeros(100, 10))
    assert "64x784 and 100x10" in fault_of(error).text
    assert "(64, 1, 28, 28)" in fault_of(raised(RuntimeError("the shape is (64, 1, 28, 28)"))).text
    assert "object has no attribute 'nothing'" in fault_of(caught(lambda: getattr(object(), "nothing"))).text  # noqa: B009


def test_the_home_folder_is_a_tilde_also_in_what_an_error_names(user_folder: Path) -> None:
    path = user_folder / "data" / "a.png"
    assert fault_of(caught(path.read_bytes)).text.endswith("[Errno 2] No such file or directory: ~/data/a.png")
    assert shortened(f"{user_folder}y/data") == f"{user_folder}y/data"
    assert shortened(f"in {user_folder}, or") == "in ~, or"


def test_a_fault_has_a_place_by_which_it_is_known_again() -> None:
    first, again = (fault_of(caught(lambda number=number: fails(number))) for number in (1, 2))
    assert (first.kind, first.place) == (again.kind, again.place)
    assert fault_of(caught(pixels)).place != first.place
    assert fault_of(ValueError("never raised")) == Fault("ValueError", "", "ValueError: never raised")


def deep(number: int) -> None:
    deep(number + 1)


class MuteError(Exception):
    """It cannot say what it is."""

    def __str__(self) -> str:
        raise ValueError


class HugeError(Exception):
    """It says too much."""

    def __str__(self) -> str:
        return "word " * 1_000_000


@pytest.mark.parametrize("error", [MuteError(), HugeError(), ValueError("x\n" * 5000)])
def test_whatever_an_exception_says_the_text_is_short(error: Exception) -> None:
    assert len(fault_of(raised(error)).text) < 2000


def test_a_deep_recursion_and_a_circle_of_causes_are_short_as_well() -> None:
    assert len(fault_of(caught(lambda: deep(0))).text) < 8000
    error, cause = ValueError("one"), ValueError("two")
    error.__cause__, cause.__cause__ = cause, error
    assert len(fault_of(error).text.splitlines()) == 2


@given(st.text(max_size=300))
def test_any_message_is_one_line_and_capped(text: str) -> None:
    said = redact(text)
    assert len(said) <= 301
    assert len(said.splitlines()) <= 1


def test_what_comes_again_and_again_is_written_ever_more_rarely(log: LogFile) -> None:
    for number in range(1000):
        note("a paint event failed", caught(lambda number=number: fails(number)))
    said = text_of(log)
    assert said.count(" ERROR ") == 4
    assert "for the 1,000th time" in said


def test_many_kinds_of_faults_do_not_fill_the_disk(log: LogFile) -> None:
    for number in range(3000):
        _LOGGER.error("%s %s", "x" * number, "a long message " * 20)
    assert sum(path.stat().st_size for path in user_logs().iterdir()) < 2 * 256 * 1024


def test_a_full_file_goes_on_in_a_second_part_and_then_anew(log: LogFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.core.runtime.log._LARGEST", 2000)
    for number in range(100):
        _LOGGER.error("fault number %d", number)
    assert log.path is not None
    assert names_in(user_logs()) == [log.path.name, f"{log.path.name}.1"]
    assert "fault number 99" in text_of(log)
    assert all(path.stat().st_size <= 2000 for path in user_logs().iterdir())


def test_only_the_newest_files_are_kept() -> None:
    user_logs().mkdir(parents=True)
    for number in range(20):
        path = user_logs() / f"digitpad-20200101-0000{number:02}-1.log"
        path.write_text("old")
        os.utime(path, (number, number))
    (user_logs() / "notes.txt").write_text("the user's own")
    log = open_log()
    _LOGGER.error("new")
    close_log(log)
    assert log.path is not None
    assert names_in(user_logs()) == [
        *(f"digitpad-20200101-0000{number}-1.log" for number in range(14, 20)),
        log.path.name,
        "notes.txt",
    ]


_WRITER = """
import logging, sys
from digitpad.core.runtime import log
log._LARGEST = 4000
handler = log.open_log()
for number in range(300):
    logging.getLogger("digitpad").error("fault %s of %s", number, sys.argv[1])
assert f"fault 299 of {sys.argv[1]}" in handler.path.read_text()
log.close_log(handler)
"""


def test_programs_that_write_at_once_do_not_disturb_each_other() -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(n)], stderr=subprocess.PIPE, text=True) for n in range(4)
    ]
    assert [writer.communicate(timeout=60)[1] for writer in writers] == [""] * 4
    assert [writer.returncode for writer in writers] == [0] * 4


def a_file_in_its_place() -> None:
    user_logs().parent.mkdir(parents=True)
    user_logs().write_text("no folder")


def no_home() -> None:
    for name in ("HOME", "XDG_DATA_HOME"):
        os.environ[name] = "/proc/nowhere"


@pytest.mark.parametrize("trouble", [a_file_in_its_place, no_home])
def test_a_log_that_cannot_be_written_does_not_matter(
    log: LogFile, trouble: Callable[[], None], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", os.environ["HOME"])  # put back at the end
    trouble()
    for _ in range(3):
        note("a slot failed", caught(fails))
    assert log.path is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is a thing of Linux")
def test_a_full_disk_does_not_matter(log: LogFile, capfd: pytest.CaptureFixture[str]) -> None:
    note("the first", caught(fails))
    assert log.path is not None
    path, file = log.path, log._file
    assert file is not None
    file.close()
    path.unlink()
    path.symlink_to("/dev/full")
    note("the second", caught(pixels))
    assert file.stream is not None  # it was tried
    close_log(log)
    assert capfd.readouterr() == ("", "")


def test_every_thread_is_heard_and_objects_thrown_away(log: LogFile) -> None:
    told: list[Fault] = []

    class Bad:
        def __del__(self) -> None:
            raise ValueError("in __del__")

    with hooked(told.append):
        thread = threading.Thread(target=fails)
        thread.start()
        thread.join()
        error = caught(pixels)
        sys.excepthook(type(error), error, error.__traceback__)
        bad = Bad()
        del bad
    assert [fault.kind for fault in told] == ["ValueError", "RuntimeError"]
    assert "nobody caught this in a thread" in text_of(log)
    assert "thrown away" in text_of(log)


def test_the_hooks_are_put_back_and_a_listener_that_fails_is_borne() -> None:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    with hooked(lambda _: fails()):
        error = caught(fails)
        sys.excepthook(type(error), error, None)
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


_CRASH = """
import ctypes, sys
from digitpad.core.runtime.crash_log import CrashWatch
from digitpad.core.files.paths import user_logs
with CrashWatch(user_logs()):
    if sys.argv[1] == "crash":
        ctypes.string_at(0)
"""


def crash(how: str) -> int:
    return subprocess.run([sys.executable, "-c", _CRASH, how], check=False, capture_output=True).returncode


def test_a_crash_is_known_at_the_next_start_and_told_once(log: LogFile) -> None:
    assert crash("crash") < 0
    (text,) = take_crashes(user_logs())
    assert "Segmentation fault" in text
    assert str(Path.home()) not in text
    assert take_crashes(user_logs()) == []
    assert names_in(user_logs()) == []
    note_crash(text)
    assert "Segmentation fault" in text_of(log)


def test_who_ends_well_leaves_nothing_and_who_is_killed_no_crash() -> None:
    assert crash("not") == 0
    assert names_in(user_logs()) == []
    left = user_logs() / "crash-1-00000000.txt"
    left.write_text("")
    assert take_crashes(user_logs()) == []
    assert left.exists()  # it may be another window's
    os.utime(left, (1, 1))
    assert take_crashes(user_logs()) == []
    assert not left.exists()


def test_where_no_crash_can_be_noted_the_program_runs_all_the_same() -> None:
    a_file_in_its_place()
    with CrashWatch(user_logs()):
        pass
    assert take_crashes(user_logs()) == []


@pytest.mark.parametrize("debug", ["", "1"])
def test_the_command_line_says_one_sentence_with_the_place_of_the_log(user_folder: Path, debug: str) -> None:
    code = (
        "import digitpad.program as program, digitpad.core.training.recipes as recipes, sys\n"
        "def fails(): raise ValueError('of kim')\n"
        "recipes.list_recipes = fails\n"
        "sys.argv = ['digitpad', 'recipes']\n"
        "program.main()\n"
    )
    environment = {**os.environ, "DIGITPAD_DEBUG": debug}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    if debug:
        assert "ValueError: of kim" in done.stderr
        return
    (name,) = names_in(user_logs())
    assert done.stderr == (
        "digitpad: something went wrong inside the program (ValueError), which is not your fault: "
        f"~/data/digitpad/logs/{name} says more\n"
    )
    assert "in fails" in (user_logs() / name).read_text()
