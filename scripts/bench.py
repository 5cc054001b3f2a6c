#!/usr/bin/env python3
"""Measure what the design promises and print it beside its goal.

    xvfb-run -a .venv/bin/python scripts/bench.py [--json] [--only WORD]

Without a display the window is measured offscreen, which paints less. Times are of this machine; compare rows, not
machines.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import psutil
from bench_gallery import the_gallery, the_tab
from bench_my_digits import my_digits
from bench_training import against_peers, in_the_window
from figures import Figure

from digitpad.core.drawing import PAD, Drawing
from digitpad.core.ink import Ink, digit_image

if TYPE_CHECKING:
    from digitpad.gui.main_window import MainWindow
    from digitpad.gui.session import Session

if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_ROUNDS = 400
_STARTS = 7
_DRAWINGS = 4
_MOVE_EVERY_MS = 8  # a mouse of 125 Hz
_BARE = "import torch, PySide6.QtWidgets, psutil; print(psutil.Process().memory_info().rss)"


def digit_of_300_points() -> Ink:
    """Return a figure eight of 300 points, drawn over the pad as people draw one."""
    angle = np.linspace(0, 2 * np.pi, 300)
    return Ink.of([np.stack([140 + 50 * np.sin(2 * angle), 140 + 90 * np.cos(angle)], axis=1)])


def ink_to_image() -> Iterator[Figure]:
    """From strokes to digit image, without a model."""
    ink = digit_of_300_points()
    yield Figure("ink of 300 points → digit image, median", _median_ms(lambda: digit_image(ink)), 0.5, "ms")


def inference() -> Iterator[Figure]:
    """One drawing through the CNN and the detector of non-digits, and a row of digits, on one core."""
    import torch

    from digitpad.core.evaluation import predict_logits
    from digitpad.core.numbers import read_ink_number
    from digitpad.core.rejection import digit_scores
    from digitpad.core.storage import find_model, load_model

    torch.set_num_threads(1)
    loaded = load_model(find_model("cnn"))
    model = loaded.model
    pixels = digit_image(digit_of_300_points()).pixels[None]
    yield Figure(
        "one digit image through the CNN, median", _median_ms(lambda: predict_logits(model, pixels)), 2.0, "ms"
    )
    yield Figure("  through the detector of non-digits, median", _median_ms(lambda: digit_scores(pixels)), None, "ms")
    digit = np.concatenate(digit_of_300_points().strokes)
    row = Ink.of([np.add(digit, (150.0 * place, 0)) for place in range(6)])
    yield Figure(
        "a number of six digits through both, median",
        _median_ms(lambda: read_ink_number(row, loaded)),
        60,
        "ms",
    )


def pen_to_bars() -> Iterator[Figure]:
    """From a move of the pen to the bars painted with its answer, in a real window."""
    from event_loop import let_live
    from PySide6.QtCore import QSettings

    from digitpad.gui.app import open_window

    with tempfile.TemporaryDirectory() as folder:
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, folder)
        window, session = open_window()
        window.show()
        session.start()
        while not session.is_settled:
            let_live(20)
        times = pen_times(window, session)
        window.close()
    yield Figure(f"last pen move → bars, median of {len(times)}", float(np.median(times)), 8.0, "ms")
    yield Figure("last pen move → bars, p99", float(np.percentile(times, 99)), 16.0, "ms")


def pen_times(window: "MainWindow", session: "Session") -> list[float]:
    """Draw at a mouse's pace; return ms from each move that was answered to the end of painting its answer."""
    from event_loop import let_live
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent, QPaintEvent
    from PySide6.QtWidgets import QApplication

    from digitpad.gui.bars import ProbabilityBars

    canvas = window.draw_tab.canvas
    moved: dict[int, float] = {}  # when the pen made a drawing, by the drawing's identity
    kept: list[Drawing] = []  # so that no identity is used twice
    shown: list[int] = []
    times: list[float] = []

    class WatchedBars(ProbabilityBars):
        """Notes when the answer to a drawing is on the screen."""

        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's
            super().paintEvent(event)
            if shown and shown[-1] in moved:
                times.append((time.perf_counter() - moved[shown[-1]]) * 1000)
            shown.clear()

    def send(kind: QEvent.Type, place: QPointF) -> None:
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
        there = canvas.mapToGlobal(place)
        held = Qt.MouseButton.LeftButton
        QApplication.sendEvent(canvas, QMouseEvent(kind, place, there, button, held, Qt.KeyboardModifier.NoModifier))

    def note(drawing: Drawing) -> None:
        kept.append(drawing)
        moved[id(drawing)] = started

    window.draw_tab.panel.answers[0].bars.__class__ = WatchedBars
    canvas.ink_changed.connect(note)
    session.answered.connect(lambda answer: shown.append(id(answer.question.drawing)))
    square, points = canvas.square(), digit_of_300_points().strokes[0]
    places = [square.topLeft() + QPointF(*point) * (square.width() / PAD) for point in points]
    for round_number in range(_DRAWINGS + 1):
        started = time.perf_counter()
        session.pad.clear()
        let_live(50)
        if round_number == 1:
            times.clear()  # the first drawing warms up
        send(QEvent.Type.MouseButtonPress, places[0])
        for place in places[1:]:
            let_live(_MOVE_EVERY_MS)
            started = time.perf_counter()
            send(QEvent.Type.MouseMove, place)
        let_live(50)
        send(QEvent.Type.MouseButtonRelease, places[-1])
    return times


