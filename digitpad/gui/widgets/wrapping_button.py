"""A button whose text takes two lines where one has no room for it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget


class WrappingButton(QPushButton):
    """Breaks its text at the space nearest to the middle; screen readers get it as one line."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._line = text
        spaces = [place for place, letter in enumerate(text) if letter == " "]
        middle = min(spaces, key=lambda place: abs(place - len(text) / 2), default=len(text))
        self._two_lines = f"{text[:middle]}\n{text[middle + 1 :]}" if spaces else text
        self.setAccessibleName(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width_of(self._two_lines), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        text = self._line if self._width_of(self._line) <= self.width() else self._two_lines
        if text != self.text():
            self.setText(text)
        super().resizeEvent(event)

    def _width_of(self, text: str) -> int:
        """Return the width of the button with a text, px."""
        texts, metrics = (text, self.text()), self.fontMetrics()
        needed, now = (metrics.size(Qt.TextFlag.TextShowMnemonic, one).width() for one in texts)
        return super().sizeHint().width() - now + needed
