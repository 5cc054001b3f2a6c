"""Samples in a grid: each image with what was said of it, however many there are."""

import numpy as np
from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.gui.grid.cell_painter import CellPainter
from digitpad.gui.grid.grid_view import GridView
from digitpad.gui.grid.keep_position import restored_row
from digitpad.gui.grid.row_selection import mask_of, selection_of
from digitpad.gui.grid.visible_cells import VisibleCells
from digitpad.gui.grid.zoom import DEFAULT_SIDE, WheelNotches, clamped_side, zoom_steps, zoomed_side
from digitpad.gui.mistakes.samples_model import SamplesModel
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.shortcut_override import overrides_shortcut

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SampleGrid(GridView):
    """Lays out and paints only what is seen; arrows go from one sample to the next, over the ends of lines too."""

    current_changed = Signal(object)  # a Sample, or None
    selection_changed = Signal(int)  # how many
    put_on_pad_requested = Signal(object)  # a Sample
    side_requested = Signal(int)  # px

    def __init__(self, model: SamplesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples_model = model
        self._cells = CellPainter()
        self._side = DEFAULT_SIDE
        self._shown: Samples | None = model.samples
        self._indices = model.indices
        self._selected = np.zeros(len(model.indices), bool)
        self._current = -1  # its place in the set
        self._notches = WheelNotches()
        self.setModel(model)
        self.setAccessibleName(self.tr("Samples"))
        self._fit()

        self.doubleClicked.connect(self._on_double_clicked)
        # After the selection's own, which forgets what is current.
        model.modelReset.connect(self._on_model_reset)
        self._on_model_reset()

    @property
    def side(self) -> int:
        """Of a thumbnail, px."""
        return self._side

    @property
    def current_sample(self) -> Sample | None:
        """Where the keyboard is."""
        return self._samples_model.sample_at(self.currentIndex().row())

    def set_side(self, side: int) -> None:
        """Make the thumbnails so large, px; what is looked at stays in sight."""
        side = clamped_side(side)
        if side != self._side:
            self._side = side
            self._fit()

    def selected_indices(self) -> np.ndarray:
        """Return the selected samples' places in the set, (k,) int64, in the order they are shown."""
        return self._indices[self._selected]

    def select_index(self, index_in_set: int) -> bool:
        """Go to a sample; tell whether it is shown."""
        row = self._samples_model.row_of(index_in_set)
        if row is None:
            return False
        self.setCurrentIndex(self._samples_model.index(row, 0))
        self.scrollTo(self.currentIndex())
        return True

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._note_current()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._selected = mask_of(self.selectionModel().selection(), len(self._indices))
        self.selection_changed.emit(int(self._selected.sum()))

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: Qt would go through all rows, and letters are for the tab's commands."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter is not `activated`: on some desktops one click is enough for that.
        if event.key() in _ENTER and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._request_pad()
        elif (steps := zoom_steps(event)) != 0:
            self._request_side(steps)
        elif event.key() == Qt.Key.Key_Escape and self._selected.sum() > 1:
            self.select_current()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        return overrides_shortcut(event, zoom_steps) or super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        if notches := self._notches.add(event.angleDelta().y()):
            self._request_side(notches)
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        # Not by a delegate: its call for every cell takes five times as long as painting the cell.
        model, lines = self._samples_model, self._visible_lines(event.rect())
        rows = self._layout.rows_of(lines)
        if model.samples is None or not rows:
            return
        lefts, tops, widths = self._layout.places_of(lines)
        current, hovered = self.currentIndex().row(), self.hovered_row
        cells = VisibleCells(
            samples=model.samples,
            indices=self._indices[rows.start : rows.stop],
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
        self._cells.paint(painter, self.palette(), cells)
        painter.end()

    def _fit(self) -> None:
        model = self._samples_model
        self.set_cell(self._cells.prepare(self._side, self.font(), model.samples, has_answers=model.has_answers))

    def _select_again(self, places: np.ndarray) -> None:
        """Select those of some samples that are still shown."""
        selection = selection_of(np.isin(self._indices, places), self._samples_model)
        if selection is not None and selection.count():
            self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _note_current(self) -> None:
        sample = self.current_sample
        self._current = -1 if sample is None else sample.index
        self.current_changed.emit(sample)

    def _request_pad(self) -> None:
        if (sample := self.current_sample) is not None:
            self.put_on_pad_requested.emit(sample)

    def _request_side(self, steps: int) -> None:
        side = zoomed_side(self._side, steps)
        if side != self._side:
            self.side_requested.emit(side)

    @Slot()
    def _on_model_reset(self) -> None:
        """Show what the model has now: what was current and selected stays so, if it is still there."""
        model, before, selected = self._samples_model, self._indices, self.selected_indices()
        is_same_set, top = _is_same_set(self._shown, model.samples), self.verticalScrollBar().value()
        has_news = self._shown is not model.samples
        self._shown, self._indices = model.samples, model.indices
        self._selected = np.zeros(len(self._indices), bool)
        self._fit()
        none_came = is_same_set and bool(np.isin(self._indices, before).all())
        # Others that the user asked for begin with their first.
        goes_on, current = none_came or has_news, self._current if is_same_set else -1
        row = restored_row(before, self._indices, current, uses_neighbour=goes_on)
        self.blockSignals(True)
        self.setCurrentIndex(model.index(row, 0))
        if none_came and len(selected) > 1:
            self._select_again(selected)
        self.blockSignals(False)
        if none_came:
            self.verticalScrollBar().setValue(top)
        if not none_came or not np.array_equal(before, self._indices):
            self.scrollTo(self.currentIndex())
        self._note_current()
        self.selection_changed.emit(int(self._selected.sum()))

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        sample = self._samples_model.sample_at(index.row())
        if sample is not None:
            self.put_on_pad_requested.emit(sample)


def _is_same_set(before: Samples | None, now: Samples | None) -> bool:
    if before is None or now is None:
        return False
    return before.loaded.sample_set == now.loaded.sample_set and len(before) == len(now)
