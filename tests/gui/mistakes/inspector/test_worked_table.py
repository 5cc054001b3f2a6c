"""The table that computes an answer step by step, its copied text, and the five ways to write the loss."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QKeyEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.worked_example import compute_example
from digitpad.core.models.specs import Output
from digitpad.gui.mistakes.inspector.loss_code_view import LossCodeView
from digitpad.gui.mistakes.inspector.worked_model import (
    LOGIT,
    ONE_HOT,
    SHARE,
    SUM,
    TERM,
    VALUE_ROLE,
    WorkedModel,
    share,
)
from digitpad.gui.mistakes.inspector.worked_table import WorkedTable
from digitpad.gui.theme.fonts import CAPTION_PX, FIGURES_PX, tabular_font
from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.table_cells import CELL_ROLE, PADDING

LOGITS = np.array([-12.3456, 3.2, 0.0, -1000.0, 14.25, 13.1, -0.001, 2.5, -9.75, 13.9])
NARROWEST = 288


@pytest.fixture
def table(qtbot: QtBot, themes: Themes) -> WorkedTable:
    table = WorkedTable()
    qtbot.addWidget(table)
    table.resize(NARROWEST, table.sizeHint().height())
    table.show_worked(compute_example(LOGITS, 9, "softmax"), 4)
    table.show()
    return table


def texts(table: WorkedTable, column: int) -> list[str]:
    return [table.model().index(row, column).data() for row in range(SUM)]


def test_the_model_passes_the_qt_model_tester() -> None:
    model = WorkedModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_worked(compute_example(LOGITS, 9, "softmax"), 4, "softmax")
    model.show_worked(compute_example(LOGITS, 1, "sigmoid"), 4, "sigmoid")
    model.show_worked(None, 0, "sigmoid")
    assert (model.rowCount(), model.columnCount()) == (11, 5)


def test_the_values_equal_the_worked_example(table: WorkedTable) -> None:
    worked = compute_example(LOGITS, 9, "softmax")
    columns = {LOGIT: worked.logits, SHARE: worked.probabilities, ONE_HOT: worked.one_hot, TERM: worked.terms}
    for column, values in columns.items():
        shown = [table.model().index(row, column).data(VALUE_ROLE) for row in range(SUM)]
        assert shown == values.tolist()
    assert table.model().index(SUM, TERM).data(VALUE_ROLE) == worked.total


def test_figures_are_short_and_only_an_exact_zero_is_shown_as_0(table: WorkedTable) -> None:
    assert texts(table, LOGIT)[:5] == ["−12.35", "3.20", "0.00", "−1000", "14.25"]
    assert texts(table, ONE_HOT) == ["0"] * 9 + ["1"]
    assert texts(table, SHARE)[3] == "0"
    assert texts(table, SHARE)[0].endswith("e−12")
    assert (share(0.99951), share(1.0), share(1e-7), share(1e-200)) == ("0.9995", "1.0000", "1e−7", "~0")


def test_the_label_and_the_prediction_have_badges(table: WorkedTable) -> None:
    def badges() -> list[str]:
        return [table.model().index(row, 0).data(CELL_ROLE).badge for row in range(SUM + 1)]

    assert badges() == [""] * 4 + ["predicted"] + [""] * 4 + ["label", ""]
    assert table.model().index(4, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "4, predicted"
    table.show_worked(compute_example(LOGITS, 4, "softmax"), 4)
    assert badges() == [""] * 4 + ["✓ label"] + [""] * 6


@pytest.mark.parametrize("output", ["softmax", "sigmoid", "linear"])
def test_no_text_is_cut_off_in_the_narrowest_column(table: WorkedTable, output: Output) -> None:
    table.show_worked(compute_example(LOGITS, 9, output), 4, output)
    assert table.columnWidth(0) + sum(table.columnWidth(n) for n in range(1, 5)) <= table.viewport().width()
    assert table.viewport().height() >= 11 * table.rowHeight(0)
    metrics = QFontMetricsF(tabular_font(table.font(), FIGURES_PX, is_bold=True))
    header = QFontMetricsF(tabular_font(table.font(), CAPTION_PX))  # as the style has it
    for column in range(1, 5):
        for text in texts(table, column):
            assert metrics.horizontalAdvance(text) <= table.columnWidth(column) - 2 * PADDING, text
        for line in table.model().headerData(column, Qt.Orientation.Horizontal).split("\n"):
            assert header.horizontalAdvance(line) <= table.columnWidth(column) - 6, line


def test_the_heading_of_the_share_column_depends_on_the_output(table: WorkedTable) -> None:
    def heading() -> str:
        return table.model().headerData(SHARE, Qt.Orientation.Horizontal)

    assert heading() == "softmax\np"
    table.show_worked(compute_example(LOGITS, 9, "sigmoid"), 4, "sigmoid")
    assert heading() == "σ(z)\nshare"


def test_copy_copies_the_whole_table_in_full_precision(table: WorkedTable) -> None:
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    worked = compute_example(LOGITS, 9, "softmax")
    assert len(lines) == 12
    assert [float(line[1]) for line in lines[1:11]] == pytest.approx(worked.logits.tolist(), rel=1e-9)
    assert [float(line[2]) for line in lines[1:11]] == pytest.approx(worked.probabilities.tolist(), rel=1e-9)
    assert float(lines[11][4]) == pytest.approx(worked.total, rel=1e-9)


def test_the_table_gets_the_copy_key_before_a_shortcut_of_the_window(table: WorkedTable) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    for key, is_accepted in ((Qt.Key.Key_C, True), (Qt.Key.Key_V, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, control)
        event.ignore()
        QApplication.sendEvent(table, event)
        assert event.isAccepted() is is_accepted


@pytest.fixture
def ways(qtbot: QtBot, themes: Themes) -> LossCodeView:
    view = LossCodeView()
    qtbot.addWidget(view)
    view.resize(NARROWEST, view.sizeHint().height())
    return view


def test_the_five_ways_are_computed_only_when_shown(ways: LossCodeView) -> None:
    ways.show_logits(LOGITS, 9)
    assert ways.ways == ()
    ways.show()
    assert len(ways.ways) == 5
    assert ways.minimumSizeHint().width() <= NARROWEST


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(-30, 30), min_size=10, max_size=10), st.integers(0, 9))
def test_the_five_ways_equal_the_sum_of_the_table(
    table: WorkedTable, ways: LossCodeView, logits: list[float], label: int
) -> None:
    values = np.array(logits)
    table.show_worked(compute_example(values, label, "softmax"), int(values.argmax()))
    ways.show_logits(values, label)
    ways.show()
    total = table.model().index(SUM, TERM).data(VALUE_ROLE)
    assert [way.value for way in ways.ways] == pytest.approx([total] * 5, abs=1e-6)


def test_the_copied_program_runs_and_prints_the_five_losses(
    ways: LossCodeView, capsys: pytest.CaptureFixture[str]
) -> None:
    ways.show_logits(np.linspace(-3, 4, 10), 2)
    ways.show()
    QTest.mouseClick(ways.copy_button, Qt.MouseButton.LeftButton)
    exec(QGuiApplication.clipboard().text(), {})  # noqa: S102 - it is what a student would do
    printed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("tensor(")]
    numbers = [float(line.removeprefix("tensor(").split(",")[0].rstrip(")")) for line in printed]
    total = compute_example(np.linspace(-3, 4, 10), 2, "softmax").total
    assert numbers == pytest.approx([total] * 5, abs=1e-3)


def test_a_caption_explains_nan_when_exp_overflows(ways: LossCodeView) -> None:
    ways.show_logits(np.array([1000.0, *[0.0] * 9]), 3)
    ways.show()
    assert math.isnan(ways.ways[0].value)
    assert ways.caption.startswith("nan: ")


def test_a_caption_explains_why_other_outputs_have_no_loss_code(ways: LossCodeView) -> None:
    ways.show_logits(LOGITS, 9, "sigmoid")
    ways.show()
    assert ways.ways == ()
    assert "softmax" in ways.caption
    assert not ways.copy_button.isVisible()
