"""The grid of samples: each image with its label and what the models predicted."""

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.gui.grid.captions import CellCaptions
from digitpad.gui.grid.keep_position import restored_row
from digitpad.gui.grid.thumbnail_grid import ThumbnailGrid
from digitpad.gui.grid.zoom import WheelNotches, clamped_side, zoom_steps, zoomed_side
from digitpad.gui.mistakes.samples_model import SamplesModel
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.shortcut_override import overrides_shortcut


class SampleGrid(ThumbnailGrid):
    """Thumbnails that can be made larger and smaller; one of them is always current."""

    current_changed = Signal(object)  # a Sample, or None
    side_requested = Signal(int)  # px

    def __init__(self, model: SamplesModel, parent: QWidget | None = None) -> None:
        self._model = model  # first: the constructor makes a row current
        super().__init__(model, CellCaptions(), parent)
        self._shown: Samples | None = model.samples
        self._notches = WheelNotches()
        self.setAccessibleName(self.tr("Samples"))
        self._on_model_reset()

    @property
    def side(self) -> int:
        """The side of a thumbnail, px."""
        return self._side

    @property
    def current_sample(self) -> Sample | None:
        """The sample that has the keyboard focus."""
        return self._model.item_at(self.currentIndex().row())

    def set_side(self, side: int) -> None:
        """Set the side of the thumbnails, px; the current one stays in view."""
        side = clamped_side(side)
        if side != self._side:
            self._side = side
            self._update_cell_size()

    def select_index(self, index_in_set: int) -> bool:
        """Go to a sample; return whether it is shown."""
        row = self._model.row_of(index_in_set)
        if row is None:
            return False
        self.setCurrentIndex(self._model.index(row, 0))
        self.scrollTo(self.currentIndex())
        return True

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.current_changed.emit(self.current_sample)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if steps := zoom_steps(event):
            self._request_side(steps)
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

    def _request_side(self, steps: int) -> None:
        side = zoomed_side(self._side, steps)
        if side != self._side:
            self.side_requested.emit(side)

    @Slot()
    def _on_model_reset(self) -> None:
        """Show the model's samples; the current and the selected ones stay so if they are still shown."""
        model, before, selected = self._model, self._ids, self.selected_ids()
        is_same_set, top = _is_same_set(self._shown, model.samples), self.verticalScrollBar().value()
        is_new = self._shown is not model.samples
        self._shown, self._ids = model.samples, model.ids
        self._selected = np.zeros(len(self._ids), bool)
        self._update_cell_size()
        none_added = is_same_set and bool(np.isin(self._ids, before).all())
        # When the user asks for other samples, the first of them becomes current.
        uses_neighbour, current = none_added or is_new, self._current if is_same_set else -1
        row = restored_row(before, self._ids, current, uses_neighbour=uses_neighbour)
        self.blockSignals(True)
        self.setCurrentIndex(model.index(row, 0))
        if none_added and len(selected) > 1:
            self._select_ids(selected)
        self.blockSignals(False)
        if none_added:
            self.verticalScrollBar().setValue(top)
        if not none_added or not np.array_equal(before, self._ids):
            self.scrollTo(self.currentIndex())
        self._note_current()
        self.current_changed.emit(self.current_sample)
        self.selection_changed.emit(int(self._selected.sum()))


def _is_same_set(before: Samples | None, now: Samples | None) -> bool:
    if before is None or now is None:
        return False
    return before.loaded.sample_set == now.loaded.sample_set and len(before) == len(now)
