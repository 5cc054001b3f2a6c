"""Three columns side by side; in a narrow window two, where the outer ones share tabs, or one at a time."""

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTabWidget, QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.widgets.form_metrics import UNLIMITED
from digitpad.gui.widgets.scroll_column import scroll_column

_LEAST_WIDTH, _LEAST_MATRIX = 328, 296  # of an outer column, and of one with only the matrix
_WIDE, _TWO_COLUMNS = 1080, 704
_GAP = 16
# In wide windows the outer columns grow by these parts of what is over this width, up to a limit.
_GROWS_FROM, _LEFT_PART, _RIGHT_PART, _MOST_LEFT, _MOST_RIGHT = 1250, 0.4, 0.15, 1256, 560
_LEFT_SHAPE = 0.62  # its largest width, as a part of its height: the choices and the square matrix fit in sight
_BESIDE_MATRIX = 145  # px of the height on stage that the matrix does not get: tabs, summary, heading, captions


class GalleryColumns(QWidget):
    """The middle column gets the rest of the width; the left one scrolls."""

    def __init__(
        self,
        left: QWidget,
        middle: QWidget,
        right: QWidget,
        titles: tuple[str, str, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._left, self._middle, self._right = scroll_column(left), middle, right
        self._titles = titles
        self._shared = QTabWidget(self)
        self._shared.setDocumentMode(True)
        self._shared.setObjectName("shared")
        self._count = 0  # of columns that are side by side
        self._on_stage = False

        self._row = hbox((middle, 1), parent=self, spacing=_GAP)
        self._arrange()

    @property
    def is_wide(self) -> bool:
        """Whether there are three columns."""
        return self._count == 3

    @property
    def is_single(self) -> bool:
        """Whether one column is shown at a time."""
        return self._count == 1

    def show_right(self) -> None:
        """Bring the right column to the front, if it shares tabs."""
        self._show(self._right)

    def show_left(self) -> None:
        """Bring the left column to the front, if it shares tabs."""
        self._show(self._left)

    @Slot()
    def show_middle(self) -> None:
        """Bring the middle column to the front, if it shares tabs."""
        self._show(self._middle)

    def _show(self, column: QWidget) -> None:
        if self._shared.indexOf(column) >= 0:
            self._shared.setCurrentWidget(column)

    def set_stage(self, *, on: bool) -> None:
        """Show the matrix or the sample beside the middle column, as wide as it; or all columns."""
        self._on_stage = on
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """Return that of one column: more would keep the page wide when zoom makes everything larger."""
        width = max(px(_LEAST_WIDTH), self._middle.minimumSizeHint().width())
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def _arrange(self) -> None:
        count = self._fitting_count()
        self._set_widths(count)
        if count == self._count:
            return
        self._count, focused = count, self.focusWidget()
        had_focus, shown = focused is not None and focused.hasFocus(), self._shared.currentWidget()
        self._shared.clear()
        columns = (self._left, self._middle, self._right)
        for widget in (self._shared, *columns):
            self._row.removeWidget(widget)
        for column, title in zip(columns, self._titles, strict=True):
            if count == 1 or (count == 2 and column is not self._middle):
                self._shared.addTab(column, title)
        for widget in (self._shared, *columns):
            if self._shared.indexOf(widget) < 0 and (widget is not self._shared or count < len(columns)):
                self._row.addWidget(widget, int(widget is self._middle or count == 1))
                widget.show()
        self._shared.setHidden(count == len(columns))
        self._order_tab_stops()
        holder = next((column for column in columns if focused and column.isAncestorOf(focused)), None)
        self._show(holder or (self._middle if count == 1 else shown or self._left))
        if focused is not None and had_focus:
            focused.setFocus()  # a moved widget loses the focus

    def _fitting_count(self) -> int:
        """Return how many columns have room side by side."""
        if self._on_stage:
            return 2
        return 1 + (self.width() >= px(_TWO_COLUMNS)) + (self.width() >= px(_WIDE))

    def _set_widths(self, count: int) -> None:
        if count == 1:
            for column in (self._shared, self._left, self._right):
                column.setMinimumWidth(0)
                column.setMaximumWidth(UNLIMITED)
            return
        if count == 2:
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
        return max(px(_LEAST_MATRIX), min(self.width() // 2, self.height() - px(_BESIDE_MATRIX)))

    def _order_tab_stops(self) -> None:
        """Set the Tab order: columns from left to right; shared tabs come first."""
        three = (self._left, self._middle, self._right)
        fewer = (self._shared.tabBar(), self._left, self._right, self._middle)
        stops = [stop for column in (three if self.is_wide else fewer) for stop in _tab_stops(column)]
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
