"""Throttle: emit at most once per interval."""

import time

from PySide6.QtCore import QObject, QTimer, Signal


class SignalThrottle(QObject):
    """Emits `triggered` inside the call if the last emission was an interval ago, otherwise some time after the call.

    Emitting inside the call costs no extra event if a widget is repainted together with others.
    """

    triggered = Signal()

    def __init__(self, milliseconds: int, parent: QObject, *, rest: int | None = None) -> None:
        """Create a throttle; after `rest` ms without a call, by default an interval, the last call is emitted too."""
        super().__init__(parent)
        self._interval = milliseconds / 1000  # s
        self._last = 0.0  # time of the last emission, s
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(milliseconds if rest is None else rest)
        self._timer.timeout.connect(self._trigger)

    @property
    def is_waiting(self) -> bool:
        """Whether an emission is still to come."""
        return self._timer.isActive()

    def throttle(self) -> None:
        """Request an emission."""
        if time.monotonic() - self._last >= self._interval:
            self._trigger()
        else:
            self._timer.start()

    def _trigger(self) -> None:
        self._timer.stop()
        self._last = time.monotonic()
        self.triggered.emit()
