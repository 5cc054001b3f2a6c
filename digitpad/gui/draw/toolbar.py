"""The tools of the pad, in a row above it or in two columns at its left."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QToolButton, QWidget

from digitpad.gui.theme.scaling import px

_COLUMNS, _SPACING = 2, 2


class Toolbar(QWidget):
    """`tools` are the window's actions; None is a separator, which only the row shows."""

    def __init__(self, tools: Sequence[QAction | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = [_separator(self) if action is None else _button(action, self) for action in tools]
        self._grid, self._is_row = QGridLayout(self), False
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(px(_SPACING))
        self.set_row(is_row=True)

    def set_row(self, *, is_row: bool) -> None:
        """Be a row, or two columns."""
        if is_row == self._is_row:
            return
        self._is_row = is_row
        shown = self._parts if is_row else self._buttons
        columns = len(self._parts) if is_row else _COLUMNS
        for part in self._parts:
            self._grid.removeWidget(part)
        for number, part in enumerate(shown):
            self._grid.addWidget(part, *divmod(number, columns))
        for part in self._parts:
            part.setVisible(part in shown)
        self._grid.setColumnStretch(len(self._parts), int(is_row))  # the buttons keep together at the left
        self._grid.setRowStretch(len(self._parts), int(not is_row))

    def size_needed(self, *, is_row: bool) -> QSize:
        """Return the size of a row, or of two columns."""
        sizes, gap = [part.sizeHint() for part in (self._parts if is_row else self._buttons)], self._grid.spacing()
        widest = max((size.width() for size in sizes), default=0)
        highest = max((size.height() for size in sizes), default=0)
        if is_row:
            return QSize(sum(size.width() + gap for size in sizes), highest)
        rows = -(-len(sizes) // _COLUMNS)
        return QSize(_COLUMNS * (widest + gap) - gap, rows * (highest + gap) - gap)

    @property
    def _buttons(self) -> list[QWidget]:
        return [part for part in self._parts if isinstance(part, QToolButton)]


def _button(action: QAction, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setDefaultAction(action)
    button.setIconSize(QSize(px(20), px(20)))
    return button


def _separator(parent: QWidget) -> QFrame:
    separator = QFrame(parent)
    separator.setProperty("role", "separator")
    return separator
