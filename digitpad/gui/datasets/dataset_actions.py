"""Getting a data set that is not installed: download it, choose a folder, or use the built-in digits."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from digitpad.core.datasets.catalogue import DatasetState, entry_of, state_of
from digitpad.core.datasets.loading import BUILT_IN
from digitpad.core.files.paths import data_folder
from digitpad.core.images.idx_sets import PARTS, Part
from digitpad.gui.datasets.dataset_banner import DatasetBanner
from digitpad.gui.session.file_dialogs import choose_folder
from digitpad.gui.session.session import Session

if TYPE_CHECKING:
    from digitpad.core.datasets.download import DownloadProgress


class DatasetActions(QObject):
    """Updates a tab's banner, carries out the user's choice, and reports the result."""

    dataset_chosen = Signal(str)  # a key of the catalogue, or a folder's path
    data_changed = Signal()
    problem_found = Signal(str)

    def __init__(self, session: Session, banner: DatasetBanner, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._banner = session, banner
        self._key = ""
        downloader = session.downloads
        banner.download_requested.connect(self._on_download_requested)
        banner.cancel_requested.connect(downloader.cancel)
        banner.folder_requested.connect(self.ask_folder)
        banner.built_in_requested.connect(self._on_built_in_requested)
        downloader.progressed.connect(self._on_download_progressed)
        downloader.ended.connect(self._on_download_ended)

    @property
    def _window(self) -> QWidget:
        # Not an attribute: a reference cycle would keep the window alive.
        return cast("QWidget", self.parent())

    def update_banner(self, key: str, *, wanted: bool = True, parts: Sequence[Part] = PARTS) -> DatasetState:
        """Return whether the parts of a data set are installed; show the banner if it is wanted and they are not."""
        self._key = key
        state, downloading = state_of(key, data_folder(), parts), self._session.downloads.key
        if downloading:
            self._banner.show_download(entry_of(downloading).title, None)
        elif state.is_ready or not wanted:
            self._banner.hide()
        else:
            self._banner.show_missing(entry_of(key).title, state)
        return state

    @Slot()
    def ask_folder(self) -> None:
        """Let the user choose a folder of IDX files."""
        title = self.tr("Folder with the four IDX files")
        if folder := choose_folder(self._window, self._session.settings, title):
            self.use_folder(folder)

    def use_folder(self, folder: Path) -> None:
        """Choose a folder of IDX files, or report which files are missing."""
        state = state_of(str(folder), data_folder())
        if state.is_ready:
            self.dataset_chosen.emit(str(folder))
        else:
            self.problem_found.emit(state.sentence)

    @Slot()
    def _on_built_in_requested(self) -> None:
        self.dataset_chosen.emit(BUILT_IN)

    @Slot()
    def _on_download_requested(self) -> None:
        self._session.downloads.start(self._key)
        self.data_changed.emit()

    @Slot(object)
    def _on_download_progressed(self, progress: "DownloadProgress") -> None:
        self._banner.show_download(entry_of(self._session.downloads.key).title, progress)

    @Slot(str, str)
    def _on_download_ended(self, _key: str, problem: str) -> None:
        if problem:
            self.problem_found.emit(problem)
        self.data_changed.emit()
