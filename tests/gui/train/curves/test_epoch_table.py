"""The table of figures beside the curves: as the sources print them, live, and copied."""

import csv
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from digitpad.core.training.recipe_files import load_recipe
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.train.curves.figures import SHORT, FigureFormat, format_of
from digitpad.gui.train.curves.learning_curves import LearningCurves
from digitpad.gui.train.curves.series import PUBLISHED, CurveContent, RunCurve, measure_of, published_curve
from digitpad.gui.train.curves.table.epoch_table import TableOptions, epoch_table

# What of the recipes' sources is printed: decimals, characters, the first epoch, and the epochs of a line.
SOURCES = {
    "softmax-sgd-100": FigureFormat(9),
    "softmax-sgd-1000": FigureFormat(9),
    "sigmoid-mlp-mse": FigureFormat(4),
    "sigmoid-mlp-ce": FigureFormat(4),
    "relu-dropout-sgd": FigureFormat(3, cut_after=5, first_epoch=0),
    "digits-mlp-adam": FigureFormat(6, first_epoch=0, every=10),
    "xor-mlp": FigureFormat(5, first_epoch=0, every=100),
    "mlp-fast": FigureFormat(6),
}


@pytest.fixture
def curves(themes: Themes, qtbot: QtBot) -> LearningCurves:
    themes.set_appearance(Appearance.LIGHT)
    widget = LearningCurves()
    qtbot.addWidget(widget)
    widget.resize(1100, 520)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def run_of(recipe_name: str, *rows: tuple[float, ...], name: str = "a run") -> RunCurve:
    """Return a run of a recipe, with rows of an epoch, training loss and accuracy, test loss and accuracy."""
    recipe = load_recipe(recipe_name)
    epochs, *metrics = np.array(rows, float).reshape(-1, 5).T
    train_loss, train_accuracy, test_loss, test_accuracy = metrics
    return RunCurve(
        name,
        epochs,
        train_loss,
        train_accuracy,
        test_loss,
        test_accuracy,
        measure=measure_of(recipe),
        figures=format_of(recipe.published),
    )


def published(recipe_name: str) -> RunCurve:
    recipe = load_recipe(recipe_name)
    return published_curve(recipe.published, PUBLISHED, measure_of(recipe))


