"""Move the mouse in a test."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget


def point_at(widget: QWidget, place: QPoint) -> None:
    """Move the mouse to a point of a widget, and make sure that the widget gets the event.

    Qt sends none if the mouse is there already, or if another window lies above.
    """
    QTest.mouseMove(widget, place)
    none, at = Qt.MouseButton.NoButton, QPointF(place)
    event = QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)
