"""View > Digits: all pictures of digits have the same colours of ink and paper."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.digit_colours import DigitColours, ink_and_paper, paint_levels
from digitpad.gui.theme.theme import Appearance
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.gui import SEVEN, draw

Case = tuple[Appearance, DigitColours, str]
_SHADES = {"dark": 80, "light": 200}  # grey values: at most, at least


@pytest.fixture(autouse=True)
def _theme_is_restored(window: MainWindow) -> Iterator[None]:
    yield
    window.themes.set_appearance(Appearance.LIGHT)
    window.themes.set_digit_colours(DigitColours.THEME)


def choose(window: MainWindow, choice: DigitColours) -> None:
    """Choose in the View menu."""
    next(action for action in window.actions_.digit_colours.actions() if action.data() == choice.value).trigger()


def paper_of(widget: QWidget, place: QRectF) -> str:
    """Return whether most of a place of a widget is dark or light."""
    image = widget.grab(place.toAlignedRect()).toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    greys = np.frombuffer(image.constBits(), np.uint8)
    middle = float(np.median(greys))
    return "dark" if middle <= _SHADES["dark"] else "light" if middle >= _SHADES["light"] else f"{middle}"


@pytest.mark.parametrize(
    "case",
    [
        (Appearance.LIGHT, DigitColours.THEME, "light"),
        (Appearance.DARK, DigitColours.THEME, "dark"),
        (Appearance.LIGHT, DigitColours.LIGHT_ON_DARK, "dark"),
        (Appearance.DARK, DigitColours.DARK_ON_LIGHT, "light"),
    ],
)
def test_all_pictures_of_digits_have_the_same_paper(
    window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot, case: Case
) -> None:
    appearance, choice, paper = case
    window.resize(1280, 800)
    window.themes.set_appearance(appearance)
    choose(window, choice)
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    pad, answer = window.draw_tab.canvas, window.draw_tab.panel
    papers = [paper_of(pad, pad.pad_rect()), paper_of(answer.digit_image_view, QRectF(answer.digit_image_view.rect()))]
    window.show_tab(PageId.MISTAKES)
    tab = window.mistakes_tab
    tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.browser.samples is not None)
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Right)
    image, grid = tab.inspector.image, tab.gallery.grid
    cell = grid.visualRect(grid.currentIndex())
    edge = QRectF(cell.center().x() - 10, cell.top() + 10, 20, 3)  # of the thumbnail, above the ink
    papers += [paper_of(image, image.place()), paper_of(grid.viewport(), edge)]
    assert papers == [paper] * len(papers)


def test_the_choice_is_remembered(window: MainWindow) -> None:
    choose(window, DigitColours.LIGHT_ON_DARK)
    assert Settings().digit_colours is DigitColours.LIGHT_ON_DARK


def test_levels_become_colours_between_paper_and_ink(window: MainWindow) -> None:
    choose(window, DigitColours.LIGHT_ON_DARK)
    ink, paper = ink_and_paper(window.palette())
    shown = QImage(2, 1, QImage.Format.Format_RGB32)
    with QPainter(shown) as painter:
        paint_levels(painter, QRectF(0, 0, 2, 1), np.array([[0, 255]], np.uint8), window.palette())
    assert [shown.pixelColor(x, 0) for x in (0, 1)] == [paper, ink]


def test_a_saved_drawing_is_dark_on_light_unless_the_user_chose_the_opposite(
    window: MainWindow, session: Session, settled: Callable[[], None], tmp_path: Path
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    for choice, corner in ((DigitColours.THEME, "#ffffff"), (DigitColours.LIGHT_ON_DARK, "#000000")):
        choose(window, choice)
        window.files.save_to(tmp_path / "seven.png")
        assert QImage(str(tmp_path / "seven.png")).pixelColor(0, 0).name() == corner
