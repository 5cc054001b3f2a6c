"""Scroll areas without a frame, for content that is too long for its place."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from digitpad.gui.theme.scaling import px

SCROLL_BAR = 16
_MARGIN = 24  # px that stay visible around a widget
_LEAST_PAGE = QSize(640, 64)  # of the screen: what is in view of a page, at any zoom


def scroll_area(content: QWidget, *, sideways: bool = False) -> QScrollArea:
    """Return an area that `content` fills and that scrolls vertically, and `sideways` too."""
    return _filled(QScrollArea(), content, sideways=sideways)


def scroll_page(page: QWidget) -> QScrollArea:
    """Return an area for a page of a window: when zoom makes the page larger than the window, it scrolls."""
    area = _filled(_Page(), page, sideways=True)
    area.setWidgetResizable(False)
    return area


def scroll_column(content: QWidget) -> QScrollArea:
    """Return an area that scrolls vertically, with `content` at its top and room for the scroll bar beside it."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    column.addStretch()
    return _filled(_Column(), holder)


def scroll_to(widget: QWidget) -> None:
    """Scroll the areas around a widget until it is visible, also if it was shown just now; a high one from its top."""
    # Its place is known only after the layouts have seen that it is shown.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget, px(_MARGIN), px(_MARGIN))
            if widget.height() > parent.viewport().height():
                bar = parent.verticalScrollBar()
                bar.setValue(bar.value() + widget.mapTo(parent.viewport(), QPoint()).y() - px(_MARGIN))
        parent = parent.parentWidget()


def _filled(area: QScrollArea, content: QWidget, *, sideways: bool = False) -> QScrollArea:
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if not sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar = area.horizontalScrollBar()
        bar.rangeChanged.connect(lambda *_: bar.setMaximum(0))  # `ensureWidgetVisible` moves also a hidden one
    return area


class _Page(QScrollArea):
    """Scrolls only what does not fit at its smallest size.

    A resizable scroll area would also scroll where lines of text could be higher than they must be.
    """

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def viewportEvent(self, event: QEvent) -> bool:
        done = super().viewportEvent(event)
        if event.type() == QEvent.Type.LayoutRequest:  # the page has another smallest size
            self._fit()
        return done

    def _fit(self) -> None:
        if (page := self.widget()) is not None:
            page.resize(self.viewport().size().expandedTo(_least_size(page)))

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size of the page, but not more than what fits into a small window at any zoom."""
        page = self.widget()
        return QSize() if page is None else _least_size(page).boundedTo(_LEAST_PAGE)

    def sizeHint(self) -> QSize:
        page = self.widget()
        return QSize() if page is None else page.sizeHint()


def _least_size(page: QWidget) -> QSize:
    return page.minimumSizeHint().expandedTo(page.minimumSize())


class _Column(QScrollArea):
    """Keeps its content equally wide with and without a scroll bar.

    Narrower content may be lower, such as a matrix of squares. Then it would need the bar only while the bar is
    hidden: the bar appeared and disappeared within one resize event until the stack overflowed.
    """

    def resizeEvent(self, event: QResizeEvent) -> None:
        if (content := self.widget()) is not None:
            content.setFixedWidth(max(0, self.width() - px(SCROLL_BAR)))
        super().resizeEvent(event)
