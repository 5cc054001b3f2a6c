"""The Mistakes tab without a mouse: the focus when the tab is shown, and the tab order."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.mistakes.mistakes_tab import MistakesTab
from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def press(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifiers)


@pytest.fixture
def tab(window: MainWindow, session: Session, qtbot: QtBot) -> MistakesTab:
    """The tab with the built-in digits, after it was shown once; the Draw tab is shown."""
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.show_tab(2)
    tab = window.mistakes_tab
    assert tab.overview.sources.model.hasFocus()  # there are no samples yet
    tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.browser.samples is not None, timeout=60_000)
    assert not tab.gallery.shows_message
    window.show_tab(0)
    return tab


def column_of(tab: MistakesTab, widget: QWidget) -> str:
    """Return which part of the tab a widget is in."""
    parts = {"left": tab.overview, "controls": tab.gallery.filters, "grid": tab.gallery.grid, "right": tab.inspector}
    return next((name for name, part in parts.items() if part is widget or part.isAncestorOf(widget)), "")


def columns_in_tab_order(tab: MistakesTab) -> list[str]:
    """Return the columns in the order in which the Tab key reaches them, from the choice of a model."""
    widget: QWidget | None = tab.overview.sources.model
    columns: list[str] = []
    while widget is not None and tab.isAncestorOf(widget) and len(columns) < 100:
        widget.setFocus()
        columns.append(column_of(tab, widget))
        press(widget, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
    return [name for number, name in enumerate(columns) if name and name not in columns[:number]]


def test_the_grid_gets_the_focus_when_the_tab_is_opened(window: MainWindow, tab: MistakesTab) -> None:
    window.show_tab(2)
    assert tab.gallery.grid.hasFocus()
    tab.inspector.pad_button.setFocus()
    window.show_tab(2)  # the shortcut again
    assert tab.gallery.grid.hasFocus()
    window.show_tab(1)
    window.tabs.setCurrentIndex(2)  # as a click does
    assert tab.gallery.grid.hasFocus()


def test_the_tab_bar_keeps_the_focus_when_arrow_keys_switch_tabs(window: MainWindow, tab: MistakesTab) -> None:
    bar = window.tabs.tabBar()
    bar.setFocus()
    for _ in range(2):
        press(bar, Qt.Key.Key_Right)
    assert tab.isVisible()
    assert bar.hasFocus()
    window.show_tab(2)
    assert tab.gallery.grid.hasFocus()


def test_the_tab_order_follows_the_columns_from_left_to_right(window: MainWindow, tab: MistakesTab) -> None:
    window.show_tab(2)
    for _ in range(2):
        assert columns_in_tab_order(tab) == ["left", "controls", "grid", "right"]
        window.resize(760, 560)
        tab.columns.show_left()
        assert columns_in_tab_order(tab) == ["left", "controls", "grid"]
        window.resize(1280, 800)


def test_the_next_sample_is_inspected_when_a_marked_one_is_excluded(window: MainWindow, tab: MistakesTab) -> None:
    window.show_tab(2)
    tab.browser.clear_filters()
    tab.browser.leave_out_suspects(True)
    grid, shown = tab.gallery.grid, tab.browser.indices
    press(grid, Qt.Key.Key_Home)
    for _ in range(40):
        press(grid, Qt.Key.Key_Right)
    top = grid.verticalScrollBar().value()
    tab.browser.mark_all([int(shown[40])])
    assert len(tab.browser.indices) == len(shown) - 1
    assert grid.selected_ids().tolist() == [shown[41]]
    assert tab.inspector.sample is not None
    assert tab.inspector.sample.index == shown[41]
    assert grid.verticalScrollBar().value() == top


def test_clearing_the_filters_keeps_only_the_current_sample_selected(window: MainWindow, tab: MistakesTab) -> None:
    window.show_tab(2)
    press(tab.gallery.grid, Qt.Key.Key_A, CTRL)
    assert "selected" in tab.gallery.count
    tab.browser.clear_filters()
    assert len(tab.gallery.grid.selected_ids()) == 1
    assert "selected" not in tab.gallery.count
