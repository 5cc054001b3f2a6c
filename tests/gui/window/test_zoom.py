"""Ctrl + plus, minus and 0 change the size of everything: lengths, type and pictures, in every window."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QScrollArea,
    QTableWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

import digitpad.gui
from digitpad.core.evaluation.sample_filter import Show
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.icons import read_text
from digitpad.gui.theme.scaling import ZOOMS, px, style_for_scale, type_size
from digitpad.gui.theme.theme import Themes
from digitpad.gui.train.program_dialog import ProgramDialog
from digitpad.gui.window.about_dialog import AboutDialog
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.model_card_dialog import ModelCardDialog
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.cut_texts import cut_off
from tests.helpers.drawings import new_digits
from tests.helpers.labelled_samples import digits_of, samples_of

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def usual_size_again(themes: Themes) -> Iterator[None]:
    yield
    themes.set_zoom(1.0)


@pytest.fixture
def shown(window: MainWindow, session: Session, qtbot: QtBot) -> MainWindow:
    """Show every page once, with samples in the Mistakes page."""
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for page in PageId:
        window.show_tab(page)
    window.mistakes_tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and window.mistakes_tab.browser.samples is not None)
    window.mistakes_tab.browser.choose_show(Show.ALL)
    return window


def test_lengths_and_type_follow_the_zoom(themes: Themes) -> None:
    themes.set_zoom(1.5)
    assert (px(24), px(1.5), px(QSize(10, 20))) == (36, 2.25, QSize(15, 30))
    assert QApplication.font().pointSizeF() == pytest.approx(type_size())
    assert type_size(0.9) == pytest.approx(0.9 * 15)
    assert style_for_scale("a { margin: -5px 1px; font-size: 90%; }") == "a { margin: -8px 1px; font-size: 13.50pt; }"


def test_captions_have_at_least_nine_points(themes: Themes) -> None:
    assert type_size(0.9) >= 9


def test_keys_change_the_size_and_it_is_remembered(window: MainWindow, themes: Themes) -> None:
    for key, zoom in ((Qt.Key.Key_Plus, 1.1), (Qt.Key.Key_Equal, 1.25), (Qt.Key.Key_Minus, 1.1), (Qt.Key.Key_0, 1.0)):
        QTest.keyClick(window, key, CTRL)
        assert (themes.zoom, Settings().zoom) == (zoom, zoom)


def test_keys_change_the_size_in_a_dialog(window: MainWindow, themes: Themes, qtbot: QtBot) -> None:
    dialog = AboutDialog(window)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    before = dialog.sizeHint()
    QTest.keyClick(dialog, Qt.Key.Key_Plus, CTRL)
    assert themes.zoom == ZOOMS[ZOOMS.index(1.0) + 1]
    assert dialog.sizeHint().width() > before.width()


def test_thumbnails_leave_the_keys_to_the_window(shown: MainWindow, themes: Themes, qtbot: QtBot) -> None:
    shown.show_tab(PageId.MISTAKES)
    grid = shown.mistakes_tab.gallery.grid
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    grid.setFocus()
    side = grid.side
    QTest.keyClick(grid, Qt.Key.Key_Plus, CTRL)
    assert (themes.zoom, grid.side) == (1.1, side)


def test_the_size_has_limits(window: MainWindow, themes: Themes) -> None:
    for key, limit in ((Qt.Key.Key_Plus, ZOOMS[-1]), (Qt.Key.Key_Minus, ZOOMS[0])):
        for _ in range(len(ZOOMS) + 1):
            QTest.keyClick(window, key, CTRL)
        assert themes.zoom == limit


def test_a_damaged_setting_has_the_usual_size(window: MainWindow) -> None:
    settings = Settings()
    settings._store.setValue("zoom", "large")
    assert settings.zoom == 1.0
    settings._store.setValue("zoom", "90")
    assert settings.zoom == ZOOMS[-1]


def lengths(window: QWidget) -> dict[QWidget, tuple[object, ...]]:
    """Return the lengths that code has set, of each widget."""
    return {
        widget: (
            widget.minimumSize().toTuple(),
            widget.maximumSize().toTuple(),
            widget.iconSize().toTuple() if isinstance(widget, QAbstractButton) else None,
            None if (layout := widget.layout()) is None else (layout.contentsMargins(), layout.spacing()),
        )
        for widget in window.findChildren(QWidget)
        if not widget.objectName().startswith("qt_scrollarea")
    }


def test_the_usual_size_is_the_same_after_all_others(shown: MainWindow, themes: Themes) -> None:
    def go_through_all() -> dict[QWidget, tuple[object, ...]]:
        for zoom in (*ZOOMS, 1.0):
            themes.set_zoom(zoom)
            QApplication.processEvents()
        return lengths(shown)

    # The first time some widgets get lengths that they have only when they are shown.
    before, after = go_through_all(), go_through_all()
    assert [(widget, before[widget], after[widget]) for widget in before if before[widget] != after[widget]] == []


def test_the_rows_of_a_table_follow_a_large_step_and_come_back(themes: Themes, qtbot: QtBot) -> None:
    table = QTableWidget(3, 2)
    qtbot.addWidget(table)
    table.verticalHeader().setDefaultSectionSize(px(28))
    table.show()
    heights = []
    for zoom in (1.0, ZOOMS[-1], 1.0, ZOOMS[0], 1.0):
        themes.set_zoom(zoom)
        heights.append((table.rowHeight(0), px(28)))
    assert all(height == wanted for height, wanted in heights), heights


@pytest.mark.parametrize("zoom", [1.5, ZOOMS[-1]])
def test_the_window_still_fits_a_small_screen(shown: MainWindow, themes: Themes, zoom: float) -> None:
    themes.set_zoom(zoom)
    QApplication.processEvents()
    smallest = shown.minimumSizeHint().expandedTo(shown.minimumSize())
    assert smallest.width() <= 1280
    assert smallest.height() <= 800


@pytest.mark.parametrize(
    ("width", "height", "zoom"),
    [(760, 560, 1.0), (1000, 700, 1.0), (1200, 800, 1.0), (1280, 800, 1.0)]
    + [(1280, 800, zoom) for zoom in (0.7, 1.5, 2.0)],
)
def test_texts_fit(window: MainWindow, themes: Themes, width: int, height: int, zoom: float) -> None:
    window.resize(width, height)
    themes.set_zoom(zoom)
    found = {}
    for page in PageId:
        window.show_tab(page)
        if page is PageId.MISTAKES:
            window.mistakes_tab.browser.show(samples_of(digits_of(200)))
        for _ in range(3):  # parts that have another arrangement now have another size
            QApplication.processEvents()
        found[page.name] = cut_off(window)
    assert found == {page.name: [] for page in PageId}


def test_training_mistakes_and_my_digits_do_not_scroll_sideways(
    shown: MainWindow, themes: Themes, subtests: pytest.Subtests
) -> None:
    cases = [(760, 1.0), (680, 1.75), (760, 2.0), (1000, 2.5), (1280, 1.5), (1280, 1.75), (1280, 2.0), (1280, 2.5)]
    for width, zoom in cases:
        shown.resize(width, 800 if zoom > 1 else 560)
        themes.set_zoom(zoom)
        QApplication.processEvents()
        with subtests.test(width=width, zoom=zoom):
            for page in (PageId.MISTAKES, PageId.MY_DIGITS, PageId.TRAIN):
                shown.show_tab(page)
                QApplication.processEvents()
                assert shown.tabs.current_page.width() <= shown.width(), page
            bars = [area.horizontalScrollBar() for area in shown.training_tab.findChildren(QScrollArea)]
            assert [bar.maximum() for bar in bars if bar.isVisible()] == []
            bar = shown.tabs.tabBar()
            assert all(bar.rect().contains(bar.tabRect(page)) for page in PageId)


def test_in_a_narrow_window_digits_and_overview_take_turns(window: MainWindow, qtbot: QtBot) -> None:
    with MyDigits.open() as mine:
        mine.add_all(new_digits(30))
    window.resize(1280, 800)
    window.show_tab(PageId.MY_DIGITS)
    tab = window.my_digits_tab
    qtbot.waitUntil(lambda: tab.gallery.model.rowCount() == 30)
    assert (tab.pages.isVisible(), tab.gallery.isVisible(), tab.summary.isVisible()) == (False, True, True)
    window.resize(600, 560)
    qtbot.waitUntil(tab.pages.isVisible)
    assert (tab.gallery.isVisible(), tab.summary.isVisible()) == (True, False)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    tab.gallery.grid.setFocus()
    tab.pages.setCurrentIndex(1)
    assert (tab.gallery.isVisible(), tab.summary.isVisible()) == (False, True)
    assert tab.pages.hasFocus()
    tab.summary.labels_chosen.emit(frozenset({7}))
    assert (tab.gallery.isVisible(), tab.gallery.model.rowCount()) == (True, 3)
    window.resize(1280, 800)
    qtbot.waitUntil(tab.pages.isHidden)
    assert tab.gallery.isVisible()
    assert tab.summary.isVisible()


def test_at_200_per_cent_settings_and_curves_take_turns(
    shown: MainWindow, themes: Themes, session: Session, qtbot: QtBot
) -> None:
    themes.set_zoom(2.0)
    shown.show_tab(PageId.TRAIN)
    tab = shown.training_tab
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=1000", "device=cpu"])
    tab.form.set_recipe(recipe)
    assert (tab.form.isVisible(), tab.curves.isVisible()) == (True, False)
    QTest.mouseClick(tab.buttons.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(tab.curves.isVisible)
    assert not tab.form.isVisible()
    tab.messages.warn("a message lies over what is visible")
    assert tab.messages.isVisible()
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)
    tab.setFocus()
    QTest.keyClick(tab, Qt.Key.Key_Return, CTRL)  # Start is hidden
    qtbot.waitUntil(lambda: session.training.run is not None and session.training.is_busy)
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)
    tab.show_recipe(recipe)
    assert (tab.form.isVisible(), tab.curves.isVisible()) == (True, False)


def test_at_200_per_cent_a_window_of_1280_px_shows_the_pad_and_the_digits_without_scrolling_sideways(
    window: MainWindow, themes: Themes
) -> None:
    window.resize(1280, 800)
    for zoom in (1.0, 2.0, 1.0, 2.0):  # the way there does not matter
        themes.set_zoom(zoom)
        QApplication.processEvents()
    for page in (PageId.DRAW, PageId.MY_DIGITS):
        window.show_tab(page)
        QApplication.processEvents()
        assert window.tabs.current_page.width() <= window.width(), page
    assert window.draw_tab.canvas.width() > 400
    window.show_break_it()
    QApplication.processEvents()
    view = window.draw_tab.break_it
    assert view is not None
    assert view.height() > 600
    assert window.draw_tab.height() - view.geometry().bottom() < 60


def test_no_type_has_a_fixed_size_in_pixels() -> None:
    sources = Path(digitpad.gui.__path__[0]).rglob("*.py")
    fixed = [path.name for path in sources if "setPixelSize" in path.read_text("utf-8")]
    assert fixed == ["fonts.py"]  # type that is as high as its room
    assert not re.search(r"font-size: *[\d.]+px", read_text("themes/style.qss"))


def test_a_saved_figure_does_not_depend_on_the_zoom(shown: MainWindow, themes: Themes) -> None:
    curves = shown.training_tab.curves
    before = curves.svg()
    themes.set_zoom(2.0)
    assert curves.svg() == before


def test_windows_that_open_at_a_large_zoom_leave_room_for_their_frame_on_the_screen(
    window: MainWindow, session: Session, themes: Themes
) -> None:
    room = window.screen().availableSize() - QSize(16, 40)
    assert window.size() == window.size().boundedTo(room)
    themes.set_zoom(2)
    for other in (
        ModelCardDialog(session.models.chosen, window),
        ProgramDialog("import torch", "", window),
        window.layer_window,
        window.gates,
    ):
        least = other.minimumSize().expandedTo(other.minimumSizeHint())
        assert other.size() == other.size().boundedTo(room.expandedTo(least))
