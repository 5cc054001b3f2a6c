"""The log contains errors without user data, and its own problems disturb nothing."""

import contextlib
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
from digitpad.core.runtime.crash_log import log_previous_crash, record_crashes
from digitpad.core.runtime.error_report import ErrorReport, redact, report_on, shorten_paths
from digitpad.core.runtime.exception_hooks import catch_unhandled, log_exception
from digitpad.core.runtime.log import LogFile, environment_text, log_to_file
from tests.helpers.idx_files import names_in

_LOGGER = logging.getLogger("digitpad.test")


@pytest.fixture
def log() -> Iterator[LogFile]:
    with log_to_file() as log:
        yield log


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
    log_exception("a slot failed", caught(fails))
    logged = text_of(log)
    assert len(names_in(user_logs())) == 1
    assert logged.startswith(environment_text())
    assert logged.index("a plug-in is missing") < logged.index("a slot failed")


def test_the_log_has_places_and_source_lines_but_no_values(log: LogFile) -> None:
    log_exception("a slot failed", caught(fails))
    logged = text_of(log)
    assert "test_log.py" in logged
    assert "in fails" in logged
    assert "raise ValueError(" in logged
    assert "ValueError: cannot take '…'" in logged
    assert "kim 0" not in logged


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
def test_the_log_has_no_drawings_and_nothing_that_the_user_typed(log: LogFile, function: Callable[[], None]) -> None:
    log_exception("a slot failed", caught(function))
    logged = text_of(log).partition("a slot failed")[2]
    for line in logged.splitlines():
        if not line.startswith("    "):  # source code may contain anything
            assert "kim" not in line
            assert "0.0" not in line
            assert "80.5" not in line
            assert len(line) < 400


def test_causes_come_first() -> None:
    text = report_on(caught(chained)).text
    assert text.index("ValueError: ") < text.index("RuntimeError: it did not work")


def test_names_of_the_code_and_shapes_are_kept() -> None:
    error = caught(lambda: torch.zeros(64, 784) @ torch.zeros(100, 10))
    assert "64x784 and 100x10" in report_on(error).text
    assert "(64, 1, 28, 28)" in report_on(raised(RuntimeError("the shape is (64, 1, 28, 28)"))).text
    assert "object has no attribute 'nothing'" in report_on(caught(lambda: getattr(object(), "nothing"))).text  # noqa: B009


def test_the_home_folder_is_written_as_a_tilde(user_folder: Path) -> None:
    path = user_folder / "data" / "a.png"
    assert report_on(caught(path.read_bytes)).text.endswith("[Errno 2] No such file or directory: ~/data/a.png")
    assert shorten_paths(f"{user_folder}y/data") == f"{user_folder}y/data"
    assert shorten_paths(f"in {user_folder}, or") == "in ~, or"


def test_kind_and_place_identify_an_error_that_occurs_again() -> None:
    first, again = (report_on(caught(lambda number=number: fails(number))) for number in (1, 2))
    assert (first.kind, first.place) == (again.kind, again.place)
    assert report_on(caught(pixels)).place != first.place
    assert report_on(ValueError("never raised")) == ErrorReport("ValueError", "", "ValueError: never raised")


def deep(number: int) -> None:
    deep(number + 1)


class MuteError(Exception):
    """Its message cannot be computed."""

    def __str__(self) -> str:
        raise ValueError


class HugeError(Exception):
    """Its message is too long."""

    def __str__(self) -> str:
        return "word " * 1_000_000


@pytest.mark.parametrize("error", [MuteError(), HugeError(), ValueError("x\n" * 5000)])
def test_the_report_is_short_whatever_the_message(error: Exception) -> None:
    assert len(report_on(raised(error)).text) < 2000


def test_a_deep_recursion_and_a_cycle_of_causes_give_short_reports() -> None:
    assert len(report_on(caught(lambda: deep(0))).text) < 8000
    error, cause = ValueError("one"), ValueError("two")
    error.__cause__, cause.__cause__ = cause, error
    assert len(report_on(error).text.splitlines()) == 2


@given(st.text(max_size=300))
def test_any_message_is_one_line_and_capped(text: str) -> None:
    logged = redact(text)
    assert len(logged) <= 301
    assert len(logged.splitlines()) <= 1


def test_repeated_errors_are_written_at_powers_of_ten(log: LogFile) -> None:
    for number in range(1000):
        log_exception("a paint event failed", caught(lambda number=number: fails(number)))
    logged = text_of(log)
    assert logged.count(" ERROR ") == 4
    assert "(1,000 times so far)" in logged


