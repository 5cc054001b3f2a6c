"""The filter bar above the samples: its search, and how its parts share the room."""

from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.grid.zoom import LARGEST_SIDE, SMALLEST_SIDE
from digitpad.gui.mistakes.filter_bar import FilterBar
from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.boxes import vbox

Key = Qt.Key


@pytest.fixture
def controls(themes: Themes, qtbot: QtBot) -> FilterBar:
    controls = FilterBar()
    qtbot.addWidget(controls)
    controls.show()
    controls.activateWindow()
    qtbot.waitUntil(controls.isActiveWindow)
    return controls


def test_focusing_the_search_selects_its_text(controls: FilterBar, qtbot: QtBot) -> None:
    controls.search.setText("label 4")
    controls.focus_search()
    assert controls.search.hasFocus()
    with qtbot.waitSignal(controls.text_changed) as caught:
        QTest.keyClicks(controls.search, "#7")
    assert caught.args == ["#7"]


def test_the_first_escape_clears_the_search_and_the_second_leaves_it(controls: FilterBar, qtbot: QtBot) -> None:
    controls.focus_search()
    QTest.keyClicks(controls.search, "#7")
    with qtbot.assertNotEmitted(controls.search_left), qtbot.waitSignal(controls.text_changed, timeout=50) as caught:
        QTest.keyClick(controls.search, Key.Key_Escape)
    assert caught.args == [""]
    assert controls.search.text() == ""
    with qtbot.waitSignal(controls.search_left):
        QTest.keyClick(controls.search, Key.Key_Escape)


def test_down_runs_a_pending_search_and_leaves_the_field(controls: FilterBar) -> None:
    emitted: list[str] = []
    controls.text_changed.connect(emitted.append)
    controls.search_left.connect(lambda: emitted.append("left"))
    controls.focus_search()
    QTest.keyClicks(controls.search, "#7")
    QTest.keyClick(controls.search, Key.Key_Down)
    assert emitted == ["#7", "left"]


def test_the_search_field_gets_escape_before_a_shortcut_of_the_window(controls: FilterBar, qtbot: QtBot) -> None:
    shortcut = QShortcut(QKeySequence(Key.Key_Escape), controls)
    controls.focus_search()
    QTest.keyClicks(controls.search, "#7")
    with qtbot.assertNotEmitted(shortcut.activated):
        QTest.keyClick(controls.search, Key.Key_Escape)
    assert controls.search.text() == ""


def test_text_is_not_replaced_while_the_user_types(controls: FilterBar, qtbot: QtBot) -> None:
    controls.focus_search()
    with qtbot.waitSignal(controls.text_changed):
        QTest.keyClicks(controls.search, "la")
        controls.search.show_text("")
        assert controls.search.text() == "la"
    controls.search.show_text("")
    assert controls.search.text() == ""


def test_the_slider_covers_all_allowed_sizes(controls: FilterBar, qtbot: QtBot) -> None:
    for key, side in ((Key.Key_End, LARGEST_SIDE), (Key.Key_Home, SMALLEST_SIDE)):
        with qtbot.waitSignal(controls.side_requested) as caught:
            QTest.keyClick(controls.side, key)
        assert caught.args == [side]


@pytest.fixture
def holder(themes: Themes, qtbot: QtBot) -> QWidget:
    holder = QWidget()
    qtbot.addWidget(holder)
    vbox(FilterBar(), None, parent=holder)
    holder.show()
    return holder


@pytest.fixture
def placed(holder: QWidget) -> FilterBar:
    (bar,) = holder.findChildren(FilterBar)
    return bar


@pytest.mark.parametrize(("width", "lines"), [(384, 3), (480, 2), (560, 2), (1100, 1)])
def test_the_parts_share_as_few_lines_as_have_room_for_their_texts(placed: FilterBar, width: int, lines: int) -> None:
    placed.window().resize(width, 300)
    placed.set_has_model(has_model=False)  # the state does not matter
    QApplication.processEvents()
    assert placed.width() == width
    fields = (placed.shown, placed.count, placed.sort, placed.search, placed.label, placed.predicted, placed.side)
    assert len({field.mapTo(placed, field.rect().center()).y() // 10 for field in fields}) == lines
    assert [field.accessibleName() for field in fields if field.width() < field.minimumWidth()] == []


def test_a_font_that_needs_more_room_breaks_the_lines_again(placed: FilterBar, themes: Themes) -> None:
    placed.window().resize(600, 300)
    heights = []
    for zoom in (1.0, 1.5, 1.0):
        themes.set_zoom(zoom)
        QApplication.processEvents()
        heights.append(placed.height())
    assert heights[1] > 1.6 * heights[0]
    assert heights[2] == heights[0]


def test_no_part_is_over_another_at_any_width(themes: Themes, qtbot: QtBot) -> None:
    page = QWidget()  # a window would not be narrower than the layout
    qtbot.addWidget(page)
    controls = FilterBar(page)
    page.show()
    for width in range(controls.minimumSizeHint().width(), 1300, 7):
        controls.resize(width, 200)
        for _ in range(3):
            QApplication.processEvents()
        shown = [child for child in controls.findChildren(QWidget) if child.isVisible() and not child.layout()]
        places = [
            QRect(child.mapTo(controls, QPoint()), child.size())
            for child in shown
            if child in (controls.draw, controls.reverse, controls.search, controls.side)
            or isinstance(child, QComboBox)
        ]
        assert all(controls.rect().contains(place) for place in places), width
        assert not any(one.intersects(other) for one, other in combinations(places, 2)), width
