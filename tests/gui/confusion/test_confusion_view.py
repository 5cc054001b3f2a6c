"""The confusion matrix: its texts, and the selection of cells."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QHeaderView, QToolTip
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.sample_filter import CELLS, DIAGONAL, Cell
from digitpad.gui.confusion.cell_table import CellTable
from digitpad.gui.confusion.confusion_delegate import figure_colour, figure_font, fitting, shade
from digitpad.gui.confusion.confusion_model import ENTRY_ROLE, ConfusionModel, Entry, abbreviated, percent
from digitpad.gui.confusion.confusion_view import ConfusionPanel
from digitpad.gui.confusion.digit_header import DigitHeader
from digitpad.gui.confusion.label_histogram import LabelCountModel
from digitpad.gui.theme.colours import ThemeName, theme_colours
from digitpad.gui.theme.icons import register_assets
from digitpad.gui.theme.theme import Appearance, Themes
from tests.helpers.contrast import contrast

Asked = list[frozenset[Cell]]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ROW_5 = frozenset((5, predicted) for predicted in range(10))


def _matrix() -> np.ndarray:
    matrix = np.diag(np.full(10, 900)).astype(np.int64)
    matrix[4, 9], matrix[4, 4], matrix[3, 5], matrix[0, 6] = 12, 982, 24, 1
    return matrix


@pytest.fixture
def panel(themes: Themes, qtbot: QtBot) -> Iterator[ConfusionPanel]:
    themes.set_appearance(Appearance.LIGHT)
    panel = ConfusionPanel()
    qtbot.addWidget(panel)
    panel.resize(320, 460)
    panel.show_matrix(_matrix())
    with qtbot.waitExposed(panel):
        panel.show()
    QApplication.processEvents()
    yield panel
    themes.set_appearance(Appearance.SYSTEM)


@pytest.fixture
def requested(panel: ConfusionPanel) -> Asked:
    """The requests of the panel, in order."""
    requests: Asked = []
    panel.cells_requested.connect(requests.append)
    return requests


def place(table: CellTable, cell: Cell) -> QPoint:
    return table.visualRect(table.model().index(*cell)).center()


def click(table: CellTable, cell: Cell, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mouseClick(table.viewport(), LEFT, modifiers, place(table, cell))


def point_at(table: CellTable, cell: Cell) -> None:
    # A move to the same place sends no event.
    QTest.mouseMove(table.viewport(), QPoint(1, 1))
    QTest.mouseMove(table.viewport(), place(table, cell))


def click_header(header: QHeaderView, digit: int, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    at = header.sectionViewportPosition(digit) + header.sectionSize(digit) // 2
    across = header.orientation() is Qt.Orientation.Horizontal
    QTest.mouseClick(header.viewport(), LEFT, modifiers, QPoint(at, 8) if across else QPoint(8, at))


def test_a_click_selects_a_cell_and_a_second_click_deselects_it(panel: ConfusionPanel, requested: Asked) -> None:
    click(panel.table, (4, 9))
    assert requested == [{(4, 9)}]
    click(panel.table, (3, 5))
    assert requested[-1] == {(3, 5)}
    click(panel.table, (3, 5))
    assert requested[1:] == [{(3, 5)}, frozenset()]


def test_control_click_adds_and_removes_a_cell(panel: ConfusionPanel, requested: Asked) -> None:
    click(panel.table, (4, 9))
    click(panel.table, (9, 4), CTRL)
    assert requested[-1] == {(4, 9), (9, 4)}
    click(panel.table, (4, 9), CTRL)
    assert requested[-1] == {(9, 4)}


def test_shift_click_selects_a_block(panel: ConfusionPanel, requested: Asked) -> None:
    click(panel.table, (1, 1))
    click(panel.table, (2, 3), SHIFT)
    assert requested[-1] == {(row, column) for row in (1, 2) for column in (1, 2, 3)}


@pytest.mark.parametrize("start", [(6, 2), (0, 6)], ids=["a new cell", "a selected cell"])
def test_a_drag_requests_its_block_once_on_release(panel: ConfusionPanel, requested: Asked, start: Cell) -> None:
    panel.show_cells(frozenset({(0, 6)}))
    table = panel.table
    end = (start[0] + 1, start[1] + 2)
    QTest.mousePress(table.viewport(), LEFT, pos=place(table, start))
    for cell in ((start[0], start[1] + 1), (start[0], start[1] + 2), end):
        QTest.mouseMove(table.viewport(), place(table, cell))
    assert requested == []
    QTest.mouseRelease(table.viewport(), LEFT, pos=place(table, end))
    assert requested == [{(row, column) for row in (start[0], end[0]) for column in range(start[1], start[1] + 3)}]


def test_headers_select_rows_and_columns(panel: ConfusionPanel, requested: Asked) -> None:
    click_header(panel.table.verticalHeader(), 5)
    assert requested[-1] == ROW_5
    click_header(panel.table.horizontalHeader(), 3)
    assert requested[-1] == {(label, 3) for label in range(10)}
    click_header(panel.table.horizontalHeader(), 7, CTRL)
    assert requested[-1] == {(label, predicted) for label in range(10) for predicted in (3, 7)}


def test_a_second_click_on_a_header_deselects_even_without_the_diagonal(
    panel: ConfusionPanel, requested: Asked
) -> None:
    panel.cells_requested.connect(lambda cells: panel.show_cells(cells - DIAGONAL))
    click_header(panel.table.verticalHeader(), 5)
    assert panel.cells == ROW_5 - {(5, 5)}
    click_header(panel.table.verticalHeader(), 5)
    assert requested == [ROW_5, frozenset()]
    assert panel.cells == frozenset()


def test_the_corner_selects_all_cells_and_then_none(panel: ConfusionPanel, requested: Asked) -> None:
    corner = panel.table.findChild(QAbstractButton)
    assert corner is not None
    assert corner.accessibleName() == "All cells"
    QTest.mouseClick(corner, LEFT)
    QTest.mouseClick(corner, LEFT)
    assert requested == [CELLS, frozenset()]


def test_a_click_outside_the_cells_and_escape_clear_the_selection(
    panel: ConfusionPanel, requested: Asked, qtbot: QtBot
) -> None:
    panel.resize(420, 460)
    qtbot.waitUntil(lambda: panel.table.width() == 420)
    click(panel.table, (4, 9))
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=panel.table.viewport().rect().center() + QPoint(188, 0))
    assert requested == [{(4, 9)}, frozenset()]
    click(panel.table, (4, 9))
    QTest.keyClick(panel.table, Qt.Key.Key_Escape)
    assert requested[2:] == [{(4, 9)}, frozenset()]


def test_other_mouse_buttons_select_nothing(panel: ConfusionPanel, requested: Asked) -> None:
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.RightButton, pos=place(panel.table, (4, 9)))
    header = panel.table.verticalHeader().viewport()
    QTest.mouseClick(header, Qt.MouseButton.RightButton, pos=header.rect().center())
    assert requested == []


def test_the_keyboard_can_select_cells(panel: ConfusionPanel, requested: Asked) -> None:
    panel.table.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(panel.table, key)
    assert requested == [{(1, 0)}, {(1, 1)}]
    QTest.keyClick(panel.table, Qt.Key.Key_Right, SHIFT)
    assert requested[-1] == {(1, 1), (1, 2)}
    QTest.keyClick(panel.table, Qt.Key.Key_Right)
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    assert requested[-1] == frozenset()
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert requested[-1] == {(1, 3)}
    QTest.keyClick(panel.table, Qt.Key.Key_Down, CTRL)
    assert requested[-1] == {(1, 3)}
    QTest.keyClick(panel.table, Qt.Key.Key_Space, CTRL)
    assert requested[-1] == {(1, 3), (2, 3)}
    QTest.keyClick(panel.table, Qt.Key.Key_A, CTRL)
    assert requested[-1] == CELLS
    QTest.keyClick(panel.table, Qt.Key.Key_Escape)
    assert requested[-1] == frozenset()


def test_tab_leaves_the_table(panel: ConfusionPanel) -> None:
    panel.switch.setFocus()
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Tab)
    assert not panel.table.hasFocus()


@given(st.frozensets(st.sampled_from(sorted(CELLS))))
def test_showing_any_selection_emits_nothing(qapp: QApplication, cells: frozenset[Cell]) -> None:
    panel = ConfusionPanel()
    requests: Asked = []
    panel.cells_requested.connect(requests.append)
    panel.show_cells(cells)
    assert panel.cells == cells
    panel.show_cells(frozenset())
    assert (panel.cells, requests) == (frozenset(), [])


def test_the_user_can_extend_a_shown_selection(panel: ConfusionPanel, requested: Asked) -> None:
    panel.show_cells(frozenset({(4, 9), (9, 4)}))
    click(panel.table, (0, 6), CTRL)
    assert requested == [{(4, 9), (9, 4), (0, 6)}]


def test_new_figures_keep_the_selection(panel: ConfusionPanel, requested: Asked) -> None:
    panel.show_cells(frozenset({(4, 9)}))
    panel.show_matrix(_matrix() * 2)
    QTest.mouseClick(panel.switch.buttons[True], LEFT)
    assert panel.cells == {(4, 9)}
    assert requested == []


def test_the_headers_of_selected_cells_are_highlighted(panel: ConfusionPanel) -> None:
    headers = {header.orientation(): header for header in panel.table.findChildren(DigitHeader)}
    before = {orientation: _digits_of(header) for orientation, header in headers.items()}
    panel.show_cells(frozenset({(4, 9), (5, 9)}))
    after = {orientation: _digits_of(header) for orientation, header in headers.items()}
    changed = {side: {n for n in range(10) if before[side][n] != after[side][n]} for side in headers}
    assert changed == {Qt.Orientation.Vertical: {4, 5}, Qt.Orientation.Horizontal: {9}}


def _digits_of(header: DigitHeader) -> list[QImage]:
    """Return a picture of each digit of a header."""
    picture, is_row = header.viewport().grab(), header.orientation() is Qt.Orientation.Horizontal
    places = [(header.sectionViewportPosition(n), header.sectionSize(n)) for n in range(10)]
    rects = [
        QRect(at, 0, size, header.height()) if is_row else QRect(0, at, header.width(), size) for at, size in places
    ]
    return [picture.copy(rect).toImage() for rect in rects]


def test_the_line_describes_the_cell_under_the_mouse_or_the_selection(panel: ConfusionPanel) -> None:
    table, height = panel.table, panel.height()
    assert panel.sentence == "Click a cell or a digit to see its samples"
    point_at(table, (4, 9))
    assert panel.sentence == "label 4, predicted 9: 12 samples"
    point_at(table, (4, 4))
    assert panel.sentence == "label 4, predicted 4: 982 samples, right"
    point_at(table, (0, 6))
    assert panel.sentence == "label 0, predicted 6: 1 sample"
    panel.show_cells(frozenset({(4, 9), (3, 5)}))
    QApplication.sendEvent(table.viewport(), QEvent(QEvent.Type.Leave))
    assert panel.sentence == "2 cells: 36 samples"
    assert panel.height() == height


def test_the_line_contains_the_share_of_the_row(panel: ConfusionPanel) -> None:
    QTest.mouseClick(panel.switch.buttons[True], LEFT)
    point_at(panel.table, (4, 9))
    assert panel.sentence == "label 4, predicted 9: 12 samples (1.2 %)"
    index = panel.table.model().index(4, 9)
    assert index.data() == "1.2"
    QTest.mouseClick(panel.switch.buttons[False], LEFT)
    assert index.data() == "12"


def test_the_tooltip_contains_exact_counts(panel: ConfusionPanel, qtbot: QtBot) -> None:
    panel.show_matrix(_matrix() * 61)
    at = place(panel.table, (4, 4))
    event = QHelpEvent(QEvent.Type.ToolTip, at, panel.table.viewport().mapToGlobal(at))
    QApplication.sendEvent(panel.table.viewport(), event)
    assert QToolTip.text() == "label 4, predicted 4: 59,902 samples, right"
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


@pytest.mark.parametrize("width", [288, 299, 320, 344])
def test_the_table_is_as_wide_as_its_column_and_its_cells_are_squares(
    panel: ConfusionPanel, qtbot: QtBot, width: int
) -> None:
    panel.resize(width, 460)
    table = panel.table
    qtbot.waitUntil(lambda: table.width() == width)
    boxes = [table.visualRect(table.model().index(*cell)) for cell in sorted(CELLS)]
    assert {(box.width(), box.height()) for box in boxes} == {(boxes[0].width(),) * 2}
    assert 24 <= boxes[0].width() <= 34
    qtbot.waitUntil(lambda: boxes[-1].bottomRight() == table.viewport().rect().bottomRight())
    assert all(table.viewport().rect().contains(box) for box in boxes)


@given(count=st.integers(0, 60_000), most=st.integers(1, 60_000), side=st.integers(24, 34))
def test_every_figure_fits_into_its_cell(qapp: QApplication, count: int, most: int, side: int) -> None:
    metrics = QFontMetricsF(figure_font(qapp.font(), side))
    model = ConfusionModel()
    matrix = np.zeros((10, 10), np.int64)
    matrix[4, 4], matrix[4, 9] = most, count
    model.show_matrix(matrix)
    for in_shares in (False, True):
        model.show_shares(in_shares=in_shares)
        for cell in ((4, 4), (4, 9)):
            text = fitting(model.index(*cell).data(ENTRY_ROLE), metrics, side - 2)
            assert bool(text) == bool(matrix[cell])
            assert metrics.horizontalAdvance(text) <= side - 1


@pytest.mark.parametrize(
    ("count", "text"), [(980, "980"), (1135, "1.1k"), (6265, "6.3k"), (9980, "10k"), (60_000, "60k")]
)
def test_counts_from_1000_are_abbreviated(count: int, text: str) -> None:
    assert abbreviated(count) == text


@given(st.floats(0, 1))
def test_only_exact_shares_are_shown_as_0_or_100_per_cent(share: float) -> None:
    text = percent(share)
    assert (text == "100") == (share * 100 == 100)
    assert (text == "0.0") == (share == 0)


@pytest.mark.parametrize("theme", ["light", "dark", "light-contrast", "dark-contrast"])
@given(weight=st.floats(0, 1))
def test_figures_are_readable_on_every_shade(theme: ThemeName, weight: float) -> None:
    register_assets()
    error, least = Entry("1", "1", weight, is_right=False), 7 if "contrast" in theme else 4.5
    assert contrast(figure_colour(theme_colours(theme), error), shade(theme_colours(theme), weight)) >= least
    right = Entry("1", "1", 0, is_right=True)
    assert contrast(figure_colour(theme_colours(theme), right), theme_colours(theme)["surface"]) >= least


def test_the_largest_error_has_the_strongest_shade_and_the_diagonal_none(themes: Themes) -> None:
    model = ConfusionModel()
    model.show_matrix(_matrix())
    entries = {cell: model.index(*cell).data(ENTRY_ROLE) for cell in CELLS}
    assert entries[3, 5].weight == 1.0
    assert entries[4, 9].weight == 0.5
    assert all(entries[cell].weight == 0 for cell in DIAGONAL)
    assert entries[1, 2].text == ""


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_cells_are_painted_in_the_colours_of_the_theme(
    panel: ConfusionPanel, themes: Themes, qtbot: QtBot, appearance: Appearance
) -> None:
    themes.set_appearance(appearance)
    theme: ThemeName = "dark" if appearance is Appearance.DARK else "light"
    image = panel.table.viewport().grab().toImage()
    for cell, colour in (((3, 5), shade(theme_colours(theme), 1.0)), ((4, 4), theme_colours(theme)["surface"])):
        corner = panel.table.visualRect(panel.table.model().index(*cell)).topLeft() + QPoint(3, 3)
        assert image.pixelColor(corner * image.devicePixelRatio()).name() == colour.name()


def test_without_a_model_labels_can_be_selected(panel: ConfusionPanel, requested: Asked) -> None:
    panel.show_label_counts(_matrix().sum(axis=1))
    assert panel.labels.isVisible()
    assert not panel.table.isVisible()
    click(panel.labels, (5, 0))
    assert requested == [ROW_5]
    point_at(panel.labels, (4, 0))
    assert panel.sentence == "label 4: 994 samples"
    click(panel.labels, (5, 0))
    assert requested[-1] == frozenset()
    click_header(panel.labels.verticalHeader(), 5)
    QTest.keyClick(panel.labels, Qt.Key.Key_Down, SHIFT)
    assert requested[-1] == ROW_5 | {(6, predicted) for predicted in range(10)}
    panel.show_matrix(_matrix())
    assert panel.table.isVisible()


def test_a_label_is_shown_as_selected_if_some_of_its_cells_are(panel: ConfusionPanel, requested: Asked) -> None:
    panel.show_label_counts(_matrix().sum(axis=1))
    panel.show_cells(ROW_5 - DIAGONAL)
    assert panel.cells == ROW_5
    assert requested == []


@pytest.mark.parametrize("model", [ConfusionModel(), LabelCountModel()])
def test_the_models_pass_the_qt_model_tester(model: QAbstractItemModel, qtbot: QtBot) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    if isinstance(model, ConfusionModel):
        model.show_matrix(_matrix())
        model.show_shares(in_shares=True)
        model.show_matrix(None)
    elif isinstance(model, LabelCountModel):
        model.show_counts(_matrix().sum(axis=1))
    assert tester.model() is model
