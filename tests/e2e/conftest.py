"""The real program, as its own process on a virtual screen, driven by xdotool."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

SCREEN = (1280, 900)
_PAUSE = threading.Event()  # never set: waiting for it pauses the test while another process works


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Poll until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not happen within {seconds:.0f} s")
        _PAUSE.wait(0.05)


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """Start a virtual screen and return its name."""
    if not shutil.which("Xvfb") or not shutil.which("xdotool"):
        pytest.skip("Xvfb and xdotool are not installed: apt-get install xvfb xdotool")
    read, write = os.pipe()
    size = "x".join(map(str, SCREEN))
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


@dataclass
class Program:
    """A running digitpad."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    events: list[str]

    def xdotool(self, *arguments: object) -> str:
        command = ["xdotool", *map(str, arguments)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=60)
        return done.stdout.strip()

    @property
    def window(self) -> str:
        """The window's id, empty until it is on the screen."""
        found = self.xdotool("search", "--onlyvisible", "--pid", self.process.pid, "--name", "digitpad")
        return found.splitlines()[-1] if found else ""

    @property
    def title(self) -> str:
        return self.xdotool("getwindowname", self.window) if self.window else ""

    @property
    def answer(self) -> str:
        """The digit in the window title; empty if there is none."""
        head, _, tail = self.title.partition(" – ")
        return head if tail == "digitpad" else ""

    def wait_for(self, event: str) -> None:
        wait_until(lambda: event in self.events or self.process.poll() is not None, f"'{event}'")
        assert self.process.poll() is None

    def press(self, key: str) -> None:
        self.xdotool("windowfocus", "--sync", self.window)
        self.xdotool("key", "--clearmodifiers", key)

    def draw(self, strokes: list[np.ndarray], centre: tuple[int, int] = (320, 420), size: int = 340) -> None:
        """Draw with the pointer, scaled to fit a square of the screen."""
        points = np.concatenate(strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = size / max(high - low)
        steps: list[object] = []
        for stroke in strokes:
            for number, (x, y) in enumerate(np.round((stroke - (low + high) / 2) * scale + centre).astype(int)):
                steps += ["mousemove", x, y, "sleep", 0.004]
                steps += ["mousedown", 1] if number == 0 else []
            steps += ["mouseup", 1]
        self.xdotool(*steps)


@pytest.fixture
def program(display: str, user_folder: Path) -> Iterator[Program]:
    """Start the program and wait for its window; kill it at the end."""
    environment = {**os.environ, "DISPLAY": display, "DIGITPAD_TRACE": "1"}
    environment.pop("QT_QPA_PLATFORM", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "digitpad"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    program = Program(process, environment, [])
    reader = threading.Thread(target=_note_events, args=(process, program.events))
    reader.start()
    program.wait_for("painted")
    wait_until(lambda: bool(program.window), "a window on the screen")
    program.xdotool("windowmove", "--sync", program.window, 0, 0)
    program.xdotool("windowsize", "--sync", program.window, *SCREEN)
    yield program
    process.kill()
    process.wait(10)
    reader.join(10)


def _note_events(process: subprocess.Popen[str], events: list[str]) -> None:
    assert process.stdout is not None
    with process.stdout:
        events.extend(json.loads(line)["event"] if line.startswith("{") else line for line in process.stdout)


@pytest.fixture(scope="session")
def ten_digits(shared_data: Path) -> list[list[np.ndarray]]:
    """Return the first drawing of each digit in the stroke data."""
    first: dict[int, list[np.ndarray]] = {}
    with gzip.open(shared_data / "strokes" / "pendigits-train.jsonl.gz", "rt") as lines:
        for line in lines:
            record = json.loads(line)
            first.setdefault(record["label"], [np.array(stroke, float) for stroke in record["strokes"]])
            if len(first) == 10:
                break
    return [first[digit] for digit in range(10)]
