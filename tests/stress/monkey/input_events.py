"""Random input for the monkey test: real events at random points, through the window system's queue."""

import random
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QInputMethodEvent,
    QWheelEvent,
    QWindow,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QTabBar,
    QWidget,
)

_INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTabBar,
)
_KEYS = (
    *(Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F2, Qt.Key.Key_Menu),
    *(Qt.Key(Qt.Key.Key_0 + digit) for digit in range(10)),
    *(Qt.Key(Qt.Key.Key_A + letter) for letter in range(26)),
    *(Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Equal, Qt.Key.Key_Period, Qt.Key.Key_Question, Qt.Key.Key_F10),
)
_WITH_CONTROL = (*"ZYCVXAOSEPFD0123", "+", "-")  # Q is an action of its own
_BUTTONS = (Qt.MouseButton.LeftButton,) * 6 + (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton)
_MODIFIERS = (Qt.KeyboardModifier.NoModifier,) * 6 + (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


def in_front() -> QWidget | None:
    """Return the menu, list or dialog in front of the window, if any."""
    return QApplication.activePopupWidget() or QApplication.activeModalWidget()


def random_widget(rng: random.Random, window: QWidget) -> QWidget:
    """Choose a widget: often an interactive one, else any."""
    if rng.random() < 0.5:
        usable = [w for w in window.findChildren(QWidget) if isinstance(w, _INTERACTIVE) and _can_be_used(w, window)]
        if usable:
            return rng.choice(usable)
    place = random_point(rng, window)
    return window.childAt(place) or window


def random_point(rng: random.Random, widget: QWidget) -> QPoint:
    """Choose a point in a widget."""
    return QPoint(rng.randrange(max(1, widget.width())), rng.randrange(max(1, widget.height())))


def click(rng: random.Random, widget: QWidget) -> str:
    """Click, double-click, only press or only release, with any button and modifier."""
    window = _native(widget)
    place, button, modifier = random_point(rng, widget), rng.choice(_BUTTONS), rng.choice(_MODIFIERS)
    act = rng.choices((QTest.mouseClick, QTest.mouseDClick, QTest.mousePress, QTest.mouseRelease), (80, 12, 4, 4))[0]
    words = f"{act.__name__} {button.name} {modifier} {_named(widget)} {place.toTuple()}"
    if window is not None:
        act(window, button, modifier, widget.mapTo(widget.window(), place))
    return words


def drag(rng: random.Random, widget: QWidget) -> str:
    """Drag from one point of a widget through others, and release."""
    window, top = _native(widget), widget.window()
    places = [widget.mapTo(top, random_point(rng, widget)) for _ in range(rng.randrange(2, 12))]
    words = f"drag {_named(widget)} {[place.toTuple() for place in places]}"
    if window is not None:
        held = rng.choice(_MODIFIERS)
        QTest.mousePress(window, Qt.MouseButton.LeftButton, held, places[0])
        for place in places[1:]:
            QTest.mouseMove(window, place)
        QTest.mouseRelease(window, Qt.MouseButton.LeftButton, held, places[-1])
    return words


def hover(rng: random.Random, widget: QWidget) -> str:
    """Move the pointer to a point."""
    window, place = _native(widget), random_point(rng, widget)
    if window is not None:
        QTest.mouseMove(window, widget.mapTo(widget.window(), place))
    return f"hover {_named(widget)} {place.toTuple()}"


def wheel(rng: random.Random, widget: QWidget) -> str:
    """Turn the wheel."""
    place, turn = random_point(rng, widget), QPoint(0, rng.choice((-1200, -120, -15, 15, 120, 1200)))
    held = rng.choice(_MODIFIERS)
    words = f"wheel {turn.y()} {held} {_named(widget)}"
    nothing = Qt.MouseButton.NoButton
    event = QWheelEvent(
        QPointF(place), QPointF(widget.mapToGlobal(place)), QPoint(), turn, nothing, held, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return words


def key(rng: random.Random, window: QWidget) -> str:
    """Press a key, or a shortcut."""
    native = _native(window)
    if rng.random() < 0.25:
        pressed, held = rng.choice(_WITH_CONTROL), Qt.KeyboardModifier.ControlModifier
    else:
        pressed, held = rng.choice(_KEYS), rng.choice(_MODIFIERS)
    words = f"key {pressed} {held} at {_named(QApplication.focusWidget() or window)}"
    if native is not None:
        QTest.keyClick(native, pressed, held)  # pyright: ignore[reportCallIssue, reportArgumentType] - either
    return words


def write(rng: random.Random, window: QWidget) -> str:
    """Type some text into the focused widget."""
    text = rng.choice(("0", "-1", "1e9", "0.001", "../x", "a name", "ü한", "", "99999999999999999999", "nan"))
    target = QApplication.focusWidget() or window
    words = f"write {text!r} into {_named(target)}"
    if text.isascii():
        QTest.keyClicks(target, text)
    else:  # as an input method does
        composing, done = QInputMethodEvent(text, []), QInputMethodEvent()
        done.setCommitString(text)
        QApplication.sendEvent(target, composing)
        QApplication.sendEvent(target, done)
    return words


def stroke(rng: random.Random, canvas: QWidget) -> str:
    """Draw, sometimes across the edge, and sometimes without lifting the pen."""
    window, top = _native(canvas), canvas.window()
    size = canvas.size()
    start = random_point(rng, canvas)
    places = [start]
    for _ in range(rng.randrange(1, 30)):
        last = places[-1]
        places.append(last + QPoint(rng.randint(-60, 60), rng.randint(-60, 60)))
    words = f"stroke {len(places)} points on {size.toTuple()}"
    if window is not None:
        QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=canvas.mapTo(top, start))
        for place in places[1:]:
            QTest.mouseMove(window, _inside(window, canvas.mapTo(top, place)))
        if rng.random() < 0.95:
            last = _inside(window, canvas.mapTo(top, places[-1]))
            QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=last)
    return words


