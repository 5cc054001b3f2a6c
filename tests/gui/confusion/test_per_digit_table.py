"""The table of precision, recall and F1."""

import numpy as np
import pytest
from PySide6.QtCore import QAbstractItemModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.metrics import Metrics, compute_metrics
from digitpad.core.evaluation.model_loss import ModelLoss
from digitpad.gui.confusion.per_digit_model import F1, PRECISION, RECALL, SAMPLES, PerDigitModel
from digitpad.gui.confusion.per_digit_table import PerDigitTable, ece_help, summary_text
from digitpad.gui.theme.theme import Themes


def _metrics(wrong: int = 2, samples: int = 40) -> Metrics:
    """Return metrics for `samples` of each digit except 9, of which there are none; `wrong` 5s are predicted as 3."""
    labels = np.repeat(np.arange(9), samples)
    predicted = labels.copy()
    predicted[5 * samples : 5 * samples + wrong] = 3
    return compute_metrics(labels, predicted, np.full(len(labels), 0.9), np.full(len(labels), 0.25))


@pytest.fixture
def figures(themes: Themes, qtbot: QtBot) -> PerDigitTable:
    figures = PerDigitTable()
    qtbot.addWidget(figures)
    figures.resize(288, figures.height())
    figures.show_metrics(_metrics())
    with qtbot.waitExposed(figures):
        figures.show()
    return figures


def _texts(model: QAbstractItemModel, column: int) -> list[str]:
    return [str(model.index(row, column).data()) for row in range(10)]


def test_figures_are_per_cent_with_one_decimal_or_a_dash(figures: PerDigitTable) -> None:
    model = figures.model()
    assert _texts(model, SAMPLES) == ["40"] * 9 + ["0"]
    assert _texts(model, PRECISION)[3:6] == ["95.2", "100.0", "100.0"]
    assert _texts(model, RECALL)[9] == "–"
    assert _texts(model, F1)[5] == "97.4"


def test_the_lowest_recall_is_bold_and_has_a_mark(figures: PerDigitTable) -> None:
    model = figures.model()
    assert [text for text in _texts(model, RECALL) if "▾" in text] == ["▾ 95.0"]
    fonts = [model.index(row, RECALL).data(Qt.ItemDataRole.FontRole) for row in range(10)]
    assert [font.bold() for font in fonts] == [row == 5 for row in range(10)]
    assert "lowest" in model.index(5, RECALL).data(Qt.ItemDataRole.AccessibleTextRole)


def test_no_recall_is_marked_if_all_are_equal(figures: PerDigitTable) -> None:
    figures.show_metrics(_metrics(wrong=0))
    assert not any("▾" in text for text in _texts(figures.model(), RECALL))
    figures.show_metrics(None)
    assert _texts(figures.model(), RECALL) == ["–"] * 10
    assert _texts(figures.model(), SAMPLES) == ["0"] * 10


def test_a_click_or_enter_requests_a_digit(figures: PerDigitTable, qtbot: QtBot) -> None:
    asked: list[int] = []
    figures.digit_requested.connect(asked.append)
    at = figures.visualRect(figures.model().index(4, RECALL)).center()
    QTest.mouseClick(figures.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert asked == [4]
    QTest.keyClick(figures, Qt.Key.Key_Down)
    assert asked == [4]
    QTest.keyClick(figures, Qt.Key.Key_Return)
    QTest.keyClick(figures, Qt.Key.Key_Space)
    assert asked == [4, 5, 5]


def test_ctrl_c_copies_the_table_for_a_spreadsheet(figures: PerDigitTable) -> None:
    figures.show_metrics(_metrics(wrong=200, samples=4000))
    QTest.keyClick(figures, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert lines[0] == ["Digit", "Samples", "Precision %", "Recall %", "F1 %"]
    assert lines[6] == ["5", "4000", "100.0", "95.0", "97.4"]
    assert len(lines) == 11


@pytest.mark.parametrize("width", [288, 320, 344])
def test_all_rows_are_visible_and_no_figure_is_cut_off(figures: PerDigitTable, qtbot: QtBot, width: int) -> None:
    figures.show_metrics(_metrics(wrong=300, samples=6000))
    figures.resize(width, figures.height())
    qtbot.waitUntil(lambda: figures.width() == width)
    QApplication.processEvents()
    model = figures.model()
    seen = figures.viewport().rect()
    for row in range(10):
        for column in range(F1 + 1):
            index = model.index(row, column)
            box = figures.visualRect(index)
            assert box.height() == 22
            assert seen.contains(box)
            assert figures.sizeHintForIndex(index).width() <= box.width()


def test_a_row_is_highlighted_only_while_the_table_has_the_focus(figures: PerDigitTable, qtbot: QtBot) -> None:
    at = figures.visualRect(figures.model().index(4, RECALL)).center()
    QTest.mouseClick(figures.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [index.row() for index in figures.selectionModel().selectedRows()] == [4]
    figures.clearFocus()
    qtbot.waitUntil(lambda: not figures.selectionModel().hasSelection())


@pytest.mark.parametrize("column", range(5))
def test_the_headings_have_tooltips(figures: PerDigitTable, column: int) -> None:
    header = figures.horizontalHeader()
    assert header.logicalIndexAt(QPoint(header.sectionViewportPosition(column) + 4, 8)) == column
    text = figures.model().headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert len(str(text)) > 20


def test_the_summary_contains_accuracy_loss_and_calibration_error() -> None:
    metrics = _metrics()
    assert (
        summary_text(metrics, ModelLoss("cross-entropy"))
        == "99.44 % right · 2 of 360 wrong · cross-entropy 0.2500 · calibration error (ECE) 9.4 %"
    )
    assert "confidence" in ece_help()


def test_one_mistake_in_a_hundred_thousand_is_not_shown_as_100_per_cent() -> None:
    assert summary_text(_metrics(wrong=1, samples=12_000), ModelLoss("mse")).startswith(
        "99.99 % right · 1 of 108,000 wrong"
    )
    assert summary_text(_metrics(wrong=0), ModelLoss("mse")).startswith("100.00 % right · 0 of 360 wrong")


def test_the_summary_of_no_samples_contains_no_figures() -> None:
    assert summary_text(_metrics(wrong=0, samples=0), ModelLoss("mse")) == "no samples"


def test_the_model_passes_the_qt_model_tester(qtbot: QtBot) -> None:
    model = PerDigitModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_metrics(_metrics())
    model.show_metrics(None)
    assert tester.model() is model


def test_a_click_on_a_heading_asks_for_its_explanation(figures: PerDigitTable, qtbot: QtBot) -> None:
    header = figures.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(3) + 5, 5)
    with qtbot.waitSignal(figures.guide_requested) as heard:
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert heard.args == ["glossary#precision_recall"]
