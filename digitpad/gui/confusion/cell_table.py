"""A table whose entries represent cells of the confusion matrix; they are selected with mouse or keyboard."""

from collections.abc import Callable, Iterable, Set

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QGuiApplication, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from digitpad.core.evaluation.sample_filter import DIAGONAL, Cell
from digitpad.core.translation import tr_noop
from digitpad.gui.confusion.cells_model import CellsModel, Place
from digitpad.gui.confusion.digit_header import DigitHeader
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.shortcut_override import HandledKeys

_WIDTH = 2
_NEIGHBOURS = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]


def paint_outline(painter: QPainter, places: Set[Place], box_of: Callable[[Place], QRect], colour: QColor) -> None:
    """Paint the outline of entries; adjacent ones share one outline."""
    for row, column in places:
        for down, right in _NEIGHBOURS:
            if (row + down, column + right) not in places:
                painter.fillRect(_edge(box_of((row, column)), down, right), colour)


def _edge(box: QRect, down: int, right: int) -> QRect:
    """Return the strip on one side of a box, or the corner between two."""
    left = box.left() if right <= 0 else box.right() + 1 - _WIDTH
    top = box.top() if down <= 0 else box.bottom() + 1 - _WIDTH
    return QRect(left, top, _WIDTH if right else box.width(), _WIDTH if down else box.height())


_SELECT_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CellTable(QTableView):
    """Emits the user's selection when a gesture ends; emits nothing for `show_cells`."""

    HANDLED_KEYS = (
        HandledKeys(
            ("Space", "Return"),
            tr_noop("in the confusion matrix: show the samples of the cell; with Ctrl, also those of another cell"),
        ),
        HandledKeys(("Esc",), tr_noop("in the confusion matrix: select no cell")),
    )

    cells_requested = Signal(object)
    pointed_changed = Signal()

    def __init__(self, model: CellsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells = model
        self._reported: frozenset[Place] = frozenset()
        self._pointed: Place | None = None
        self._is_pressing = self._deselects_on_release = False
        self._headers = [DigitHeader(side, self) for side in (Qt.Orientation.Horizontal, Qt.Orientation.Vertical)]
        self._set_up(model)

    def _set_up(self, model: CellsModel) -> None:
        across, down = self._headers
        self.setHorizontalHeader(across)
        self.setVerticalHeader(down)
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAutoScroll(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        for header in self._headers:
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.deselect_requested.connect(self.clearSelection)

    @property
    def places(self) -> frozenset[Place]:
        """The selected entries."""
        return frozenset((index.row(), index.column()) for index in self.selectedIndexes())

    @property
    def cells(self) -> frozenset[Cell]:
        """The selected cells."""
        return self._cells.cells_of(self.places)

    @property
    def pointed(self) -> Place | None:
        """The entry under the mouse, or the current one of the keyboard."""
        return self._pointed

    def show_cells(self, cells: frozenset[Cell]) -> None:
        """Select the entries of cells; emits nothing."""
        self._reported = frozenset(place for place in self._cells.places() if self._cells.cells_at(place) & cells)
        if self._reported == self.places:
            return
        selection = QItemSelection()
        for row, column in self._reported:
            index = self._cells.index(row, column)
            selection.select(index, index)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def is_only_selection(self, places: Iterable[Place]) -> bool:
        """Return whether exactly these are selected; entries on the diagonal may be missing."""
        requested, selected = frozenset(places), self.places
        return bool(selected) and selected <= requested and self._cells.cells_of(requested - selected) <= DIAGONAL

    def line_places(self, orientation: Qt.Orientation, section: int) -> frozenset[Place]:
        """Return the entries of a column (horizontal header) or of a row (vertical header)."""
        side = 1 if orientation is Qt.Orientation.Horizontal else 0
        return frozenset(place for place in self._cells.places() if place[side] == section)

    def selectAll(self) -> None:
        # As for a row, a second click clears the selection.
        if self.is_only_selection(self._cells.places()):
            self.clearSelection()
        else:
            super().selectAll()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        # An outline reaches into neighbouring cells.
        self.viewport().update()
        self._highlight_headers()
        if not self._is_pressing:
            self._report()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if self.hasFocus():
            self._set_pointed(current)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        index = self.indexAt(event.position().toPoint())
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        self._deselects_on_release = is_plain and self.places == {(index.row(), index.column())}
        self._is_pressing = True
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._set_pointed(self.indexAt(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        index = self.indexAt(event.position().toPoint())
        if self._deselects_on_release and self.places == {(index.row(), index.column())}:
            self.clearSelection()
        self._deselects_on_release = self._is_pressing = False
        self._report()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.places:
            self.clearSelection()
        elif event.key() in _SELECT_KEYS and self.currentIndex().isValid():
            self._select_current(toggles=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: the entries are figures, so a search would jump anywhere."""

    def hideEvent(self, event: QHideEvent) -> None:
        self._is_pressing = False
        super().hideEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._set_pointed(QModelIndex())
        return super().viewportEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        colours, painter = theme_colours(QGuiApplication.palette()), QPainter(self.viewport())
        if self._pointed is not None:
            painter.setPen(colours["muted"])
            painter.drawRect(self._box(self._pointed).adjusted(0, 0, -1, -1))
        colour = colours["accent" if self.hasFocus() else "text"]
        selected = self.places
        paint_outline(painter, selected, self._box, colour)
        current = (self.currentIndex().row(), self.currentIndex().column())
        if self.hasFocus() and self.currentIndex().isValid() and selected != {current}:
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
            painter.drawRect(self._box(current).adjusted(px(2), px(2), -px(3), -px(3)))

    def _box(self, place: Place) -> QRect:
        return self.visualRect(self._cells.index(*place))

    def _select_current(self, *, toggles: bool) -> None:
        flags, index = QItemSelectionModel.SelectionFlag, self.currentIndex()
        if toggles:
            self.selectionModel().select(index, flags.Toggle)
        elif self.places == {(index.row(), index.column())}:
            self.clearSelection()
        else:
            self.selectionModel().select(index, flags.ClearAndSelect)

    def _report(self) -> None:
        if (selected := self.places) != self._reported:
            self._reported = selected
            self.cells_requested.emit(self._cells.cells_of(selected))

    def _set_pointed(self, index: Index) -> None:
        pointed = (index.row(), index.column()) if index.isValid() else None
        if pointed != self._pointed:
            for place in filter(None, (self._pointed, pointed)):
                self.viewport().update(self._box(place))
            self._pointed = pointed
            self._highlight_headers()
            self.pointed_changed.emit()

    def _highlight_headers(self) -> None:
        for side, header in ((1, self._headers[0]), (0, self._headers[1])):
            header.highlight({place[side] for place in self.places}, self._pointed[side] if self._pointed else None)
