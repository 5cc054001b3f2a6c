"""A throttle of a signal."""

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from digitpad.gui.widgets.throttle import SignalThrottle

LONG = 600_000  # ms: no test takes as long


def test_the_first_call_is_emitted_at_once_and_later_ones_are_not(qtbot: QtBot) -> None:
    parent, emissions = QObject(), []
    throttle = SignalThrottle(LONG, parent)
    throttle.triggered.connect(lambda: emissions.append(1))
    throttle.throttle()
    assert len(emissions) == 1
    assert not throttle.is_waiting
    for _ in range(3):
        throttle.throttle()
    assert len(emissions) == 1
    assert throttle.is_waiting


def test_the_last_call_is_emitted_after_a_rest(qtbot: QtBot) -> None:
    parent, emissions = QObject(), []
    throttle = SignalThrottle(LONG, parent, rest=1)
    throttle.triggered.connect(lambda: emissions.append(1))
    for _ in range(3):
        throttle.throttle()
    qtbot.waitUntil(lambda: not throttle.is_waiting)
    assert len(emissions) == 2
