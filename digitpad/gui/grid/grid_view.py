"""A QListView with cells of one size whose layout is computed instead of stored."""

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QCursor, QHoverEvent, QMouseEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from digitpad.gui.accessibility.screen_reader import tell_item
from digitpad.gui.grid.layout import GridLayout
from digitpad.gui.grid.row_selection import ranges_of
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.model_index import Index

_Move = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint


class GridView(QListView):
    """A list view whose cost does not depend on the number of rows.

    With 70,000 rows QListView needs 0.1 s for each layout, after every change of width, and 0.5 s to select all rows or
    to go to the last one. It is the base class so that screen readers see a list.
    """

    menu_requested = Signal(QPoint)  # global position

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell = QSize(px(64), px(64))
        self._layout = GridLayout(0, self._cell, 1)
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def columns(self) -> int:
        """Number of cells in a line."""
        return self._layout.columns

    @property
    def visible_rows(self) -> range:
        """The rows that are visible, at least in part."""
        return self._layout.rows_of(self._visible_lines(self.viewport().rect()))

    @property
    def hovered_row(self) -> int | None:
        """The row under the pointer."""
        return self._hovered if self._hovered is not None and self._hovered < self._layout.count else None

    def set_cell(self, cell: QSize) -> None:
        """Set the minimum size of a cell; the visible rows stay in view."""
        self._cell = cell
        self.updateGeometries()
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        # QListView looks for the item in its own layout, which is empty, and would tell of the whole list.
        QAbstractItemView.currentChanged(self, current, previous)
        if current.isValid() and self.hasFocus():
            tell_item(self, current.row())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_requested.emit(place)
        event.accept()

    def visualRect(self, index: Index) -> QRect:
        return self._layout.rect_of(index.row()).translated(0, -self._top) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self._layout.row_at(point.x(), point.y() + self._top)
        return QModelIndex() if row is None else self.model().index(row, 0)

    def scrollTo(self, index: Index, hint: QAbstractItemView.ScrollHint = _Hint.EnsureVisible) -> None:
        if not index.isValid():
            return
        place, seen = self._layout.rect_of(index.row()), self.viewport().height()
        above, below = place.top(), place.bottom() + 1 - seen
        values = {
            _Hint.PositionAtTop: above,
            _Hint.PositionAtBottom: below,
            _Hint.PositionAtCenter: (above + below) // 2,
        }
        # A cell taller than the viewport shows its top.
        value = values.get(hint, min(max(self._top, below), above))
        self.verticalScrollBar().setValue(value)

    def moveCursor(self, cursorAction: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:  # noqa: N803
        current, count, layout = self.currentIndex(), self._layout.count, self._layout
        if not count:
            return QModelIndex()
        row = current.row() if current.isValid() else 0
        page = max(1, self.viewport().height() // layout.cell.height())
        lines = {_Move.MoveUp: -1, _Move.MoveDown: 1, _Move.MovePageUp: -page, _Move.MovePageDown: page}
        steps = {_Move.MoveLeft: -1, _Move.MovePrevious: -1, _Move.MoveRight: 1, _Move.MoveNext: 1}
        ends = {_Move.MoveHome: 0, _Move.MoveEnd: count - 1}
        if not current.isValid():
            target = 0
        elif cursorAction in lines:
            target = layout.moved(row, lines[cursorAction])
        else:
            target = ends.get(cursorAction, row + steps.get(cursorAction, 0))
        return self.model().index(min(max(target, 0), count - 1), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        # Qt's rectangle runs from the start of the selection to the pointer, so its corners may be swapped. All cells
        # between them in reading order are selected.
        ends = [QPoint(corner.x(), corner.y() + self._top) for corner in (rect.topLeft(), rect.bottomRight())]
        selection = QItemSelection()
        if any(self._layout.row_at(end.x(), end.y()) is not None for end in ends) or self._spans(ends):
            first, last = sorted(self._layout.nearest(end.x(), end.y()) for end in ends)
            selection.select(self.model().index(first, 0), self.model().index(last, 0))
        self.selectionModel().select(selection, command)

    def select_current(self) -> None:
        """Select only the current cell, and extend from it with Shift. Only a mouse press sets that anchor in Qt."""
        place, button = QPointF(self.visualRect(self.currentIndex()).center()), Qt.MouseButton.LeftButton
        position = place, self.viewport().mapToGlobal(place), button
        no_modifier = Qt.KeyboardModifier.NoModifier
        self.mousePressEvent(QMouseEvent(QEvent.Type.MouseButtonPress, *position, button, no_modifier))
        none = Qt.MouseButton.NoButton
        self.mouseReleaseEvent(QMouseEvent(QEvent.Type.MouseButtonRelease, *position, none, no_modifier))

    def _spans(self, ends: list[QPoint]) -> bool:
        """Return whether there are cells between two points that are outside all cells."""
        first, last = (self._layout.nearest(end.x(), end.y()) for end in ends)
        return first != last

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        seen, region = self.visible_rows, QRegion()
        for part in ranges_of(selection):
            first, last = max(part.top(), seen.start), min(part.bottom(), seen.stop - 1)
            if first <= last:
                top, bottom = (self._layout.rect_of(row).translated(0, -self._top) for row in (first, last))
                # Repaint several lines as a whole: more than necessary, but quick to compute.
                region += (
                    QRect(self._layout.left, top.top(), self._layout.width, bottom.bottom() + 1 - top.top())
                    if (top.top() != bottom.top())
                    else top.united(bottom)
                )
        return region

    def selectAll(self) -> None:
        # Qt's version checks every row.
        if count := self._layout.count:
            everything = QItemSelection(self.model().index(0, 0), self.model().index(count - 1, 0))
            self.selectionModel().select(everything, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self._top

    def doItemsLayout(self) -> None:
        # Not QListView's, which goes through all rows.
        QAbstractItemView.doItemsLayout(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Not QListView's, which would lay out later; this one updates the geometries.
        QAbstractItemView.resizeEvent(self, event)

    def updateGeometries(self) -> None:
        QAbstractItemView.updateGeometries(self)
        layout = self._new_layout()
        bar, seen = self.verticalScrollBar(), self.viewport().height()
        anchor = self._anchor() if layout != self._layout else None
        self._layout = layout
        bar.setSingleStep(max(16, layout.cell.height() // 3))
        bar.setPageStep(seen)
        bar.setRange(0, max(0, layout.height - seen))
        if anchor is not None and anchor[0] < layout.count:
            row, height = anchor
            bar.setValue(layout.rect_of(row).top() - height)
            if row == self.currentIndex().row():
                self.scrollTo(self.currentIndex())

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHoverEvent):
            inside = event.type() != QEvent.Type.HoverLeave
            self._hover(self.indexAt(event.position().toPoint()) if inside else QModelIndex())
        return super().viewportEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        # QListView's version moves nothing, since it has no layout.
        self.scrollDirtyRegion(dx, dy)
        self.viewport().scroll(dx, dy)
        if self._hovered is not None:
            self._hover(self.indexAt(self.viewport().mapFromGlobal(QCursor.pos())))

    @property
    def _top(self) -> int:
        return self.verticalScrollBar().value()

    def _visible_lines(self, part: QRect) -> range:
        """Return the lines that intersect a part of the viewport."""
        return self._layout.lines_between(part.top() + self._top, part.bottom() + 1 + self._top)

    def _new_layout(self) -> GridLayout:
        """Compute the layout, with room for the scroll bar if it is needed, so that it does not flicker."""
        room, model = self.maximumViewportSize(), self.model()
        count = model.rowCount() if model is not None else 0
        layout = GridLayout(count, self._cell, max(1, room.width()))
        if layout.height <= room.height():
            return layout
        return GridLayout(count, self._cell, max(1, room.width() - self.verticalScrollBar().sizeHint().width()))

    def _anchor(self) -> tuple[int, int] | None:
        """Return the row that must not move, and its y in the viewport: the current row if it is visible."""
        seen, current = self.visible_rows, self.currentIndex().row()
        if not seen:
            return None
        row = current if current in seen else seen.start
        return row, self._layout.rect_of(row).top() - self._top

    def _hover(self, index: QModelIndex) -> None:
        before, self._hovered = self._hovered, index.row() if index.isValid() else None
        if before != self._hovered:
            for row in (before, self._hovered):
                if row is not None:
                    self.viewport().update(self.visualRect(self.model().index(row, 0)))
