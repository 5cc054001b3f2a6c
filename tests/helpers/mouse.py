"""Move the mouse in a test."""

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget


def point_at(widget: QWidget, place: QPoint) -> None:
    """Move the mouse to a point of a widget, from another point: a move to the same point sends no event."""
    elsewhere = QPoint(1, 1) if place.manhattanLength() > 8 else widget.rect().bottomRight() - QPoint(1, 1)
    QTest.mouseMove(widget, elsewhere)
    QTest.mouseMove(widget, place)
