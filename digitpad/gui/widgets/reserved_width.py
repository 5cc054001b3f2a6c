"""Room for the widest text that a widget will show, so that nothing beside it moves when its text changes."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
)

_CHANGES = (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.Polish, QEvent.Type.ContentsRectChange)
_LINE_EDIT = 6  # px on both sides of the text of a line edit, between its padding and its cursor

_Widget = QLabel | QAbstractButton | QComboBox | QLineEdit


def reserve_width(widget: _Widget, texts: Iterable[str]) -> None:
    """Keep a label, a button or a field at least as wide as the widest of these texts, in any font and language.

    Pass every text that it can show, translated; a digit stands for any digit. A second call replaces the first.
    """
    former = widget.findChild(_ReservedWidth, options=Qt.FindChildOption.FindDirectChildrenOnly)
    (former or _ReservedWidth(widget)).reserve(texts)


class _ReservedWidth(QObject):
    """Sets the minimum width of its parent, again when the font or the style changes."""

    def __init__(self, widget: _Widget) -> None:
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
        if not isinstance(widget, _Widget):
            return
        # Not by setting the texts: a button forgets its shortcut with every new text.
        metrics = widget.fontMetrics()
        widest = max((_widest(text, metrics) for text in self._texts), default=0)
        if isinstance(widget, QComboBox | QLineEdit):
            widget.setMinimumWidth(_field_width(widget, widest))
            return
        shown = metrics.size(Qt.TextFlag.TextShowMnemonic, widget.text()).width()
        if isinstance(widget, QLabel):  # its size hint depends on its minimum width
            indent = metrics.horizontalAdvance("x") if widget.frameWidth() else 0  # padding makes a frame too
            around = widget.width() - widget.contentsRect().width() + 2 * widget.margin() + indent
        else:
            around = widget.sizeHint().width() - shown
        widget.setMinimumWidth(around + max(widest, shown) + 1)


def _field_width(field: QComboBox | QLineEdit, text: int) -> int:
    """Return the width that a field needs for a text of this width, px."""
    size = QSize(text, field.fontMetrics().height())
    if isinstance(field, QComboBox):
        option = QStyleOptionComboBox()
        field.initStyleOption(option)
        return field.style().sizeFromContents(QStyle.ContentsType.CT_ComboBox, option, size, field).width() + 1
    option = QStyleOptionFrame()
    field.initStyleOption(option)
    size += QSize(_LINE_EDIT, 0)
    return field.style().sizeFromContents(QStyle.ContentsType.CT_LineEdit, option, size, field).width()


def _widest(text: str, metrics: QFontMetrics) -> int:
    """Return the width of a text with the widest digit of the font in place of each of its digits, px."""
    digit = max("0123456789", key=metrics.horizontalAdvance)
    text = "".join(digit if letter in "0123456789" else letter for letter in text)
    return metrics.size(Qt.TextFlag.TextShowMnemonic, text).width()
