"""Doing something that may come many times a second, seldom enough."""

import time

from PySide6.QtCore import QObject, QTimer, Signal


class SignalThrottle(QObject):
    """Is due at once where it was not for a while, else when nobody has asked for as long.

    At once means with whatever asked: what is painted together with the rest holds nobody up in between.
    """

    triggered = Signal()

    def __init__(self, milliseconds: int, parent: QObject) -> None:
        super().__init__(parent)
        self._last = 0.0  # seconds, when it was due
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(milliseconds)
        self._timer.timeout.connect(self._trigger)

    def throttle(self) -> None:
        """Ask for it."""
        if time.monotonic() - self._last >= self._timer.interval() / 1000:
            self._trigger()
        else:
            self._timer.start()

    def _trigger(self) -> None:
        self._timer.stop()
        self._last = time.monotonic()
        self.triggered.emit()
