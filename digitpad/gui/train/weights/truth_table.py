"""A truth table: a line for each point of a gate, and Ctrl+C copies all of them."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QStyleOptionViewItem, QWidget

from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.shortcut_override import handles_copy_key
from digitpad.gui.widgets.table_cells import CELL_ROLE, PADDING, ROW, Cell, CellDelegate, Index, StaticTable

_HEADER = 24


class TruthTable(StaticTable):
    """Shows lines of cells below headings, as wide as the widest text of each column."""

    def __init__(self, headings: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = QStandardItemModel(self)
        self._delegate = _MeasuringDelegate(self)
        self._model.setHorizontalHeaderLabels(headings)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(px(ROW))
        self.verticalHeader().setDefaultSectionSize(px(ROW))
        header = self.horizontalHeader()
        header.setMinimumSectionSize(16)
        header.setFixedHeight(px(_HEADER))
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.sectionResized.connect(self._on_section_resized)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def rows(self) -> list[list[str]]:
        """The texts of the lines."""
        lines, columns = range(self._model.rowCount()), range(self._model.columnCount())
        return [[self._model.item(line, column).text() for column in columns] for line in lines]

    def show_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Show these lines."""
        self._model.setRowCount(len(rows))
        for line, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                item = QStandardItem(cell.text)
                item.setData(cell, CELL_ROLE)
                self._model.setItem(line, column, item)
        self.updateGeometry()

    @Slot()
    def copy(self) -> None:
        """Copy the table to the clipboard, for a spreadsheet."""
        columns = range(self._model.columnCount())
        headings = [self._model.horizontalHeaderItem(column).text() for column in columns]
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in [headings, *self.rows]) + "\n")

    @Slot()
    def _on_section_resized(self) -> None:
        self.updateGeometry()  # the columns are measured later than the size of the table is asked for

    def sizeHint(self) -> QSize:
        around = 2 * self.frameWidth()
        return QSize(self.horizontalHeader().length() + around, px(_HEADER) + self._model.rowCount() * px(ROW) + around)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        return handles_copy_key(event, self.copy) or super().event(event)


class _MeasuringDelegate(CellDelegate):
    """Asks for room for the whole text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = QFontMetricsF(tabular_font(option.font, CAPTION))
        return QSize(ceil(metrics.horizontalAdvance(index.data())) + px(2 * PADDING), px(ROW))


def verdict_cell(value: int, *, is_right: bool) -> Cell:
    """Return the cell of a 0 or 1 that is right or wrong."""
    return Cell(f"{'✓' if is_right else '✗'} {value}", "right" if is_right else "wrong", is_right=True)