def test_many_kinds_of_errors_do_not_fill_the_disk(log: LogFile) -> None:
    for number in range(3000):
        _LOGGER.error("%s %s", "x" * number, "a long message " * 20)
    assert sum(path.stat().st_size for path in user_logs().iterdir()) < 2 * 256 * 1024


def test_a_full_file_rotates(log: LogFile) -> None:
    log.maxBytes = 2000
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
    with log_to_file() as log:
        _LOGGER.error("new")
    assert log.path is not None
    assert names_in(user_logs()) == [
        *(f"digitpad-20200101-0000{number}-1.log" for number in range(14, 20)),
        log.path.name,
        "notes.txt",
    ]


_WRITER = """
import logging, sys
from digitpad.core.runtime.log import log_to_file
with log_to_file() as log:
    log.maxBytes = 4000
    for number in range(300):
        logging.getLogger("digitpad").error("fault %s of %s", number, sys.argv[1])
    assert f"fault 299 of {sys.argv[1]}" in log.path.read_text()
"""


def test_processes_that_write_at_the_same_time_do_not_disturb_each_other() -> None:
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
def test_a_log_that_cannot_be_written_is_ignored(
    trouble: Callable[[], None], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", os.environ["HOME"])  # restored at the end
    trouble()
    with log_to_file() as log:
        for _ in range(3):
            log_exception("a slot failed", caught(fails))
        assert log.path is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_ignored(log: LogFile, capfd: pytest.CaptureFixture[str]) -> None:
    log_exception("the first", caught(fails))
    assert log.path is not None
    path = log.path
    log.close()
    path.unlink()
    path.symlink_to("/dev/full")
    log_exception("the second", caught(pixels))
    assert log.stream is not None, "writing was tried"
    with contextlib.suppress(OSError):
        log.close()
    assert capfd.readouterr() == ("", "")


def test_exceptions_in_threads_and_destructors_are_logged(log: LogFile) -> None:
    reported: list[ErrorReport] = []

    class Bad:
        def __del__(self) -> None:
            raise ValueError("in __del__")

    with catch_unhandled(reported.append):
        thread = threading.Thread(target=fails)
        thread.start()
        thread.join()
        error = caught(pixels)
        sys.excepthook(type(error), error, error.__traceback__)
        bad = Bad()
        del bad
    assert [fault.kind for fault in reported] == ["ValueError", "RuntimeError"]
    assert "unhandled exception in a thread" in text_of(log)
    assert "while an object was deleted" in text_of(log)


def test_the_hooks_are_restored_even_if_the_callback_fails() -> None:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    with catch_unhandled(lambda _: fails()):
        error = caught(fails)
        sys.excepthook(type(error), error, None)
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


_CRASH = """
import ctypes, sys
from digitpad.core.runtime.crash_log import record_crashes
from digitpad.core.files.paths import user_logs
with record_crashes(user_logs()):
    if sys.argv[1] == "crash":
        ctypes.string_at(0)
"""


def crash(how: str) -> int:
    return subprocess.run([sys.executable, "-c", _CRASH, how], check=False, capture_output=True).returncode


def test_a_crash_is_logged_at_the_next_start_and_only_once(log: LogFile) -> None:
    assert crash("crash") < 0
    assert log_previous_crash(user_logs())
    logged = text_of(log)
    assert "an earlier session crashed" in logged
    assert "Segmentation fault" in logged
    assert str(Path.home()) not in logged
    assert not log_previous_crash(user_logs())
    assert text_of(log) == logged


def test_the_crashes_of_two_windows_are_both_logged(log: LogFile) -> None:
    with record_crashes(user_logs()):
        assert crash("crash") < 0
        assert crash("crash") < 0
    assert log_previous_crash(user_logs())
    assert text_of(log).count("Segmentation fault") == 2


def test_a_normal_end_leaves_an_empty_crash_file(log: LogFile) -> None:
    assert not log_previous_crash(user_logs())
    assert crash("not") == 0
    assert not log_previous_crash(user_logs())
    (path,) = user_logs().iterdir()
    assert path.stat().st_size == 0
    assert log.path is None


def test_without_a_writable_folder_the_program_runs_without_a_crash_file() -> None:
    a_file_in_its_place()
    with record_crashes(user_logs()):
        pass
    assert not log_previous_crash(user_logs())


@pytest.mark.parametrize("debug", ["", "1"])
def test_the_command_line_prints_one_sentence_with_the_path_of_the_log(user_folder: Path, debug: str) -> None:
    code = (
        "import digitpad.program as program, digitpad.core.training.recipe_files as recipes, sys\n"
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
        f"see ~/data/digitpad/logs/{name}\n"
    )
    assert "in fails" in (user_logs() / name).read_text()
