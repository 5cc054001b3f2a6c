"""Two panes with a divider that mouse and arrow keys move."""

from PySide6.QtCore import QChildEvent, Qt, Slot
from PySide6.QtGui import QAccessible, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from digitpad.core.translation import percent, tr_noop
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.shortcut_override import ARROWS, HandledKeys

_STEP = 16  # px
_FAR = 1_000_000  # px: Qt moves a divider no further than its panes allow
_MOVES = {
    Qt.Orientation.Horizontal: {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP},
    Qt.Orientation.Vertical: {Qt.Key.Key_Up: -_STEP, Qt.Key.Key_Down: _STEP},
}
_ENDS = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: _FAR}


class Splitter(QSplitter):
    """Screen readers call its divider `name`. No pane can be closed."""

    def __init__(self, orientation: Qt.Orientation, name: str, handle_width: int) -> None:
        super().__init__(orientation)
        self._name, self._adds_handle = name, False
        self._new_handle: _Handle | None = None
        self.setChildrenCollapsible(False)
        self.setHandleWidth(px(handle_width))

        self.splitterMoved.connect(self._on_moved)

    def addWidget(self, widget: QWidget) -> None:
        # Created before the pane gets its parent, the divider is before the pane in the order of Tab.
        self._adds_handle = True
        self._new_handle = _Handle(self._name, self)
        self._adds_handle = False
        super().addWidget(widget)
        self._new_handle = None

    def createHandle(self) -> QSplitterHandle:
        return self._new_handle or _Handle(self._name, self)

    def childEvent(self, event: QChildEvent) -> None:
        if not self._adds_handle:  # it would become a pane
            super().childEvent(event)

    @Slot()
    def _on_moved(self) -> None:
        for number in range(1, self.count()):
            handle = self.handle(number)
            if isinstance(handle, _Handle):
                handle.describe()


class _Handle(QSplitterHandle):
    """The divider; its value is the share of the pane before it."""

    HANDLED_KEYS = (HandledKeys((*ARROWS, "Home", "End"), tr_noop("on the divider of two panes: move it")),)
    accessible_role = QAccessible.Role.Splitter

    def __init__(self, name: str, splitter: Splitter) -> None:
        super().__init__(splitter.orientation(), splitter)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def describe(self) -> None:
        """Tell screen readers where the divider is."""
        first, *others = self.splitter().sizes()
        self.setAccessibleDescription(percent(first / max(first + sum(others), 1), 0))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.describe()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = _MOVES[self.orientation()].get(key)
        if step is None and key not in _ENDS:
            super().keyPressEvent(event)
            return
        place = self.x() if self.orientation() is Qt.Orientation.Horizontal else self.y()
        self.moveSplitter(_ENDS[key] if step is None else place + px(step))
