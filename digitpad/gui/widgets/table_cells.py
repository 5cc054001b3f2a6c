"""Small tables, and their cells: tabular figures, coloured text, and a frame around the focused cell."""

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.model_index import Index

ROW = 22
PADDING = 4
# The role of a `Cell`: one request for everything to paint is several times faster than one for each role.
CELL_ROLE = Qt.ItemDataRole.UserRole + 10


@dataclass(frozen=True, slots=True)
class Cell:
    """How a cell looks; `colour` is a colour name of the theme, `badge` is painted after the text."""

    text: str
    colour: str = "text"
    is_bold: bool = False
    is_right: bool = False
    may_be_long: bool = False
    badge: str = ""


class StaticTable(QTableView):
    """A small read-only table that is shown as a whole: no selection, no editing, no scroll bars."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        for policy in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


class CellDelegate(QStyledItemDelegate):
    """Paints the model's `Cell`, elided if it is too long."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plain = self._bold = QFont()
        self._font_key, self._size = "", CAPTION

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(px(24), px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell = index.data(CELL_ROLE)
        if cell is None:
            return
        colours = theme_colours(option.palette)
        painter.setFont(self._font(option.font, cell))
        painter.setPen(colours[cell.colour])
        place = option.rect.adjusted(px(PADDING), 0, px(-PADDING), 0)
        text = cell.text
        if cell.may_be_long:
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, _RIGHT if cell.is_right else _LEFT, text)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(colours["accent"], 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))

    def _font(self, font: QFont, cell: Cell) -> QFont:
        if font.key() != self._font_key:
            self._font_key, self._plain = font.key(), tabular_font(font, self._size)
            self._bold = tabular_font(font, self._size, is_bold=True)
        return self._bold if cell.is_bold else self._plain


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
