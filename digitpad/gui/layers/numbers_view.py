"""A table of numbers, shaded by their values; of any size, because only the visible cells are computed."""

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyleOptionViewItem, QTableView, QWidget

from digitpad.core.evaluation.layer_rows import ValueTable
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.sentences import with_minus
from digitpad.gui.widgets.shortcut_override import handles_copy_key
from digitpad.gui.widgets.table_cells import CELL_ROLE, PADDING, ROW, Cell, CellDelegate

_SHADE_ROLE = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
# The share of the full colour in the shade of the largest value: the text stays easy to read on it.
_STRENGTH = 0.45
_MATRIX_ROW = 18
# More would freeze the window for more than half a second.
MOST_COPIED = 500_000


def number_text(value: float, *, decimals: int = 5) -> str:
    """Format a number for a cell: with a fixed number of decimals, or with an exponent if it is small or large."""
    if value == 0:
        return "0"
    is_moderate = 10**-decimals <= abs(value) < 1e5
    return with_minus(f"{value:.{decimals}f}" if is_moderate else f"{value:.2e}")


class NumbersModel(QAbstractTableModel):
    """The cells of a `ValueTable`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = ValueTable("", np.empty((0, 0)), (0,))
        self._peaks = np.empty(0)  # of the columns

    @property
    def table(self) -> ValueTable:
        """The table that is shown."""
        return self._table

    def show_table(self, table: ValueTable) -> None:
        """Show another table; with the same shape the view keeps its place and its selection."""
        shape = table.values.shape
        is_same = (shape, table.headings) == (self._table.values.shape, self._table.headings)
        magnitudes = np.abs(np.nan_to_num(table.values.astype(np.float64), posinf=0.0, neginf=0.0))
        # Columns with headings are different things, each with its own scale.
        peaks = magnitudes.max(axis=0, initial=0) if table.headings else np.full(shape[1], magnitudes.max(initial=0))
        if is_same:
            self._table, self._peaks = table, peaks
            if all(shape):
                self.dataChanged.emit(self.index(0, 0), self.index(shape[0] - 1, shape[1] - 1))
            return
        self.beginResetModel()
        self._table, self._peaks = table, peaks
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._table.values.shape[0]

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._table.values.shape[1]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return self._table.row_name(section)
        return self._table.headings[section] if self._table.headings else str(section)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        value = self._table.values[index.row(), index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(value)
            case Qt.ItemDataRole.ToolTipRole:
                return with_minus(f"{value:.10g}")
            case _ if role == CELL_ROLE:
                return Cell(self._text(value), "text" if value else "muted", is_right=True)
            case _ if role == _SHADE_ROLE:
                peak = self._peaks[index.column()]
                return float(value / peak) if peak and np.isfinite(value) else 0.0
        return None

    def _text(self, value: np.number) -> str:
        if self._table.values.dtype.kind in "iu":
            return str(value)
        return number_text(float(value), decimals=3 if self._is_float32 else 5)

    @property
    def _is_float32(self) -> bool:
        """Whether the numbers are pixels, which need fewer decimals."""
        return self._table.values.dtype == np.float32

    def widest_text(self) -> str:
        """Return a text as wide as the widest number."""
        if self._table.values.dtype.kind in "iu":
            return "000"
        return "0.000" if self._is_float32 else "−0.00e−00"


class NumbersView(QTableView):
    """Ctrl+C copies the selected rectangle, or everything if at most one cell is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = NumbersModel(self)
        self._delegate = _NumbersDelegate(self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(px(_MATRIX_ROW))
            header.setHighlightSections(False)
        self.setCornerButtonEnabled(False)
        self.setAccessibleName(self.tr("Numbers"))

    @property
    def table(self) -> ValueTable:
        """The table that is shown."""
        return self._model.table

    @property
    def can_copy_all(self) -> bool:
        """Whether the table is small enough to be copied as a whole."""
        return self.table.values.size <= MOST_COPIED

    def show_table(self, table: ValueTable) -> None:
        """Show another table."""
        self._model.show_table(table)
        # All of a 28x28 matrix fits on a small screen.
        height, size, gap = (
            (px(ROW), CAPTION, px(3 * PADDING)) if table.headings else (px(_MATRIX_ROW), CAPTION, px(2 * PADDING))
        )
        self._delegate.set_size(size)
        self.verticalHeader().setDefaultSectionSize(height)
        number = QFontMetrics(tabular_font(self.font(), size)).horizontalAdvance(self._model.widest_text())
        heading = QFontMetrics(tabular_font(self.font(), CAPTION))
        widths = [heading.horizontalAdvance(text) + px(6 * PADDING) for text in table.headings]
        self.horizontalHeader().setDefaultSectionSize(max(number + gap, *widths, 0))

    def copied_text(self) -> str:
        """Return what Ctrl+C copies."""
        chosen = self.selectionModel().selection()  # one rectangle, or nothing
        area = None if chosen.isEmpty() else chosen.first()
        if area is None or area.height() * area.width() < 2:
            return self.table.as_text() if self.can_copy_all else ""
        if area.height() * area.width() > MOST_COPIED:
            return ""
        return self.table.as_text(slice(area.top(), area.bottom() + 1), slice(area.left(), area.right() + 1))

    @Slot()
    def copy_all(self) -> None:
        """Copy the whole table, separated by tabs."""
        QGuiApplication.clipboard().setText(self.table.as_text())

    def event(self, event: QEvent) -> bool:
        return handles_copy_key(event, self.copy) or super().event(event)

    @Slot()
    def copy(self) -> None:
        """Copy the selected numbers as tab-separated text."""
        if text := self.copied_text():
            QGuiApplication.clipboard().setText(text)


class _NumbersDelegate(CellDelegate):
    """Shades a cell by its value."""

    def set_size(self, size: float) -> None:
        """Set the size of the font, times that of the body text."""
        self._size, self._font_key = size, ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours, share = theme_colours(option.palette), index.data(_SHADE_ROLE) or 0.0
        shade = QColor(colours["weight_against" if share < 0 else "weight_for"])
        shade.setAlphaF(_STRENGTH * abs(share))
        painter.fillRect(option.rect, shade)
        if option.state & QStyle.StateFlag.State_Selected:
            chosen = QColor(colours["muted"])
            chosen.setAlphaF(0.3)
            painter.fillRect(option.rect, chosen)
        super().paint(painter, option, index)
