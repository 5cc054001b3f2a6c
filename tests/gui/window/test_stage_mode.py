"""F11 shows the window to a class, Esc restores it as it was."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.sample_filter import Show
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.recognition.prediction import WIDEST_PROBABILITY
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.drawings import new_digits
from tests.helpers.gui import SEVEN, draw
from tests.helpers.labelled_samples import digits_of, samples_of


@pytest.fixture
def stage(window: MainWindow, qtbot: QtBot) -> Iterator[MainWindow]:
    window.resize(1200, 780)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.actions_.stage.setChecked(False)
    window.themes.set_zoom(1.0)


def test_the_keys_switch_it_on_and_off(stage: MainWindow) -> None:
    QApplication.processEvents()
    size = stage.size()
    QTest.keyClick(stage, Qt.Key.Key_F11)
    assert stage.isFullScreen()
    assert 1.5 <= stage.themes.zoom <= 2.0
    assert not stage.status_bar.isVisible()
    assert not stage.tabs.tabBar().isVisible()
    assert not stage.draw_tab.label_buttons.isVisible()
    QTest.keyClick(stage, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert not stage.isFullScreen()
    assert (stage.size(), stage.themes.zoom) == (size, 1.0)
    assert stage.status_bar.isVisible()
    assert stage.tabs.tabBar().isVisible()
    assert stage.draw_tab.label_buttons.isVisible()
    assert Settings().zoom == 1.0


def enter(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_F11)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def test_pages_are_switched_and_show_what_matters(stage: MainWindow, qtbot: QtBot) -> None:
    enter(stage, qtbot)
    QTest.keyClick(stage, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    tab = stage.training_tab
    assert stage.tabs.currentIndex() == PageId.TRAIN
    assert tab.isVisible()
    assert not tab.runs.isVisible()
    QApplication.processEvents()
    assert tab.progress_line.width() > 0.8 * stage.width()
    left = tab.progress_line.mapTo(tab, tab.progress_line.rect().topLeft()).x()
    assert left == tab.width() - left - tab.progress_line.width()  # the hidden form leaves no gap
    QTest.keyClick(stage, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert not stage.mistakes_tab.gallery.filters.isVisible()
    assert not stage.mistakes_tab.columns.is_wide


@pytest.mark.parametrize("page", list(PageId))
def test_tab_reaches_only_what_is_shown(stage: MainWindow, page: PageId, qtbot: QtBot) -> None:
    QTest.keyClick(stage, Qt.Key(Qt.Key.Key_1 + page), Qt.KeyboardModifier.ControlModifier)
    enter(stage, qtbot)
    stage.resize(1920, 1080)
    QApplication.processEvents()
    for _ in range(20):
        focused = QApplication.focusWidget()
        assert focused is not None
        assert min(focused.visibleRegion().boundingRect().size().toTuple()) > 4, focused
        QTest.keyClick(focused, Qt.Key.Key_Tab)


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_all_ten_bars_are_in_view_with_and_without_inside(stage: MainWindow, size: tuple[int, int]) -> None:
    stage.tabs.tabBar().hide()  # as on stage: without a screen it has another size
    stage.draw_tab.set_stage(on=True)
    stage.themes.set_zoom(1.5)
    stage.resize(*size)
    draw(stage.draw_tab.canvas, SEVEN)
    for _ in range(2):
        stage.actions_.inside.trigger()
        for _ in range(3):
            QApplication.processEvents()
        (answer,) = stage.draw_tab.panel.answers
        assert answer.bars.visibleRegion().boundingRect() == answer.bars.rect()
        share = answer.confidence
        assert share.contentsRect().width() >= share.fontMetrics().horizontalAdvance(WIDEST_PROBABILITY)


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_all_fields_of_break_it_are_in_view_and_the_pad_is_as_high_as_its_top(
    stage: MainWindow, size: tuple[int, int], qtbot: QtBot
) -> None:
    for part in (stage.tabs.tabBar(), stage.menuBar(), stage.status_bar):
        part.hide()
    stage.draw_tab.set_stage(on=True)
    stage.themes.set_zoom(size[1] / 620 if size[1] > 930 else 1.5)
    stage.resize(*size)
    stage.show_break_it()
    view = stage.draw_tab.break_it
    assert view is not None
    draw(stage.draw_tab.canvas, SEVEN)
    qtbot.waitUntil(lambda: view.is_settled and not view.is_empty)
    for _ in range(3):
        QApplication.processEvents()
    controls = view.controls
    for field in (*controls.amounts.values(), controls.normalisation):
        assert field.visibleRegion().boundingRect() == field.rect()
    assert stage.draw_tab.canvas.y() == view.y()


def test_mistakes_show_the_whole_matrix_and_large_samples_without_fields(stage: MainWindow, qtbot: QtBot) -> None:
    stage.show_tab(PageId.MISTAKES)
    tab = stage.mistakes_tab
    tab.browser.choose_show(Show.ALL)
    samples = samples_of(digits_of(200))
    overview, gallery, inspector = tab.overview, tab.gallery, tab.inspector
    fields = {overview.sources: overview, overview.per_digit: overview, gallery.filters: gallery}
    fields[inspector.pad_button] = inspector
    enter(stage, qtbot)
    tab.browser.show(samples)  # now: the page looks for the chosen data whenever it is shown
    QApplication.processEvents()
    assert [field.isVisibleTo(column) for field, column in fields.items()] == [False] * 4
    table = tab.overview.matrix.table
    assert table.visibleRegion().boundingRect().size() == table.size()
    assert table.height() > 0.4 * min(tab.width(), 1.5 * tab.height())
    rows_on_stage = len(tab.gallery.grid.visible_rows) / tab.gallery.grid.height()
    QTest.keyClick(stage, Qt.Key.Key_Escape)
    QApplication.processEvents()
    tab.browser.show(samples)
    assert [field.isVisibleTo(column) for field, column in fields.items()] == [True] * 4
    assert rows_on_stage < len(tab.gallery.grid.visible_rows) / tab.gallery.grid.height()


def test_my_digits_show_only_the_digits_large(stage: MainWindow, session: Session, qtbot: QtBot) -> None:
    with MyDigits.open() as mine:
        mine.add_all(new_digits(200))
    with qtbot.waitSignal(session.my_digits.read):
        stage.show_tab(PageId.MY_DIGITS)
    tab = stage.my_digits_tab
    QApplication.processEvents()
    cell = tab.gallery.grid.visualRect(tab.gallery.model.index(0, 0)).height()
    enter(stage, qtbot)
    QApplication.processEvents()
    assert not tab.summary.isVisible()
    assert tab.gallery.grid.width() > 0.9 * stage.width()
    assert tab.gallery.grid.visualRect(tab.gallery.model.index(0, 0)).height() > 1.4 * cell * stage.themes.zoom
    QTest.keyClick(stage, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert tab.summary.isVisible()
    assert tab.gallery.grid.visualRect(tab.gallery.model.index(0, 0)).height() == cell


def test_the_size_chosen_on_stage_is_not_remembered(stage: MainWindow, qtbot: QtBot) -> None:
    enter(stage, qtbot)
    zoom = stage.themes.zoom
    QTest.keyClick(stage, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert stage.themes.zoom < zoom
    QTest.keyClick(stage, Qt.Key.Key_Escape)
    assert stage.themes.zoom == Settings().zoom == 1.0


@pytest.mark.parametrize("page", list(PageId))
def test_the_hint_covers_nothing_and_goes_with_the_first_key_or_click(
    stage: MainWindow, page: PageId, qtbot: QtBot
) -> None:
    stage.show_tab(page)
    enter(stage, qtbot)
    QApplication.processEvents()
    hint, shown = stage.stage.hint, stage.tabs.geometry()
    assert hint.isVisible()
    for key in ("Esc", "Ctrl+1 to 4", "Ctrl + and −"):
        assert key in hint.text()
    assert ("Ctrl+Enter" in hint.text()) == (page == PageId.TRAIN)
    line, pages = (part.mapTo(stage, part.rect().topLeft()) for part in (stage.stage.line, stage.tabs))
    assert line.y() >= pages.y() + stage.tabs.height()
    QTest.keyPress(stage, Qt.Key.Key_Control)  # a modifier alone does nothing yet
    assert hint.isVisible()
    QTest.mouseClick(stage.tabs.current_page, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert not hint.isVisible()
    assert stage.tabs.geometry() == shown  # nothing moves


def test_the_hint_goes_with_a_shortcut_and_names_the_keys_of_a_training_on_its_page(
    stage: MainWindow, qtbot: QtBot
) -> None:
    enter(stage, qtbot)
    QTest.keyClick(stage, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert not stage.stage.hint.isVisible()
    QTest.keyClick(stage, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert stage.stage.hint.isVisible()
    assert "Ctrl+Enter" in stage.stage.hint.text()


def test_stage_mode_is_left_without_a_keyboard(stage: MainWindow, qtbot: QtBot) -> None:
    enter(stage, qtbot)
    QTest.mouseClick(stage.stage.end, Qt.MouseButton.LeftButton)
    assert not stage.isFullScreen()
    assert not stage.stage.end.isVisible()
