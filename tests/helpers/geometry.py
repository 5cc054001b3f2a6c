"""The places of the widgets in a window, compared before and after a change of state."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QScrollBar, QTabBar, QTableView, QWidget
from shiboken6 import isValid

from tests.helpers.tab_walk import describe, place_of

# Left edge and width, px; of a line of text only the edge that the text begins at.
Span = tuple[int, ...]


def spans(window: QWidget) -> dict[object, Span]:
    """Return the left edges and the widths of the visible widgets of a window, and of tabs and columns of tables."""
    for _ in range(3):  # a new layout may start another one
        QApplication.processEvents()
    found: dict[object, Span] = {}
    for widget in window.findChildren(QWidget):
        if not widget.isVisibleTo(window) or isinstance(widget, QScrollBar) or _is_in_view(widget):
            continue
        found[widget] = _span(widget)
        if isinstance(widget, QTabBar):
            for number in range(widget.count()):
                tab = widget.tabRect(number)
                found[widget, number] = (tab.left(), tab.width())
        if isinstance(widget, QTableView):
            for column in range(widget.model().columnCount()):
                found[widget, column] = (widget.columnViewportPosition(column), widget.columnWidth(column))
    return found


def check_unmoved(before: dict[object, Span], after: dict[object, Span]) -> None:
    """Check that everything that is visible before and after has the same left edge and width."""
    moved = [
        f"{_name(key)}: {before[key]} -> {after[key]}" for key in before if after.get(key, before[key]) != before[key]
    ]
    assert not moved, "moved: " + "; ".join(moved)


def _span(widget: QWidget) -> Span:
    place = place_of(widget)
    if isinstance(widget, QLabel) and not widget.wordWrap():
        is_right = widget.alignment() & Qt.AlignmentFlag.AlignRight
        return (place.right(),) if is_right else (place.left(),)
    return (place.left(), place.width())


def _name(key: object) -> str:
    widget, part = key if isinstance(key, tuple) else (key, "")
    assert isinstance(widget, QWidget)
    return f"{describe(widget) if isValid(widget) else widget} {part}".strip()


def _is_in_view(widget: QWidget) -> bool:
    """Return whether a widget is part of a table or a list: headers, viewport."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractItemView):
            return True
        parent = parent.parentWidget()
    return False
