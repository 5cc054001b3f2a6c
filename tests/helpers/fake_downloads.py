"""Downloads that wait for the test, in place of those from the internet."""

import threading
from collections.abc import Generator

import pytest

from digitpad.core.datasets.download import DownloadProgress
from digitpad.core.files.paths import data_folder
from tests.helpers.idx_files import set_files, write_files

_SIZE = 1_000_000


class FakeDownloads:
    """Replaces the download of a data set: it waits until `finish`, `fail` or a cancel."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, count: int = 200) -> None:
        self.asked: list[str] = []  # the sets that were requested
        self._count = count  # images of each part
        self._go = threading.Event()
        self._error: Exception | None = None
        monkeypatch.setattr("digitpad.gui.session.download_service.download_dataset", self._download)

    def finish(self) -> None:
        """Let the download deliver its files."""
        self._go.set()

    def fail(self, error: Exception) -> None:
        """Let the download fail, now and later."""
        self._error = error
        self._go.set()

    def _download(self, key: str, _folder: object) -> Generator[DownloadProgress, None, None]:
        self.asked.append(key)
        yield DownloadProgress("file", 0, 0, 0, 2 * _SIZE)
        while not self._go.wait(0.02):
            yield DownloadProgress("file", _SIZE, 2 * _SIZE, _SIZE, 2 * _SIZE)
        if self._error is not None:
            raise self._error
        write_files(data_folder() / key, set_files(key, count=self._count))
