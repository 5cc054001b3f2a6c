"""The canvas, with real mouse, touch and tablet events."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QEventPoint, QFocusEvent, QMouseEvent, QPalette, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import EMPTY, PAD, PEN_WIDTH, Drawing
from digitpad.gui.draw.canvas import InkCanvas, Tool
from digitpad.gui.draw.pointers import PenWatch
from digitpad.gui.session.pad_document import Pad
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import ONE, SEVEN, draw, place


@pytest.fixture
def pad(qtbot: QtBot) -> Pad:
    return Pad()


@pytest.fixture
def canvas(qtbot: QtBot, pad: Pad) -> InkCanvas:
    canvas = InkCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(560, 560)
    canvas.edited.connect(pad.change)
    pad.drawing_changed.connect(canvas.show_drawing)
    canvas.show()
    return canvas


def darkness(canvas: InkCanvas, x: float, y: float) -> int:
    """How far the pixel at a place of the pad is from white, 0 to 255."""
    image = canvas.grab().toImage()
    spot = place(canvas, x, y) * canvas.devicePixelRatioF()
    return 255 - QColor(image.pixel(spot)).lightness()


def test_a_mouse_stroke_becomes_ink_in_pad_units(canvas: InkCanvas, pad: Pad) -> None:
    draw(canvas, SEVEN)
    (stroke,) = pad.drawing.ink.strokes
    np.testing.assert_allclose(stroke[0], SEVEN[0][0], atol=0.5)
    np.testing.assert_allclose(stroke[-1], SEVEN[0][-1], atol=0.5)
    assert len(stroke) == 17


@pytest.mark.parametrize("size", [(200, 200), (900, 420), (300, 1000)])
def test_the_widgets_size_does_not_matter(canvas: InkCanvas, pad: Pad, size: tuple[int, int]) -> None:
    canvas.resize(*size)
    draw(canvas, ONE)
    left, top, right, bottom = pad.drawing.ink.bounds
    np.testing.assert_allclose([left, top, right, bottom], [140, 50, 140, 230], atol=1.5)


def test_every_move_is_reported_while_the_pen_is_down(canvas: InkCanvas) -> None:
    reported: list[Drawing] = []
    canvas.ink_changed.connect(reported.append)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 50, 50))
    QTest.mouseMove(canvas, place(canvas, 60, 60))
    QTest.mouseMove(canvas, place(canvas, 70, 80))
    assert canvas.is_drawing
    assert [len(drawing.ink.strokes[0]) for drawing in reported] == [1, 2, 3]
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 70, 80))
    assert not canvas.is_drawing


def test_a_stroke_is_visible_during_and_after_drawing(canvas: InkCanvas) -> None:
    assert darkness(canvas, 100, 200) < 30
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 100, 100))
    QTest.mouseMove(canvas, place(canvas, 100, 240))
    assert darkness(canvas, 100, 200) > 150
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 100, 240))
    assert darkness(canvas, 100, 200) > 150
    assert darkness(canvas, 160, 200) < 30


def test_a_click_is_a_dot_and_the_right_button_draws_nothing(canvas: InkCanvas, pad: Pad) -> None:
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 140, 140))
    assert [len(stroke) for stroke in pad.drawing.ink.strokes] == [1]
    assert darkness(canvas, 140, 140) > 150
    QTest.mouseClick(canvas, Qt.MouseButton.RightButton, pos=place(canvas, 20, 20))
    assert len(pad.drawing.ink.strokes) == 1


def test_a_stroke_that_leaves_the_pad_is_clipped(canvas: InkCanvas, pad: Pad) -> None:
    draw(canvas, [[(140, 140), (340, 140), (340, 240), (140, 240)]])
    above, below = pad.drawing.ink.strokes
    np.testing.assert_allclose([above[0], above[-1]], [(140, 140), (PAD, 140)], atol=0.5)
    np.testing.assert_allclose([below[0], below[-1]], [(PAD, 240), (140, 240)], atol=0.5)
    assert darkness(canvas, PAD - 6, 190) < 30
    pad.undo_stack.undo()
    assert not pad.drawing


def test_a_stroke_beside_the_pad_is_nothing(canvas: InkCanvas, pad: Pad) -> None:
    canvas.resize(900, 420)
    draw(canvas, [[(-40, 100), (-20, 200)]])
    assert not pad.drawing
    assert pad.undo_stack.count() == 0
    draw(canvas, [[(-40, 100), (140, 100)], [(140, 200)]])
    np.testing.assert_allclose([stroke[0] for stroke in pad.drawing.ink.strokes], [(0, 100), (140, 200)], atol=0.5)


def test_strokes_and_clear_are_undone_and_redone(canvas: InkCanvas, pad: Pad) -> None:
    draw(canvas, SEVEN)
    draw(canvas, ONE)
    both = pad.drawing
    pad.clear()
    assert not pad.drawing
    pad.undo_stack.undo()
    assert pad.drawing is both
    pad.undo_stack.undo()
    assert len(pad.drawing.ink.strokes) == 1
    pad.undo_stack.undo()
    assert pad.drawing is EMPTY
    for _ in range(3):
        pad.undo_stack.redo()
    assert not pad.drawing
    pad.clear()
    assert pad.undo_stack.count() == 3


def test_the_eraser_cuts_and_is_one_undo_step(canvas: InkCanvas, pad: Pad) -> None:
    draw(canvas, ONE)
    canvas.set_tool(Tool.ERASER)
    draw(canvas, [[(100, 140), (180, 140)]])
    assert len(pad.drawing.ink.strokes) == 2
    assert darkness(canvas, 140, 140) < 60
    pad.undo_stack.undo()
    assert len(pad.drawing.ink.strokes) == 1
    rest = pad.undo_stack.count()
    draw(canvas, [[(10, 10), (20, 20)]])
    assert pad.undo_stack.count() == rest
    assert pad.undo_stack.canRedo()


def test_a_menu_or_dialog_ends_the_stroke(canvas: InkCanvas, pad: Pad) -> None:
    canvas.setFocus()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 50, 50))
    QTest.mouseMove(canvas, place(canvas, 90, 90))
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.PopupFocusReason))
    assert not canvas.is_drawing
    assert len(pad.drawing.ink.strokes) == 1
    QTest.mouseMove(canvas, place(canvas, 200, 90))
    assert pad.drawing.ink.bounds[2] < 95


def test_ten_thousand_points_can_be_drawn_and_erased(canvas: InkCanvas, pad: Pad) -> None:
    turn = np.linspace(0, 60 * np.pi, 10_000)
    spiral = np.stack([140 + 0.6 * turn * np.cos(turn), 140 + 0.6 * turn * np.sin(turn)], axis=1)
    pad.change(EMPTY.with_stroke(spiral), "spiral")
    canvas.set_tool(Tool.ERASER)
    draw(canvas, [[(140, 0), (140, 60)]])
    assert len(pad.drawing.ink.strokes) > 5
    assert sum(len(stroke) for stroke in pad.drawing.ink.strokes) > 8_000


def test_erased_ink_disappears_while_the_eraser_is_down(canvas: InkCanvas, pad: Pad) -> None:
    draw(canvas, [[(60, 140), (220, 140)]])
    canvas.set_tool(Tool.ERASER)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 60, 160))
    QTest.mouseMove(canvas, place(canvas, 220, 160))
    assert not canvas.current_drawing
    QTest.mouseMove(canvas, place(canvas, 220, 270))  # takes the eraser's ring away
    # The line's far edge lies outside the eraser, but belongs to ink that is gone.
    assert max(darkness(canvas, x, 135) for x in range(60, 230, 10)) < 30


def test_undo_with_the_pen_down_cancels_only_that_stroke(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    canvas = window.draw_tab.canvas
    draw(canvas, SEVEN)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 50, 50))
    QTest.mouseMove(canvas, place(canvas, 90, 90))
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not canvas.is_drawing
    assert len(session.pad.drawing.ink.strokes) == 1
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 90, 90))
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not session.pad.drawing


def test_escape_cancels_a_stroke(canvas: InkCanvas, pad: Pad) -> None:
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 50, 50))
    QTest.mouseMove(canvas, place(canvas, 90, 90))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseMove(canvas, place(canvas, 120, 90))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 120, 90))
    assert not pad.drawing


def test_a_finger_draws(canvas: InkCanvas, pad: Pad) -> None:
    finger = QTest.createTouchDevice()
    QTest.touchEvent(canvas, finger).press(0, place(canvas, 60, 60))
    QTest.touchEvent(canvas, finger).move(0, place(canvas, 100, 90))
    QTest.touchEvent(canvas, finger).release(0, place(canvas, 100, 90))
    (stroke,) = pad.drawing.ink.strokes
    np.testing.assert_allclose(stroke, [(60, 60), (100, 90)], atol=1.01)  # QTest rounds touches to whole px


# Events point to their device, which therefore has to stay.
STYLUS = {
    pointer: QPointingDevice(
        "stylus", 1, QPointingDevice.DeviceType.Stylus, pointer, QPointingDevice.Capability.Position, 1, 1
    )
    for pointer in (QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser)
}


def tablet_event(
    kind: QEvent.Type,
    position: QPointF,
    pointer: QPointingDevice.PointerType,
    button: Qt.MouseButton | None = None,
    buttons: Qt.MouseButton = Qt.MouseButton.LeftButton,
) -> QTabletEvent:
    device = STYLUS[pointer]
    button = Qt.MouseButton.LeftButton if button is None else button
    nothing = Qt.KeyboardModifier.NoModifier
    return QTabletEvent(kind, device, position, position, 0.5, 0, 0, 0, 0, 0, nothing, button, buttons)


PEN = QPointingDevice.PointerType.Pen


def use_pen(
    canvas: InkCanvas,
    kind: QEvent.Type,
    x: float,
    y: float,
    button: Qt.MouseButton | None = None,
    *,
    is_down: bool = True,
) -> None:
    """Send one event of the pen at a place of the pad; `is_down` is whether its tip is on the pad afterwards."""
    buttons = Qt.MouseButton.LeftButton if is_down else Qt.MouseButton.NoButton
    event = tablet_event(kind, QPointF(place(canvas, x, y)), PEN, button, buttons)
    QApplication.sendEvent(canvas, event)
    assert event.isAccepted()


def test_a_tablet_pen_draws_between_pixels_and_its_other_end_erases(canvas: InkCanvas, pad: Pad) -> None:
    def move(pointer: QPointingDevice.PointerType, points: list[QPointF]) -> None:
        kinds = [QEvent.Type.TabletPress, *[QEvent.Type.TabletMove] * (len(points) - 2), QEvent.Type.TabletRelease]
        for kind, point in zip(kinds, points, strict=True):
            event = tablet_event(kind, point, pointer)
            QApplication.sendEvent(canvas, event)
            assert event.isAccepted()

    line = [QPointF(280, 100.25), QPointF(280, 300.5), QPointF(280, 460.75), QPointF(280, 460.75)]
    move(QPointingDevice.PointerType.Pen, line)
    (stroke,) = pad.drawing.ink.strokes
    np.testing.assert_allclose(stroke[[0, -1]], [(140, 50.125), (140, 230.375)])
    move(QPointingDevice.PointerType.Eraser, [QPointF(240, 280), QPointF(320, 280), QPointF(320, 280)])
    assert len(pad.drawing.ink.strokes) == 2


def test_the_pad_follows_the_palette(canvas: InkCanvas) -> None:
    draw(canvas, ONE)
    palette = QPalette(canvas.palette())
    palette.setColor(QPalette.ColorRole.Base, QColor("#202020"))
    palette.setColor(QPalette.ColorRole.Text, QColor("#F0F0F0"))
    canvas.setPalette(palette)
    assert darkness(canvas, 140, 140) < 60
    assert darkness(canvas, 40, 140) > 150


def test_only_the_first_finger_draws(canvas: InkCanvas, pad: Pad) -> None:
    hand = QTest.createTouchDevice()
    QTest.touchEvent(canvas, hand).press(0, place(canvas, 60, 60))
    QTest.touchEvent(canvas, hand).move(0, place(canvas, 80, 80)).press(1, place(canvas, 200, 200))
    QTest.touchEvent(canvas, hand).release(0, place(canvas, 90, 90)).move(1, place(canvas, 220, 200))
    QTest.touchEvent(canvas, hand).move(1, place(canvas, 240, 200))
    QTest.touchEvent(canvas, hand).release(1, place(canvas, 250, 200))
    (stroke,) = pad.drawing.ink.strokes
    assert len(stroke) == 3
    np.testing.assert_allclose(stroke[[0, -1]], [(60, 60), (90, 90)], atol=1.01)


def test_a_stroke_whose_release_was_lost_ends_at_the_next_move(canvas: InkCanvas, pad: Pad) -> None:
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 60, 60))
    QTest.mouseMove(canvas, place(canvas, 100, 60))
    there = QPointF(place(canvas, 100, 200))
    nothing = Qt.MouseButton.NoButton
    moved = QMouseEvent(QEvent.Type.MouseMove, there, there, nothing, nothing, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, moved)
    assert not canvas.is_drawing
    assert len(pad.drawing.ink.strokes) == 1
    assert pad.drawing.ink.bounds[3] < 70


def test_a_cancelled_touch_draws_nothing(canvas: InkCanvas, pad: Pad) -> None:
    from PySide6.QtGui import QTouchEvent

    finger = QTest.createTouchDevice()
    QTest.touchEvent(canvas, finger).press(0, place(canvas, 60, 60))
    point = QEventPoint(0, QEventPoint.State.Updated, QPointF(60, 60), QPointF(60, 60))
    QApplication.sendEvent(
        canvas, QTouchEvent(QEvent.Type.TouchCancel, finger, Qt.KeyboardModifier.NoModifier, [point])
    )
    assert not canvas.is_drawing
    assert not pad.drawing


def test_the_side_button_of_a_pen_neither_draws_nor_cuts_the_stroke(canvas: InkCanvas, pad: Pad) -> None:
    for side in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        use_pen(canvas, QEvent.Type.TabletPress, 20, 20, side, is_down=False)
        use_pen(canvas, QEvent.Type.TabletMove, 40, 20, Qt.MouseButton.NoButton, is_down=False)
        use_pen(canvas, QEvent.Type.TabletRelease, 40, 20, side, is_down=False)
        assert not canvas.is_drawing
    assert not pad.drawing
    use_pen(canvas, QEvent.Type.TabletPress, 100, 50)
    use_pen(canvas, QEvent.Type.TabletMove, 100, 100)
    use_pen(canvas, QEvent.Type.TabletPress, 100, 100, Qt.MouseButton.RightButton)
    use_pen(canvas, QEvent.Type.TabletRelease, 100, 100, Qt.MouseButton.RightButton)
    use_pen(canvas, QEvent.Type.TabletMove, 100, 200)
    use_pen(canvas, QEvent.Type.TabletRelease, 100, 200, is_down=False)
    (stroke,) = pad.drawing.ink.strokes
    np.testing.assert_allclose(stroke[[0, -1]], [(100, 50), (100, 200)], atol=0.5)


def test_a_palm_does_not_enter_the_stroke_of_a_pen(canvas: InkCanvas, pad: Pad) -> None:
    palm = QTest.createTouchDevice()
    use_pen(canvas, QEvent.Type.TabletPress, 100, 50)
    QTest.touchEvent(canvas, palm).press(0, place(canvas, 220, 220)).press(1, place(canvas, 240, 200))
    use_pen(canvas, QEvent.Type.TabletMove, 100, 125)
    QTest.touchEvent(canvas, palm).move(0, place(canvas, 230, 230)).move(1, place(canvas, 250, 200))
    QTest.touchEvent(canvas, palm).release(0, place(canvas, 230, 230)).release(1, place(canvas, 250, 200))
    use_pen(canvas, QEvent.Type.TabletMove, 100, 200)
    use_pen(canvas, QEvent.Type.TabletRelease, 100, 200, is_down=False)
    (stroke,) = pad.drawing.ink.strokes
    np.testing.assert_allclose(stroke, [(100, 50), (100, 125), (100, 200)], atol=0.5)


def test_touches_are_ignored_while_a_pen_is_near(canvas: InkCanvas, pad: Pad) -> None:
    palm = QTest.createTouchDevice()
    use_pen(canvas, QEvent.Type.TabletMove, 100, 50, Qt.MouseButton.NoButton, is_down=False)
    QTest.touchEvent(canvas, palm).press(0, place(canvas, 60, 60))
    QTest.touchEvent(canvas, palm).move(0, place(canvas, 90, 60))
    QTest.touchEvent(canvas, palm).release(0, place(canvas, 90, 60))
    assert not pad.drawing


def test_a_hand_that_lands_before_the_pen_draws_nothing(canvas: InkCanvas, pad: Pad) -> None:
    palm = QTest.createTouchDevice()
    QTest.touchEvent(canvas, palm).press(0, place(canvas, 220, 220))
    QTest.touchEvent(canvas, palm).move(0, place(canvas, 230, 220))
    use_pen(canvas, QEvent.Type.TabletPress, 100, 50)
    QTest.touchEvent(canvas, palm).move(0, place(canvas, 240, 220))
    use_pen(canvas, QEvent.Type.TabletMove, 100, 200)
    use_pen(canvas, QEvent.Type.TabletRelease, 100, 200, is_down=False)
    QTest.touchEvent(canvas, palm).release(0, place(canvas, 240, 220))
    (stroke,) = pad.drawing.ink.strokes
    np.testing.assert_allclose(stroke, [(100, 50), (100, 200)], atol=0.5)


def test_a_nudged_mouse_does_not_disturb_a_pen_or_a_finger(canvas: InkCanvas, pad: Pad) -> None:
    use_pen(canvas, QEvent.Type.TabletPress, 100, 50)
    QTest.mouseMove(canvas, place(canvas, 10, 10))
    QTest.mouseMove(canvas, place(canvas, 30, 10))
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 30, 10))
    use_pen(canvas, QEvent.Type.TabletMove, 100, 200)
    use_pen(canvas, QEvent.Type.TabletRelease, 100, 200, is_down=False)
    (stroke,) = pad.drawing.ink.strokes
    np.testing.assert_allclose(stroke, [(100, 50), (100, 200)], atol=0.5)


def test_a_pen_does_not_disturb_the_mouse(canvas: InkCanvas, pad: Pad) -> None:
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 60, 60))
    use_pen(canvas, QEvent.Type.TabletPress, 200, 50)
    QTest.mousePress(canvas, Qt.MouseButton.RightButton, pos=place(canvas, 60, 60))
    QTest.mouseRelease(canvas, Qt.MouseButton.RightButton, pos=place(canvas, 60, 60))
    use_pen(canvas, QEvent.Type.TabletRelease, 200, 50, is_down=False)
    assert canvas.is_drawing
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 60, 60))
    assert [len(stroke) for stroke in pad.drawing.ink.strokes] == [1]


def test_the_stroke_of_a_pen_whose_release_was_lost_ends_when_it_hovers(canvas: InkCanvas, pad: Pad) -> None:
    use_pen(canvas, QEvent.Type.TabletPress, 100, 50)
    position, nothing = QPointF(place(canvas, 100, 200)), Qt.MouseButton.NoButton
    modifiers = Qt.KeyboardModifier.NoModifier
    hover = QTabletEvent(
        QEvent.Type.TabletMove, STYLUS[PEN], position, position, 0, 0, 0, 0, 0, 0, modifiers, nothing, nothing
    )
    QApplication.sendEvent(canvas, hover)
    assert not canvas.is_drawing
    assert [len(stroke) for stroke in pad.drawing.ink.strokes] == [1]


def test_a_pen_is_near_for_half_a_second_after_its_last_event() -> None:
    times = [10.0, 10.4, 10.6]
    watch = PenWatch(clock=lambda: times.pop(0))
    watch.note()
    assert watch.is_near
    assert not watch.is_near


def test_the_width_of_the_pen_is_kept_and_a_tiny_digit_is_read_at_every_width(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    canvas, unit = window.draw_tab.canvas, PAD / window.draw_tab.canvas.pad_rect().height()
    tiny = [[(140 + (x - 140) * 24 * unit / 170, 140 + (y - 140) * 24 * unit / 170) for x, y in SEVEN[0]]]
    widths = []
    for action in window.actions_.pen_widths.actions():
        action.trigger()
        widths.append(canvas.pen_width)
        session.pad.clear()
        draw(canvas, tiny)
        settled()
        assert window.draw_tab.panel.answer_texts == ["7"]
        assert canvas.pen_width / PEN_WIDTH == Settings().pen_scale
    assert widths == sorted(set(widths))
