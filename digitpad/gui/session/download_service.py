"""Downloads a data set in the background."""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from digitpad.core.datasets.catalogue import download_dataset
from digitpad.core.files.paths import data_folder
from digitpad.gui.threads.generator_service import GeneratorService
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.widgets.sentences import error_text

if TYPE_CHECKING:
    from digitpad.core.datasets.download import DownloadProgress

Fetch = Callable[[str], Generator["DownloadProgress", None, None]]


class DownloadService(GeneratorService):
    """One download at a time; nothing is downloaded unless `start` is called."""

    started = Signal(str)  # the data set's key
    progressed = Signal(object)  # DownloadProgress
    ended = Signal(str, str)  # the data set's key, and the problem; "" if there was none

    def __init__(
        self, parent: QObject | None = None, *, fetch: Fetch | None = None, priority: PadPriority | None = None
    ) -> None:
        super().__init__(parent, priority=priority or PadPriority())
        self._fetch = fetch or (lambda key: download_dataset(key, data_folder()))
        self._key = ""
        self._progress: DownloadProgress | None = None
        self._was_cancelled = self._lacks_connection = False

    @property
    def key(self) -> str:
        """The data set that is downloaded now; "" if there is none."""
        return self._key

    @property
    def progress(self) -> "DownloadProgress | None":
        """The newest progress of the download; None before its first byte."""
        return self._progress

    @property
    def was_cancelled(self) -> bool:
        """Whether the last download was cancelled."""
        return self._was_cancelled

    @property
    def lacks_connection(self) -> bool:
        """Whether the last download failed because there is no internet connection."""
        return self._lacks_connection

    def start(self, key: str) -> None:
        """Download a data set; during another download nothing happens."""
        if not self._worker:
            self._key, self._progress = key, None
            self._was_cancelled = self._lacks_connection = False
            self._start_worker(lambda: self._fetch(key))
            self.started.emit(key)

    def cancel(self) -> None:
        """Stop; complete files stay."""
        self._was_cancelled = bool(self._worker)
        self._request_stop()

    def _handle_values(self, values: "tuple[DownloadProgress, ...]") -> None:
        if values[-1].done:
            self._progress = values[-1]
        self.progressed.emit(values[-1])

    def _handle_end(self, *, was_stopped: bool) -> None:  # cancelling is not a problem
        self._end("")

    def _handle_error(self, error: Exception) -> None:
        from digitpad.core.datasets.download import NoConnectionError  # loaded by the download, not by the window

        self._lacks_connection = isinstance(error, NoConnectionError)
        self._end("" if self._was_cancelled else error_text(error, self.tr("The download failed.")))

    def _end(self, problem: str) -> None:
        key, self._key = self._key, ""
        self.ended.emit(key, problem)
