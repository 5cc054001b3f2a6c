"""The layers of a model from top to bottom, each with pictures of its values and of its gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from digitpad.core.evaluation.layer_rows import LayerRow
from digitpad.gui.layers.pictures import paint_tiles, tiles_of
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.sentences import with_minus

NAME, VALUES, GRADIENT = range(3)
_ROW_ROLE = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()
_NAME_WIDTH, _PICTURE_WIDTH = 176, 88
_STRIP_ROW, _TILE_ROW = 44, 76
_PADDING, _INDENT = 8, 14


class LayerModel(QAbstractTableModel):
    """The rows of a followed image."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LayerRow, ...] = ()

    @property
    def rows(self) -> tuple[LayerRow, ...]:
        """The rows that are shown."""
        return self._rows

    def show_rows(self, rows: tuple[LayerRow, ...]) -> bool:
        """Show other rows; return whether they belong to the same layers."""
        is_same = [_key(row) for row in rows] == [_key(row) for row in self._rows]
        if is_same:
            self._rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, GRADIENT))
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        return is_same

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("layer"), self.tr("values →"), self.tr("← gradient"))[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                self.tr("What the model does with the image, from top to bottom"),
                self.tr("Forwards: what each layer computes"),
                self.tr("Backwards: the derivative of the loss L with respect to the values"),
            )[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        answers: dict[int, Callable[[], Any]] = {
            _ROW_ROLE: lambda: row,
            Qt.ItemDataRole.ToolTipRole: lambda: self._description(row, index.column()),
            Qt.ItemDataRole.AccessibleTextRole: lambda: self._description(row, index.column()),
        }
        return answers[role]() if role in answers else None

    def _description(self, row: LayerRow, column: int) -> str:
        array = row.gradient if column == GRADIENT else row.values
        if column == NAME:
            return f"{row.title}, {symbol_text(row)}"
        if array is None:
            return self.tr("no gradient")
        if row.note:
            return row.note
        ends = [with_minus(f"{value:.4g}") for value in (array.min(), array.max())] if array.size else ["–", "–"]
        return self.tr("{}: {} numbers from {} to {}").format(symbol_text(row), f"{array.size:,}", *ends)


def symbol_text(row: LayerRow) -> str:
    """Return symbol and shape: "z₁ (100,)"."""
    return row.symbol if row.note else f"{row.symbol} {row.shape}"


def _key(row: LayerRow) -> tuple[str, str, tuple[int, ...]]:
    return row.title, row.symbol, row.shape


class LayerTable(QTableView):
    """One row is selected; the arrow keys go to the others."""

    row_selected = Signal(object)  # LayerRow

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._delegate = LayerModel(self), _LayerDelegate(self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(NAME, px(_NAME_WIDTH))
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        self.setAccessibleName(self.tr("Layers"))
        self.setMinimumWidth(px(_NAME_WIDTH + 2 * _PICTURE_WIDTH))

        self.selectionModel().currentRowChanged.connect(self._on_current_changed)

    @property
    def rows(self) -> tuple[LayerRow, ...]:
        """The rows that are shown."""
        return self._model.rows

    @property
    def selected(self) -> LayerRow | None:
        """The selected row."""
        row = self.currentIndex().row()
        return self.rows[row] if 0 <= row < len(self.rows) else None

    def show_rows(self, rows: tuple[LayerRow, ...]) -> None:
        """Show other rows; the selected row stays if the layers are the same."""
        before = self.currentIndex().row()
        if self._model.show_rows(rows):
            if (row := self.selected) is not None:
                self.row_selected.emit(row)
            return
        self._delegate.forget()
        for number, row in enumerate(rows):
            self.setRowHeight(number, px(_STRIP_ROW) if _is_strip(row) else px(_TILE_ROW))
        self.select(before if 0 <= before < len(rows) else 0)

    def select(self, number: int) -> None:
        """Select a row."""
        self.setCurrentIndex(self._model.index(number, NAME))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._delegate.forget()
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(px(_NAME_WIDTH + 2 * 180), px(400))

    @Slot()
    def _on_current_changed(self) -> None:
        if (row := self.selected) is not None:
            self.row_selected.emit(row)


def _is_strip(row: LayerRow) -> bool:
    return bool(row.note) or tiles_of(row, row.values).shape[1] == 1


class _LayerDelegate(QStyledItemDelegate):
    """Paints a cell. A picture is kept until its values change; the weights stay while the drawing changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: dict[tuple[int, int, int, int], tuple[np.ndarray, QPixmap]] = {}

    def forget(self) -> None:
        """Drop the pictures."""
        self._pictures.clear()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, colours = index.data(_ROW_ROLE), theme_colours(option.palette)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, colours["pressed"])
        place = option.rect.adjusted(px(_PADDING), px(4), px(-_PADDING), -px(4))
        if index.column() == NAME:
            self._paint_name(painter, option, row)
        elif index.column() == VALUES and row.note:
            painter.setFont(tabular_font(option.font, CAPTION))
            painter.setPen(colours["text"])
            # Over the column of gradients too: the loss has none.
            wide = place.adjusted(0, 0, place.width() + px(2 * _PADDING), 0)
            painter.drawText(wide, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, row.note)
        elif not row.note:
            values = row.values if index.column() == VALUES else row.gradient
            if values is None:
                painter.setPen(colours["faint"])
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, "–")
            else:
                painter.drawPixmap(place.topLeft(), self._picture(option, index, row, values, place.size()))
        if option.state & QStyle.StateFlag.State_HasFocus and index.column() == NAME:
            painter.fillRect(option.rect.left(), option.rect.top(), 3, option.rect.height(), colours["accent"])

    def _picture(
        self, option: QStyleOptionViewItem, index: Index, row: LayerRow, values: np.ndarray, size: QSize
    ) -> QPixmap:
        key = index.row(), index.column(), size.width(), size.height()
        known, pixmap = self._pictures.get(key, (None, QPixmap()))
        if known is None or not np.array_equal(known, values):
            ratio = option.widget.devicePixelRatioF()
            pixmap = QPixmap(size * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            inner = QPainter(pixmap)
            paint_tiles(inner, QRectF(0, 0, size.width(), size.height()), tiles_of(row, values), option.palette)
            inner.end()
            self._pictures[key] = values, pixmap
        return pixmap

    @staticmethod
    def _paint_name(painter: QPainter, option: QStyleOptionViewItem, row: LayerRow) -> None:
        colours = theme_colours(option.palette)
        place = option.rect.adjusted(px(_PADDING) + (px(_INDENT) if row.is_parameter else 0), px(4), -px(4), -px(4))
        half = place.height() // 2
        painter.setFont(tabular_font(option.font, is_bold=not row.is_parameter))
        painter.setPen(colours["text"])
        elided = painter.fontMetrics().elidedText(row.title, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place.adjusted(0, 0, 0, -half), Qt.AlignmentFlag.AlignBottom, elided)
        painter.setFont(tabular_font(option.font, CAPTION))
        painter.setPen(colours["muted"])
        painter.drawText(place.adjusted(0, half, 0, 0), Qt.AlignmentFlag.AlignTop, symbol_text(row))
