"""Drawing without a mouse: arrow keys move a pen, Space puts it down and lifts it."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import PAD
from digitpad.gui.draw.canvas import InkCanvas
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import SEVEN, draw, place

Key = Qt.Key


@pytest.fixture
def canvas(window: MainWindow, qtbot: QtBot) -> InkCanvas:
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.draw_tab.canvas.setFocus()
    return window.draw_tab.canvas


def press(
    canvas: InkCanvas, keys: list[Qt.Key], modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Press keys in the window, as on a keyboard: shortcuts have their turn."""
    for key in keys:
        QTest.keyClick(canvas.window().windowHandle(), key, modifier)


def points(canvas: InkCanvas) -> list[list[tuple[float, float]]]:
    return [[(float(x), float(y)) for x, y in stroke] for stroke in canvas.current_drawing.ink.strokes]


def test_a_seven_drawn_with_keys_is_recognised(
    canvas: InkCanvas, window: MainWindow, settled: Callable[[], None]
) -> None:
    press(canvas, [Key.Key_Up] * 6 + [Key.Key_Left] * 4)
    assert not window.session.pad.drawing
    press(canvas, [Key.Key_Space] + [Key.Key_Right] * 8 + [Key.Key_End] * 3 + [Key.Key_Down] * 9 + [Key.Key_Space])
    settled()
    assert window.draw_tab.panel.answer_texts == ["7"]
    assert len(window.session.pad.drawing.ink.strokes) == 1


def test_the_pen_begins_in_the_middle_and_stays_on_the_pad(canvas: InkCanvas) -> None:
    press(canvas, [Key.Key_Space, Key.Key_Right, Key.Key_Space])
    ((start, end),) = points(canvas)
    assert start == pytest.approx((PAD / 2, PAD / 2), abs=0.5)
    assert end == pytest.approx((PAD / 2 + PAD / 20, PAD / 2), abs=0.5)
    press(canvas, [Key.Key_Right] * 40 + [Key.Key_Space, Key.Key_Up, Key.Key_Space])
    assert np.max(points(canvas)[1]) <= PAD


def test_shift_moves_the_pen_a_little(canvas: InkCanvas) -> None:
    press(canvas, [Key.Key_Space])
    press(canvas, [Key.Key_Down], Qt.KeyboardModifier.ShiftModifier)
    press(canvas, [Key.Key_Space])
    ((start, end),) = points(canvas)
    assert end[1] - start[1] == pytest.approx(PAD / 80, abs=0.5)


def test_escape_discards_the_stroke_and_undo_takes_it_back(canvas: InkCanvas, window: MainWindow) -> None:
    press(canvas, [Key.Key_Space, Key.Key_Right, Key.Key_Escape])
    assert not window.session.pad.drawing
    assert not canvas.is_drawing
    press(canvas, [Key.Key_Space, Key.Key_Right, Key.Key_Space])
    assert window.session.pad.drawing
    press(canvas, [Key.Key_Z], Qt.KeyboardModifier.ControlModifier)
    assert not window.session.pad.drawing


def test_tab_leaves_the_pad_also_while_the_pen_is_down_and_keeps_the_stroke(
    canvas: InkCanvas, window: MainWindow
) -> None:
    press(canvas, [Key.Key_Space, Key.Key_Right, Key.Key_Tab])
    assert QApplication.focusWidget() is not canvas
    assert len(window.session.pad.drawing.ink.strokes) == 1


def test_keys_erase_with_the_eraser(canvas: InkCanvas, window: MainWindow) -> None:
    press(canvas, [Key.Key_Space] + [Key.Key_Right] * 4 + [Key.Key_Space])
    (before,) = points(canvas)
    press(canvas, [Key.Key_E, Key.Key_Space, Key.Key_Left, Key.Key_Space])
    assert window.session.pad.undo_stack.count() == 2
    assert points(canvas) != [before]


def test_the_mouse_does_not_disturb_the_keys_and_takes_the_pen_away(canvas: InkCanvas, window: MainWindow) -> None:
    press(canvas, [Key.Key_Space, Key.Key_Right])
    QTest.mouseMove(canvas, canvas.rect().center() + QPoint(3, 60))
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 20, 20))
    assert canvas.is_drawing
    press(canvas, [Key.Key_Space])
    assert len(window.session.pad.drawing.ink.strokes) == 1
    draw(canvas, SEVEN)
    assert len(window.session.pad.drawing.ink.strokes) == 2
    without = canvas.grab().toImage()
    press(canvas, [Key.Key_Right])
    assert canvas.grab().toImage() != without, "the pen is shown again"


def test_letters_and_digits_are_still_commands(canvas: InkCanvas, window: MainWindow) -> None:
    press(canvas, [Key.Key_Right, Key.Key_C])
    assert window.session.models.is_comparing


def test_the_empty_pad_says_what_to_draw_also_with_the_pen(canvas: InkCanvas) -> None:
    canvas.set_placeholder("Draw a 7")
    assert canvas.hint == "Draw a 7"
    press(canvas, [Key.Key_Right])
    what, keys = canvas.hint.split("\n\n")
    assert what == "Draw a 7"
    assert "Arrow keys" in keys


def test_a_screen_reader_knows_the_keys_and_hears_the_pen(canvas: InkCanvas, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("digitpad.gui.draw.canvas.announce", lambda _, text: said.append(text))
    text = QAccessible.queryAccessibleInterface(canvas).text(QAccessible.Text.Description)
    assert "Arrow keys" in text
    assert "Space" in text
    press(canvas, [Key.Key_Space, Key.Key_Right, Key.Key_Space])
    assert said == ["Pen down", "Pen up"]
