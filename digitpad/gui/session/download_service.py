"""Fetching a data set in the background."""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.datasets.catalogue import download_dataset
from digitpad.core.files.paths import data_folder
from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.widgets.sentences import error_text

if TYPE_CHECKING:
    from digitpad.core.datasets.download import DownloadProgress

Fetch = Callable[[str], Generator["DownloadProgress", None, None]]


class DownloadService(QObject):
    """One download at a time; nothing is fetched unless `start` is called."""

    progressed = Signal(object)
    ended = Signal(str, str)  # the data set, and the problem; "" where all is well

    def __init__(
        self, parent: QObject | None = None, *, fetch: Fetch | None = None, way: PadPriority | None = None
    ) -> None:
        super().__init__(parent)
        self._way = way or PadPriority()
        self._fetch = fetch or (lambda key: download_dataset(key, data_folder()))
        self._thread: GeneratorWorker | None = None
        self._key = ""

    @property
    def thread_(self) -> GeneratorWorker | None:
        """The thread of the download in progress."""
        return self._thread

    @property
    def key(self) -> str:
        """What is being fetched; empty while nothing is."""
        return self._key

    def start(self, key: str) -> None:
        """Fetch a data set; while another is fetched, nothing happens."""
        if self._thread:
            return
        self._key = key
        self._thread = GeneratorWorker(lambda: self._fetch(key), self, priority=self._way)
        self._thread.yielded.connect(self._on_yielded)
        self._thread.returned.connect(self._on_returned)
        self._thread.stopped.connect(self._on_returned)
        self._thread.errored.connect(self._on_errored)
        self._thread.start()

    def cancel(self) -> None:
        """Stop; files that are complete stay."""
        if self._thread:
            self._thread.ask_to_stop()

    def close(self) -> None:
        """Stop, and wait until the thread is gone."""
        if self._thread:
            self._thread.stop()

    @Slot(tuple)
    def _on_yielded(self, states: "tuple[DownloadProgress, ...]") -> None:
        self.progressed.emit(states[-1])

    @Slot()
    def _on_returned(self) -> None:
        self._end("")

    @Slot(object)
    def _on_errored(self, error: Exception) -> None:
        self._end(error_text(error, self.tr("The download failed.")))

    def _end(self, problem: str) -> None:
        if self._thread:
            self._thread.wait()
            self._thread.deleteLater()
            self._thread = None
        key, self._key = self._key, ""
        self.ended.emit(key, problem)
