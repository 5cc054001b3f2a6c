"""Three columns side by side; in a narrow window two, where the outer ones share tabs."""

from itertools import pairwise

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTabWidget, QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.widgets.scroll_column import scroll_column

_LEAST_WIDTH = 328  # of an outer column
_WIDE = 1080
_GAP = 16
# In wide windows the outer columns grow by these parts of what is over this width, up to a limit.
_GROWS_FROM, _LEFT_PART, _RIGHT_PART, _MOST_LEFT, _MOST_RIGHT = 1250, 0.4, 0.15, 880, 560
_LEFT_SHAPE = 0.62  # its largest width, as a part of its height: the choices and the square matrix fit in sight
_BESIDE_MATRIX = 145  # px of the height on stage that the matrix does not get: tabs, summary, heading, captions


class GalleryColumns(QWidget):
    """The middle column gets the rest of the width; the left one scrolls."""

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

    def minimumSizeHint(self) -> QSize:
        """Return that of two columns: three would keep the page wide when zoom makes everything larger."""
        width = px(_LEAST_WIDTH + _GAP) + self._middle.minimumSizeHint().width()
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def _arrange(self) -> None:
        is_wide = self.width() >= px(_WIDE) and not self._on_stage
        self._set_widths(is_wide=is_wide)
        if is_wide == self._is_wide:
            return
        self._is_wide, focused = is_wide, self.focusWidget()
        had_focus = focused is not None and focused.hasFocus()
        if is_wide:
            self._shared.clear()
            self._row.removeWidget(self._shared)
            self._shared.hide()
            self._row.insertWidget(0, self._left)
            self._row.addWidget(self._right)
        else:
            for column, title in zip((self._left, self._right), self._titles, strict=True):
                self._row.removeWidget(column)
                self._shared.addTab(column, title)
            self._row.insertWidget(0, self._shared)
            self._shared.show()
        for column in (self._left, self._right):
            column.show() if is_wide else None
        self._order_tab_stops()
        if focused is not None and self._right.isAncestorOf(focused):
            self.show_right()
        if focused is not None and had_focus:
            focused.setFocus()  # a moved widget loses the focus

    def _set_widths(self, *, is_wide: bool) -> None:
        if not is_wide:
            width = self._stage_width if self._on_stage else px(_LEAST_WIDTH)
            self._shared.setFixedWidth(width)
            for column in (self._left, self._right):
                column.setMinimumWidth(0)
                column.setMaximumWidth(width)
            return
        extra = max(0, self.width() - px(_GROWS_FROM))
        most_left = min(px(_MOST_LEFT), max(px(_LEAST_WIDTH), round(self.height() * _LEFT_SHAPE)))
        self._left.setFixedWidth(min(px(_LEAST_WIDTH) + round(extra * _LEFT_PART), most_left))
        self._right.setFixedWidth(min(px(_LEAST_WIDTH) + round(extra * _RIGHT_PART), px(_MOST_RIGHT)))

    @property
    def _stage_width(self) -> int:
        """The width at which the matrix is as high as the page, at most half of the page."""
        return min(self.width() // 2, max(px(_LEAST_WIDTH), self.height() - px(_BESIDE_MATRIX)))

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
