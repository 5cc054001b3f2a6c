"""Three columns side by side; in a narrow window two, where the outer ones share tabs."""

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTabWidget, QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.widgets.scroll_column import scroll_column

_LEFT_WIDTH, _RIGHT_WIDTH = 328, 328
_WIDE = 1080
_GAP = 16


class GalleryColumns(QWidget):
    """The middle column gets the rest of the width; the left one scrolls."""

    arranged = Signal()  # Tab goes through each column in the order of its widgets' creation now

    def __init__(
        self, left: QWidget, middle: QWidget, right: QWidget, titles: tuple[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._left, self._middle, self._right = scroll_column(left), middle, right
        self._titles = titles
        self._shared = QTabWidget(self)
        self._shared.setDocumentMode(True)
        self._shared.setObjectName("shared")
        self._is_wide: bool | None = None
        self._on_stage = False

        self._row = hbox((middle, 1), parent=self, spacing=_GAP)
        self._arrange()

    @property
    def is_wide(self) -> bool:
        """Whether there are three columns."""
        return bool(self._is_wide)

    def show_right(self) -> None:
        """Bring the right column to the front, if both share tabs."""
        if not self._is_wide:
            self._shared.setCurrentWidget(self._right)

    def show_left(self) -> None:
        """Bring the left column to the front, if both share tabs."""
        if not self._is_wide:
            self._shared.setCurrentWidget(self._left)

    def set_stage(self, *, on: bool) -> None:
        """Show the matrix or the sample beside the middle column, as wide as it; or all columns."""
        self._on_stage = on
        self._arrange()
        self._is_wide = None if not on else self._is_wide
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def _arrange(self) -> None:
        is_wide = self.width() >= px(_WIDE) and not self._on_stage
        if self._on_stage:
            self._shared.setFixedWidth(self.width() // 2)
            for column in (self._left, self._right):
                column.setMaximumWidth(self.width() // 2)
        if is_wide == self._is_wide:
            return
        self._is_wide, focused = is_wide, self.focusWidget()
        had_focus = focused is not None and focused.hasFocus()
        if is_wide:
            self._shared.clear()
            self._row.removeWidget(self._shared)
            self._shared.hide()
            self._left.setFixedWidth(px(_LEFT_WIDTH))
            self._right.setFixedWidth(px(_RIGHT_WIDTH))
            self._row.insertWidget(0, self._left)
            self._row.addWidget(self._right)
        else:
            width = self.width() // 2 if self._on_stage else px(_RIGHT_WIDTH)
            self._shared.setFixedWidth(width)
            for column, title in zip((self._left, self._right), self._titles, strict=True):
                column.setMinimumWidth(0)
                column.setMaximumWidth(width)
                self._row.removeWidget(column)
                self._shared.addTab(column, title)
            self._row.insertWidget(0, self._shared)
            self._shared.show()
        for column in (self._left, self._right):
            column.show() if is_wide else None
        self._order_tab_stops()
        self.arranged.emit()
        if focused is not None and self._right.isAncestorOf(focused):
            self.show_right()
        if focused is not None and had_focus:
            focused.setFocus()  # a moved widget loses the focus

    def _order_tab_stops(self) -> None:
        """Set the Tab order: columns from left to right; shared tabs come first."""
        wide = (self._left, self._middle, self._right)
        narrow = (self._shared.tabBar(), self._left, self._right, self._middle)
        stops = [stop for column in (wide if self._is_wide else narrow) for stop in _tab_stops(column)]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)


def _tab_stops(column: QWidget) -> list[QWidget]:
    """Return the widgets of a column that Tab reaches, in layout order.

    Without `nextInFocusChain`, whose Python objects would keep each next widget, and so the window, alive.
    """
    inside = [column, *column.findChildren(QWidget)]
    # The list of a combo box is a separate window.
    return [
        stop
        for stop in inside
        if stop.focusPolicy() & Qt.FocusPolicy.TabFocus and (stop is column or column.isAncestorOf(stop))
    ]
