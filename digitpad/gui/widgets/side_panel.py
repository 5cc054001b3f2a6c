"""A card beside the pad, with a title and a button that closes it."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from digitpad.gui.theme.icons import line_icon
from digitpad.gui.widgets.elided_label import ElidedLabel


class SidePanel(QFrame):
    """Has a title and a button for its heading; `key` is the shortcut that shows and hides it."""

    close_requested = Signal()

    def __init__(self, title: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.close_button = ElidedLabel(title), QToolButton()
        self.setProperty("role", "card")
        self.title.setProperty("role", "title")
        self.close_button.setToolTip(self.tr("Close this view ({}, Esc)").format(key))
        self.close_button.setAccessibleName(self.tr("Close this view"))
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard
        self.close_button.clicked.connect(self.close_requested)
        self._tint()

    def step_back(self) -> None:
        """Close what is open in it; if nothing is, ask to be closed."""
        self.close_requested.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        self.close_button.setIcon(line_icon("close"))
