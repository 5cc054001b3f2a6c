"""Opens pictures, ink files and model files in the background."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.ink.drawing import Drawing, drawing_of_pixels, open_drawing
from digitpad.core.models.model_files import SUFFIX, ModelEntry, load_model, read_card
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.widgets.sentences import error_text


class FileOpener(QObject):
    """Opens the newest source; one that was superseded before its turn is dropped."""

    drawing_opened = Signal(object)  # Drawing
    model_opened = Signal(object)  # ModelEntry
    problem_found = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = LatestOnlyWorker(_open, self)
        self._worker.answered.connect(self._on_opened)
        self._worker.failed.connect(self._on_failed)

    def open(self, source: Path | np.ndarray) -> None:
        """Open a picture, ink or model file, or pixels (height, width, 4) uint8 RGBA."""
        if not self._worker.isRunning():
            self._worker.start()
        self._worker.submit(source)

    @Slot(object)
    def _on_opened(self, opened: Drawing | ModelEntry) -> None:
        if isinstance(opened, Drawing):
            self.drawing_opened.emit(opened)
        else:
            self.model_opened.emit(opened)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.problem_found.emit(error_text(error, self.tr("The file cannot be opened.")))


def _open(source: Path | np.ndarray) -> Drawing | ModelEntry:
    if isinstance(source, np.ndarray):
        return drawing_of_pixels(source)
    if source.suffix.lower() == SUFFIX:
        load_model(source)  # so that a damaged file is reported now, and not at the first stroke
        return ModelEntry(path=source.resolve(), card=read_card(source), is_shipped=False)
    return open_drawing(source)
