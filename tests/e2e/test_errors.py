"""The real program with an error inside it: it shows a dialog and continues, or ends with one sentence."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from digitpad.core.files.paths import user_logs

pytestmark = pytest.mark.slow

# The program with one injected error; it prints what the window shows, then closes the window.
_PROGRAM = """
import json, os, sys, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel
import digitpad.program
from digitpad.gui.window import app
from digitpad.gui.window.main_window import MainWindow

HOW = sys.argv.pop(1)
SECRET = "kim's label"

def fail(*_):
    label = SECRET
    raise ValueError(f"no such digit: {label!r}, {[0.5] * 784}")

def start(window):
    if HOW == "slot":
        QTimer.singleShot(0, fail)
    elif HOW == "thread":
        threading.Thread(target=fail).start()
    elif HOW == "crash":
        import ctypes
        ctypes.string_at(0)

def paint(self, event):
    real(self, event)
    QTimer.singleShot(0, self.update)
    fail()

real = MainWindow.paintEvent
if HOW == "paint":
    MainWindow.paintEvent = paint
if HOW == "stuck":
    import threading
    from digitpad.core.recognition.recogniser import Recogniser
    from digitpad.gui.threads import latest_worker
    latest_worker._PATIENCE_MS = 100
    Recogniser.answer = lambda *_: threading.Event().wait()
if HOW not in ("nothing", "stuck"):  # torch, which takes seconds to load, has no part in these
    from digitpad.core.ink.mnist_geometry import blank
    from digitpad.core.recognition.recogniser import Answer, Failure, Recogniser
    Recogniser.answer = lambda self, question: Answer(question, blank(), (Failure(""),) * len(question.models), 0.0)
if HOW == "start":
    import digitpad.gui.session.model_choice
    digitpad.gui.session.model_choice.list_models = fail

looks = 0

def look():
    global looks
    window = next(each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow))
    looks += 1
    if looks == 1:
        start(window)
    dialogs = [each for each in QApplication.topLevelWidgets() if type(each).__name__ == "ErrorDialog"]
    if looks < (20 if dialogs or HOW in ("nothing", "after", "stuck") else 400):
        return
    texts = [label.text() for dialog in dialogs for label in dialog.findChildren(QLabel)]
    print(json.dumps({"dialogs": len(dialogs), "texts": texts, "message": window.draw_tab.messages.text}), flush=True)
    timer.stop()
    window.close()

open_window = app.open_window

def opened():
    global timer
    window, session = open_window()
    timer = QTimer(interval=25)
    timer.timeout.connect(look)
    timer.start()
    return window, session

app.open_window = opened
digitpad.program.main()
"""


def run(how: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", _PROGRAM, how]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def written() -> list[str]:
    """Return the names of the files in the log folder that are not empty."""
    return [path.name for path in user_logs().iterdir() if path.stat().st_size]


def logged() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(user_logs().glob("*.log")))


@pytest.mark.parametrize("how", ["slot", "thread", "paint"])
def test_an_error_opens_one_dialog_and_the_program_continues_to_a_clean_end(how: str) -> None:
    done = run(how)
    assert done.returncode == 0
    seen = json.loads(done.stdout)
    assert seen["dialogs"] == 1
    assert "Something went wrong inside digitpad." in seen["texts"]
    assert "Traceback" not in done.stderr
    text = logged()
    assert "ValueError: no such digit: '…', […" in text
    assert "in fail" in text
    assert "kim" not in text
    assert text.count(" ERROR ") <= 3
    assert (user_logs() / "crash.txt").stat().st_size == 0


def test_an_error_at_the_start_prints_one_sentence_and_exits_with_code_1() -> None:
    done = run("start")
    assert done.returncode == 1
    text = [line for line in done.stderr.splitlines() if not line.startswith("This plugin")]
    (log,) = user_logs().glob("*.log")
    what = "something went wrong inside the program (ValueError), which is not your fault"
    assert text == [f"digitpad: {what}: see ~/data/digitpad/logs/{log.name}"]
    assert "ValueError: no such digit" in log.read_text(encoding="utf-8")


def test_after_a_crash_only_the_next_window_shows_a_message() -> None:
    assert run("crash").returncode == -signal.SIGSEGV
    assert json.loads(run("after").stdout)["message"] == "Last time digitpad ended unexpectedly."
    text = logged()
    assert "Fatal Python error: Segmentation fault" in text
    assert str(Path.home()) not in text
    assert json.loads(run("after").stdout)["message"] == ""


def test_a_program_without_errors_writes_no_log() -> None:
    done = run("nothing")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"dialogs": 0, "texts": [], "message": ""}
    assert written() == []


def test_a_thread_that_never_ends_does_not_abort_the_program() -> None:
    done = run("stuck")
    assert done.returncode == 0, done.stderr
    assert "QThread" not in done.stderr
    assert written() == []
