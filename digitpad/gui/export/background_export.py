"""Exports that are written in the background, can be cancelled, and end with the session."""

from collections.abc import Callable, Generator

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.files.atomic_folder import ExportProgress
from digitpad.gui.session.session import Session
from digitpad.gui.threads.generator_service import GeneratorService


class BackgroundExport(GeneratorService):
    """One export at a time; each ends with one of `exported`, `cancelled` and `failed`."""

    progressed = Signal(int, int)  # number of files written, and of all files
    exported = Signal(object)  # the last value of the generator
    cancelled = Signal()
    failed = Signal(object)  # the exception

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._result: object = None

    @property
    def is_busy(self) -> bool:
        """Whether an export is in progress."""
        return self._worker is not None

    def run(self, make: Callable[[], Generator[object, None, None]]) -> None:
        """Drain a generator of ExportProgress that yields its result last; during another export nothing happens."""
        if not self._worker:
            self._result = None
            # The session ends its child threads before they are deleted, even if the window is deleted first.
            self._start_worker(make, self._session)

    @Slot()
    def cancel(self) -> None:
        """Stop, and delete what was written."""
        self._request_stop()

    def _handle_values(self, values: tuple[object, ...]) -> None:
        newest = values[-1]
        if isinstance(newest, ExportProgress):
            self.progressed.emit(newest.done, newest.total)
        else:
            self._result = newest

    def _handle_end(self, *, was_stopped: bool) -> None:  # a stop may come after the result
        if self._result is not None:
            self.exported.emit(self._result)
        else:
            self.cancelled.emit()

    def _handle_error(self, error: Exception) -> None:
        self.failed.emit(error)
