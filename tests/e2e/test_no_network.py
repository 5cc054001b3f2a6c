"""digitpad uses no network and starts no other program, unless the user asks for a download."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from digitpad.core.my_digits.store import MyDigits
from tests.helpers.drawings import new_digits
from tests.helpers.idx_files import set_files, write_files

pytestmark = pytest.mark.slow

# Python calls an audit hook before it opens a socket or starts a process. Sockets that libraries open without Python
# appear in the list of the process's sockets.
_WATCH = """
import json, os, sys
FORBIDDEN = ("socket.", "urllib.", "http.", "ftplib.", "ssl.", "subprocess.", "os.system", "os.exec", "os.posix_spawn",
             "os.spawn", "os.fork", "os.forkpty", "webbrowser.", "smtplib.", "pty.")
HARMLESS = {"socket.gethostname"}  # uname; no network
# torch looks for system libraries with the linker's tools; platform.platform() runs uname.
LOOKING = ("ldconfig", "gcc", "cc", "ld", "objdump", "uname")
asked = []
def watch(event, arguments):
    if event.startswith(FORBIDDEN) and event not in HARMLESS:
        if event == "socket.__new__" and arguments[1] == 1:  # AF_UNIX, as the compositor's
            return
        # Up to Python 3.12 ctypes starts ldconfig by subprocess.Popen, from 3.13 on by os.posix_spawn.
        if event in ("subprocess.Popen", "os.posix_spawn") and os.path.basename(str(arguments[0])) in LOOKING:
            return
        asked.append([event, repr(arguments)[:200]])
sys.addaudithook(watch)

def sockets():
    import psutil
    return [str(each) for each in psutil.Process().net_connections("inet")]
"""

_WINDOW = (
    _WATCH
    + """
from pathlib import Path
from PySide6.QtCore import QEventLoop, QMimeData, QTimer, QUrl
import digitpad.program
from digitpad.core.datasets.catalogue import catalogue, state_of
from digitpad.core.files.paths import data_folder
from digitpad.core.images.idx_sets import SETS
from digitpad.core.runs.training_job import TrainingJob
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.core.evaluation.exporting import write_csv
from digitpad.gui.window import app
from digitpad.gui.window.about_dialog import about_text
from digitpad.gui.session.fine_tuning_service import FineTuningState
from tests.helpers.gui import SEVEN, draw

done, seen = [], set()

def wait(until, what, seconds=240):
    loop, timer = QEventLoop(), QTimer(interval=20)
    left = [seconds * 50]
    def tick():
        left[0] -= 1
        seen.update(sockets() if left[0] % 25 == 0 else ())
        if until() or not left[0]:
            loop.quit()
    timer.timeout.connect(tick)
    timer.start()
    loop.exec()
    timer.stop()
    assert until(), what
    done.append(what)

def live(window, session):
    wait(lambda: session.recognition.is_ready, "started")
    draw(window.draw_tab.canvas, SEVEN)
    wait(lambda: session.recognition.is_settled, "drawn")
    about_text()
    assert all(state_of(key, data_folder()) for key in SETS)
    window.show_tab(1)
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=1"])
    session.training.start(TrainingJob(recipe, "softmax", "mine"))
    wait(lambda: not session.training.is_busy, "trained")
    window.show_tab(2)
    tab = window.mistakes_tab
    wait(lambda: tab.browser.samples is not None and not session.evaluation.is_busy, "evaluated and browsed")
    write_csv(Path("export.csv"), tab.browser.samples, range(5))
    done.append("exported")
    window.show_tab(0)
    address = QMimeData()
    address.setUrls([QUrl("https://example.org/seven.png")])
    window.files.drop(address)
    wait(lambda: "Download this picture?" in window.draw_tab.messages.text, "asked before a picture is downloaded")
    window.draw_tab.messages.close_button.click()
    window.show_tab(3)
    softmax = next(entry for entry in session.models.entries if entry.name == "softmax")
    session.fine_tuning.start(softmax)
    wait(lambda: session.fine_tuning.state in (FineTuningState.DONE, FineTuningState.FAILED), "fine-tuned")
    assert session.fine_tuning.state is FineTuningState.DONE, session.fine_tuning.problem
    session.fine_tuning.discard()

def start(window, session):
    try:
        live(window, session)
    finally:
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

_COMMANDS = (
    _WATCH
    + """
import digitpad.program
codes = []
for line in sys.stdin:
    sys.argv = ["digitpad", *json.loads(line)]
    try:
        digitpad.program.main()
    except SystemExit as end:
        codes.append(end.code)
print(json.dumps({"codes": codes, "asked": asked, "sockets": sockets()}))
"""
)


def run(code: str, *, folder: Path, lines: str = "") -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": root, "DIGITPAD_DATA": str(folder)}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=environment, cwd=folder, input=lines, capture_output=True, text=True, check=False, timeout=280
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a small MNIST, and some of the user's digits."""
    write_files(tmp_path / "mnist", set_files(count=200))
    with MyDigits.open() as mine:
        mine.add_all(new_digits(30))
    return tmp_path


def test_the_window_uses_no_network(folder: Path) -> None:
    done = run(_WINDOW, folder=folder)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    asked = "asked before a picture is downloaded"
    assert seen["done"] == ["started", "drawn", "trained", "evaluated and browsed", "exported", asked, "fine-tuned"]
    assert seen["asked"] == []
    assert seen["sockets"] == []


def test_no_command_uses_the_network(folder: Path) -> None:
    (folder / "seven.jsonl").write_text('{"strokes": [[[0, 0], [100, 0], [40, 160]]]}')
    training = ["train", "softmax", "--set", "dataset=digits", "--epochs", "1", "--out", "model.safetensors"]
    commands = [
        ["recipes"],
        ["models"],
        ["runs"],
        ["predict", "seven.jsonl"],
        training,
        ["evaluate", "--model", "softmax", "--export", "answers.csv"],
        ["evaluate", "--model", "softmax", "--dataset", "kmnist"],  # not installed
    ]
    done = run(_COMMANDS, folder=folder, lines="".join(f"{json.dumps(command)}\n" for command in commands))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"codes": [0] * 6 + [1], "asked": [], "sockets": []}


def test_the_audit_hook_detects_a_socket_and_a_process(folder: Path) -> None:
    code = _WATCH + "import socket, subprocess\ns = socket.socket()\nsubprocess.run(['true'])\nprint(len(asked))"
    assert int(run(code, folder=folder).stdout) >= 2