def drop(rng: random.Random, window: QWidget, files: list[Path]) -> str:
    """Drag something over the window, and drop it there or elsewhere."""
    from tests.stress.monkey.files import mime

    data, place = mime(rng, files), QPointF(random_point(rng, window))
    copy, left, held = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place.toPoint(), copy, data, left, held)
    QApplication.sendEvent(window, enter)
    dropped = enter.isAccepted() and rng.random() < 0.8
    QApplication.sendEvent(window, QDropEvent(place, copy, data, left, held) if dropped else QDragLeaveEvent())
    return f"drop {data.formats()} {[url.fileName() for url in data.urls()]} {dropped=}"


def paste(rng: random.Random, window: QWidget, files: list[Path]) -> str:
    """Put something on the clipboard, and paste it."""
    from tests.stress.monkey.files import mime

    data = mime(rng, files)
    words = f"paste {data.formats()}"
    QGuiApplication.clipboard().setMimeData(data)
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    return words


def answer(rng: random.Random, box: QMessageBox) -> str:
    """Press one of the buttons of a message box."""
    button = rng.choice(box.buttons())
    words = f"answer {box.windowTitle()!r} with {button.text()!r}"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    return words


def choose_file(rng: random.Random, dialog: QFileDialog, files: list[Path], out: Path) -> str:
    """Choose a file in a dialog, only in the test's folders, or close the dialog."""
    saves = dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    wants_folder = dialog.fileMode() is QFileDialog.FileMode.Directory
    if rng.random() < 0.4:
        dialog.reject()
        return "close the file dialog"
    if saves:
        path = out / rng.choice(("saved.png", "saved.csv", "saved", "saved.jsonl", "saved.safetensors"))
    else:
        path = rng.choice([out, files[0].parent]) if wants_folder else rng.choice(files)
    name, buttons = dialog.findChild(QLineEdit, "fileNameEdit"), dialog.findChild(QDialogButtonBox)
    words = f"choose {path} in {dialog.windowTitle()!r}"
    if name is None or buttons is None:
        dialog.reject()
        return words + ": no such field"
    name.setText(str(path))
    accept = next(
        (b for b in buttons.buttons() if buttons.buttonRole(b) is QDialogButtonBox.ButtonRole.AcceptRole), None
    )
    if accept is None or not accept.isEnabled():
        dialog.reject()
        return words + ": refused"
    QTest.mouseClick(accept, Qt.MouseButton.LeftButton)
    return words


def release_all() -> None:
    """Release every mouse button that may still be down."""
    for window in QGuiApplication.topLevelWindows():
        if window.isVisible():
            QTest.mouseRelease(window, Qt.MouseButton.LeftButton)


def _can_be_used(widget: QWidget, window: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and widget.window() is window and widget.width() > 0


def _native(widget: QWidget) -> QWindow | None:
    top = widget.window()
    return top.windowHandle() if top.isVisible() else None


def _inside(window: QWindow, place: QPoint) -> QPoint:
    """Move a point into the window: outside it QTest sends no event."""
    return QPoint(min(max(place.x(), 0), window.width() - 1), min(max(place.y(), 0), window.height() - 1))


def _named(widget: QWidget) -> str:
    words = widget.objectName() or widget.accessibleName()
    if isinstance(widget, QAbstractButton):
        words = widget.text() or words
    return f"{type(widget).__name__}({words!r})"
