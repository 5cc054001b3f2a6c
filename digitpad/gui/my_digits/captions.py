"""What is said under each of the user's digits: what it is, and what a model took it for if that is something else."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFont

from digitpad.core.evaluation.samples import Samples
from digitpad.gui.grid.captions import CellCaptions
from digitpad.gui.grid.visible_cells import VisibleCells
from digitpad.gui.session.my_digits_snapshot import NOT_ASKED

_MARK_AND_GAP = 13  # px


@dataclass(frozen=True, slots=True, eq=False)
class VisibleDigits(VisibleCells):
    """Cells with `predicted`, (k,) int64: what a model took each for, or `NOT_ASKED`."""

    predicted: np.ndarray

    def titles(self) -> list[str]:
        """Return what each is."""
        return [str(label) for label in self.labels.tolist()]

    def captions(self, rival: str) -> list[list[tuple[bool | None, str]]]:
        """Return a line: a tick, or a cross and what it was taken for, or nothing where no model was asked."""
        pairs = zip(self.labels.tolist(), self.predicted.tolist(), strict=True)
        return [[_caption(label, predicted) for label, predicted in pairs]]


class DigitCaptions(CellCaptions):
    """A digit and a caption under each thumbnail."""

    def fit(self, font: QFont, samples: Samples | None, room: int, *, has_answers: bool) -> tuple[int, int]:
        """Be ready for a font; return the width and height needed."""
        _, height = super().prepare(font, None, room, has_answers=False)
        caption = self.caption_size(_predicted_text(8))
        return caption.width() + _MARK_AND_GAP, height + caption.height()


def _caption(label: int, predicted: int) -> tuple[bool | None, str]:
    if predicted == NOT_ASKED:
        return None, ""
    return (True, "") if predicted == label else (False, _predicted_text(predicted))


def _predicted_text(digit: int) -> str:
    return QCoreApplication.translate("MyDigitsGrid", "taken for {}").format(digit)
