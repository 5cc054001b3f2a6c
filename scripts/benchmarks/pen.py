"""Measure the time from a move of the pen to the painted bars, and to the painted layers, in a real window."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from benchmarks.drawing import digit_of_300_points
from benchmarks.figures import Figure, seconds_of
from benchmarks.windows import opened
from digitpad.core.ink.drawing import PAD, Drawing

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from digitpad.core.recognition.recogniser import Answer
    from digitpad.gui.session.session import Session
    from digitpad.gui.widgets.probability_bars import ProbabilityBars
    from digitpad.gui.window.main_window import MainWindow

_DRAWINGS = 4
_ROUNDS = 300  # of recognising without the window
_MOVE_EVERY_MS = 8  # a mouse of 125 Hz


def pen_to_bars() -> Iterator[Figure]:
    """Measure the time from a move of the pen to the painted bars; with the view "Inside" also to its layers."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = folder
        recognised = _recognition_times()
        window, session = opened(folder)
        times = [*pen_times(window, session)]  # a copy: the watch goes on
        window.actions_.inside.trigger()
        layers: list[float] = []
        beside = pen_times(window, session, layers)
        window.close()
    yield Figure(f"last pen move → bars, median of {len(times)}", float(np.median(times)), 8.0, "ms")
    yield Figure("last pen move → bars, p99", float(np.percentile(times, 99)), 8.0, "ms")
    alone = float(np.median(recognised))
    yield Figure("  recognising the whole drawing alone, median", alone, None, "ms")
    yield Figure("  recognising the whole drawing alone, p99", float(np.percentile(recognised, 99)), None, "ms")
    yield Figure("  pen move → bars, median ÷ recognising alone", float(np.median(times)) / alone, None)
    yield Figure("  with “Inside” shown, p99", float(np.percentile(beside, 99)), 8.0, "ms")
    yield Figure("last pen move → layers of “Inside”, median", float(np.median(layers)), 16.0, "ms")
    yield Figure("last pen move → layers of “Inside”, p99", float(np.percentile(layers, 99)), 16.0, "ms")


def _recognition_times() -> list[float]:
    """Return the times, in ms, of recognitions at the speed of a mouse before there is a window.

    Their median tells how fast the processor is after a rest, their p99 how evenly it is to be had.
    """
    from digitpad.core.models.model_files import find_model
    from digitpad.core.recognition.recogniser import Question, Recogniser

    recogniser, question = Recogniser(), Question(Drawing(digit_of_300_points()), (find_model("cnn"),))
    times = []
    for _ in range(2 * _ROUNDS):
        time.sleep(_MOVE_EVERY_MS / 1000)
        times.append(1000 * seconds_of(lambda: recogniser.answer(question)))
    return times[_ROUNDS:]


def pen_times(window: "MainWindow", session: "Session", layers: list[float] | None = None) -> list[float]:
    """Draw at the speed of a mouse; return the ms from each answered move to its painted answer.

    With `layers`, add those to the painted layers of the view "Inside".
    """
    from event_loop import run_event_loop

    canvas, watch = window.draw_tab.canvas, _Watch(window, session)
    if layers is not None:
        watch.watch_layers(layers)
    square, points = canvas.pad_rect(), digit_of_300_points().strokes[0]
    places = [(square.x() + x * square.width() / PAD, square.y() + y * square.width() / PAD) for x, y in points]
    for number in range(_DRAWINGS + 1):
        session.pad.clear()
        run_event_loop(50)
        if number == 1:
            watch.times.clear()  # the first drawing is the warm-up
            if layers is not None:
                layers.clear()
        watch.send("press", *places[0])
        for place in places[1:]:
            run_event_loop(_MOVE_EVERY_MS)
            watch.send("move", *place)
        run_event_loop(50)
        watch.send("release", *places[-1])
    return watch.times