def table_page(curves: LearningCurves, qtbot: QtBot) -> None:
    QTest.mouseClick(curves.pages.buttons[curves.table], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(curves.table.isVisible)


def lines(curves: LearningCurves) -> list[list[str]]:
    """Return the texts of the table, without its headings."""
    model = curves.table.figures
    return [[model.text(row, column) for column in range(model.columnCount())] for row in range(model.rowCount())]


def headings(curves: LearningCurves) -> list[str]:
    return [curves.table.figures.heading(column, ", ") for column in range(curves.table.figures.columnCount())]


def copied(curves: LearningCurves) -> str:
    QTest.keyClick(curves.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    return QGuiApplication.clipboard().text()


@pytest.mark.parametrize("name", SOURCES)
def test_figures_are_written_as_the_source_of_a_recipe_prints_them(name: str) -> None:
    assert format_of(load_recipe(name).published) == SOURCES[name]


def test_losses_are_rounded_or_cut_off_after_characters() -> None:
    assert FigureFormat(9).loss(0.5351505877) == "0.535150588"
    assert FigureFormat(4).loss(0.02645) == "0.0265"
    assert FigureFormat().loss(0.5) == "0.500000"
    assert FigureFormat(4).loss(0.000123456) == "0.000123"
    cut = FigureFormat(3, cut_after=5)
    assert [cut.loss(value) for value in (0.8989, 0.68, 1.0, 12.3456, 123456.7, 1e-5)] == [
        *("0.898", "0.680", "1.000", "12.34", "123456", "0.000"),
    ]
    assert [cut.loss(value) for value in (nan, inf, -inf)] == ["–", "∞", "−∞"]
    assert SHORT.loss(np.float64(0.25)) == "0.2500"


@pytest.mark.parametrize("name", ["sigmoid-mlp-mse", "sigmoid-mlp-ce", "relu-dropout-sgd"])
def test_the_published_columns_are_the_sources_table_to_the_last_character(name: str, shared_data: Path) -> None:
    with (shared_data.parent / "published" / f"{name}.csv").open(encoding="utf-8") as file:
        source = list(csv.reader(file))[1:]
    figures = format_of(load_recipe(name).published)
    shown = published(name)
    table = epoch_table(
        CurveContent(RunCurve("a run", figures=figures), shown), TableOptions(figures.every, figures.first_epoch)
    )
    columns = [number for number, curve in enumerate(table.curves) if curve is shown]
    assert len(table.epochs) == len(source)
    for row, (epoch, *printed) in enumerate(source):
        if name == "relu-dropout-sgd":  # which prints accuracies as fractions
            printed[1::2] = [f"{float(text):.2%}"[:-1] for text in printed[1::2]]
        assert [str(table.number(row)), *(table.text(row, column) for column in columns)] == [epoch, *printed]


def test_every_ten_epochs_counted_from_0_are_the_lines_of_the_tutorial(shared_data: Path) -> None:
    with (shared_data.parent / "published" / "digits-mlp-adam.csv").open(encoding="utf-8") as file:
        source = list(csv.reader(file))[1:]
    run = run_of("digits-mlp-adam", *[(epoch, 1 / epoch, 0.5, 0.9, 0.5) for epoch in range(1, 101)])
    table = epoch_table(CurveContent(run, published("digits-mlp-adam")), TableOptions(10, 0))
    assert [[str(table.number(row)), table.text(row, 1)] for row in range(10)] == source
    assert [table.number(row) for row in range(len(table.epochs))] == list(range(0, 100, 10))
    assert table.text(1, 0) == f"{1 / 11:.6f}"


def test_every_ten_epochs_counted_from_1_are_the_first_and_the_tens() -> None:
    run = run_of("sigmoid-mlp-mse", *[(epoch, 0.1, 0.5, 0.1, 0.5) for epoch in range(1, 31)])
    table = epoch_table(CurveContent(run), TableOptions(10, 1))
    assert [table.number(row) for row in range(len(table.epochs))] == [1, 10, 20, 30]
    # A run that measures every hundredth epoch shows all it has.
    run = run_of("xor-mlp", *[(epoch, 0.7, 0.5, 0.7, 0.5) for epoch in (1, 101, 201)])
    table = epoch_table(CurveContent(run), TableOptions(10, 1))
    assert table.epochs.tolist() == [1, 101, 201]


def test_the_table_follows_a_training_beside_the_published_figures(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.start(run_of("relu-dropout-sgd"), 20, published("relu-dropout-sgd"))
    table_page(curves, qtbot)
    assert lines(curves)[0] == ["0", "", "0.898", "", "39.70", "", "0.680", "", "58.20"]
    assert headings(curves)[:3] == ["Epoch, from 0", "Training loss, this run", "Training loss, published"]
    curves.add_epochs([(1, 0.89849, 0.397, 0.68077, 0.582)])
    curves.add_epochs([(2, 0.6567, 0.633, nan, inf)])
    qtbot.waitUntil(lambda: lines(curves)[1][1] == "0.656")
    assert lines(curves)[0] == ["0", "0.898", "0.898", "39.70", "39.70", "0.680", "0.680", "58.20", "58.20"]
    assert lines(curves)[1][5:] == ["NaN", "0.606", "∞", "64.10"]
    assert len(lines(curves)) == 20


def test_a_selection_and_the_newest_row_stay_in_view_while_it_grows(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.start(run_of("mlp-fast"), 100)
    table_page(curves, qtbot)
    for epoch in range(1, 41):
        curves.add_epochs([(epoch, 0.5, 0.5, 0.5, 0.5)])
        if epoch == 3:
            qtbot.waitUntil(lambda: len(lines(curves)) == 3)
            curves.table.setCurrentIndex(curves.table.figures.index(1, 1))
    qtbot.waitUntil(lambda: len(lines(curves)) == 40)
    assert [(index.row(), index.column()) for index in curves.table.selectedIndexes()] == [(1, 1)]
    last = curves.table.visualRect(curves.table.figures.index(39, 1))
    assert curves.table.viewport().rect().contains(last)


def test_epochs_and_their_numbers_are_chosen_as_the_source_counts_and_can_be_changed(
    curves: LearningCurves, qtbot: QtBot
) -> None:
    curves.show_run(run_of("digits-mlp-adam", *[(e, 0.5, 0.5, 0.5, 0.5) for e in range(1, 101)]))
    table_page(curves, qtbot)
    assert [line[0] for line in lines(curves)] == [str(number) for number in range(0, 100, 10)]
    curves.table_controls.every.setFocus()
    QTest.keyClick(curves.table_controls.every, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: len(lines(curves)) == 1)
    QTest.keyClick(curves.table_controls.every, Qt.Key.Key_Home)
    curves.table_controls.counting.setFocus()
    QTest.keyClick(curves.table_controls.counting, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: [line[0] for line in lines(curves)] == [str(number) for number in range(1, 101)])
    curves.show_run(run_of("mlp-fast", (1, 0.5, 0.5, 0.5, 0.5)))
    qtbot.waitUntil(lambda: lines(curves) == [["1", "0.500000", "50.00", "0.500000", "50.00"]])
    assert headings(curves) == ["Epoch", "Training loss", "Training accuracy, %", "Test loss", "Test accuracy, %"]


def test_ticked_runs_are_further_columns_with_their_own_decimals(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.show_run(run_of("sigmoid-mlp-mse", (1, 0.0264, 0.8352, 0.0255, 0.8425)))
    curves.show_runs([run_of("softmax-sgd-100", (1, 0.535150588, 0.88, 0.38, 0.9031), (2, 0.36, 0.9, 0.3, 0.91))])
    table_page(curves, qtbot)
    assert lines(curves) == [
        ["1", "0.0264", "83.52", "0.0255", "84.25", "0.535150588", "88.00", "0.380000000", "90.31"],
        ["2", "", "", "", "", "0.360000000", "90.00", "0.300000000", "91.00"],
    ]
    assert headings(curves)[5] == "Training loss, a run"


def test_cells_and_the_whole_table_are_copied_as_tab_separated_text(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.show_run(run_of("mlp-fast", (1, 0.5, 0.25, 0.75, 0.5), (2, 0.4, 0.5, 0.5, 0.625)))
    table_page(curves, qtbot)
    whole = (
        "Epoch\tTraining loss\tTraining accuracy, %\tTest loss\tTest accuracy, %\n"
        "1\t0.500000\t25.00\t0.750000\t50.00\n2\t0.400000\t50.00\t0.500000\t62.50\n"
    )
    QTest.mouseClick(curves.table_controls.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == whole
    curves.table.setFocus()
    curves.table.setCurrentIndex(curves.table.figures.index(0, 1))
    QTest.keyClick(curves.table, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(curves.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert copied(curves) == "0.500000\t25.00\n0.400000\t50.00\n"
    QTest.keyClick(curves.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert copied(curves) == whole


def test_the_numbers_of_the_epochs_stay_in_view_and_a_row_is_copied_with_its_number(
    curves: LearningCurves, qtbot: QtBot
) -> None:
    curves.show_run(run_of("digits-mlp-adam", *[(epoch, 0.5, 0.25, 0.75, 0.5) for epoch in range(1, 101)]))
    curves.show_runs([run_of("softmax-sgd-100", (1, 0.5, 0.5, 0.5, 0.5), name=str(number)) for number in range(5)])
    table_page(curves, qtbot)
    numbers = curves.table.verticalHeader()
    assert curves.table.figures.headerData(3, Qt.Orientation.Vertical) == "30"
    curves.table.horizontalScrollBar().setValue(curves.table.horizontalScrollBar().maximum())
    assert curves.table.horizontalScrollBar().maximum() > 0
    assert numbers.isVisible()
    place = QPoint(10, numbers.sectionViewportPosition(3) + 5)
    QTest.mouseClick(numbers.viewport(), Qt.MouseButton.LeftButton, pos=place)
    curves.table.setFocus()
    assert copied(curves).startswith("30\t0.500000\t25.00\t0.750000\t50.00\t")


def test_a_tooltip_has_the_whole_figure_and_a_heading_says_what_was_measured(
    curves: LearningCurves, qtbot: QtBot
) -> None:
    curves.show_run(run_of("mlp-fast", (1, 0.123456789012, 0.25, 0.75, 0.12345)))
    table_page(curves, qtbot)
    model, tip = curves.table.figures, Qt.ItemDataRole.ToolTipRole
    assert model.index(0, 1).data(tip) == "Training loss: 0.123456789012"
    assert model.index(0, 4).data(tip) == "Test accuracy: 0.12345"
    assert "mean over the batches" in model.headerData(1, Qt.Orientation.Horizontal, tip)


def test_published_figures_look_different(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.start(run_of("sigmoid-mlp-mse"), 30, published("sigmoid-mlp-mse"))
    curves.add_epochs([(1, 0.0264, 0.8352, 0.0255, 0.8425)])
    table_page(curves, qtbot)
    qtbot.waitUntil(lambda: lines(curves)[0][1] == "0.0264")
    own, theirs = (curves.table.visualRect(curves.table.figures.index(0, column)) for column in (1, 2))
    pictures = [
        curves.table.viewport().grab(rect.adjusted(rect.width() - 60, 0, 0, 0)).toImage() for rect in (own, theirs)
    ]
    assert pictures[0] != pictures[1]


def test_the_table_is_reached_and_left_with_the_keyboard(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.show_run(run_of("mlp-fast", (1, 0.5, 0.5, 0.5, 0.5)))
    switch = curves.pages.buttons[curves.chart]
    switch.setFocus()
    QTest.keyClick(switch, Qt.Key.Key_Right)
    QTest.keyClick(curves.pages.buttons[curves.table], Qt.Key.Key_Space)
    qtbot.waitUntil(curves.table.isVisible)
    curves.table.setFocus()
    QTest.keyClick(curves.table, Qt.Key.Key_Tab)
    assert not curves.table.hasFocus()
    QTest.mouseClick(curves.pages.buttons[curves.chart], Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert curves.chart.isVisible()
    assert not curves.table_controls.isVisible()


def test_the_crosshair_has_as_many_decimals_as_the_source(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.show_run(run_of("softmax-sgd-100", (1, 0.5351505877, 0.88, 0.38, 0.9031)))
    qtbot.waitUntil(lambda: curves.is_idle)
    QTest.keyClick(curves.chart, Qt.Key.Key_Right)
    assert "training loss 0.535150588, test loss 0.380000000" in curves.chart.accessibleDescription()
