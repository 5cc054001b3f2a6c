"""What nobody caught while the window is open: told once, whichever thread it came from, and however often it comes."""

import contextlib
import logging
import sys
import threading
from collections.abc import Iterator

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QTimer, QtMsgType, Signal, Slot, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from digitpad.core.runtime.exception_hooks import hooked, note
from digitpad.core.runtime.fault_report import Fault
from digitpad.gui.window.fault_dialog import FaultDialog

_MOST_DIALOGS = 5  # in the life of one window
_STROKE_MS = 250
_LONGEST_STROKE = 40  # times; where a release got lost, the button seems to be down for ever
_log = logging.getLogger("digitpad.qt")
_LEVELS = {
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class ExceptionReporter(QObject):
    """Shows one dialog at a time, and none for a fault that was shown before; the log has them all."""

    _reported = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []  # reported, and not yet looked at
        self._shown: set[tuple[str, str]] = set()
        self._dialog: FaultDialog | None = None
        self._waits = 0
        self._later = QTimer(self, interval=_STROKE_MS, singleShot=True)
        # Never from within what failed, which may be a paint event or another thread.
        self._reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)
        self._later.timeout.connect(self._on_reported)

    @property
    def dialog(self) -> FaultDialog | None:
        """The dialog that is open."""
        return self._dialog

    def report(self, fault: Fault) -> None:
        """Tell of a fault; from any thread, any number of times."""
        with self._lock:
            is_first = not self._waiting
            if len(self._waiting) < 1000:
                self._waiting.append(fault)
        if is_first:
            self._reported.emit()

    @Slot()
    def _on_reported(self) -> None:
        is_drawing = QApplication.mouseButtons() != Qt.MouseButton.NoButton and self._waits < _LONGEST_STROKE
        if is_drawing and self._dialog is None:
            self._waits += 1
            self._later.start()  # a stroke is not interrupted
            return
        self._waits = 0
        with self._lock:
            faults, self._waiting = self._waiting, []
        try:
            for fault in faults:
                self._tell(fault)
        except Exception as error:  # whatever it is, telling of it would fail again
            note("a fault could not be shown", error)

    def _tell(self, fault: Fault) -> None:
        kind = (fault.kind, fault.place)
        if self._dialog is not None:
            self._dialog.count_another()
        elif kind not in self._shown and len(self._shown) < _MOST_DIALOGS and (parent := _front()) is not None:
            self._shown.add(kind)
            self._dialog = FaultDialog(fault, parent)
            self._dialog.finished.connect(self._on_closed)
            self._dialog.destroyed.connect(self._on_closed)
            self._dialog.show()

    @Slot()
    def _on_closed(self) -> None:
        self._dialog = None


@contextlib.contextmanager
def report_exceptions(parent: QObject) -> Iterator[ExceptionReporter]:
    """Within the block, tell of what nobody caught, and log what Qt has to say as well."""
    faults = ExceptionReporter(parent)
    before = qInstallMessageHandler(_on_qt_message)
    try:
        with hooked(faults.report):
            yield faults
    finally:
        qInstallMessageHandler(before)


def _front() -> QWidget | None:
    """Return the window that the user has before them; None where there is none (yet, or any more)."""
    windows = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMainWindow)]
    shown = [window for window in windows if window.isVisible()]
    return (QApplication.activeModalWidget() or QApplication.activeWindow() or shown[0]) if shown else None


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    with contextlib.suppress(Exception):
        if kind in _LEVELS:
            _log.log(_LEVELS[kind], "%s", message)
        if sys.stderr is not None:
            sys.stderr.write(f"{message}\n")  # as it is without a handler
