"""Something written in the background: says how far it is, can be cancelled, and ends with the session."""

from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.evaluation.exporting import exporting_folder
from digitpad.core.evaluation.samples import Samples
from digitpad.core.files.atomic_folder import ExportProgress
from digitpad.gui.session.session import Session
from digitpad.gui.threads.generator_worker import GeneratorWorker


class BackgroundExport(QObject):
    """One export at a time; each ends with one of `exported`, `cancelled` and `failed`."""

    progressed = Signal(int, int)  # done, and of how many
    exported = Signal(object)  # what came of it
    cancelled = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._thread: GeneratorWorker | None = None
        self._result: object = None

    @property
    def is_busy(self) -> bool:
        """Whether something is being written."""
        return self._thread is not None

    def run(self, make: Callable[[], Generator[object, None, None]]) -> None:
        """Drain a generator of progress and at last what came of it; while another is drained, nothing happens."""
        if self._thread:
            return
        self._result = None
        # The session's child, and not the window's: whichever goes first, the thread is ended before it is deleted.
        self._thread = GeneratorWorker(make, self._session)
        self._thread.yielded.connect(self._on_yielded)
        self._thread.returned.connect(self._on_ended)
        self._thread.stopped.connect(self._on_ended)
        self._thread.errored.connect(self._on_errored)
        self._session.add_thread(self._thread)
        self._thread.start()

    @Slot()
    def cancel(self) -> None:
        """Stop, and leave nothing behind."""
        if self._thread:
            self._thread.ask_to_stop()

    @Slot(tuple)
    def _on_yielded(self, states: tuple[object, ...]) -> None:
        newest = states[-1]
        if isinstance(newest, ExportProgress):
            self.progressed.emit(newest.done, newest.total)
        else:
            self._result = newest

    @Slot()
    def _on_ended(self) -> None:
        self._let_go()
        if self._result is not None:  # however late somebody cancelled
            self.exported.emit(self._result)
        else:
            self.cancelled.emit()

    @Slot(object)
    def _on_errored(self, error: Exception) -> None:
        self._let_go()
        self.failed.emit(error)

    def _let_go(self) -> None:
        if self._thread:
            self._thread.wait()
            self._session.remove_thread(self._thread)
            self._thread.deleteLater()
            self._thread = None


class FolderExport(BackgroundExport):
    """What comes of it is the folder."""

    def start(self, parent: Path, name: str, samples: Samples, indices: np.ndarray) -> None:
        """Write a folder; while another is written, nothing happens."""
        self.run(lambda: _exporting(parent, name, samples, indices))


def _exporting(
    parent: Path, name: str, samples: Samples, indices: np.ndarray
) -> Generator[ExportProgress | Path, None, None]:
    for progress in exporting_folder(parent, name, samples, indices):
        yield progress.folder or progress
