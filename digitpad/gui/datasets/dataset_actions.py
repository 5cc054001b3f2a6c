"""Getting a data set that is not installed: download it, choose the user's own, or use the built-in digits."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from digitpad.core.datasets.catalogue import DatasetState, entry_of, state_of
from digitpad.core.files.paths import data_folder
from digitpad.core.images.idx_sets import PARTS, Part
from digitpad.gui.datasets.dataset_banner import DatasetBanner
from digitpad.gui.datasets.own_data import OwnData
from digitpad.gui.session.session import Session


class DatasetActions(QObject):
    """Updates a tab's banner, carries out the user's choice, and reports the result."""

    built_in_requested = Signal()
    data_changed = Signal()  # a download has begun or ended
    problem_found = Signal(str)

    def __init__(self, session: Session, banner: DatasetBanner, parent: QWidget) -> None:
        super().__init__(parent)
        self._banner = banner
        self._downloads = session.downloads
        self._key, self._parts, self._is_wanted = "", PARTS, False
        self._problem = ""  # why the last download of the shown set failed
        self._is_mine = False  # whether the download was started from this tab
        self.own_data = OwnData(session, parent, needs_training=banner.trains)
        self.own_data.problem_found.connect(self.problem_found)
        banner.download_requested.connect(self._on_download_requested)
        banner.cancel_requested.connect(self._downloads.cancel)
        banner.folder_requested.connect(self.own_data.ask_folder)
        banner.built_in_requested.connect(self.built_in_requested)
        self._downloads.started.connect(self._on_download_started)
        self._downloads.progressed.connect(self._on_download_progressed)
        self._downloads.ended.connect(self._on_download_ended)

    def update_banner(self, key: str, *, wanted: bool = True, parts: Sequence[Part] = PARTS) -> DatasetState:
        """Return whether the parts of a data set are installed; show the banner if it is wanted and they are not."""
        if key != self._key:
            self._problem = ""
        self._key, self._parts, self._is_wanted = key, tuple(parts), wanted
        return self._refresh_banner()

    def hide_banner(self) -> None:
        """Hide the banner until it is updated."""
        self._is_wanted = False
        self._banner.hide()

    def download(self, key: str) -> bool:
        """Download a set; return whether it is being downloaded, which it is not during another download."""
        if not self._downloads.key:
            self._is_mine = True
            self._downloads.start(key)
        return self._downloads.key == key

    def _refresh_banner(self) -> DatasetState:
        state, downloading = state_of(self._key, data_folder(), self._parts), self._downloads.key
        if state.is_ready:
            self._problem = ""
        if self._is_wanted and downloading and (downloading == self._key or self._is_mine):
            self._banner.show_download(entry_of(downloading).title, self._downloads.progress)
        elif state.is_ready or not self._is_wanted:
            self._banner.hide()
        elif self._problem:
            self._banner.show_problem(self._problem, state)
        else:
            self._banner.show_missing(entry_of(self._key).title, state, can_download=not downloading)
        return state

    @Slot()
    def _on_download_requested(self) -> None:
        self.download(self._key)

    @Slot()
    def _on_download_started(self) -> None:
        self._problem = ""
        self.data_changed.emit()

    @Slot()
    def _on_download_progressed(self) -> None:
        if self._is_wanted:
            self._refresh_banner()

    @Slot(str, str)
    def _on_download_ended(self, key: str, problem: str) -> None:
        was_mine, self._is_mine = self._is_mine, False
        if problem and key == self._key:
            self._problem = self._banner.offline_text if self._downloads.lacks_connection else problem
        elif problem and was_mine:
            self.problem_found.emit(problem)
        self.data_changed.emit()
