"""Fixtures and mouse strokes for tests with a window; conftest.py of a folder imports the fixtures it wants."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import PAD
from digitpad.core.models.cache import ModelCache
from digitpad.gui.draw.canvas import InkCanvas
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import WELCOME_CLOSED, Settings
from digitpad.gui.theme.icons import register_assets
from digitpad.gui.theme.scaling import set_zoom
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.close_prompts import CloseChoice
from digitpad.gui.window.main_window import MainWindow

# pytest-qt waits 5 s by default; on a busy machine that is too short. A test that passes waits no longer.
for wait in (QtBot.waitSignal, QtBot.waitSignals, QtBot.waitUntil):
    wait.__kwdefaults__ = {**(wait.__kwdefaults__ or {}), "timeout": 60_000}

Strokes = list[list[tuple[float, float]]]
SEVEN: Strokes = [[(80, 60), (200, 60), (130, 230)]]
ONE: Strokes = [[(140, 50), (140, 230)]]


@pytest.fixture(autouse=True)
def isolated_settings(user_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep QSettings in the test's user folder. The welcome cards, which cover the answer, are closed already."""
    for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(form, QSettings.Scope.UserScope, str(user_folder / "config"))
    monkeypatch.setattr(vars(Settings)["welcome_done"], "_default", WELCOME_CLOSED)


@pytest.fixture(autouse=True)
def threads_of_one_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let background work run as soon as any other: the tests of another process would keep it waiting."""
    monkeypatch.setattr("digitpad.gui.threads.generator_worker._lower_priority", lambda: None)


@pytest.fixture(autouse=True)
def no_close_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer the questions asked on closing: a message box that waits would hang a failed test."""
    monkeypatch.setattr("digitpad.gui.window.close_prompts.ask_about_training", lambda _: CloseChoice.KEEP)
    monkeypatch.setattr("digitpad.gui.window.close_prompts.ask_about_fine_tuning", lambda _: CloseChoice.DISCARD)
    monkeypatch.setattr("digitpad.gui.window.close_prompts.ask_about_digits", lambda *_: CloseChoice.DISCARD)
    monkeypatch.setattr("digitpad.gui.window.close_prompts.ask_about_result", lambda _: CloseChoice.DISCARD)


@pytest.fixture(autouse=True)
def release_mouse_buttons(qapp: QApplication) -> Iterator[None]:
    """Release the mouse after the test: QTest's double click leaves the button down, which delays fault dialogs."""
    yield
    if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
        window = QWindow()
        window.create()
        QTest.mouseRelease(window, Qt.MouseButton.LeftButton)
        assert QApplication.mouseButtons() == Qt.MouseButton.NoButton
        window.destroy()


@pytest.fixture
def themes(qapp: QApplication) -> Iterator[Themes]:
    register_assets()
    yield Themes(qapp)
    # Otherwise the next test would style the widgets of this one again, or have its zoom.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    set_zoom(qapp, 1.0, lambda: qapp.setStyleSheet(""))


# Each window would load the shipped models again. Those in a test's own folder have another path.
_MODELS = ModelCache()


@pytest.fixture
def session(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr("digitpad.core.recognition.recogniser.ModelCache", lambda: _MODELS)
    session = Session(Settings())
    yield session
    session.close()
    assert not any(thread.isRunning() for thread in session.threads)


@pytest.fixture
def window(session: Session, themes: Themes, qtbot: QtBot) -> MainWindow:
    """Show the main window and wait until its recogniser is ready."""
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    with qtbot.waitSignal(session.recognition.became_ready, timeout=60_000):
        window.show()
        session.start()
    return window


@pytest.fixture
def focused(qapp: QApplication) -> Iterator[list[QWidget | None]]:
    """Return the widgets that get the focus, as they get it, until the test ends."""
    widgets: list[QWidget | None] = []
    connection = qapp.focusChanged.connect(lambda _before, now: widgets.append(now))
    yield widgets
    qapp.disconnect(connection)


@pytest.fixture
def settled(session: Session, qtbot: QtBot) -> Callable[[], None]:
    """Return a function that waits until the newest drawing is answered, and its answer is laid out."""

    def wait() -> None:
        qtbot.waitUntil(lambda: session.recognition.is_settled, timeout=10_000)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)

    return wait


def place(canvas: InkCanvas, x: float, y: float) -> QPoint:
    """Convert pad units to pixels of the canvas widget."""
    square = canvas.pad_rect()
    return (square.topLeft() + QPointF(x, y) * (square.width() / PAD)).toPoint()


def draw(canvas: InkCanvas, strokes: Strokes, *, steps: int = 8) -> None:
    """Draw with the mouse, with `steps` moves between neighbouring points."""
    for stroke in strokes:
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, *stroke[0]))
        for start, end in pairwise(stroke):
            for x, y in np.linspace(start, end, steps + 1)[1:]:
                QTest.mouseMove(canvas, place(canvas, x, y))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, *stroke[-1]))


def status_text(window: MainWindow, name: str) -> str:
    """Return a text of the status bar: "model" or "time"."""
    label = window.status_bar.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()
