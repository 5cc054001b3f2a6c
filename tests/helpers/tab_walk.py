"""A walk through a window with the Tab key: which controls it reaches, in which order, and the ring around each."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMenu,
    QMenuBar,
    QScrollBar,
    QTabBar,
    QTextBrowser,
    QTextEdit,
    QWidget,
)

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.window.focus_ring import GAP, WIDTH, FocusRing
from tests.helpers.contrast import contrast

_CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTabBar,
    QTextEdit,
)
_PARTS = (QHeaderView, QScrollBar, QMenu, QMenuBar)
_MOST = 200
_LINE = 20  # px: controls of one line differ less in height
_NO_ROLES = QAccessible.Role.Client, QAccessible.Role.NoRole
_TAB = Qt.FocusPolicy.TabFocus


def describe(widget: QWidget | None) -> str:
    """Return the class and the name of a widget, for the message of a failed test."""
    if widget is None:
        return "nothing"
    text = widget.accessibleName() or str(widget.property("text") or "") or widget.objectName()
    return f"{type(widget).__name__} {text!r} at {place_of(widget).topLeft().toTuple()}"


def place_of(widget: QWidget) -> QRect:
    """Return the place of a widget in its window, px."""
    return QRect(widget.mapTo(widget.window(), QPoint()), widget.size())


def accessible_name(widget: QWidget) -> str:
    """Return the name that a screen reader reads for a widget."""
    interface = QAccessible.queryAccessibleInterface(widget)
    if isinstance(widget, QComboBox):  # on Linux its name is the chosen text, and a label names it
        labels = [other for other, relation in interface.relations() if relation is QAccessible.RelationFlag.Label]
        return labels[0].text(QAccessible.Text.Name).strip() if labels else ""
    return interface.text(QAccessible.Text.Name).strip()


def accessible_role(widget: QWidget) -> QAccessible.Role:
    """Return what a screen reader calls a widget."""
    return QAccessible.queryAccessibleInterface(widget).role()


def controls(window: QWidget) -> list[QWidget]:
    """Return the visible, enabled controls of a window, each as a whole: a spin box without its inner field."""
    return [widget for widget in window.findChildren(QWidget) if widget.isVisibleTo(window) and _is_control(widget)]


def walk(window: QWidget, *, back: bool = False) -> list[QWidget]:
    """Press Tab, or with `back` Shift+Tab, until the focus is where it was after the first press.

    Return the widgets that had the focus, in order. Keys go to the window, as from a keyboard.
    """
    activate(window)
    modifiers = Qt.KeyboardModifier.ShiftModifier if back else Qt.KeyboardModifier.NoModifier
    visited: list[QWidget] = []
    for _ in range(_MOST):
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab, modifiers)
        widget = QApplication.focusWidget()
        assert widget is not None, f"Tab lost the focus after {describe(visited[-1] if visited else None)}"
        if visited and widget is visited[-1] and isinstance(widget, QTextBrowser):
            continue  # it goes through its links
        if visited and widget is visited[0]:
            return visited
        assert widget not in visited, f"Tab returns to {describe(widget)}, without {describe(visited[0])}"
        visited.append(widget)
    raise AssertionError(f"Tab visits more than {_MOST} widgets")


def check_walk(window: QWidget) -> list[QWidget]:
    """Check that Tab and Shift+Tab visit every control once, in reading order; return the controls in that order."""
    there, back = walk(window), walk(window, back=True)
    missing = [widget for widget in controls(window) if widget not in there]
    assert not missing, f"Tab does not reach {', '.join(map(describe, missing))}"
    hidden = [widget for widget in there if not widget.isVisible() or place_of(widget).isEmpty()]
    assert not hidden, f"Tab visits {', '.join(map(describe, hidden))}, which cannot be seen"
    nameless = [widget for widget in there if not accessible_name(widget)]
    no_role = [widget for widget in there if accessible_role(widget) in _NO_ROLES]
    assert not no_role, f"a screen reader has no role for {', '.join(map(describe, no_role))}"
    assert not nameless, f"a screen reader has no name for {', '.join(map(describe, nameless))}"
    assert _from(there, there[0]) == _from(back[::-1], there[0]), "Shift+Tab does not go the same way back"
    top = min(there, key=lambda widget: (place_of(widget).center().y() // _LINE, place_of(widget).x()))  # of a dialog
    first = next((widget for widget in there if isinstance(widget, QTabBar)), top)
    ordered = _from(there, first)
    lines = [[widget, *_parents(widget)] for widget in ordered]
    wrong = [(a[0], b[0]) for number, a in enumerate(lines) for b in lines[number + 1 :] if _is_before(b, a)]
    assert not wrong, "; ".join(f"{describe(a)} comes before {describe(b)}" for a, b in wrong)
    return ordered


def activate(window: QWidget) -> None:
    """Make a window the active one again: the window of an earlier test may end late."""
    window.activateWindow()
    QTest.qWaitForWindowActive(window)


def press_tab(window: QWidget) -> QWidget:
    """Press Tab in a window; return the widget that has the focus then."""
    activate(window)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
    QApplication.processEvents()  # the ring follows when the layout is done
    focus = QApplication.focusWidget()
    assert focus is not None
    return focus


def check_rings(window: QWidget, ring: FocusRing) -> None:
    """Press Tab through a window, and check that a ring is around each widget."""
    problems = []
    for _ in walk(window):
        focus = press_tab(window)
        if problem := ring_problem(window, ring):
            problems.append(f"{describe(focus)}: {problem}")
    assert not problems, "; ".join(problems)


def ring_problem(window: QWidget, ring: FocusRing) -> str:
    """Describe what is wrong with the ring as it is painted; "" if all is well."""
    frame = ring.frame
    if frame is None:
        return "no ring"
    around = frame.geometry().adjusted(-1, -1, 1, 1) & window.rect()
    image, place = window.grab(around).toImage(), frame.geometry().translated(-around.topLeft())
    colours = theme_colours(QApplication.palette())
    middle = place.center()
    accent, gap = colours["accent"].name(), colours["window"].name()
    for corner, inwards in (
        (QPoint(place.left(), middle.y()), QPoint(1, 0)),
        (QPoint(place.right(), middle.y()), QPoint(-1, 0)),
        (QPoint(middle.x(), place.top()), QPoint(0, 1)),
        (QPoint(middle.x(), place.bottom()), QPoint(0, -1)),
    ):
        found = [image.pixelColor(corner + inwards * step).name() for step in range(WIDTH + GAP)]
        if found != [accent] * WIDTH + [gap] * GAP:
            return f"{found} at {corner.toTuple()}"
        outside = corner - inwards
        if image.rect().contains(outside) and contrast(QColor(accent), image.pixelColor(outside)) < 3:
            return f"{image.pixelColor(outside).name()} outside, at {outside.toTuple()}"
    return ""


def _is_control(widget: QWidget) -> bool:
    if not widget.isEnabled() or isinstance(widget, _PARTS) or widget.focusProxy() or place_of(widget).isEmpty():
        return False
    if any(isinstance(parent, (*_CONTROLS, *_PARTS)) for parent in _parents(widget)):
        return False
    if isinstance(widget, QAbstractButton) and not _is_first_of_group(widget):
        return False
    return isinstance(widget, _CONTROLS) or bool(widget.focusPolicy() & _TAB)


def _is_first_of_group(button: QAbstractButton) -> bool:
    """Return whether Tab reaches a button: of an exclusive group the checked one; arrow keys go to the others."""
    group = button.group()
    if group is None or not group.exclusive() or group.checkedButton() is None:
        return True
    return group.checkedButton() is button


def _from(widgets: Sequence[QWidget], first: QWidget) -> list[QWidget]:
    start = widgets.index(first)
    return [*widgets[start:], *widgets[:start]]


def _is_before(one: Sequence[QWidget], other: Sequence[QWidget]) -> bool:
    """Return whether a widget is above another one, or left of it; each comes with its parents, nearest first.

    Compared are the two parts of their common parent that they are in: a field that is scrolled out of view is still
    above the button below its scroll area.
    """
    parent = next(widget for widget in other if widget in one)
    at, at_other = one.index(parent), other.index(parent)
    if 0 in (at, at_other):
        return False
    a, b = place_of(one[at - 1]), place_of(other[at_other - 1])
    is_above = a.bottom() < b.top() and a.left() <= b.right() and b.left() <= a.right()
    is_left = a.right() < b.left() and a.top() <= b.bottom() and b.top() <= a.bottom()
    return is_above or is_left


def _parents(widget: QWidget) -> list[QWidget]:
    parents, parent = [], widget.parentWidget()
    while parent is not None:
        parents.append(parent)
        parent = parent.parentWidget()
    return parents
