"""A grid of thumbnails with captions: the base of the grids of samples and of the user's digits."""

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from digitpad.core.evaluation.samples import Samples
from digitpad.core.translation import tr_noop
from digitpad.gui.grid.captions import CellCaptions
from digitpad.gui.grid.cell_painter import CellPainter
from digitpad.gui.grid.grid_view import GridView
from digitpad.gui.grid.layout import GridLayout
from digitpad.gui.grid.row_selection import mask_of, selection_of
from digitpad.gui.grid.visible_cells import VisibleCells
from digitpad.gui.grid.zoom import DEFAULT_SIDE, STEP, shown_side
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.shortcut_override import HandledKeys

_ROOT = QModelIndex()
_MOST_GROWTH = 3  # so many times the chosen size; so a smaller choice still makes them smaller
_STAGE_GROWTH = 2
_ROOMY = QSize(1500, 1200)  # px: where thumbnails have twice the chosen size
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_Flags = QItemSelectionModel.SelectionFlag


class ThumbnailModel(QAbstractListModel):
    """One row for each shown sample of a set. Rows are numbers in an array: an object is made only on request."""

    @property
    def samples(self) -> Samples | None:
        """The set."""
        raise NotImplementedError

    @property
    def indices(self) -> np.ndarray:
        """(k,) int64: places in the set, in the order they are shown."""
        raise NotImplementedError

    @property
    def ids(self) -> np.ndarray:
        """(k,) int64: numbers that stay the same when the list changes, in the order they are shown."""
        return self.indices

    @property
    def has_answers(self) -> bool:
        """Whether predictions are shown beside labels."""
        return True

    def item_at(self, row: int) -> object | None:
        """Return the item of a row; None where there is no such row."""
        raise NotImplementedError

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.indices)


class ThumbnailGrid(GridView):
    """Paints only the visible cells, and keeps the selection as an array.

    A few items are shown larger, so that they fill the room.
    """

    HANDLED_KEYS = (
        HandledKeys(("Return",), tr_noop("put the sample on the pad")),
        HandledKeys(("Esc",), tr_noop("select one sample instead of several")),
    )

    selection_changed = Signal(int)  # how many are selected
    put_on_pad_requested = Signal(object)  # the item of a row

    def __init__(self, model: ThumbnailModel, captions: CellCaptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items = model
        self._painter = CellPainter(captions)
        self._side, self._growth = DEFAULT_SIDE, 1
        self._ids = model.ids
        self._selected = np.zeros(len(self._ids), bool)
        self._current = -1  # an id
        self.setModel(model)
        self._update_cell_size()

        self.doubleClicked.connect(self._on_double_clicked)
        # After the slot of the selection model, which clears the current row.
        model.modelReset.connect(self._on_model_reset)

    def set_stage(self, *, on: bool) -> None:
        """Show the thumbnails for a class, larger than the user chose; or as chosen."""
        self._growth = _STAGE_GROWTH if on else 1
        self._update_cell_size()

    def selected_ids(self) -> np.ndarray:
        """Return the ids of the selected items, (k,) int64 in the order they are shown."""
        return self._ids[self._selected]

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._note_current()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._selected = mask_of(self.selectionModel().selection(), len(self._ids))
        self.selection_changed.emit(int(self._selected.sum()))

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: Qt would go through all rows, and keys are for commands here."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter is not `activated`: on some desktops a single click is enough for that.
        if event.key() in _ENTER and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._on_double_clicked(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape and self._selected.sum() > 1:
            self.select_current()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_cell_size()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._update_cell_size()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        # Not with a delegate: calling it for every cell takes five times as long as painting the cell.
        model, lines = self._items, self._visible_lines(event.rect())
        rows = self._layout.rows_of(lines)
        if model.samples is None or not rows:
            return
        lefts, tops, widths = self._layout.places_of(lines)
        current, hovered = self.currentIndex().row(), self.hovered_row
        cells = VisibleCells(
            samples=model.samples,
            indices=model.indices[rows.start : rows.stop],
            lefts=lefts,
            tops=tops,
            widths=widths,
            height=self._layout.cell.height(),
            selected=self._selected[rows.start : rows.stop],
            current=current - rows.start if current in rows else None,
            hovered=hovered - rows.start if hovered is not None and hovered in rows else None,
            has_focus=self.hasFocus(),
            has_answers=model.has_answers,
        )
        painter = QPainter(self.viewport())
        painter.translate(0, -self._top)
        self._painter.paint(painter, self.palette(), cells)
        painter.end()

    def _update_cell_size(self) -> None:
        model = self._items
        self.set_cell(
            self._painter.prepare(self._filling_side(), self.font(), model.samples, has_answers=model.has_answers)
        )

    def _filling_side(self) -> int:
        """Return the side of the thumbnails, px: the chosen one, or a larger one if there is room for few of them."""
        model, room = self._items, self.maximumViewportSize()
        chosen, count = shown_side(self._side), model.rowCount()
        is_roomy = room.width() >= px(_ROOMY.width()) and room.height() >= px(_ROOMY.height())
        least, most = max(self._growth, 1 + is_roomy) * chosen, _MOST_GROWTH * chosen // STEP * STEP
        for side in range(most, least, -STEP):
            if side * side * count > room.width() * room.height():
                continue  # at first sight
            cell = self._painter.prepare(side, self.font(), model.samples, has_answers=model.has_answers)
            if 0 < GridLayout(count, cell, room.width()).height <= room.height():
                return side
        return least

    def _note_current(self) -> None:
        row, ids = self.currentIndex().row(), self._items.ids
        self._current = int(ids[row]) if 0 <= row < len(ids) else -1

    def _select_ids(self, ids: np.ndarray) -> bool:
        """Select the items with these ids; return whether any of them is shown."""
        selection = selection_of(np.isin(self._ids, ids), self._items)
        if selection is None or not selection.count():
            return False
        self.selectionModel().select(selection, _Flags.ClearAndSelect)
        return True

    def _on_model_reset(self) -> None:
        """Show the model's new rows."""
        raise NotImplementedError

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        item = self._items.item_at(index.row())
        if item is not None:
            self.put_on_pad_requested.emit(item)
