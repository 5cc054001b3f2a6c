"""A new user on a machine without MNIST and without network: open, Ctrl+2, Start, curves, a finished run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from digitpad.core.runs.run_library import list_runs
from tests.e2e.conftest import Program, wait_until
from tests.e2e.test_no_network import _WATCH, run

pytestmark = pytest.mark.slow

_WINDOW = (
    _WATCH
    + """
import traceback
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
import digitpad.program
from digitpad.gui.threads import generator_worker
from digitpad.gui.window import app

generator_worker._lower_priority = lambda: None  # the tests of another process would keep the training waiting

done, seen = [], set()

def wait(until, what, seconds=240):
    loop, timer = QEventLoop(), QTimer(interval=20)
    left = [seconds * 50]
    def tick():
        left[0] -= 1
        try:
            seen.update(sockets() if left[0] % 25 == 0 else ())
            if until() or not left[0]:
                loop.quit()
        except Exception:
            loop.quit()  # the last call raises it again
    timer.timeout.connect(tick)
    timer.start()
    loop.exec()
    timer.stop()
    assert until(), what
    done.append(what)

def live(window, session):
    wait(lambda: session.recognition.is_ready, "started")
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    wait(lambda: window.tabs.currentIndex() == 1, "Train tab")
    tab = window.training_tab
    assert tab.buttons.start.isEnabled() and tab.buttons.start.text() == "Start", tab.buttons.start.text()
    assert tab.dataset_bar.isHidden() and not tab.messages.text
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    wait(lambda: session.training.progress.epoch > 3, "training")
    line = lambda metric: tab.curves.chart.plots.line("live", metric)
    wait(lambda: line("test_accuracy") is not None and len(line("test_accuracy").x) > 2, "curves")
    wait(lambda: not tab.weights.is_empty, "weights")
    wait(lambda: not session.training.is_busy, "trained", 600)
    wait(lambda: tab.runs.model.rowCount() == 1 and tab.runs.selected, "listed")
    run = tab.runs.selected[0]
    assert run.info.outcome == "finished" and run.best.test_accuracy > 0.9, run.best
    assert tab.progress_line.text.startswith("Done: "), tab.progress_line.text
    wait(lambda: session.models.chosen.path.parent == run.folder, "on the pad")

def start(window, session):
    try:
        live(window, session)
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # a training in progress would ask before it lets the window close
    seen.update(sockets())
    print(json.dumps({"done": done, "asked": asked, "sockets": sorted(seen)}), flush=True)
    window.close()

def opened():
    window, session = open_window()
    QTimer.singleShot(0, lambda: start(window, session))
    return window, session

open_window = app.open_window
app.open_window = opened
sys.argv = ["digitpad"]
digitpad.program.main()
"""
)


def test_a_new_user_without_network_trains_at_once(tmp_path: Path) -> None:
    done = run(_WINDOW, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    steps = ["started", "Train tab", "training", "curves", "weights", "trained", "listed", "on the pad"]
    assert seen == {"done": steps, "asked": [], "sockets": []}
    assert [run.info.outcome for run in list_runs()] == ["finished"]


def test_two_keys_train_a_model_in_the_program(program: Program) -> None:
    program.wait_for("ready")
    program.press("ctrl+2")
    program.press("ctrl+Return")
    wait_until(lambda: any(run.info.outcome == "finished" for run in list_runs()), "a finished run", 240)
    command = [sys.executable, "-m", "digitpad", "runs"]
    listed = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, check=True, timeout=120)
    assert "finished" in listed.stdout
    assert "digits-mlp" in listed.stdout
