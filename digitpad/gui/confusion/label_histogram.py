"""A histogram of the labels. It replaces the matrix if there is no model."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QPainter
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from digitpad.core.evaluation.sample_filter import Cell
from digitpad.core.images.digits import CLASSES
from digitpad.gui.confusion.cell_table import CellTable
from digitpad.gui.confusion.cells_model import CellsModel, Place
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.edges import paint_track
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.model_index import Index

_ROW, _HEADER = 24, 28
_BAR, _GAP = 12, 8
_SHARE_ROLE = Qt.ItemDataRole.UserRole
_WIDEST_ROLE = Qt.ItemDataRole.UserRole + 1


class LabelCountModel(CellsModel):
    """One column of counts; an entry represents a whole row of the matrix."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._counts = np.zeros(CLASSES, np.int64)

    def show_counts(self, counts: np.ndarray) -> None:
        """Show counts, (10,) of integers."""
        self._counts = counts.astype(np.int64)
        self.dataChanged.emit(self.index(0, 0), self.index(CLASSES - 1, 0))

    def cells_at(self, place: Place) -> frozenset[Cell]:
        return frozenset((place[0], predicted) for predicted in range(CLASSES))

    def text_of(self, places: Iterable[Place]) -> str:
        digits = sorted(row for row, _ in places)
        total = int(self._counts[digits].sum())
        samples = self.tr("1 sample") if total == 1 else self.tr("{} samples").format(f"{total:,}")
        one, several = self.tr("label {}: {}"), self.tr("labels {}: {}")
        return (one if len(digits) == 1 else several).format(", ".join(map(str, digits)), samples)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else CLASSES

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        return str(section) if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        count, most = int(self._counts[index.row()]), int(self._counts.max())
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{count:,}"
        if role == _SHARE_ROLE:
            return count / max(most, 1)
        if role == _WIDEST_ROLE:
            return f"{most:,}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text_of([(index.row(), 0)])
        return None


class LabelHistogram(CellTable):
    """Ten bars, one per digit, which can be selected."""

    def __init__(self, model: LabelCountModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.setAccessibleName(self.tr("Labels"))
        self.setItemDelegate(_BarDelegate(self))
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setDefaultSectionSize(px(_ROW))
        self.verticalHeader().setFixedWidth(px(_HEADER))
        self.setFixedHeight(CLASSES * px(_ROW))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class _BarDelegate(QStyledItemDelegate):
    """Paints a bar and its count."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, row = theme_colours(QGuiApplication.palette()), QRectF(option.rect).adjusted(px(_GAP), 0, px(-_GAP), 0)
        font = tabular_font(option.font, CAPTION)
        painter.setFont(font)
        painter.setPen(colours["text"])
        painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, index.data())
        room = row.width() - QFontMetricsF(font).horizontalAdvance(index.data(_WIDEST_ROLE)) - px(_GAP)
        track = QRectF(row.left(), row.center().y() - px(_BAR / 2), max(room, 0.0), px(_BAR))
        paint_track(painter, track, colours)
        track.setWidth(track.width() * index.data(_SHARE_ROLE))
        painter.setBrush(colours["faint"])
        painter.drawRoundedRect(track, px(3), px(3))
        painter.restore()
