"""The ring around the widget that has the focus, in every window of the program."""

from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QRegion
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)
from shiboken6 import isValid

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.widgets.scroll_column import scroll_to

WIDTH, GAP = 2, 1  # px; the gap, in the colour of the window, keeps the ring apart from a button in its own colour
_REACH = WIDTH + GAP
_RADIUS = 6
_MOVES = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide})
_KEYS = frozenset(
    {
        *(Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
        *(Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
        *(Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape),
    }
)
_TEXT_FIELDS = QLineEdit, QPlainTextEdit, QAbstractSpinBox


def focus_rect(widget: QWidget) -> QRect:
    """Return what the ring is around, in the widget's coordinates: of a tab bar the current tab.

    A widget that is larger than what it paints has a method `focus_rect`.
    """
    if isinstance(widget, QTabBar):
        return widget.tabRect(widget.currentIndex())
    own = getattr(widget, "focus_rect", None)
    return widget.rect() if own is None else own()


class FocusRing(QObject):
    """Draws a ring outside the focused widget, over its neighbours: nothing moves when the focus does.

    As in a browser, a click shows no ring, except on a field that takes text; the next navigation key does. A page that
    has the focus for lack of a field, which keys do not reach, has no ring.
    """

    # In the class: the garbage collector may remove the attributes of a closed window's ring before Qt deletes the
    # window, which hides its widgets and moves the focus.
    _target: QWidget | None = None
    _watched: tuple[QWidget, ...] = ()  # the target and the widgets that it is in
    _frame: "_Frame | None" = None
    _is_keyboard = False  # whether the user moved with keys last
    _later: QTimer | None = None

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._place)
        cast("QApplication", QApplication.instance()).focusChanged.connect(self._on_focus_changed)

    @property
    def frame(self) -> QWidget | None:
        """The ring, if one is shown."""
        return self._frame if self._frame is not None and isValid(self._frame) and self._frame.isVisible() else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if self._later is None:
            return False
        if kind in _MOVES:
            self._later.start()  # after the layout has placed all of them
        elif watched is self._target:
            if isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress and event.key() in _KEYS:
                self._is_keyboard = True
                self._later.start()  # the key may choose another tab
            elif kind == QEvent.Type.MouseButtonPress:
                self._is_keyboard = False
                self._place()
        return False

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._later is None:
            return
        for widget in filter(isValid, self._watched):
            widget.removeEventFilter(self)
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._is_keyboard = False
        self._target = new
        self._watched = () if new is None else (new, *_parents(new))
        for widget in self._watched:
            widget.installEventFilter(self)
        if new is not None and self._is_keyboard:
            scroll_to(new)  # Qt does it only for a Tab key from inside the column
        self._place()

    @Slot()
    def _place(self) -> None:
        """Put the ring around the target, or hide it."""
        target = self._target
        place = QRect()
        if target is not None and isValid(target) and (self._is_keyboard or _takes_text(target)):
            place = QRect() if target.focusPolicy() == Qt.FocusPolicy.NoFocus else _visible_rect(target)
        if target is None or place.isEmpty():
            if self._frame is not None and isValid(self._frame):
                self._frame.hide()
            return
        window = target.window()
        if self._frame is None or not isValid(self._frame) or self._frame.parentWidget() is not window:
            if self._frame is not None and isValid(self._frame):
                self._frame.deleteLater()
            self._frame = _Frame(window)
        self._frame.surround(place)


class _Frame(QWidget):
    """The ring: a child of the window, above everything else in it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._inner = QRect()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def surround(self, place: QRect) -> None:
        """Lie around a place of the window; at the window's edge inside it."""
        outer = place.adjusted(-_REACH, -_REACH, _REACH, _REACH) & self.window().rect()
        self._inner = outer.adjusted(_REACH, _REACH, -_REACH, -_REACH).translated(-outer.topLeft())
        self.setGeometry(outer)
        # Only the ring is painted again when what is in it changes, such as the pad during a stroke.
        self.setMask(QRegion(self.rect()) - QRegion(self._inner))
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme_colours(QGuiApplication.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outer, inner = QRectF(self.rect()), QRectF(self._inner)
        radius = min(_RADIUS, inner.width() / 4, inner.height() / 4)  # a divider is thin
        for colour, hole in (("accent", inner.adjusted(-GAP, -GAP, GAP, GAP)), ("window", inner)):
            path = QPainterPath()
            path.addRoundedRect(outer, radius + _REACH, radius + _REACH)
            path.addRoundedRect(hole, radius, radius)
            painter.fillPath(path, colours[colour])
            outer = hole


def _takes_text(widget: QWidget) -> bool:
    return isinstance(widget, _TEXT_FIELDS) or (isinstance(widget, QComboBox) and widget.isEditable())


def _parents(widget: QWidget) -> list[QWidget]:
    """Return the widgets that a widget is in, up to its window."""
    parents = []
    while not widget.isWindow() and (parent := widget.parentWidget()) is not None:
        widget = parent
        parents.append(parent)
    return parents


def _visible_rect(widget: QWidget) -> QRect:
    """Return the part of a widget that is not scrolled out of view, in its window; empty if there is none."""
    window = widget.window()
    if not widget.isVisible() or window.windowType() == Qt.WindowType.Popup:
        return QRect()
    place = QRect(widget.mapTo(window, focus_rect(widget).topLeft()), focus_rect(widget).size())
    for parent in _parents(widget):
        place &= QRect(parent.mapTo(window, QPoint()), parent.size())
    return place
