"""What a mouse can do, keys can do: the parts of painted pictures, sliders, dividers and switches."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.inside.exciting_images import ExcitingImages
from digitpad.core.models.switched_off import Unit
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.inside.exciting_strip import ExcitingStrip
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.widgets.splitter import Splitter
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.gui import SEVEN, draw
from tests.helpers.tab_walk import accessible_name, accessible_role, check_walk, place_of, walk

Key = Qt.Key


@pytest.fixture
def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def press(window: QWidget, *keys: Qt.Key) -> None:
    """Press keys in a window, as on a keyboard; the window of an earlier test may end late."""
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    for key in keys:
        QTest.keyClick(window.windowHandle(), key)


def train(*changes: str) -> None:
    recipe = with_settings(load_recipe("xor-mlp"), ["epochs=5", *changes])
    assert isinstance([*run_job(TrainingJob(recipe, "xor-mlp", "gate"))][-1], RunClosed)


def show_run(window: MainWindow, qtbot: QtBot) -> TrainTab:
    train()
    window.show_tab(PageId.TRAIN)
    qtbot.waitUntil(lambda: window.session.runs.is_settled and bool(window.session.runs.runs))
    tab = window.training_tab
    tab.runs.select(window.session.runs.runs[0])
    return tab


def test_arrow_keys_read_the_weights_of_a_network(shown: MainWindow, qtbot: QtBot) -> None:
    tab = show_run(shown, qtbot)
    tab.form.set_recipe(shown.session.runs.runs[0].recipe)
    tab.pictures.show_page(tab.network)
    view = tab.network.view
    qtbot.waitUntil(lambda: view.has_lines)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    press(shown, Key.Key_Right)
    assert view.accessibleDescription().startswith("unit 0 of inputs")
    press(shown, Key.Key_End)
    assert view.accessibleDescription().startswith("weight ")
    assert QToolTip.text() == view.accessibleDescription()
    last = view.accessibleDescription()
    press(shown, Key.Key_Left)
    assert view.accessibleDescription() != last
    check_walk(shown)


def test_arrow_keys_read_the_plane_of_a_gate(shown: MainWindow, qtbot: QtBot) -> None:
    tab = show_run(shown, qtbot)
    grid = tab.weights.grid
    qtbot.waitUntil(lambda: grid.images is not None)
    grid.setFocus(Qt.FocusReason.TabFocusReason)
    press(shown, Key.Key_Home)
    assert grid.accessibleDescription().startswith("inputs 0.00 and 0.00: probability of 1 is")
    press(shown, Key.Key_End)
    assert grid.accessibleDescription().startswith("inputs 1.00 and 1.00")
    frame = shown.focus_ring.frame
    qtbot.waitUntil(lambda: shown.focus_ring.frame is not None and shown.focus_ring.frame.width() < grid.width())
    assert frame is None or frame.isVisible()


def test_delete_puts_one_slider_back_and_keeps_the_drawing(shown: MainWindow, settled: Callable[[], None]) -> None:
    draw(shown.draw_tab.canvas, SEVEN)
    settled()
    shown.show_break_it()
    view = shown.draw_tab.break_it
    assert view is not None
    row = view.controls.amounts["rotation"]
    row.slider.setFocus()
    press(shown, Key.Key_Right, Key.Key_Right)
    assert row.value > 0
    press(shown, Key.Key_Delete)
    assert row.value == 0
    assert shown.session.pad.drawing
    shown.actions_.break_it.trigger()
    meter = shown.draw_tab.panel.meter
    meter.scale.setFocus()
    press(shown, Key.Key_Right)
    changed = meter.threshold
    press(shown, Key.Key_Backspace)
    assert meter.threshold != changed
    assert shown.session.pad.drawing


def test_arrow_keys_move_a_divider_and_a_screen_reader_is_told_where_it_is(shown: MainWindow, qtbot: QtBot) -> None:
    shown.resize(1900, 1000)  # else the runs leave the weights no room
    tab = show_run(shown, qtbot)
    across, down = sorted(tab.findChildren(Splitter), key=lambda splitter: splitter.orientation().value)
    for splitter, less, more in ((across, Key.Key_Left, Key.Key_Right), (down, Key.Key_Up, Key.Key_Down)):
        handle = splitter.handle(1)
        handle.setFocus(Qt.FocusReason.TabFocusReason)
        assert accessible_role(handle) is QAccessible.Role.Splitter
        assert accessible_name(handle).startswith("Divider ")
        before, value = splitter.sizes(), splitter_value(handle)
        press(shown, more)
        assert splitter.sizes()[0] > before[0]
        assert splitter_value(handle) != value
        frame = shown.focus_ring.frame
        assert frame is not None
        assert frame.geometry().contains(place_of(handle))
        press(shown, less)
        assert splitter.sizes() == before
        assert splitter_value(handle) == value
        press(shown, Key.Key_Home)
        assert splitter.sizes()[0] < before[0]
        assert min(splitter.sizes()) > 0


def splitter_value(handle: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(handle).text(QAccessible.Text.Value)


def test_a_switch_is_a_group_of_radio_buttons_with_one_stop_of_the_tab_key(shown: MainWindow) -> None:
    switch = shown.draw_tab.panel.switch
    one, number = switch.buttons.values()
    assert accessible_role(switch) is QAccessible.Role.Grouping
    assert accessible_name(switch)
    for button in (one, number):
        assert accessible_role(button) is QAccessible.Role.RadioButton
    assert checked(one)
    assert not checked(number)
    one.setFocus(Qt.FocusReason.TabFocusReason)
    press(shown, Key.Key_Right)
    assert QApplication.focusWidget() is number
    assert shown.session.recognition.reads_numbers
    assert (checked(one), checked(number)) == (False, True)
    assert [widget for widget in walk(shown) if widget in (one, number)] == [number]


def checked(button: QWidget) -> bool:
    return bool(QAccessible.queryAccessibleInterface(button).state().checked)


def test_the_images_that_excite_a_unit_are_read_by_key(themes: object, qtbot: QtBot) -> None:
    strip = ExcitingStrip()
    qtbot.addWidget(strip)
    strip.show_found(None)
    assert strip.focusPolicy() == Qt.FocusPolicy.NoFocus
    images = np.zeros((2, 28, 28), np.uint8)
    found = ExcitingImages(Unit(1, 7), images, np.array([7, 1]), np.array([3.5, 2.0]), 255, ("MNIST", 2))
    strip.show_found(found)
    assert strip.focusPolicy() == Qt.FocusPolicy.TabFocus
    strip.show()
    QTest.keyClick(strip, Key.Key_Right)
    assert strip.accessibleDescription() == "label 7, value 3.500"
    QTest.keyClick(strip, Key.Key_Right)
    assert strip.accessibleDescription().startswith("label 1")
    QTest.keyClick(strip, Key.Key_Right)
    assert strip.accessibleDescription().startswith("label 1")
