"""A folder of the gallery's pictures, written in the background."""

from collections.abc import Generator
from pathlib import Path

import numpy as np

from digitpad.core.sample_exports import ExportProgress, exporting_folder
from digitpad.core.samples import Samples
from digitpad.gui.background_export import BackgroundExport


class FolderExport(BackgroundExport):
    """What comes of it is the folder."""

    def start(self, parent: Path, name: str, samples: Samples, indices: np.ndarray) -> None:
        """Write a folder; while another is written, nothing happens."""
        self.begin(lambda: _exporting(parent, name, samples, indices))


def _exporting(
    parent: Path, name: str, samples: Samples, indices: np.ndarray
) -> Generator[ExportProgress | Path, None, None]:
    for progress in exporting_folder(parent, name, samples, indices):
        yield progress.folder or progress
