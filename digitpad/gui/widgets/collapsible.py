"""A header line that shows or hides the widget below it."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyleOptionToolButton, QStylePainter, QToolButton, QWidget

from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px

_LEAST_WIDTH = 96


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
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
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

    def setText(self, text: str) -> None:
        """Set the heading; its tooltip has all of it."""
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        """Return that of a few letters: a heading makes no column wider, and is elided."""
        return QSize(px(_LEAST_WIDTH), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionToolButton()
        self.initStyleOption(option)
        missing = self.sizeHint().width() - self.width()
        if missing > 0:
            room = option.fontMetrics.horizontalAdvance(option.text) - missing
            option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)

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
