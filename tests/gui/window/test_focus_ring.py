"""The focus is always visible: a ring of 2 px around the widget that the keyboard is at, and nothing moves."""

import gc
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.theme.colours import ThemeName
from digitpad.gui.theme.theme import Appearance
from digitpad.gui.widgets.combo_box import ComboBox
from digitpad.gui.widgets.scroll_column import scroll_to
from digitpad.gui.window.focus_ring import GAP, WIDTH, FocusRing, focus_rect
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.gui import SEVEN, draw
from tests.helpers.tab_walk import activate, describe, place_of, press_tab, ring_problem

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def places(window: QWidget, ring: FocusRing) -> dict[QWidget, QRect]:
    visible = (child for child in window.findChildren(QWidget) if child.isVisibleTo(window))
    return {child: place_of(child) for child in visible if child is not ring.frame}


def wait_until_still(window: MainWindow) -> None:
    """Wait until nothing moves: an answer may need another line, and its time is shown 0.2 s later."""
    before: dict[QWidget, QRect] = {}
    for _ in range(100):
        QTest.qWait(300)
        if (now := places(window, window.focus_ring)) == before:
            return
        before = now


def check_page(window: MainWindow) -> None:
    """Press Tab through the page that is shown; look at the ring of each widget."""
    wait_until_still(window)
    first, problems = press_tab(window), []
    focus, before = first, places(window, window.focus_ring)
    while True:
        if problem := ring_problem(window, window.focus_ring):
            problems.append(f"{describe(focus)}: {problem}")
        focus = press_tab(window)
        if focus is first:
            break
        if not _is_scrolled(focus):
            now = places(window, window.focus_ring)
            moved = [describe(widget) for widget, place in before.items() if now.get(widget, place) != place]
            problems += [f"{widget} moved with the focus at {describe(focus)}" for widget in moved]
        before = places(window, window.focus_ring)
    assert not problems, "; ".join(problems)


def _is_scrolled(widget: QWidget) -> bool:
    """Return whether the widget is in a column that scrolls to it."""
    parent = widget.parentWidget()
    return parent is not None and (isinstance(parent, QScrollArea) or _is_scrolled(parent))


@pytest.mark.parametrize("theme", ["light", "dark-contrast"])
def test_every_widget_of_the_pad_has_a_ring(
    shown: MainWindow, settled: Callable[[], None], theme: ThemeName, qtbot: QtBot
) -> None:
    shown.themes.set_appearance(Appearance.DARK if "dark" in theme else Appearance.LIGHT)
    shown.themes.set_high_contrast("contrast" in theme)
    draw(shown.draw_tab.canvas, SEVEN)
    settled()
    check_page(shown)
    shown.show_break_it()
    view = shown.draw_tab.break_it
    assert view is not None
    qtbot.waitUntil(lambda: view.is_settled)
    check_page(shown)


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_every_widget_of_the_other_pages_has_a_ring(
    shown: MainWindow, session: Session, qtbot: QtBot, appearance: Appearance
) -> None:
    shown.themes.set_appearance(appearance)
    shown.show_tab(PageId.TRAIN)
    qtbot.waitUntil(lambda: session.runs.was_read and session.runs.is_settled)
    check_page(shown)
    shown.show_tab(PageId.MISTAKES)
    shown.mistakes_tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and shown.mistakes_tab.browser.samples is not None)
    check_page(shown)
    with qtbot.waitSignal(session.my_digits.read):
        shown.show_tab(PageId.MY_DIGITS)
    check_page(shown)


def test_a_click_shows_no_ring_until_a_key_moves(shown: MainWindow) -> None:
    canvas = shown.draw_tab.canvas
    QTest.mouseClick(canvas, LEFT, pos=canvas.rect().center())
    assert canvas.hasFocus()
    assert shown.focus_ring.frame is None
    press_tab(shown)
    assert shown.focus_ring.frame is not None
    canvas.setFocus()
    assert shown.focus_ring.frame is not None
    QTest.mouseClick(canvas, LEFT, pos=canvas.rect().center())
    assert shown.focus_ring.frame is None


