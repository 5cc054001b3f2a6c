"""The enlarged sample: its pixels under the mouse, with the keys and on the clipboard."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from digitpad.gui.mistakes.inspector.pixel_painting import outline, overlay_colours, overlay_image
from digitpad.gui.mistakes.inspector.pixel_view import PixelView
from digitpad.gui.theme.digit_colours import shades
from digitpad.gui.theme.theme import Appearance, Themes
from tests.helpers.labelled_samples import digits_of, samples_of
from tests.helpers.mouse import point_at


@pytest.fixture
def view(qtbot: QtBot, themes: Themes) -> PixelView:
    view = PixelView()
    qtbot.addWidget(view)
    view.resize(308, view.heightForWidth(308))
    view.show_sample(samples_of(digits_of())[3])
    view.show()
    return view


def middle(view: PixelView, row: int, column: int) -> QPoint:
    return view.place_of((row, column)).center().toPoint()


def saliency(shape: tuple[int, int] = (28, 28)) -> np.ndarray:
    return np.linspace(-1, 1, shape[0] * shape[1], dtype=np.float32).reshape(shape)


def test_each_pixel_is_a_square_of_its_shade_between_paper_and_ink_in_both_themes(
    view: PixelView, themes: Themes
) -> None:
    image = digits_of().images[3]
    for appearance in (Appearance.LIGHT, Appearance.DARK):
        themes.set_appearance(appearance)
        picture = view.grab().toImage()
        for row, column in ((1, 1), (7, 12), (26, 26)):
            assert picture.pixel(middle(view, row, column)) == shades(view.palette())[image[row, column]]


def test_the_caption_shows_the_pixel_under_the_mouse(view: PixelView, qtbot: QtBot) -> None:
    image = digits_of().images[3]
    assert view.caption == "28x28 pixels from 0 to 255"
    for row, column in ((0, 0), (7, 12), (27, 27)):
        point_at(view, middle(view, row, column))
        value = int(image[row, column])
        text = f"row {row}, column {column}: {value} ({value / 255:.3f})"
        qtbot.waitUntil(lambda text=text: view.caption == text)
    point_at(view, QPoint(100, view.height() - 3))
    qtbot.waitUntil(lambda: view.pixel is None)


def test_the_pixel_under_the_mouse_is_outlined(view: PixelView, qtbot: QtBot) -> None:
    before = view.grab().toImage()
    point_at(view, middle(view, 7, 12))
    qtbot.waitUntil(lambda: view.pixel == (7, 12))
    after = view.grab().toImage()
    assert before.pixelColor(middle(view, 7, 12)) == after.pixelColor(middle(view, 7, 12))
    edge = view.place_of((7, 12)).topLeft().toPoint()
    assert after.pixelColor(edge).red() == 255 or after.pixelColor(edge - QPoint(1, 1)).red() == 255


def test_arrow_keys_move_by_one_pixel_and_stop_at_the_edges(view: PixelView) -> None:
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.pixel == (14, 14)  # the first press shows the cursor
    for key, expected in ((Qt.Key.Key_Right, (14, 15)), (Qt.Key.Key_Up, (13, 15)), (Qt.Key.Key_Left, (13, 14))):
        QTest.keyClick(view, key)
        assert view.pixel == expected
        assert view.accessibleDescription() == view.caption
    for _ in range(40):
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.pixel == (27, 14)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.pixel is None


def test_copied_pixels_equal_the_image(view: PixelView) -> None:
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = QGuiApplication.clipboard().text()
    copied = np.array([[int(value) for value in line.split("\t")] for line in text.splitlines()])
    assert (copied == digits_of().images[3]).all()


def test_small_images_show_values_in_their_units(view: PixelView, qtbot: QtBot) -> None:
    digits = digits_of(side=8, peak=16)
    view.show_sample(samples_of(digits)[2])
    point_at(view, middle(view, 3, 4))
    value = int(digits.images[2, 3, 4])
    qtbot.waitUntil(lambda: view.caption == f"row 3, column 4: {value} ({value / 16:.3f})")
    shown = view.grab().toImage().pixel(middle(view, 5, 5))
    assert shown == shades(view.palette())[round(int(digits.images[2, 5, 5]) * 255 / 16)]


def test_an_overlay_shows_the_share_of_the_pixel(view: PixelView, qtbot: QtBot) -> None:
    values = saliency()
    view.show_overlay(values, "for 9")
    assert view.share_text == ""
    point_at(view, middle(view, 0, 0))
    qtbot.waitUntil(lambda: view.share_text == "for 9: −1.00")
    point_at(view, middle(view, 27, 27))
    qtbot.waitUntil(lambda: view.share_text == "for 9: +1.00")
    view.show_overlay(None)
    assert view.share_text == ""


def test_the_next_sample_removes_the_overlay(view: PixelView) -> None:
    view.show_overlay(saliency(), "for 9")
    view.show_sample(samples_of(digits_of())[4])
    assert view.overlay is None


def test_an_overlay_of_another_size_is_not_shown(view: PixelView) -> None:
    view.show_overlay(saliency((8, 8)), "for 9")
    assert view.overlay is None


def test_overlay_colours_separate_support_from_opposition_and_zero_is_transparent() -> None:
    against, supporting = overlay_colours(QPalette())
    image = overlay_image(np.array([[-1.0, 0.0, 1.0]], np.float32), against, supporting)
    left, centre, right = (image.pixelColor(column, 0) for column in range(3))
    assert (left.rgb() | 0xFF000000, right.rgb() | 0xFF000000) == (against.rgb(), supporting.rgb())
    assert centre.alpha() == 0
    assert 200 < left.alpha() == right.alpha() < 255


def test_the_outline_follows_the_edge_of_the_ink() -> None:
    ink = np.zeros((4, 4), bool)
    ink[1, 1] = ink[1, 2] = True
    lines = {(line.x1(), line.y1(), line.x2(), line.y2()) for line in outline(ink)}
    assert lines == {(1, 1, 2, 1), (2, 1, 3, 1), (1, 2, 2, 2), (2, 2, 3, 2), (1, 1, 1, 2), (3, 1, 3, 2)}


def test_without_a_sample_nothing_is_shown_or_copied(view: PixelView) -> None:
    QGuiApplication.clipboard().setText("kept")
    view.show_sample(None)
    point_at(view, middle(view, 7, 12))
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert (view.caption, view.pixel, QGuiApplication.clipboard().text()) == ("", None, "kept")


@pytest.mark.parametrize("width", [224, 288, 300, 308, 400])
def test_the_image_fits_and_all_its_pixels_have_the_same_size(view: PixelView, width: int) -> None:
    view.resize(width, view.heightForWidth(width))
    assert view.place().width() <= width
    assert view.place().width() % 28 == 0
    assert view.place().bottom() < view.height() - 24  # room for two lines
