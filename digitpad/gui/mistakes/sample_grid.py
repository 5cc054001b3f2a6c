"""The grid of samples: each image with its label and what the models predicted."""

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.core.translation import tr_noop
from digitpad.gui.grid.captions import CellCaptions
from digitpad.gui.grid.keep_position import restored_row
from digitpad.gui.grid.layout import GridLayout
from digitpad.gui.grid.plot import PlotPainter
from digitpad.gui.grid.thumbnail_grid import ThumbnailGrid
from digitpad.gui.grid.zoom import WheelNotches, clamped_side, zoom_steps, zoomed_side
from digitpad.gui.mistakes.samples_model import SamplesModel
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.shortcut_override import HandledKeys, overrides_shortcut

_Key = Qt.Key
_CHOOSING_KEYS = (
    *(_Key.Key_Left, _Key.Key_Right, _Key.Key_Up, _Key.Key_Down),
    *(_Key.Key_Home, _Key.Key_End, _Key.Key_PageUp, _Key.Key_PageDown, _Key.Key_Space),
)


class SampleGrid(ThumbnailGrid):
    """Thumbnails that can be made larger and smaller, or a plot that fits; one sample is always current."""

    HANDLED_KEYS = (HandledKeys(("+", "-"), tr_noop("larger or smaller thumbnails")),)

    current_changed = Signal(object)  # a Sample, or None
    chosen = Signal(object)  # the Sample that the user clicked, or went to by keys
    side_requested = Signal(int)  # px

    def __init__(self, model: SamplesModel, parent: QWidget | None = None) -> None:
        self._model = model  # first: the constructor makes a row current
        self._plot, self._plot_columns = PlotPainter(), 0
        super().__init__(model, CellCaptions(), parent)
        self._thumbnails = self._painter
        self._shown: Samples | None = model.samples
        self._notches = WheelNotches()
        self.setAccessibleName(self.tr("Samples"))
        self._on_model_reset()
        self.clicked.connect(self._report_choice)

    @property
    def side(self) -> int:
        """The side of a thumbnail, px."""
        return self._side

    def set_plot_columns(self, columns: int) -> None:
        """Show the next samples as a plot of so many columns that fits, or as thumbnails if 0."""
        self._plot_columns = columns
        self._painter = self._plot if columns else self._thumbnails

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
            if event.key() in _CHOOSING_KEYS:  # also if they lead nowhere: the only sample is current already
                self._report_choice()

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
        if side != self._side and not self._plot_columns:
            self.side_requested.emit(side)

    def _update_cell_size(self) -> None:
        if self._plot_columns:
            self.updateGeometries()
            self.viewport().update()
        else:
            super()._update_cell_size()

    def _new_layout(self) -> GridLayout:
        samples, room = self._model.samples, self.maximumViewportSize()
        if not self._plot_columns or samples is None:
            return super()._new_layout()
        layout = self._plot_layout(samples, room)
        if layout.height > room.height():  # a tiny window, or large type
            return self._plot_layout(samples, room - QSize(self.verticalScrollBar().sizeHint().width(), 0))
        return layout

    def _plot_layout(self, samples: Samples, room: QSize) -> GridLayout:
        """Put the plot in the middle of a room."""
        count = self._model.rowCount()
        columns = max(1, min(self._plot_columns, count))
        lines = max(1, -(-count // columns))
        cell = self._plot.fit(room, columns, lines, self.font(), samples, has_answers=self._model.has_answers)
        width = columns * cell.width()
        left, top = (room.width() - width) // 2, (room.height() - lines * cell.height()) // 2
        return GridLayout(count, cell, width, max(0, left), max(0, top))

    @Slot()
    def _report_choice(self) -> None:
        if (sample := self.current_sample) is not None:
            self.chosen.emit(sample)

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
