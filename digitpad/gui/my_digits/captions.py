"""The captions of the user's digits: the label, and what a model predicted if that differs."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFont

from digitpad.core.evaluation.samples import Samples
from digitpad.gui.grid.captions import Caption, CellCaptions
from digitpad.gui.grid.visible_cells import VisibleCells
from digitpad.gui.my_digits.digits_model import MyDigitsModel
from digitpad.gui.session.my_digits_snapshot import NO_PREDICTION


class DigitCaptions(CellCaptions):
    """A label under each thumbnail, and a tick, or a cross and the prediction."""

    def __init__(self, model: MyDigitsModel) -> None:
        super().__init__()
        self._model = model

    def prepare(self, font: QFont, samples: Samples | None, width: int, *, has_answers: bool) -> tuple[int, int]:
        _, height = super().prepare(font, samples, width, has_answers=False)
        caption = self.caption_size(_predicted_text(8))
        return caption.width(), height + caption.height()

    def titles(self, cells: VisibleCells) -> list[str]:
        return [str(label) for label in cells.labels]

    def captions(self, cells: VisibleCells) -> list[list[Caption]]:
        predicted = self._model.snapshot.predicted[cells.indices].tolist()
        return [[_caption(label, digit) for label, digit in zip(cells.labels, predicted, strict=True)]]


def _caption(label: int, predicted: int) -> Caption:
    if predicted == NO_PREDICTION:
        return None, ""
    return (True, "") if predicted == label else (False, _predicted_text(predicted))


def _predicted_text(digit: int) -> str:
    return QCoreApplication.translate("MyDigitsGrid", "predicted {}").format(digit)
