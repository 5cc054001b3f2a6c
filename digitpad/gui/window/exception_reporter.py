"""Unhandled exceptions while the window is open: one dialog at a time, from any thread, however often they occur."""

import contextlib
import logging
import sys
from collections.abc import Iterator

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QTimer, QtMsgType, Signal, Slot, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from digitpad.core.runtime.error_report import ErrorReport
from digitpad.core.runtime.exception_hooks import catch_unhandled
from digitpad.gui.window.error_dialog import ErrorDialog

_MAX_DIALOGS = 5  # while the program runs
_RETRY_MS = 250
_MAX_RETRIES = 40  # if a release event gets lost, the mouse button seems to be pressed forever
_LEVELS = {
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_log = logging.getLogger("digitpad.qt")


class ExceptionReporter(QObject):
    """Shows a dialog for each new kind of error, unless one is open; the log has all errors."""

    _reported = Signal(object)  # ErrorReport

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: set[tuple[str, str]] = set()
        self._waiting: ErrorReport | None = None
        self._retries = 0
        self._dialog: ErrorDialog | None = None
        self._retry = QTimer(self, interval=_RETRY_MS, singleShot=True)
        self._retry.timeout.connect(self._show_dialog)
        # Queued: the exception may come from a paint event or another thread.
        self._reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)

    @property
    def dialog(self) -> ErrorDialog | None:
        """The open dialog."""
        return self._dialog

    def report(self, report: ErrorReport) -> None:
        """Report an error; may be called from any thread, any number of times."""
        self._reported.emit(report)

    @Slot(object)
    def _on_reported(self, report: ErrorReport) -> None:
        if self._dialog is not None:
            self._dialog.count_another()
        elif not self._waiting and (report.kind, report.place) not in self._shown and len(self._shown) < _MAX_DIALOGS:
            self._waiting, self._retries = report, 0
            self._show_dialog()

    @Slot()
    def _show_dialog(self) -> None:
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton and self._retries < _MAX_RETRIES:
            self._retries += 1
            self._retry.start()  # do not interrupt a stroke
            return
        report, self._waiting = self._waiting, None
        if report is not None and (window := _front_window()) is not None:
            self._shown.add((report.kind, report.place))
            self._dialog = ErrorDialog(report, window)
            self._dialog.destroyed.connect(self._on_closed)
            self._dialog.show()

    @Slot()
    def _on_closed(self) -> None:
        self._dialog = None


@contextlib.contextmanager
def report_exceptions(parent: QObject) -> Iterator[ExceptionReporter]:
    """Within the block, report unhandled exceptions and log Qt's messages."""
    reporter = ExceptionReporter(parent)
    previous = qInstallMessageHandler(_on_qt_message)
    try:
        with catch_unhandled(reporter.report):
            yield reporter
    finally:
        qInstallMessageHandler(previous)


def _front_window() -> QWidget | None:
    """Return the window in front; None before the main window is shown and after it is closed."""
    windows = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMainWindow)]
    visible = [window for window in windows if window.isVisible()]
    return (QApplication.activeModalWidget() or QApplication.activeWindow() or visible[0]) if visible else None


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    with contextlib.suppress(Exception):
        if kind in _LEVELS:
            _log.log(_LEVELS[kind], "%s", message)
        if sys.stderr is not None:
            sys.stderr.write(f"{message}\n")  # as without a handler
