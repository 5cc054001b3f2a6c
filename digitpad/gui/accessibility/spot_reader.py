"""Reads the parts of a picture: with the pointer as tooltips, and with arrow keys."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QToolTip, QWidget

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class SpotReader(QObject):
    """Shows the text of `text_at` at the pointer, or of the part that the arrow keys choose; the focus ring is there.

    `places` returns where the parts are, in the widget's coordinates.
    """

    def __init__(
        self, widget: QWidget, places: Callable[[], Sequence[QRectF]], text_at: Callable[[QPointF], str]
    ) -> None:
        super().__init__(widget)
        self._widget, self._places, self._text_at = widget, places, text_at
        self._current: int | None = None
        self.set_focusable(focusable=True)
        widget.installEventFilter(self)
        setattr(widget, "focus_rect", self._focus_rect)  # noqa: B010 - FocusRing asks for it

    def set_focusable(self, *, focusable: bool) -> None:
        """Let Tab reach the picture, if there is something to read."""
        self._widget.setFocusPolicy(Qt.FocusPolicy.TabFocus if focusable else Qt.FocusPolicy.NoFocus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._text_at(QPointF(event.pos())), self._widget)
            return True
        if event.type() == QEvent.Type.FocusOut:
            self._current = None
            QToolTip.hideText()
        return event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._handle(event.key())

    def _handle(self, key: int) -> bool:
        count = len(self._places())
        step = _STEPS.get(Qt.Key(key))
        if not count or (step is None and key not in (Qt.Key.Key_Home, Qt.Key.Key_End)):
            return False
        if key == Qt.Key.Key_Home or self._current is None:
            number = 0
        else:
            number = min(max(self._current + step, 0), count - 1) if step else count - 1
        self._show(number)
        return True

    def _show(self, number: int) -> None:
        self._current = number
        middle = self._places()[number].center()
        text = self._text_at(middle)
        self._widget.setAccessibleDescription(text)
        QToolTip.showText(self._widget.mapToGlobal(middle.toPoint()), text, self._widget)

    def _focus_rect(self) -> QRect:
        places = self._places()
        if self._current is None or self._current >= len(places):
            return self._widget.rect()
        return places[self._current].toAlignedRect()
