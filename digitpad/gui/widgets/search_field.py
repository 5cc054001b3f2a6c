"""A search field that searches while the user types."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from digitpad.gui.widgets.shortcut_override import overrides_shortcut

_DELAY_MS = 150  # from the last key to the search


class SearchField(QLineEdit):
    """Escape clears it; Escape in the empty field, or Down, emits `exited`."""

    searched = Signal(str)
    exited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_DELAY_MS)
        self.setClearButtonEnabled(True)

        self.textEdited.connect(self._on_text_edited)
        self.returnPressed.connect(self._search)
        self._delay.timeout.connect(self._search)

    def show_text(self, text: str) -> None:
        """Show the current search, but not while the user is typing."""
        if not self._delay.isActive() and self.text().strip() != text.strip():
            self.setText(text)

    def event(self, event: QEvent) -> bool:
        return overrides_shortcut(event, _is_escape) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_escape(event) and self.text():
            self.clear()
            self._search()
        elif _is_escape(event) or event.key() == Qt.Key.Key_Down:
            if self._delay.isActive():
                self._search()
            self.exited.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_text_edited(self) -> None:
        self._delay.start()

    @Slot()
    def _search(self) -> None:
        self._delay.stop()
        self.searched.emit(self.text())


def _is_escape(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape and not event.modifiers()
