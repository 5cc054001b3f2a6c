"""What a tab shows while it has nothing to show."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from digitpad.gui.resources import line_icon


class EmptyState(QWidget):
    """An icon, a title and a sentence that says what to do next."""

    def __init__(self, icon: str, title: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._icon = QLabel()
        heading, body = QLabel(title), QLabel(sentence)
        heading.setProperty("role", "title")
        body.setProperty("role", "muted")
        body.setWordWrap(True)
        body.setMaximumWidth(460)
        body.setMinimumWidth(240)
        body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self._icon, heading, body):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addStretch(2)
        for label in (self._icon, heading, body):
            layout.addWidget(label, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        self._icon.setPixmap(line_icon(self._icon_name).pixmap(48, 48))
