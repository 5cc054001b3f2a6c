"""A label whose term the guide explains."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget

_PROPERTY = "guide"


class TermLink(QObject):
    """A click on its widget emits the place that explains the widget; the pointer's shape shows that it can."""

    def __init__(self, widget: QWidget, requested: SignalInstance) -> None:
        super().__init__(widget)
        self._widget, self._requested, self._is_pressed = widget, requested, False
        widget.setCursor(Qt.CursorShape.PointingHandCursor)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            self._is_pressed = event.button() == Qt.MouseButton.LeftButton
        elif isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            if self._is_pressed and self._widget.rect().contains(event.position().toPoint()):
                self._requested.emit(place_for(self._widget))
            self._is_pressed = False
        else:
            return False
        return True


class TermLabel(QLabel):
    """A link to the glossary, with a line below the text under the pointer."""

    guide_requested = Signal(str)

    def __init__(self, text: str, place: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        explain(self, place)
        TermLink(self, self.guide_requested)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._underline(is_on=True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._underline(is_on=False)
        super().leaveEvent(event)

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
