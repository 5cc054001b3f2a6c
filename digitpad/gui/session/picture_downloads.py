"""Downloads a picture in the background, after the user has agreed."""

from collections.abc import Generator

from PySide6.QtCore import QObject, Signal

from digitpad.gui.threads.generator_service import GeneratorService
from digitpad.gui.widgets.sentences import error_text


class PictureDownloads(GeneratorService):
    """One download at a time; nothing is downloaded unless `start` is called."""

    ended = Signal(bytes, str)  # the content of the picture, and the problem; both empty if it was cancelled

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._content = b""
        self._next = ""  # the address to download when the thread of the one before has ended

    def start(self, address: str) -> None:
        """Download a picture, instead of one that is being downloaded."""
        if self._worker:
            self._next = address
            self._request_stop()
            return

        def download() -> Generator[bytes, None, None]:
            from digitpad.core.datasets.picture_download import download_picture  # the network's modules load slowly

            return download_picture(address)

        self._content, self._next = b"", ""
        self._start_worker(download)

    def cancel(self) -> None:
        """Stop; `ended` comes without a content."""
        self._next = ""
        self._request_stop()

    def _handle_values(self, values: tuple[bytes, ...]) -> None:
        self._content = values[-1]

    def _handle_end(self, *, was_stopped: bool) -> None:
        if self._next:
            self.start(self._next)
        else:
            self.ended.emit(b"" if was_stopped else self._content, "")

    def _handle_error(self, error: Exception) -> None:
        if self._next:
            self.start(self._next)
        else:
            self.ended.emit(b"", error_text(error, self.tr("The download failed.")))
