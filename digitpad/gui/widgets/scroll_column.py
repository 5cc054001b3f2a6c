"""A column that scrolls where it is too long for its place."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

_SCROLL_BAR = 16


def scrolling(content: QWidget) -> QScrollArea:
    """Put a widget at the top of an area that scrolls up and down only; its bar stands beside it."""
    area = _Column()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    column.addStretch()
    area.setWidget(holder)
    return area


class _Column(QScrollArea):
    """Its content is as wide with a scroll bar as without.

    What is less high where it is narrower, as a matrix of squares, would else need the bar only while it has none: it
    came and went within one resizing until the stack was full.
    """

    def resizeEvent(self, event: QResizeEvent) -> None:
        if (content := self.widget()) is not None:
            content.setFixedWidth(max(0, self.width() - _SCROLL_BAR))
        super().resizeEvent(event)
