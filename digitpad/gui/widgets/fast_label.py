"""A label for a figure that may change with every move of the pen."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class FastLabel(QLabel):
    """One line of plain text, cut with an ellipsis where it is too long, that only repaints itself when it changes.

    A QLabel asks for another place with every new text: all that is beside and around it is laid out again.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return what it says."""
        return self._line

    def setText(self, text: str) -> None:
        """Say something else."""
        if text != self._line:
            self._line = text
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._line), self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

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