def test_a_text_field_has_a_ring_after_a_click_too(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    shown.show_tab(PageId.TRAIN)
    qtbot.waitUntil(lambda: session.runs.was_read and session.runs.is_settled)
    field = next(field for field in shown.training_tab.form.findChildren(QLineEdit) if field.isVisible())
    activate(shown)
    scroll_to(field)
    QTest.mousePress(field, LEFT)
    QTest.mouseRelease(field, LEFT)
    qtbot.waitUntil(field.hasFocus)
    assert shown.focus_ring.frame is not None


def test_the_ring_follows_what_scrolls_and_is_not_outside_its_column(themes: object, qtbot: QtBot) -> None:
    window, column, content = QWidget(), QScrollArea(), QWidget()
    ring = FocusRing(window)
    buttons = [QPushButton(str(number)) for number in range(20)]
    layout = QVBoxLayout(content)
    for button in buttons:
        layout.addWidget(button)
    column.setWidget(content)
    QVBoxLayout(window).addWidget(column)
    qtbot.addWidget(window)
    window.resize(300, 200)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    press_tab(window)
    focus = press_tab(window)
    assert ring.frame is not None
    reach = WIDTH + GAP
    seen = place_of(focus)
    assert ring.frame.geometry() == seen.adjusted(-reach, -reach, reach, reach)
    column.verticalScrollBar().setValue(place_of(focus).height() // 2 + seen.top() - place_of(column).top())
    qtbot.waitUntil(lambda: ring.frame is not None and ring.frame.height() < seen.height())
    assert place_of(column).adjusted(-reach, -reach, reach, reach).contains(ring.frame.geometry())
    column.verticalScrollBar().setValue(column.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: ring.frame is None)


def test_a_dialog_has_a_ring_of_its_own(shown: MainWindow, qtbot: QtBot) -> None:
    press_tab(shown)
    dialog = QDialog(shown)
    QVBoxLayout(dialog).addWidget(QPushButton("Close"))
    dialog.open()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    focus = press_tab(dialog)
    frame = shown.focus_ring.frame
    assert frame is not None
    assert frame.window() is dialog
    assert frame.geometry().contains(place_of(focus))
    dialog.close()
    shown.activateWindow()
    QApplication.sendPostedEvents(dialog)
    press_tab(shown)
    assert shown.focus_ring.frame is not None
    assert shown.focus_ring.frame.window() is shown


def test_the_ring_of_the_tab_bar_is_around_the_page_that_is_shown(shown: MainWindow) -> None:
    bar = shown.tabs.tabBar()
    activate(shown)
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(bar, key)
        QApplication.processEvents()
        frame = shown.focus_ring.frame
        assert frame is not None
        tab = focus_rect(bar).translated(bar.mapTo(shown, QPoint()))
        assert frame.geometry().contains(tab & shown.rect())
        assert frame.width() < bar.width()


class _CyclicWindow(QWidget):
    """A window that only the garbage collector deletes."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self
        self.ring = FocusRing(self)
        self.buttons = [QPushButton(str(number)) for number in range(3)]
        layout = QVBoxLayout(self)
        for button in self.buttons:
            layout.addWidget(button)


def test_the_ring_of_a_window_that_the_garbage_collector_deletes_does_nothing(themes: object, qtbot: QtBot) -> None:
    for _ in range(10):
        window = _CyclicWindow()
        window.show()
        activate(window)
        press_tab(window)
        with qtbot.captureExceptions() as problems:
            del window
            gc.collect()
        assert problems == []


@pytest.mark.parametrize("width", [680, 1280])
def test_the_focus_of_a_page_is_at_a_control_also_during_a_training(
    shown: MainWindow, session: Session, qtbot: QtBot, width: int
) -> None:
    shown.resize(width, 600)
    shown.show_tab(PageId.TRAIN)
    tab = shown.training_tab
    tab.form.set_recipe(with_settings(load_recipe("digits-mlp"), ["epochs=100000"]))
    tab.launcher.start()
    qtbot.waitUntil(lambda: session.training.state is TrainingState.TRAINING)
    for page in (PageId.DRAW, PageId.TRAIN):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Qt.Key(Qt.Key.Key_1 + page), Qt.KeyboardModifier.ControlModifier)
    assert isinstance(QApplication.focusWidget(), QTabBar if width < 700 else QPushButton)
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)


def test_a_page_that_waits_with_the_focus_has_no_ring(shown: MainWindow) -> None:
    press_tab(shown)
    assert shown.focus_ring.frame is not None
    shown.tabs.setCurrentIndex(PageId.MISTAKES)
    shown.mistakes_tab.setFocus()
    assert QApplication.focusWidget() is shown.mistakes_tab
    assert shown.focus_ring.frame is None


def _tabs() -> QTabBar:
    bar = QTabBar()
    bar.addTab("One")
    return bar


def _with_role(widget: QWidget, role: str) -> QWidget:
    widget.setProperty("role", role)
    return widget


@pytest.mark.parametrize(
    "create",
    [
        lambda: QPushButton("Text"),
        lambda: _with_role(QPushButton("Text"), "primary"),
        lambda: _with_role(QPushButton("Text"), "link"),
        lambda: _with_role(QPushButton("Text"), "segment"),
        lambda: QCheckBox("Text"),
        ComboBox,
        QToolButton,
        lambda: QSlider(Qt.Orientation.Horizontal),
        _tabs,
    ],
)
def test_a_widget_is_painted_alike_with_and_without_the_focus(
    themes: object, qtbot: QtBot, create: Callable[[], QWidget]
) -> None:
    """The ring is outside: a second one of the style would be inside it."""
    window, widget, other = QWidget(), create(), QLineEdit()
    column = QVBoxLayout(window)
    column.addWidget(widget)
    column.addWidget(other)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    other.setFocus()
    before = widget.grab().toImage()
    QTest.keyClick(other, Qt.Key.Key_Tab)
    assert widget.hasFocus()
    assert widget.grab().toImage() == before