class _Watch:
    """Sends mouse events and records when their answers are painted."""

    def __init__(self, window: "MainWindow", session: "Session") -> None:
        self._tab = window.draw_tab
        self._sent: dict[int, float] = {}  # when the mouse made a drawing, by the drawing's identity
        self._kept: list[Drawing] = []  # so that no identity is used twice
        self._kept_answers: list[Answer] = []
        self._images: dict[int, int] = {}  # of which drawing an image is, by their identities
        self._painted: set[int] = set()
        self._moment = 0.0
        self.times: list[float] = []  # ms
        self._bars = _watched(self._tab.panel.answers[0].bars, self._note)
        self._tab.canvas.ink_changed.connect(self._on_ink_changed)
        # Slots are called in the order in which they were connected: ours before and after the window's own.
        session.recognition.answered.disconnect(self._tab._on_answered)  # noqa: SLF001
        for slot in (self._on_answered, self._tab._on_answered, self._on_shown):  # noqa: SLF001
            session.recognition.answered.connect(slot)

    def send(self, kind: str, x: float, y: float) -> None:
        """Press, move or release the left button at a point."""
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        self._moment, held, place = time.perf_counter(), Qt.MouseButton.LeftButton, QPointF(x, y)
        button = Qt.MouseButton.NoButton if kind == "move" else held
        event = QEvent.Type[f"MouseButton{kind.title()}" if kind != "move" else "MouseMove"]
        there = self._tab.canvas.mapToGlobal(place)
        keys = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(self._tab.canvas, QMouseEvent(event, place, there, button, held, keys))

    def watch_layers(self, times: list[float]) -> None:
        """Add the ms from each move to its painted layers to `times`; superseded ones are not painted."""
        from digitpad.gui.inside.network_view import NetworkView

        images, sent = self._images, self._sent

        class WatchedLayers(NetworkView):
            """Layers that know whether their image was painted."""

            def paintEvent(self, event: "QPaintEvent") -> None:  # noqa: N802 - Qt's
                super().paintEvent(event)
                drawing = None if self.view is None else images.pop(id(self.view.request.pixels), None)
                if drawing in sent:
                    times.append((time.perf_counter() - sent[drawing]) * 1000)

        inside = self._tab.inside
        assert inside is not None  # noqa: S101 - it is shown
        inside.network.__class__ = WatchedLayers

    def _on_ink_changed(self, drawing: Drawing) -> None:
        self._kept.append(drawing)
        self._sent[id(drawing)] = self._moment

    def _on_answered(self, answer: "Answer") -> None:
        self._bars.answered = id(answer.question.drawing)
        self._kept_answers.append(answer)
        self._images[id(answer.image.pixels)] = id(answer.question.drawing)

    def _on_shown(self, answer: "Answer") -> None:
        """If the bars do not change, the answer is already on the screen."""
        if self._bars.to_paint != id(answer.question.drawing):
            self._note(id(answer.question.drawing))

    def _note(self, drawing: int) -> None:
        if drawing in self._sent and drawing not in self._painted:
            self._painted.add(drawing)
            self.times.append((time.perf_counter() - self._sent[drawing]) * 1000)


class _Bars(Protocol):
    """Bars as extended by `_watched`."""

    answered: int
    to_paint: int


def _watched(bars: "ProbabilityBars", note: Callable[[int], None]) -> _Bars:
    """Extend bars so that they report when they have painted the answer to a drawing."""
    from digitpad.gui.widgets.probability_bars import ProbabilityBars

    class WatchedBars(ProbabilityBars):
        """Bars that know the answer that they show."""

        answered = to_paint = 0

        def update(self, *where: object) -> None:
            self.to_paint = self.answered
            super().update(*where)

        def paintEvent(self, event: "QPaintEvent") -> None:  # noqa: N802 - Qt's
            super().paintEvent(event)
            note(self.to_paint)
            self.to_paint = 0

    bars.__class__ = WatchedBars
    return cast("_Bars", bars)
