"""A label for a value that may change with every move of the pen."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class FastLabel(QLabel):
    """One line of plain text, elided if it is too long. A change repaints the label and starts no new layout.

    A QLabel updates its geometry with every new text, so Qt lays out everything around it again. With `widest`, its
    widest text, the label has just that width.
    """

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, parent: QWidget | None = None, *, widest: str = "") -> None:
        super().__init__(parent)
        self._line, self._widest = "", widest
        width = QSizePolicy.Policy.Fixed if widest else QSizePolicy.Policy.Ignored
        self.setSizePolicy(width, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return the text."""
        return self._line

    def setText(self, text: str) -> None:
        """Set the text."""
        if text != self._line:
            self._line = text
            self.setAccessibleName(text)
            self.update()

    def clear(self) -> None:
        """Remove the text."""
        self.setText("")

    def sizeHint(self) -> QSize:
        line = QSize(self.fontMetrics().horizontalAdvance(self._widest or self._line), self.fontMetrics().height())
        return line + self.size() - self.contentsRect().size()  # with the padding of the style sheet

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        place = self.contentsRect()
        line = self.fontMetrics().elidedText(self._line, Qt.TextElideMode.ElideRight, place.width())
        self.style().drawItemText(
            painter,
            place,
            int(self.alignment()),
            self.palette(),
            self.isEnabled(),
            line,
            self.foregroundRole(),
        )
