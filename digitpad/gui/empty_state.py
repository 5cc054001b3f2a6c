"""What a tab shows while it has nothing to show."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from digitpad.gui.resources import line_icon

_WIDTH = 440


class EmptyState(QWidget):
    """An icon, a title and a sentence that says what to do next."""

    def __init__(self, icon: str, title: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._icon = QLabel()
        heading, body = QLabel(title), QLabel(sentence)
        column = QWidget()
        heading.setProperty("role", "title")
        body.setProperty("role", "muted")
        body.setWordWrap(True)
        body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # A width of its own, or a wrapping label in the middle would be given a single line.
        column.setFixedWidth(_WIDTH)

        words = QVBoxLayout(column)
        words.setSpacing(8)
        words.addStretch(2)
        for label in (self._icon, heading, body):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            words.addWidget(label)
        words.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addStretch()
        layout.addWidget(column)
        layout.addStretch()
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        self._icon.setPixmap(line_icon(self._icon_name).pixmap(48, 48))
