"""The grid of samples: keyboard, mouse, current sample, selection and painting."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QFont, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.samples import Samples
from digitpad.core.files.paths import TRANSLATIONS
from digitpad.core.translation import set_language
from digitpad.gui.grid.captions import CellCaptions
from digitpad.gui.grid.keep_position import restored_row
from digitpad.gui.grid.layout import GridLayout
from digitpad.gui.grid.zoom import LARGEST_SIDE, SMALLEST_SIDE, clamped_side
from digitpad.gui.mistakes.sample_grid import SampleGrid
from digitpad.gui.mistakes.samples_model import SamplesModel
from digitpad.gui.theme.theme import Appearance, Themes
from tests.helpers.gallery_samples import gallery_samples
from tests.helpers.mouse import point_at

Key, NONE = Qt.Key, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def model(qapp: QApplication) -> SamplesModel:
    return SamplesModel()


@pytest.fixture
def grid(model: SamplesModel, themes: Themes, qtbot: QtBot) -> SampleGrid:
    themes.set_appearance(Appearance.LIGHT)
    grid = SampleGrid(model)
    qtbot.addWidget(grid)
    grid.resize(520, 400)
    grid.show()
    grid.activateWindow()
    grid.setFocus()
    qtbot.waitUntil(grid.hasFocus)
    return grid


def show(grid: SampleGrid, samples: Samples | None, indices: np.ndarray | None = None) -> None:
    model = grid.model()
    assert isinstance(model, SamplesModel)
    everything = np.arange(0 if samples is None else len(samples))
    model.show_samples(samples, everything if indices is None else indices)


def row(grid: SampleGrid) -> int:
    return grid.currentIndex().row()


def press(grid: SampleGrid, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(grid, key, modifiers)


def place(grid: SampleGrid, number: int) -> QPoint:
    return grid.visualRect(grid.model().index(number, 0)).center()


def click(grid: SampleGrid, number: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(grid.viewport(), LEFT, modifiers, place(grid, number))


def current_is_visible(grid: SampleGrid) -> bool:
    return grid.viewport().rect().contains(grid.visualRect(grid.currentIndex()))


def on_screen(grid: SampleGrid) -> QImage:
    """Return the screen, after all partial repaints."""
    shot = grid.screen().grabWindow(grid.winId()).toImage()
    origin = grid.viewport().mapTo(grid, QPoint(0, 0))
    size = grid.viewport().size()
    return shot.copy(origin.x(), origin.y(), size.width(), size.height()).convertToFormat(QImage.Format.Format_RGB32)


def full_repaint(grid: SampleGrid) -> QImage:
    """Return the grid after a full repaint."""
    return grid.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def test_left_and_right_reach_every_sample_across_line_ends(grid: SampleGrid) -> None:
    show(grid, gallery_samples(30))
    assert row(grid) == 0
    for expected in [*range(1, 30), 29]:
        press(grid, Key.Key_Right)
        assert row(grid) == expected
        assert current_is_visible(grid)
    for expected in [*range(28, -1, -1), 0]:
        press(grid, Key.Key_Left)
        assert row(grid) == expected
    assert grid.selected_ids().tolist() == [0]


def test_up_and_down_keep_the_column(grid: SampleGrid) -> None:
    show(grid, gallery_samples(30))
    columns = grid.columns
    assert 1 < columns < 30
    press(grid, Key.Key_Right)
    press(grid, Key.Key_Down)
    assert row(grid) == columns + 1
    press(grid, Key.Key_Up)
    press(grid, Key.Key_Up)
    assert row(grid) == 1


def test_home_end_and_page_keys_work_with_70_000_samples(grid: SampleGrid) -> None:
    show(grid, gallery_samples(70_000))
    press(grid, Key.Key_End)
    assert row(grid) == 69_999
    assert current_is_visible(grid)
    press(grid, Key.Key_PageUp)
    assert row(grid) < 69_999
    assert (69_999 - row(grid)) % grid.columns == 0
    press(grid, Key.Key_Home)
    press(grid, Key.Key_PageDown)
    assert row(grid) % grid.columns == 0
    assert row(grid) >= grid.columns
    assert current_is_visible(grid)


def test_shift_extends_the_selection_in_reading_order(grid: SampleGrid) -> None:
    show(grid, gallery_samples(30))
    press(grid, Key.Key_Right)
    press(grid, Key.Key_Down, SHIFT)
    assert grid.selected_ids().tolist() == list(range(1, grid.columns + 2))
    press(grid, Key.Key_Left, SHIFT)
    assert grid.selected_ids().tolist() == list(range(1, grid.columns + 1))
    press(grid, Key.Key_End, SHIFT)
    assert grid.selected_ids().tolist() == list(range(1, 30))
    press(grid, Key.Key_Home, SHIFT)
    assert grid.selected_ids().tolist() == [0, 1]


def test_shift_click_selects_the_samples_between_in_both_directions(grid: SampleGrid) -> None:
    show(grid, gallery_samples(30))
    last = grid.columns  # the first cell of the second line, at the left of the first selected cell
    click(grid, 2)
    click(grid, last, SHIFT)
    assert grid.selected_ids().tolist() == list(range(2, last + 1))
    click(grid, 0, SHIFT)
    assert grid.selected_ids().tolist() == [0, 1, 2]


def test_dragging_selects_the_samples_between(grid: SampleGrid) -> None:
    show(grid, gallery_samples(30))
    view = grid.viewport()
    QTest.mousePress(view, LEFT, NONE, place(grid, 2))
    for number in (1 + grid.columns, grid.columns):
        QTest.mouseMove(view, place(grid, number))
    QTest.mouseRelease(view, LEFT, NONE, place(grid, grid.columns))
    assert grid.selected_ids().tolist() == list(range(2, grid.columns + 1))


def test_a_click_outside_all_cells_clears_the_selection(grid: SampleGrid) -> None:
    show(grid, gallery_samples(2))
    assert len(grid.selected_ids()) == 1
    QTest.mouseClick(grid.viewport(), LEFT, NONE, QPoint(500, 380))
    assert len(grid.selected_ids()) == 0


def test_control_adds_and_removes_a_sample(grid: SampleGrid, qtbot: QtBot) -> None:
    show(grid, gallery_samples(30), np.arange(29, -1, -1))
    click(grid, 4)
    click(grid, 1, CTRL)
    assert grid.selected_ids().tolist() == [28, 25]
    press(grid, Key.Key_Left, CTRL)
    assert grid.selected_ids().tolist() == [28, 25]
    with qtbot.waitSignal(grid.selection_changed) as caught:
        press(grid, Key.Key_Space, CTRL)
    assert caught.args == [3]
    assert grid.selected_ids().tolist() == [29, 28, 25]
    press(grid, Key.Key_Space, CTRL)
    assert grid.selected_ids().tolist() == [28, 25]


def test_select_all_selects_70_000_samples(grid: SampleGrid, qtbot: QtBot) -> None:
    show(grid, gallery_samples(70_000))
    with qtbot.waitSignal(grid.selection_changed) as caught:
        press(grid, Key.Key_A, CTRL)
    assert caught.args == [70_000]
    assert np.array_equal(grid.selected_ids(), np.arange(70_000))
    click(grid, 1, CTRL)
    assert len(grid.selected_ids()) == 69_999
    assert 1 not in grid.selected_ids()[:5]


def test_letter_and_digit_keys_do_not_move_the_current_sample(grid: SampleGrid) -> None:
    show(grid, gallery_samples(30))
    press(grid, Key.Key_Right)
    for key in (Key.Key_P, Key.Key_L, Key.Key_4):
        press(grid, key)
    assert row(grid) == 1


@pytest.mark.parametrize("way", ["double click", "Return", "Enter"])
def test_double_click_and_enter_put_a_sample_on_the_pad(grid: SampleGrid, qtbot: QtBot, way: str) -> None:
    show(grid, gallery_samples(30))
    click(grid, 3)
    with qtbot.waitSignal(grid.put_on_pad_requested) as caught:
        if way == "double click":
            QTest.mouseDClick(grid.viewport(), LEFT, NONE, place(grid, 3))
        else:
            press(grid, Key.Key_Return if way == "Return" else Key.Key_Enter)
    assert caught.args is not None
    assert caught.args[0].index == 3


def test_the_grid_emits_the_current_sample(grid: SampleGrid) -> None:
    emitted: list[int | None] = []

    def listen(sample: object) -> None:
        emitted.append(getattr(sample, "index", None))

    grid.current_changed.connect(listen)
    show(grid, gallery_samples(30), np.array([7, 8, 9]))
    press(grid, Key.Key_Right)
    show(grid, None)
    assert emitted == [7, 8, None]
    assert grid.current_sample is None


def test_the_current_sample_stays_current_if_it_is_still_shown(grid: SampleGrid) -> None:
    samples = gallery_samples(3000)
    show(grid, samples)
    assert grid.select_index(1234)
    assert current_is_visible(grid)
    show(grid, samples, np.arange(2999, -1, -1))
    assert grid.current_sample is not None
    assert grid.current_sample.index == 1234
    assert current_is_visible(grid)
    show(grid, samples, np.arange(10, 20))
    assert grid.current_sample.index == 19
    assert not grid.select_index(1234)
    assert grid.current_sample.index == 19


def test_the_next_sample_becomes_current_when_the_current_one_is_removed(grid: SampleGrid) -> None:
    samples, rest = gallery_samples(3000), np.delete(np.arange(3000), 1234)
    show(grid, samples)
    grid.select_index(1234)
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().value() + 60)
    top, where = grid.verticalScrollBar().value(), grid.visualRect(grid.currentIndex())
    show(grid, replace(samples), rest)
    assert grid.selected_ids().tolist() == [1235]
    assert grid.verticalScrollBar().value() == top
    assert grid.visualRect(grid.currentIndex()) == where
    press(grid, Key.Key_End)
    show(grid, samples, rest[:-1])
    assert grid.selected_ids().tolist() == [2998]
    assert current_is_visible(grid)


def test_the_first_sample_becomes_current_after_another_filter(grid: SampleGrid) -> None:
    samples = gallery_samples(300)
    show(grid, samples, np.arange(0, 200))
    grid.select_index(50)
    show(grid, samples, np.arange(100, 300))
    assert grid.selected_ids().tolist() == [100]


def test_the_nearest_sample_becomes_current_when_the_predictions_change(grid: SampleGrid) -> None:
    samples = gallery_samples(300)
    show(grid, samples, np.arange(0, 200))
    grid.select_index(150)
    show(grid, replace(samples, model="a later epoch"), np.array([149, 250, 160, 20]))
    assert grid.selected_ids().tolist() == [160]


@given(st.permutations(range(12)), st.permutations(range(12)), st.integers(0, 12), st.integers(0, 12), st.data())
def test_the_nearest_remaining_item_keeps_the_position(
    before: list[int], now: list[int], shown: int, left: int, data: st.DataObject
) -> None:
    old, new = before[:shown], now[:left]
    item = data.draw(st.sampled_from(old)) if old else 0
    row = restored_row(np.array(old, np.int64), np.array(new, np.int64), item)
    at = old.index(item) if old else 0
    wanted = [*old[at:], *reversed(old[:at])]
    there = [candidate for candidate in ([item] if not old else wanted) if candidate in new]
    assert row == (new.index(there[0]) if there else 0)


def test_the_first_sample_of_another_set_becomes_current(grid: SampleGrid) -> None:
    show(grid, gallery_samples(30))
    grid.select_index(20)
    show(grid, gallery_samples(30, name="another"))
    assert row(grid) == 0
    assert grid.selected_ids().tolist() == [0]


def test_the_selection_survives_another_order(grid: SampleGrid) -> None:
    samples = gallery_samples(30)
    show(grid, samples)
    for number in (3, 5, 6):
        click(grid, number, CTRL)
    show(grid, samples, np.arange(29, 3, -1))
    assert grid.selected_ids().tolist() == [6, 5]


def test_newly_shown_samples_are_not_selected(grid: SampleGrid) -> None:
    samples = gallery_samples(30)
    show(grid, samples, np.arange(0, 30, 2))
    grid.select_index(8)
    press(grid, Key.Key_A, CTRL)
    assert len(grid.selected_ids()) == 15
    show(grid, samples)
    assert grid.selected_ids().tolist() == [8]


def test_the_selection_survives_marks_and_excluded_samples(grid: SampleGrid) -> None:
    samples = gallery_samples(30)
    show(grid, samples)
    click(grid, 3)
    click(grid, 6, SHIFT)
    show(grid, replace(samples))
    assert grid.selected_ids().tolist() == [3, 4, 5, 6]
    show(grid, replace(samples), np.delete(np.arange(30), 4))
    assert grid.selected_ids().tolist() == [3, 5, 6]
    assert grid.current_sample is not None
    assert grid.current_sample.index == 6


def test_escape_selects_only_the_current_sample(grid: SampleGrid) -> None:
    show(grid, gallery_samples(30))
    click(grid, 4)
    press(grid, Key.Key_Right, SHIFT)
    press(grid, Key.Key_Right, SHIFT)
    press(grid, Key.Key_Escape)
    assert grid.selected_ids().tolist() == [6]
    assert row(grid) == 6
    press(grid, Key.Key_Right, SHIFT)
    assert grid.selected_ids().tolist() == [6, 7]


def test_escape_selects_the_current_sample_without_scrolling_to_it(grid: SampleGrid) -> None:
    show(grid, gallery_samples(3000))
    press(grid, Key.Key_A, CTRL)
    grid.verticalScrollBar().setValue(9000)
    press(grid, Key.Key_Escape)
    assert grid.selected_ids().tolist() == [0]
    assert grid.verticalScrollBar().value() == 9000


def test_showing_the_same_list_again_does_not_scroll(grid: SampleGrid) -> None:
    samples = gallery_samples(3000)
    show(grid, samples)
    grid.verticalScrollBar().setValue(777)
    show(grid, samples)
    assert grid.verticalScrollBar().value() == 777
    assert row(grid) == 0


def test_a_new_size_keeps_the_current_sample_in_view(grid: SampleGrid) -> None:
    show(grid, gallery_samples(3000))
    grid.select_index(1500)
    for side in (28, 168, 42, 56):
        grid.set_side(side)
        assert current_is_visible(grid)
    assert row(grid) == 1500
    grid.verticalScrollBar().setValue(0)
    grid.verticalScrollBar().setValue(3000)
    first = grid.visible_rows.start
    grid.resize(380, 400)
    assert first in grid.visible_rows


@pytest.mark.parametrize(
    ("side", "key", "expected"), [(56, Key.Key_Plus, 70), (56, Key.Key_Minus, 42), (160, Key.Key_Equal, 168)]
)
def test_plus_and_minus_request_another_size(
    grid: SampleGrid, qtbot: QtBot, side: int, key: Qt.Key, expected: int
) -> None:
    grid.set_side(side)
    with qtbot.waitSignal(grid.side_requested) as caught:
        press(grid, key)
    assert caught.args == [expected]
    assert grid.side == side  # the grid only requests it


@pytest.mark.parametrize(
    ("side", "expected"), [(-5, SMALLEST_SIDE), (0, SMALLEST_SIDE), (60, 60), (9999, LARGEST_SIDE)]
)
def test_the_side_is_limited(grid: SampleGrid, side: int, expected: int) -> None:
    grid.set_side(side)
    assert grid.side == clamped_side(side) == expected


def turn(grid: SampleGrid, angle: int, modifiers: Qt.KeyboardModifier) -> None:
    at, none = QPointF(100, 100), QPoint()
    where = grid.viewport().mapToGlobal(at)
    event = QWheelEvent(
        at, where, none, QPoint(0, angle), Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(grid.viewport(), event)


def test_the_wheel_scrolls_and_with_control_requests_another_size(grid: SampleGrid) -> None:
    show(grid, gallery_samples(3000))
    requested: list[int] = []
    grid.side_requested.connect(requested.append)
    turn(grid, -120, NONE)
    scrolled = grid.verticalScrollBar().value()
    assert scrolled > 0
    for angle in (60, 60, -40, -40, -40):
        turn(grid, angle, CTRL)
    assert requested == [70, 42]
    assert grid.verticalScrollBar().value() == scrolled


def test_the_menu_key_opens_the_menu_at_the_current_sample(grid: SampleGrid, qtbot: QtBot) -> None:
    show(grid, gallery_samples(300))
    press(grid, Key.Key_End)
    grid.verticalScrollBar().setValue(0)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0), NONE)
    with qtbot.waitSignal(grid.menu_requested) as caught:
        QApplication.sendEvent(grid, event)
    assert caught.args is not None
    assert grid.indexAt(grid.viewport().mapFromGlobal(caught.args[0])).row() == 299


@pytest.mark.parametrize("name", ["CNN", "cnn", "MLP 2"])
def test_a_short_name_of_the_second_model_is_whole_in_every_language(name: str, qapp: QApplication) -> None:
    captions, font = CellCaptions(), QFont(qapp.font())
    set_language("ko", TRANSLATIONS)
    try:
        for size in range(60, 200):
            font.setPointSizeF(size / 10)
            captions.prepare(font, gallery_samples(3, second_model=name), 10, has_answers=True)
            assert captions._second_model == name, size
    finally:
        set_language("en", TRANSLATIONS)


@pytest.mark.parametrize("side", [28, 56])
def test_partial_repaints_equal_a_full_repaint(grid: SampleGrid, qtbot: QtBot, side: int) -> None:
    show(grid, gallery_samples(3000, second_model="cnn"))
    grid.set_side(side)
    steps: list[Callable[[], None]] = [
        lambda: grid.verticalScrollBar().setValue(100),
        lambda: grid.verticalScrollBar().setValue(grid.verticalScrollBar().value() + 17),
        lambda: press(grid, Key.Key_Down, SHIFT),
        lambda: press(grid, Key.Key_PageDown),
        lambda: press(grid, Key.Key_Left, CTRL),
        lambda: press(grid, Key.Key_A, CTRL),
        lambda: press(grid, Key.Key_Home),
        lambda: point_at(grid.viewport(), place(grid, 1)),
    ]
    before = QImage()
    for step in steps:
        step()
        qtbot.waitUntil(lambda: on_screen(grid) == full_repaint(grid))
        assert on_screen(grid) != before
        before = on_screen(grid)


def test_the_theme_changes_text_and_thumbnails(grid: SampleGrid, themes: Themes, qtbot: QtBot) -> None:
    show(grid, gallery_samples(30))
    light = full_repaint(grid)
    themes.set_appearance(Appearance.DARK)
    qtbot.waitUntil(lambda: on_screen(grid) == full_repaint(grid) != light)
    dark, corner = full_repaint(grid), grid.visualRect(grid.model().index(0, 0)).topLeft()
    assert light.pixelColor(corner).lightnessF() > 0.8
    assert dark.pixelColor(corner).lightnessF() < 0.3
    assert brightest(dark) > 0.9


def brightest(image: QImage) -> float:
    return max(image.pixelColor(x, 30).lightnessF() for x in range(image.width()))


@pytest.mark.parametrize("size", [(28, 28), (8, 8), (1, 2)])
@pytest.mark.parametrize("side", [28, 50, 168])
def test_images_of_any_size_are_painted(grid: SampleGrid, size: tuple[int, int], side: int) -> None:
    empty = full_repaint(grid)
    grid.set_side(side)
    show(grid, gallery_samples(3, size=size, second_model="a name much longer than there is room for"))
    assert full_repaint(grid) != empty


def test_an_empty_grid_ignores_every_key(grid: SampleGrid) -> None:
    show(grid, gallery_samples(5), np.arange(0))
    for key in (Key.Key_Right, Key.Key_PageDown, Key.Key_End, Key.Key_Return, Key.Key_Space):
        press(grid, key)
    press(grid, Key.Key_A, CTRL)
    assert grid.current_sample is None
    assert len(grid.selected_ids()) == 0


KEYS = (
    *(Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End),
    *(Key.Key_PageUp, Key.Key_PageDown, Key.Key_Space, Key.Key_A),
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from((NONE, SHIFT, CTRL)))), st.integers(1, 200))
def test_the_current_sample_stays_visible_after_any_keys(
    grid: SampleGrid, pressed: list[tuple[Qt.Key, Qt.KeyboardModifier]], count: int
) -> None:
    show(grid, gallery_samples(count))
    for key, modifiers in pressed:
        press(grid, key, modifiers)
        assert 0 <= row(grid) < count
        assert current_is_visible(grid)
        assert np.array_equal(
            np.sort([index.row() for index in grid.selectionModel().selectedIndexes()]), grid.selected_ids()
        )


@given(st.integers(0, 500), st.integers(1, 60), st.integers(1, 60), st.integers(1, 400), st.data())
def test_every_pixel_of_a_cell_maps_back_to_that_cell(
    count: int, width: int, height: int, room: int, data: st.DataObject
) -> None:
    layout = GridLayout(count, QSize(width, height), room)
    if count:
        number = data.draw(st.integers(0, count - 1))
        rect = layout.rect_of(number)
        assert {layout.row_at(x, rect.top()) for x in range(rect.left(), rect.right() + 1)} == {number}
        assert {layout.row_at(rect.left(), y) for y in range(rect.top(), rect.bottom() + 1)} == {number}
        lines = layout.lines_between(rect.top(), rect.bottom() + 1)
        lefts, tops, widths = layout.places_of(lines)
        at = number - layout.rows_of(lines).start
        assert (lefts[at], tops[at], widths[at]) == (rect.left(), rect.top(), rect.width())
    assert layout.row_at(-1, 0) is None
    assert layout.row_at(0, layout.height) is None


def test_a_few_samples_fill_the_room_and_many_have_the_chosen_size(grid: SampleGrid) -> None:
    show(grid, gallery_samples(300))
    small = grid.visualRect(grid.model().index(0, 0)).height()
    show(grid, gallery_samples(300), np.arange(6))
    large = grid.visualRect(grid.model().index(0, 0)).height()
    last = grid.visualRect(grid.model().index(5, 0))
    assert large > 1.5 * small
    assert grid.viewport().rect().contains(last)
    grid.resize(520, 130)
    assert grid.visualRect(grid.model().index(0, 0)).height() < large
    grid.resize(520, 400)
    grid.set_side(SMALLEST_SIDE)
    assert grid.visualRect(grid.model().index(0, 0)).height() < large
