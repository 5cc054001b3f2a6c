"""Shortcuts and the View menu show the pages; a page is created when it is first shown."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from digitpad.gui.mistakes.mistakes_tab import MistakesTab
from digitpad.gui.my_digits.my_digits_tab import MyDigitsTab
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow

LATER_PAGES = (TrainTab, MistakesTab, MyDigitsTab)


def test_pages_are_created_when_their_shortcut_first_shows_them(window: MainWindow) -> None:
    assert window.tabs.current_page is window.draw_tab
    for number, kind in enumerate(LATER_PAGES, start=2):
        assert not window.findChildren(kind)
        QTest.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        (page,) = window.findChildren(kind)
        assert page.isVisible()
        assert window.tabs.current_page is page
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.draw_tab.isVisible()
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert len(window.findChildren(TrainTab)) == 1


def test_the_view_menu_shows_a_page(window: MainWindow, qtbot: QtBot) -> None:
    (view,) = (menu for menu in window.menuBar().findChildren(QMenu) if menu.title() == "&View")
    (train,) = (action for action in view.actions() if action.text() == "&Train")
    view.popup(QPoint(0, 0))
    qtbot.waitUntil(view.isVisible)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.actionGeometry(train).center())
    assert window.tabs.current_page is window.training_tab
