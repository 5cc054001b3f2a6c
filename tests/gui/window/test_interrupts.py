"""Ctrl+C in the terminal closes the window from the event loop, never within a paint event."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.window.interrupts import InterruptNotifier
from digitpad.gui.window.main_window import MainWindow


@pytest.fixture
def interrupts() -> Iterator[InterruptNotifier]:
    before = signal.getsignal(signal.SIGINT)
    notifier = InterruptNotifier()
    yield notifier
    notifier.close()
    assert signal.getsignal(signal.SIGINT) == before


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


class InterruptedPainting(QWidget):
    """Ctrl+C is pressed while it paints."""

    def __init__(self) -> None:
        super().__init__()
        self.is_painting = False
        self.painted = 0

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        self.is_painting = True
        for _ in range(100):
            press_ctrl_c()
        self.is_painting = False
        self.painted += 1


def test_ctrl_c_waits_until_a_paint_event_has_ended(interrupts: InterruptNotifier, qtbot: QtBot) -> None:
    widget = InterruptedPainting()
    qtbot.addWidget(widget)
    seen: list[bool] = []
    interrupts.interrupted.connect(lambda: seen.append(widget.is_painting))
    with qtbot.waitSignal(interrupts.interrupted):
        widget.show()
    assert widget.painted
    assert not any(seen)
    assert len(seen) < 100


def test_a_signal_other_than_ctrl_c_does_not_close(interrupts: InterruptNotifier, qtbot: QtBot) -> None:
    previous = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        with qtbot.assertNotEmitted(interrupts.interrupted, wait=100):
            os.kill(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, previous)


def test_ctrl_c_is_heard_while_other_threads_work(interrupts: InterruptNotifier, qtbot: QtBot) -> None:
    thread = threading.Thread(target=press_ctrl_c)
    with qtbot.waitSignal(interrupts.interrupted):
        thread.start()
    thread.join()


def test_pressing_ctrl_c_again_does_not_ask_twice(
    window: MainWindow, interrupts: InterruptNotifier, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def ask(*_: object) -> bool:
        """Ask as a message box does, with an event loop of its own; meanwhile the user presses Ctrl+C."""
        asked.append(None)
        with qtbot.waitSignal(interrupts.interrupted):
            press_ctrl_c()
        return False

    monkeypatch.setattr("digitpad.gui.window.close_prompts.may_close", ask)
    interrupts.interrupted.connect(window.close)
    press_ctrl_c()
    qtbot.waitUntil(lambda: bool(asked))
    assert len(asked) == 1
    assert window.isVisible()
    press_ctrl_c()
    qtbot.waitUntil(lambda: len(asked) == 2)
