"""The user's digits in a grid, however many there are."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from digitpad.gui.grid.cell_painter import CellPainter
from digitpad.gui.grid.grid_view import GridView
from digitpad.gui.grid.keep_position import restored_row
from digitpad.gui.grid.row_selection import mask_of, selection_of
from digitpad.gui.grid.zoom import DEFAULT_SIDE
from digitpad.gui.my_digits.captions import DigitCaptions, VisibleDigits
from digitpad.gui.my_digits.digits_model import MyDigitsModel
from digitpad.gui.widgets.model_index import Index

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit

_Flags = QItemSelectionModel.SelectionFlag
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MyDigitsGrid(GridView):
    """Painted as the grid of samples is; a digit's key says what the selected ones are."""

    selection_changed = Signal(int)  # how many
    put_on_pad_requested = Signal(object)  # a MyDigit
    label_requested = Signal(int)

    def __init__(self, model: MyDigitsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._own_model = model
        self._cells = CellPainter(DigitCaptions())
        self._ids = model.ids
        self._current = -1  # an id
        self._selected = np.zeros(len(self._ids), bool)
        self.setModel(model)
        self.setAccessibleName(self.tr("My digits"))
        self._fit()

        self.doubleClicked.connect(self._on_double_clicked)
        # After the selection's own, which forgets what is current.
        model.modelReset.connect(self._on_model_reset)

    def selected_ids(self) -> list[int]:
        """Return the ids of the selected digits, in the order they are shown."""
        return self._ids[self._selected].tolist()

    def select_ids(self, ids: Collection[int]) -> None:
        """Select those of some digits that are shown, and go to the first."""
        mask = np.isin(self._ids, list(ids))
        selection = selection_of(mask, self._own_model)
        if selection is not None and mask.any():
            first = self._own_model.index(int(mask.argmax()), 0)
            self.selectionModel().setCurrentIndex(first, _Flags.NoUpdate)
            self.selectionModel().select(selection, _Flags.ClearAndSelect)
            self.scrollTo(first)

    def go_to_first(self) -> None:
        """Show others from their first on; none of them is selected."""
        self.selectionModel().setCurrentIndex(self._own_model.index(0, 0), _Flags.Clear)
        self.verticalScrollBar().setValue(0)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._selected = mask_of(self.selectionModel().selection(), len(self._ids))
        self.selection_changed.emit(int(self._selected.sum()))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        digit = self._own_model.digit_at(current.row())
        self._current = -1 if digit is None else digit.id

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: digits are labels here."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text, others = event.text(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if len(text) == 1 and text in "0123456789" and not others:
            if not event.isAutoRepeat():
                self.label_requested.emit(int(text))
        elif event.key() in _ENTER and not others:
            self._on_double_clicked(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape and self._selected.sum() > 1:
            self.select_current()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        model, lines = self._own_model, self._visible_lines(event.rect())
        rows = self._layout.rows_of(lines)
        if not rows:
            return
        lefts, tops, widths = self._layout.places_of(lines)
        current, hovered = self.currentIndex().row(), self.hovered_row
        places = model.positions[rows.start : rows.stop]
        cells = VisibleDigits(
            samples=model.samples,
            indices=places,
            lefts=lefts,
            tops=tops,
            widths=widths,
            height=self._layout.cell.height(),
            selected=self._selected[rows.start : rows.stop],
            current=current - rows.start if current in rows else None,
            hovered=hovered - rows.start if hovered is not None and hovered in rows else None,
            has_focus=self.hasFocus(),
            has_answers=True,
            predicted=model.snapshot.predicted[places],
        )
        painter = QPainter(self.viewport())
        painter.translate(0, -self._top)
        self._cells.paint(painter, self.palette(), cells)
        painter.end()

    def _fit(self) -> None:
        self.set_cell(self._cells.prepare(DEFAULT_SIDE, self.font(), None, has_answers=True))

    @Slot()
    def _on_model_reset(self) -> None:
        """Show what there is now: what was current and selected stays so, if it is still there."""
        before, selected, top = self._ids, self.selected_ids(), self.verticalScrollBar().value()
        self._ids = self._own_model.ids
        self._selected = np.zeros(len(self._ids), bool)
        self.updateGeometries()
        self.blockSignals(True)
        if len(self._ids):
            row = restored_row(before, self._ids, self._current)
            # Where nothing was selected nothing is: a key must not change what nobody chose.
            how = _Flags.ClearAndSelect if selected else _Flags.NoUpdate
            self.selectionModel().setCurrentIndex(self._own_model.index(row, 0), how)
            selection = selection_of(np.isin(self._ids, selected), self._own_model)
            if selection is not None and selection.count():
                self.selectionModel().select(selection, _Flags.ClearAndSelect)
        else:
            self._current = -1
        self.blockSignals(False)
        self.verticalScrollBar().setValue(top)
        self.viewport().update()
        self.selection_changed.emit(int(self._selected.sum()))

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        digit: MyDigit | None = self._own_model.digit_at(index.row())
        if digit is not None:
            self.put_on_pad_requested.emit(digit)
