"""From a move of the pen to the bars painted with its answer, in a real window."""

import os
import tempfile
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.drawing import digit_of_300_points
from benchmarks.figures import Figure
from benchmarks.windows import opened
from digitpad.core.drawing import PAD, Drawing

if TYPE_CHECKING:
    from digitpad.gui.main_window import MainWindow
    from digitpad.gui.session import Session

_DRAWINGS = 4
_MOVE_EVERY_MS = 8  # a mouse of 125 Hz


def pen_to_bars() -> Iterator[Figure]:
    """From a move of the pen to the bars painted with its answer, in a real window."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = folder
        window, session = opened(folder)
        times = pen_times(window, session)
        window.close()
    yield Figure(f"last pen move → bars, median of {len(times)}", float(np.median(times)), 8.0, "ms")
    yield Figure("last pen move → bars, p99", float(np.percentile(times, 99)), 8.0, "ms")


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
