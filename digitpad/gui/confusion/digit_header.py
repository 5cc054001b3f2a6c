"""The digits at the edges of a table of cells; a click on one selects its row or column."""

from typing import Protocol

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from digitpad.gui.confusion.confusion_delegate import figure_size
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import tabular_font
from digitpad.gui.theme.scaling import px


class _Lines(Protocol):
    """The part of the table that its headers use."""

    def line_places(self, orientation: Qt.Orientation, section: int) -> frozenset[tuple[int, int]]: ...

    def is_only_selection(self, places: frozenset[tuple[int, int]]) -> bool: ...


class DigitHeader(QHeaderView):
    """Shows the digits of selected rows or columns in bold."""

    deselect_requested = Signal()  # a row or column was pressed that is the whole selection

    def __init__(self, orientation: Qt.Orientation, table: QWidget) -> None:
        super().__init__(orientation, table)
        self._selected: set[int] = set()
        self._pointed: int | None = None
        self.setSectionsClickable(True)
        self.setMinimumSectionSize(px(12))

    def highlight(self, selected: set[int], pointed: int | None) -> None:
        """Highlight the selected digits, and less so the one under the mouse."""
        if (selected, pointed) != (self._selected, self._pointed):
            self._selected, self._pointed = selected, pointed
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        section = self.logicalIndexAt(event.position().toPoint())
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        table: _Lines = self.parent()  # pyright: ignore[reportAssignmentType] - see the constructor
        if is_plain and section >= 0 and table.is_only_selection(table.line_places(self.orientation(), section)):
            self.deselect_requested.emit()
        elif event.button() is Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 - Qt's name
        size = figure_size(self.defaultSectionSize())
        painter.setFont(tabular_font(self.font(), size, is_bold=logicalIndex in self._selected))
        is_highlighted = logicalIndex in self._selected or logicalIndex == self._pointed
        painter.setPen(theme_colours(QGuiApplication.palette())["text" if is_highlighted else "muted"])
        digit = self.model().headerData(logicalIndex, self.orientation())
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(digit))
