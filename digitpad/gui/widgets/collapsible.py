"""A header line that shows or hides the widget below it."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QWidget

from digitpad.gui.theme.icons import line_icon


class Collapsible(QToolButton):
    """A checkable line with an arrow; Space, Enter and the arrow keys work too."""

    expanded_changed = Signal(bool)

    def __init__(self, text: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self.setText(text)
        self.setProperty("role", "expander")
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        content.hide()
        self._tint()

        self.toggled.connect(self._on_toggled)

    @property
    def is_expanded(self) -> bool:
        """Whether the content is shown."""
        return self.isChecked()

    def expand(self, *, expanded: bool) -> None:
        """Show or hide the content."""
        self.setChecked(expanded)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys: dict[int, bool] = {
            Qt.Key.Key_Return: not self.is_expanded,
            Qt.Key.Key_Enter: not self.is_expanded,
            Qt.Key.Key_Right: True,
            Qt.Key.Key_Left: False,
        }
        if event.key() in keys:
            self.setChecked(keys[event.key()])
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    @Slot(bool)
    def _on_toggled(self, expanded: bool) -> None:
        self._content.setVisible(expanded)
        self._tint()
        self.expanded_changed.emit(expanded)

    def _tint(self) -> None:
        self.setIcon(line_icon("expanded" if self.isChecked() else "collapsed"))
