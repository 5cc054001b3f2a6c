"""A label whose term the guide explains."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget

_PROPERTY = "guide"


class TermLabel(QLabel):
    """A click requests the place in the guide. The pointer's shape and a line below the text show that it can."""

    guide_requested = Signal(str)

    def __init__(self, text: str, place: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._place, self._is_pressed = place, False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        explain(self, place)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._underline(is_on=True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._underline(is_on=False)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._is_pressed = event.button() == Qt.MouseButton.LeftButton

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_pressed and self.rect().contains(event.position().toPoint()):
            self.guide_requested.emit(self._place)
        self._is_pressed = False

    def _underline(self, *, is_on: bool) -> None:
        # In the style sheet, because a font that is set would lose the size that the style sheet has.
        self.setProperty("hovered", is_on)
        self.style().unpolish(self)
        self.style().polish(self)


def explain(widget: QWidget, place: str) -> None:
    """Let F1 in a widget, or in its children, open this place in the guide."""
    widget.setProperty(_PROPERTY, place)


def place_for(widget: QWidget | None) -> str:
    """Return the place that explains a widget, or else the nearest of its parents; empty if none does."""
    while widget is not None:
        if place := widget.property(_PROPERTY):
            return str(place)
        widget = widget.parentWidget()
    return ""
