"""The user's own data: choose a file or folder, look at it, and use it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import cast

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from digitpad.core.datasets.formats.opening import FILE_ENDINGS
from digitpad.core.datasets.formats.progress import ReadingCancelledError, reporting_to
from digitpad.core.datasets.preview import Preview, preview_of
from digitpad.core.files.paths import data_folder
from digitpad.gui.datasets.dataset_picker import DatasetPicker
from digitpad.gui.datasets.preview_dialog import PreviewDialog
from digitpad.gui.session.file_dialogs import choose_file, choose_folder
from digitpad.gui.session.session import Session
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.widgets.sentences import error_text

_PATIENCE_MS = 300  # small files are read before that, and then no progress is shown
_REPORT_SECONDS = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    """What the thread reads, whom it tells how far it is, and whether nobody waits for it any more."""

    dataset: str
    report: Callable[[int, int], None]
    is_cancelled: Event


class OwnData(QObject):
    """Reads data in a thread, shows it in a dialog, and reports what the user chose."""

    chosen = Signal(str)  # a file or folder, with the options that follow it
    problem_found = Signal(str)
    _progressed = Signal(int, int)

    def __init__(self, session: Session, parent: QWidget, *, needs_training: bool) -> None:
        super().__init__(parent)
        self._session, self._needs_training = session, needs_training
        self._reader = LatestOnlyWorker(_read, session)
        self._is_cancelled = Event()
        self._dialog: PreviewDialog | None = None
        self._timer = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._reader.answered.connect(self._on_read)
        self._reader.failed.connect(self._on_failed)

    @property
    def dialog(self) -> PreviewDialog | None:
        """The dialog, from the choice of a file or folder until it is closed."""
        return self._dialog

    @property
    def _window(self) -> QWidget:
        # Not an attribute: a reference cycle would keep the window alive.
        return cast("QWidget", self.parent())

    def serve(self, picker: DatasetPicker) -> None:
        """Open what is chosen in a list, and offer there what was used before."""
        picker.show_recent(self._session.settings.recent_data)
        picker.folder_requested.connect(self.ask_folder)
        picker.file_requested.connect(self.ask_file)
        picker.recent_requested.connect(self.open)

    @Slot()
    def ask_folder(self) -> None:
        """Let the user choose a folder of pictures, or of the files of a data set."""
        title = self.tr("Folder with pictures, or with the files of a data set")
        if folder := choose_folder(self._window, self._session.settings, title):
            self.open(str(folder))

    @Slot()
    def ask_file(self) -> None:
        """Let the user choose a file of a data set."""
        kinds = self.tr("Data sets ({})").format(" ".join(f"*{ending}" for ending in FILE_ENDINGS))
        filters = f"{kinds};;{self.tr('All files (*)')}"
        if path := choose_file(self._window, self._session.settings, self.tr("Open a data set"), filters):
            self.open(str(path))

    @Slot(str)
    def open(self, dataset: str) -> None:
        """Read a file or folder, and show it; or say why it cannot be read."""
        if self._dialog is not None:
            self._dialog.reject()
        self._dialog = dialog = PreviewDialog(dataset, self._window, needs_training=self._needs_training)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._on_chosen)
        dialog.finished.connect(self._on_finished)
        self._progressed.connect(dialog.show_progress)
        self._timer.start()
        self._is_cancelled = Event()
        if not self._reader.isRunning():
            self._reader.start()
        self._reader.submit(_Request(dataset, self._progressed.emit, self._is_cancelled))

    @Slot()
    def _on_timeout(self) -> None:
        if self._dialog is not None:
            self._dialog.open()

    @Slot(object)
    def _on_read(self, preview: Preview) -> None:
        if self._dialog is not None:
            self._timer.stop()
            self._dialog.open()  # first: its fonts, and so its size, are known only then
            self._dialog.show_preview(preview)

    @Slot(str)
    def _on_chosen(self, dataset: str) -> None:
        self._session.settings.add_recent_data(dataset)
        self.chosen.emit(dataset)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        self.problem_found.emit(error_text(error, self.tr("The data cannot be read.")))

    @Slot()
    def _on_finished(self) -> None:
        """Forget the dialog, and end the reading if it goes on."""
        self._timer.stop()
        self._is_cancelled.set()
        self._reader.forget()
        dialog, self._dialog = self._dialog, None
        if isinstance(dialog, QDialog):
            dialog.deleteLater()  # also if it was never shown


def _read(request: _Request) -> Preview | None:
    """Read a data set; called in the thread. None if it was cancelled, which nobody waits for."""
    told = 0.0

    def report(done: int, total: int) -> None:
        nonlocal told
        if request.is_cancelled.is_set() or QThread.currentThread().isInterruptionRequested():
            raise ReadingCancelledError
        if (now := time.monotonic()) - told >= _REPORT_SECONDS:
            told = now
            request.report(done, total)

    try:
        with reporting_to(report):
            return preview_of(request.dataset, data_folder())
    except ReadingCancelledError:
        return None
