"""Room for the widest text that a widget will show, so that nothing beside it moves when its text changes."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QLabel

_CHANGES = (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.Polish)


def reserve_width(widget: QLabel | QAbstractButton, texts: Iterable[str]) -> None:
    """Keep a label or a button at least as wide as the widest of these texts, in any font and language.

    Pass every text that it can show, translated; a digit stands for any digit. A second call replaces the first.
    """
    former = widget.findChild(_ReservedWidth, options=Qt.FindChildOption.FindDirectChildrenOnly)
    (former or _ReservedWidth(widget)).reserve(texts)


class _ReservedWidth(QObject):
    """Sets the minimum width of its parent, again when the font or the style changes."""

    def __init__(self, widget: QLabel | QAbstractButton) -> None:
        super().__init__(widget)
        self._texts: tuple[str, ...] = ()
        widget.installEventFilter(self)

    def reserve(self, texts: Iterable[str]) -> None:
        """Keep room for these texts."""
        self._texts = tuple(texts)
        self._update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _CHANGES:
            self._update()
        return False

    def _update(self) -> None:
        widget = self.parent()
        if not isinstance(widget, QLabel | QAbstractButton):
            return
        # Not by setting the texts: a button forgets its shortcut with every new text.
        metrics = widget.fontMetrics()
        shown = metrics.size(Qt.TextFlag.TextShowMnemonic, widget.text()).width()
        widest = max((_widest(text, metrics) for text in self._texts), default=0)
        if isinstance(widget, QLabel):  # its size hint depends on its minimum width
            around = widget.width() - widget.contentsRect().width() + 2 * widget.margin()
        else:
            around = widget.sizeHint().width() - shown
        widget.setMinimumWidth(around + max(widest, shown) + 1)


def _widest(text: str, metrics: QFontMetrics) -> int:
    """Return the width of a text with the widest digit of the font in place of each of its digits, px."""
    digit = max("0123456789", key=metrics.horizontalAdvance)
    text = "".join(digit if letter in "0123456789" else letter for letter in text)
    return metrics.size(Qt.TextFlag.TextShowMnemonic, text).width()
