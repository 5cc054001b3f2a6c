"""The grid of the user's digits."""

from collections.abc import Collection

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from digitpad.gui.grid.keep_position import restored_row
from digitpad.gui.grid.thumbnail_grid import ThumbnailGrid
from digitpad.gui.my_digits.captions import DigitCaptions
from digitpad.gui.my_digits.digits_model import MyDigitsModel

_Flags = QItemSelectionModel.SelectionFlag


class MyDigitsGrid(ThumbnailGrid):
    """Thumbnails of digits; pressing the key of a digit requests that label for the selected ones."""

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
        self.updateGeometries()
        self.blockSignals(True)
        if len(self._ids):
            row = restored_row(before, self._ids, self._current)
            # Where nothing was selected, select nothing: a key must not change a digit that nobody selected.
            flags = _Flags.ClearAndSelect if len(selected) else _Flags.NoUpdate
            self.selectionModel().setCurrentIndex(self._items.index(row, 0), flags)
            self._select_ids(selected)
        else:
            self._current = -1
        self.blockSignals(False)
        self.verticalScrollBar().setValue(top)
        self.viewport().update()
        self.selection_changed.emit(int(self._selected.sum()))
