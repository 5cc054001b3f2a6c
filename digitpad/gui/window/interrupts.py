"""Ctrl+C in the terminal as an event of Qt's event loop.

Python calls a signal handler between any two bytecodes of the main thread, also within a paint event or a destructor of
Qt, where a handler that closes the window crashes the program. Python also writes the signal's number to a socket, in C
and at once; the event loop reads it when nothing else runs.
"""

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot


class InterruptNotifier(QObject):
    """Emits a signal from the event loop after Ctrl+C was pressed, once for several presses. One at a time."""

    interrupted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_readable)
        self._previous_descriptor = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        # With a handler that does nothing, Python raises no KeyboardInterrupt.
        self._previous_handler = signal.signal(signal.SIGINT, lambda *_: None)

    def close(self) -> None:
        """Handle Ctrl+C as before."""
        self._notifier.setEnabled(False)
        signal.signal(signal.SIGINT, self._previous_handler)
        signal.set_wakeup_fd(self._previous_descriptor)
        self._reader.close()
        self._writer.close()

    @Slot()
    def _on_readable(self) -> None:
        if signal.SIGINT in self._reader.recv(4096):
            self.interrupted.emit()