def starting() -> Iterator[Figure]:
    """From the start of the process to the window painted and to the recogniser ready, the disk being warm."""
    painted, ready, memory = [], [], []
    bare = [int(subprocess.check_output([sys.executable, "-c", _BARE])) for _ in range(3)]
    for number in range(_STARTS + 1):
        with tempfile.TemporaryDirectory() as folder:
            times, resident = _start_once(folder)
        if number:  # the first start warms the disk
            painted.append(times["painted"])
            ready.append(times["ready"])
            memory.append(resident)
    yield Figure("start → window painted, median", float(np.median(painted)), 1.0, "s")
    yield Figure("start → recogniser ready, median", float(np.median(ready)), 3.5, "s")
    above = (float(np.median(memory)) - float(np.median(bare))) / 2**20
    yield Figure("resident memory above torch and Qt alone", above, 300.0, "MB")


def _start_once(folder: str) -> tuple[dict[str, float], int]:
    environment = {**os.environ, "DIGITPAD_TRACE": "1", "XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder}
    started, times = time.time(), {}
    process = subprocess.Popen(
        [sys.executable, "-m", "digitpad"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    with process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in process.stdout:
            event = json.loads(line)
            times[event["event"]] = event["time"] - started
            if event["event"] == "ready":
                time.sleep(0.5)
                resident = psutil.Process(process.pid).memory_info().rss
                process.terminate()
                watchdog.cancel()
                return times, resident
    sys.exit("the window did not start: run 'digitpad' to see why")


def _median_ms(function: Callable[[], object]) -> float:
    times = []
    for _ in range(2 * _ROUNDS):
        started = time.perf_counter()
        function()
        times.append((time.perf_counter() - started) * 1000)
    return float(np.median(times[_ROUNDS:]))


PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "ink": ink_to_image,
    "start": starting,
    "inference": inference,
    "pen": pen_to_bars,
    "peers": against_peers,
    "window": in_the_window,
    "gallery": the_gallery,
    "mistakes": the_tab,
    "mine": my_digits,
}
# A process has one QApplication, and memory is a process's own.
_APART = ("window", "gallery", "mistakes")


def _in_a_process_of_its_own(name: str) -> Iterator[Figure]:
    """Measure a part apart."""
    command = [sys.executable, __file__, "--only", name, "--json"]
    for line in subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.splitlines():
        record = json.loads(line)
        del record["ratio"]
        yield Figure(**record)


def _json(figure: Figure) -> str:
    ratio = None if figure.ratio is None else round(figure.ratio, 3)
    return json.dumps({**asdict(figure), "ratio": ratio})


def _row(figure: Figure) -> str:
    value = f"{figure.value:.2f} {figure.unit}".rstrip()
    goal, share = "", ""
    if figure.goal is not None and figure.ratio is not None:
        goal, share = f"{figure.goal:.3g} {figure.unit}".rstrip(), f"{figure.ratio:.0%}"
    return f"| {figure.name:48} | {value:>10} | {goal:>8} | {share:>7} |"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one object a figure")
    parser.add_argument("--only", choices=PARTS, help="one part")
    arguments = parser.parse_args()
    if not arguments.json:
        print(f"| {'what':48} | {'measured':>10} | {'goal':>8} | {'of goal':>7} |")
        print(f"| {'-' * 48} | {'-' * 9}: | {'-' * 7}: | {'-' * 6}: |")
    missed = False
    for name, part in PARTS.items():
        if name in _APART and arguments.only is None:
            part = partial(_in_a_process_of_its_own, name)  # noqa: PLW2901 - the same figures
        for figure in part() if arguments.only in (None, name) else ():
            missed |= figure.ratio is not None and figure.ratio > 1
            print(_json(figure) if arguments.json else _row(figure), flush=True)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
