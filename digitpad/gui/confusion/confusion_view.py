"""The confusion matrix, whose cells can be selected."""

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QSizePolicy,
    QWidget,
)

from digitpad.core.evaluation.sample_filter import Cell
from digitpad.core.images.digits import CLASSES
from digitpad.gui.confusion.cell_table import CellTable
from digitpad.gui.confusion.confusion_delegate import ConfusionDelegate
from digitpad.gui.confusion.confusion_model import ConfusionModel
from digitpad.gui.confusion.label_histogram import LabelCountModel, LabelHistogram
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.adaptive_row import AdaptiveRow
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.fast_label import FastLabel
from digitpad.gui.widgets.segment_switch import Segment, SegmentSwitch

_MIN_SIDE, _MAX_SIDE = 24, 128
_MIN_HEADER, _MAX_HEADER = 20, 32
_HEADER_HEIGHT = 20  # at least; larger cells have larger digits beside them


class ConfusionView(CellTable):
    """Ten by ten squares that fill the width."""

    def __init__(self, model: ConfusionModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.setAccessibleName(self.tr("Confusion matrix: rows are labels, columns are predictions"))
        self.setItemDelegate(ConfusionDelegate(self))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(CLASSES * px(_MIN_SIDE) + px(_MIN_HEADER))
        self._corner: QLabel | None = None
        corner = self.findChild(QAbstractButton)
        if corner is not None:
            corner.setToolTip(self.tr("All cells"))
            corner.setAccessibleName(self.tr("All cells"))
            self._name_corner(corner)
        self._fit()

    def _name_corner(self, corner: QAbstractButton) -> None:
        # Without a label the corner is not recognised as a button.
        label = QLabel(self.tr("all"))
        label.setProperty("role", "caption")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._corner = label
        vbox(label, parent=corner)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        named = 0 if self._corner is None else self._corner.sizeHint().width()
        least = max(px(_MIN_HEADER), named)
        side = min(max((self.width() - least) // CLASSES, px(_MIN_SIDE)), px(_MAX_SIDE))
        self.horizontalHeader().setDefaultSectionSize(side)
        self.verticalHeader().setDefaultSectionSize(side)
        # The header gets the width that ten equal columns leave.
        rest = self.width() - CLASSES * side
        self.verticalHeader().setFixedWidth(min(max(rest, least), px(_MAX_HEADER)))
        header = max(px(_HEADER_HEIGHT), side // 2)
        self.horizontalHeader().setFixedHeight(header)
        self.setFixedHeight(CLASSES * side + header)
        self.updateGeometries()


class ConfusionPanel(QWidget):
    """The matrix with its heading, or without a model a histogram of the labels."""

    cells_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._labels_model = ConfusionModel(self), LabelCountModel(self)
        self.table, self.labels = ConfusionView(self._model), LabelHistogram(self._labels_model)
        share_tip = self.tr("Per cent of the samples with this label that were predicted as this digit")
        self.switch = SegmentSwitch(
            (
                Segment(False, self.tr("counts"), self.tr("Number of samples in each cell")),
                Segment(True, self.tr("row %"), share_tip),
            ),
            self.tr("counts or row %"),
        )
        self._heading, self._axes, self._line = QLabel(), QLabel(self.tr("label ↓, predicted →")), FastLabel()
        self._set_up()

        heading = AdaptiveRow((self._heading, 1), self.switch)
        vbox(heading, self._axes, self.table, self.labels, self._line, parent=self, spacing=4)

        self.switch.chosen.connect(self._on_switched)
        for table in (self.table, self.labels):
            table.cells_requested.connect(self.cells_requested)
            table.pointed_changed.connect(self._on_pointed_changed)
            table.selectionModel().selectionChanged.connect(self._on_pointed_changed)
        self._show_labels(are_labels=False)

    @property
    def cells(self) -> frozenset[Cell]:
        """The selected cells."""
        return self._shown.cells

    @property
    def sentence(self) -> str:
        """The text under the matrix."""
        return self._line.text()

    def show_matrix(self, confusion: np.ndarray | None) -> None:
        """Show how often each label (row) was predicted as each digit (column), (10, 10) int64."""
        self._model.show_matrix(confusion)
        self._show_labels(are_labels=False)

    def show_label_counts(self, counts: np.ndarray) -> None:
        """Show how many samples there are of each digit, (10,) of integers, instead of a matrix."""
        self._labels_model.show_counts(counts)
        self._show_labels(are_labels=True)

    def show_cells(self, cells: frozenset[Cell]) -> None:
        """Show the selected cells."""
        self.table.show_cells(cells)
        self.labels.show_cells(cells)

    @property
    def _shown(self) -> CellTable:
        return self.labels if self.table.isHidden() else self.table

    def _show_labels(self, *, are_labels: bool) -> None:
        self._heading.setText(self.tr("Labels") if are_labels else self.tr("Confusion matrix"))
        for widget in (self._axes, self.table, self.switch):
            widget.setHidden(are_labels)
        self.labels.setHidden(not are_labels)
        self._on_pointed_changed()

    def _set_up(self) -> None:
        self._heading.setProperty("role", "title")
        for label in (self._axes, self._line):
            label.setProperty("role", "caption")
        self._line.setFixedHeight(px(20))

    @Slot(object)
    def _on_switched(self, in_shares: bool) -> None:
        self._model.show_shares(in_shares=in_shares)
        self._on_pointed_changed()

    @Slot()
    def _on_pointed_changed(self) -> None:
        table = self._shown
        model = self._labels_model if table is self.labels else self._model
        places = frozenset((table.pointed,)) if table.pointed else table.places
        hint = self.tr("Click a cell or a digit to see its samples")
        if table is self.labels:
            hint = self.tr("Click a digit to see its samples")
        self._line.setText(model.text_of(places) if places else hint)
        self._line.setToolTip(self._line.text())
