"""The grid of the user's digits. Captions: the label, and the prediction if it differs."""

from collections.abc import Collection

import numpy as np
from PySide6.QtCore import QCoreApplication, QItemSelectionModel, Qt, Signal, Slot
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QWidget

from digitpad.core.evaluation.samples import Samples
from digitpad.core.translation import tr_noop
from digitpad.gui.grid.captions import Caption, CellCaptions
from digitpad.gui.grid.keep_position import restored_row
from digitpad.gui.grid.thumbnail_grid import ThumbnailGrid
from digitpad.gui.grid.visible_cells import VisibleCells
from digitpad.gui.my_digits.digits_model import MyDigitsModel
from digitpad.gui.session.my_digits.snapshot import NO_PREDICTION
from digitpad.gui.widgets.shortcut_override import DIGITS, HandledKeys

_Flags = QItemSelectionModel.SelectionFlag


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


class MyDigitsGrid(ThumbnailGrid):
    """Thumbnails of digits; pressing the key of a digit requests that label for the selected ones."""

    HANDLED_KEYS = (HandledKeys(DIGITS, tr_noop("give the selected digits this label")),)

    label_requested = Signal(int)

    def __init__(self, model: MyDigitsModel, parent: QWidget | None = None) -> None:
        super().__init__(model, DigitCaptions(model), parent)
        self.setAccessibleName(self.tr("My digits"))

    def select_ids(self, ids: Collection[int]) -> None:
        """Select the digits with these ids, as far as they are shown, and go to the first."""
        mask = np.isin(self._ids, list(ids))
        if mask.any():
            first = self._items.index(int(mask.argmax()), 0)
            self.selectionModel().setCurrentIndex(first, _Flags.NoUpdate)
            self._select_ids(self._ids[mask])
            self.scrollTo(first)

    def go_to_first(self) -> None:
        """Scroll to the top; the first digit becomes current, and none is selected."""
        self.selectionModel().setCurrentIndex(self._items.index(0, 0), _Flags.Clear)
        self.verticalScrollBar().setValue(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text, modifiers = event.text(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if len(text) == 1 and text in "0123456789" and not modifiers:
            if not event.isAutoRepeat():
                self.label_requested.emit(int(text))
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_model_reset(self) -> None:
        """Show the model's digits; the current and the selected ones stay so if they are still shown."""
        before, selected, top = self._ids, self.selected_ids(), self.verticalScrollBar().value()
        self._ids = self._items.ids
        self._selected = np.zeros(len(self._ids), bool)
        self._update_cell_size()
        self.blockSignals(True)
        if len(self._ids):
            row = restored_row(before, self._ids, self._current)
            # Where nothing was selected, select nothing: a key must not change a digit that the user did not select.
            flags = _Flags.ClearAndSelect if len(selected) else _Flags.NoUpdate
            self.selectionModel().setCurrentIndex(self._items.index(row, 0), flags)
            self._select_ids(selected)
        else:
            self._current = -1
        self.blockSignals(False)
        self.verticalScrollBar().setValue(top)
        self.viewport().update()
        self.selection_changed.emit(int(self._selected.sum()))
