"""The table that computes an answer step by step, its copied text, and the five ways to write the loss."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QKeyEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.model_loss import ModelLoss
from digitpad.core.evaluation.worked_example import compute_example
from digitpad.core.models.specs import Output
from digitpad.core.numpy_engine.losses import TINY
from digitpad.core.training.config import Loss
from digitpad.gui.mistakes.inspector.loss_code_view import LossCodeView
from digitpad.gui.mistakes.inspector.worked_model import (
    LOGIT,
    OUTPUT,
    TARGET,
    TERM,
    VALUE_ROLE,
    WorkedModel,
    share,
)
from digitpad.gui.mistakes.inspector.worked_table import WorkedTable
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.table_cells import CELL_ROLE, PADDING

SUM = 10
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
    model.show_worked(compute_example(LOGITS, 9, "softmax"), 4)
    model.show_worked(compute_example(LOGITS, 1, "sigmoid"), 4)
    model.show_worked(compute_example(LOGITS[:1], 1, "sigmoid"), 0)
    assert model.rowCount() == 2
    model.show_worked(None, 0)
    model.show_worked(compute_example(LOGITS, 1, "sigmoid"), 4)
    assert (model.rowCount(), model.columnCount()) == (11, 5)


def test_the_values_equal_the_worked_example(table: WorkedTable) -> None:
    worked = compute_example(LOGITS, 9, "softmax")
    columns = {LOGIT: worked.logits, OUTPUT: worked.outputs, TARGET: worked.targets, TERM: worked.terms}
    for column, values in columns.items():
        shown = [table.model().index(row, column).data(VALUE_ROLE) for row in range(SUM)]
        assert shown == values.tolist()
    assert table.model().index(SUM, TERM).data(VALUE_ROLE) == worked.total


def test_figures_are_short_and_only_an_exact_zero_is_shown_as_0(table: WorkedTable) -> None:
    assert texts(table, LOGIT)[:5] == ["−12.35", "3.20", "0.00", "−1000", "14.25"]
    assert texts(table, TARGET) == ["0"] * 9 + ["1"]
    assert texts(table, OUTPUT)[3] == "0"
    assert texts(table, OUTPUT)[0].endswith("e−12")
    assert (share(0.99951), share(1.0), share(1e-7), share(1e-200)) == ("0.9995", "1.0000", "1e−7", "~0")


def test_the_label_and_the_prediction_have_badges(table: WorkedTable) -> None:
    def badges() -> list[str]:
        return [table.model().index(row, 0).data(CELL_ROLE).badge for row in range(SUM + 1)]

    assert badges() == [""] * 4 + ["predicted"] + [""] * 4 + ["label", ""]
    assert table.model().index(4, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "4, predicted"
    table.show_worked(compute_example(LOGITS, 4, "softmax"), 4)
    assert badges() == [""] * 4 + ["✓ label"] + [""] * 6


@pytest.mark.parametrize("loss", ["cross-entropy", "binary-cross-entropy", "mse", "sse"])
@pytest.mark.parametrize("output", ["softmax", "sigmoid", "linear"])
def test_no_text_is_cut_off_in_the_narrowest_column(table: WorkedTable, output: Output, loss: Loss) -> None:
    table.show_worked(compute_example(LOGITS, 9, output, ModelLoss.of(output, {"loss": loss})), 4)
    assert table.columnWidth(0) + sum(table.columnWidth(n) for n in range(1, 5)) <= table.viewport().width()
    assert table.viewport().height() >= 11 * table.rowHeight(0)
    metrics = QFontMetricsF(tabular_font(table.font(), CAPTION, is_bold=True))
    header = QFontMetricsF(tabular_font(table.font(), CAPTION))  # as the style has it
    for column in range(1, 5):
        for text in texts(table, column):
            assert metrics.horizontalAdvance(text) <= table.columnWidth(column) - 2 * PADDING, text
        for line in table.model().headerData(column, Qt.Orientation.Horizontal).split("\n"):
            assert header.horizontalAdvance(line) <= table.columnWidth(column) - 6, line
    last = table.model().index(SUM, 0).data()
    assert metrics.horizontalAdvance(last) <= sum(table.columnWidth(n) for n in range(4)) - 2 * PADDING, last


def shown_texts(table: WorkedTable, *, row: int) -> tuple[list[str], list[str]]:
    """Return the second to last headings, in one line each, and the texts of a row."""
    model = table.model()
    headings = [model.headerData(column, Qt.Orientation.Horizontal).replace("\n", " ") for column in range(1, 5)]
    return headings, [model.index(row, column).data() for column in range(5)]


def test_a_loss_of_squares_shows_raw_outputs_and_squares(table: WorkedTable) -> None:
    logits = np.array([0.9, -0.118, 0.5, *[0.0] * 7])
    table.show_worked(compute_example(logits, 0, "linear", ModelLoss("sse")), 0)
    assert shown_texts(table, row=1) == (
        ["logit z", "output y", "target t", "term (y−t)²"],
        ["1", "−0.118", "−0.118", "0", "0.0139"],
    )
    assert shown_texts(table, row=0)[1][1:] == ["0.900", "0.900", "1", "0.0100"]
    assert shown_texts(table, row=SUM)[1][::4] == ["sum of squared errors", "0.2739"]
    table.show_worked(compute_example(logits, 0, "linear", ModelLoss("mse")), 0)
    assert shown_texts(table, row=SUM)[1][::4] == ["sum 0.2739 / 10 = MSE", "0.0274"]


def test_binary_cross_entropy_shows_the_term_of_each_output(table: WorkedTable) -> None:
    logits = np.array([2.0, -3.0, *[-30.0] * 8])
    table.show_worked(compute_example(logits, 0, "sigmoid", ModelLoss("binary-cross-entropy")), 0)
    headings, first = shown_texts(table, row=0)
    assert headings == ["logit z", "σ(z) y", "target t", "term"]
    assert first == ["0", "2.00", "0.8808", "1", f"{-math.log(1 / (1 + math.exp(-2))):.4f}"]
    assert shown_texts(table, row=1)[1] == ["1", "−3.00", "0.0474", "0", f"{math.log(1 + math.exp(-3)):.4f}"]
    assert shown_texts(table, row=SUM)[1][0] == "−Σ [t·log y + (1−t)·log(1−y)]"
    assert "t·log y + (1−t)·log(1−y)" in table.model().headerData(
        TERM, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole
    )


def test_a_single_output_has_one_row(table: WorkedTable) -> None:
    height = table.sizeHint().height()
    table.show_worked(compute_example(np.array([1.5]), 1, "sigmoid"), 1)
    assert table.model().rowCount() == 2
    assert table.sizeHint().height() < height
    assert shown_texts(table, row=0)[1] == ["1", "1.500", "0.817574", "1", "0.201413"]
    metrics = QFontMetricsF(tabular_font(table.font(), CAPTION, is_bold=True))
    for column in range(1, 5):
        text = table.model().index(0, column).data()
        assert metrics.horizontalAdvance(text) <= table.columnWidth(column) - 2 * PADDING, text
    assert table.columnSpan(1, 0) == 4
    table.show_worked(compute_example(LOGITS, 9), 4)
    assert (table.rowSpan(1, 0), table.columnSpan(1, 0), table.columnSpan(SUM, 0)) == (1, 1, 4)


def test_copy_copies_the_whole_table_in_full_precision(table: WorkedTable) -> None:
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    worked = compute_example(LOGITS, 9, "softmax")
    assert len(lines) == 12
    assert [float(line[1]) for line in lines[1:11]] == pytest.approx(worked.logits.tolist(), rel=1e-9)
    assert [float(line[2]) for line in lines[1:11]] == pytest.approx(worked.outputs.tolist(), rel=1e-9)
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
    ways.show_example(compute_example(LOGITS, 9))
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
    ways.show_example(compute_example(values, label))
    ways.show()
    total = table.model().index(SUM, TERM).data(VALUE_ROLE)
    assert [way.value for way in ways.ways] == pytest.approx([total] * 5, abs=1e-6)


def test_the_copied_program_runs_and_prints_the_five_losses(
    ways: LossCodeView, capsys: pytest.CaptureFixture[str]
) -> None:
    ways.show_example(compute_example(np.linspace(-3, 4, 10), 2))
    ways.show()
    QTest.mouseClick(ways.copy_button, Qt.MouseButton.LeftButton)
    exec(QGuiApplication.clipboard().text(), {})  # noqa: S102 - it is what a student would do
    printed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("tensor(")]
    numbers = [float(line.removeprefix("tensor(").split(",")[0].rstrip(")")) for line in printed]
    total = compute_example(np.linspace(-3, 4, 10), 2, "softmax").total
    assert numbers == pytest.approx([total] * 5, abs=1e-3)


def test_a_caption_explains_nan_when_exp_overflows(ways: LossCodeView) -> None:
    ways.show_example(compute_example(np.array([1000.0, *[0.0] * 9]), 3))
    ways.show()
    assert math.isnan(ways.ways[0].value)
    assert ways.caption.startswith("nan: ")


@pytest.mark.parametrize(
    ("loss", "output", "code"),
    [
        (ModelLoss("mse", is_numpy=True), "sigmoid", "np.mean((t - y) ** 2)"),
        (ModelLoss("sse", is_numpy=True), "linear", "np.sum((t - y) ** 2)"),
        (
            ModelLoss("binary-cross-entropy", TINY),
            "sigmoid",
            "-np.sum(t * np.log(y + 1e-7) + (1 - t) * np.log(1 - y + 1e-7)) / len(y)",
        ),
    ],
)
def test_other_losses_are_written_in_numpy_and_run_as_a_program(
    ways: LossCodeView, capsys: pytest.CaptureFixture[str], loss: ModelLoss, output: Output, code: str
) -> None:
    worked = compute_example(np.linspace(-25, 20, 10), 4, output, loss)
    ways.show_example(worked)
    ways.show()
    shown = [label.text() for label in ways.findChildren(QLabel) if label.isVisible()]
    assert code in shown
    QTest.mouseClick(ways.copy_button, Qt.MouseButton.LeftButton)
    exec(QGuiApplication.clipboard().text(), {})  # noqa: S102 - it is what a student would do
    numbers = [float(line) for line in capsys.readouterr().out.splitlines()]
    assert numbers == [way.value for way in ways.ways]
    assert numbers == pytest.approx([worked.total] * 2, rel=1e-6)


def test_the_first_way_has_the_hypothesis_in_a_line_of_its_own(ways: LossCodeView) -> None:
    ways.show_example(compute_example(LOGITS, 4))
    ways.show()
    assert ways.ways[0].before == "hypothesis = F.softmax(z, dim=1)"
    assert len({way.code for way in ways.ways}) == 5
