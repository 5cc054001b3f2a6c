"""F11 shows the window to a class, Esc restores it as it was."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.gui.session.settings import Settings
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId


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
    QTest.keyClick(stage, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert not stage.mistakes_tab.gallery.filters.isVisible()
    assert not stage.mistakes_tab.columns.is_wide


def test_the_size_chosen_on_stage_is_not_remembered(stage: MainWindow, qtbot: QtBot) -> None:
    enter(stage, qtbot)
    zoom = stage.themes.zoom
    QTest.keyClick(stage, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert stage.themes.zoom < zoom
    QTest.keyClick(stage, Qt.Key.Key_Escape)
    assert stage.themes.zoom == Settings().zoom == 1.0
