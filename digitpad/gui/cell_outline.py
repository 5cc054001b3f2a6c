"""The outline of what is chosen in a table of cells."""

from collections.abc import Callable, Set

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from digitpad.gui.cells_model import Place

_WIDTH = 2
_AROUND = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]


def paint_outline(painter: QPainter, places: Set[Place], box_of: Callable[[Place], QRect], colour: QColor) -> None:
    """Paint the outline of entries; those side by side have one in common."""
    for row, column in places:
        for down, right in _AROUND:
            if (row + down, column + right) not in places:
                painter.fillRect(_edge(box_of((row, column)), down, right), colour)


def _edge(box: QRect, down: int, right: int) -> QRect:
    """Return the strip on one side of a box, or the corner between two."""
    left = box.left() if right <= 0 else box.right() + 1 - _WIDTH
    top = box.top() if down <= 0 else box.bottom() + 1 - _WIDTH
    return QRect(left, top, _WIDTH if right else box.width(), _WIDTH if down else box.height())
