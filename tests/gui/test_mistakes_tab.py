"""The Mistakes tab: from a run to its mistakes, and from a mistake to the pad."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from digitpad.core.jobs import RunClosed, TrainingJob, run_job
from digitpad.core.mistakes import MistakesOfRun, find_mistakes
from digitpad.core.recipes import load_recipe, with_settings
from digitpad.core.runs import Run
from digitpad.gui.main_window import MainWindow
from digitpad.gui.mistakes_tab import MistakesTab
from digitpad.gui.session import Session

from ..core.idx_writing import set_files, write_files


def trained(name: str, *settings: str, data: Path | None = None) -> Run:
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=2", "train_first=200", *settings])
    closed = list(run_job(TrainingJob(recipe, "softmax", name, data=data)))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


@pytest.fixture
def tab(window: MainWindow) -> MistakesTab:
    window.show_tab(2)
    return window.mistakes_tab


def show(tab: MistakesTab, run: Run, qtbot: QtBot) -> MistakesOfRun:
    with qtbot.waitSignal(tab.shown, timeout=60_000) as caught:
        tab.show_run(run)
    return caught.args[0]  # type: ignore[index]


def test_before_anything_was_asked_it_says_what_to_do(tab: MistakesTab) -> None:
    assert tab.words == ""
    said = [label.text() for label in tab.findChildren(QLabel) if label.isVisible()]
    assert "No mistakes to show yet" in said
    assert not tab.grid.isVisible()


def test_the_button_of_the_train_tab_leads_to_the_mistakes(window: MainWindow, qtbot: QtBot) -> None:
    run = trained("some")
    window.show_tab(1)
    tab = window.training_tab
    qtbot.waitUntil(lambda: len(tab.runs.model.runs) == 1)
    tab.runs.select(run)
    with qtbot.waitSignal(window.mistakes_tab.shown, timeout=60_000):
        QTest.mouseClick(tab.runs.mistakes, Qt.MouseButton.LeftButton)
        assert window.mistakes_tab.isVisible()
        assert window.mistakes_tab.words == "Looking at the test images…"
    assert window.mistakes_tab.grid.isVisible()


def test_all_mistakes_of_the_best_model_are_shown(tab: MistakesTab, qtbot: QtBot) -> None:
    run = trained("some")
    assert run.best is not None
    show(tab, run, qtbot)
    expected = find_mistakes(run)
    count = round((1 - run.best.test_accuracy) * 360)
    assert tab.model.rowCount() == count
    right = f"{100 * run.best.test_accuracy:.2f}"
    assert tab.words == f"some: {count} of 360 wrong on built-in digits test ({right} % right)"
    first, index = expected[0], tab.model.index(0)
    assert index.data() == f"Pred: {first.predicted}, Label: {first.label}"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == (
        f"test image {first.index}: label {first.label}, predicted {first.predicted} "
        f"with {100 * first.confidence:.0f} %"
    )


def test_the_keyboard_goes_through_all_of_them(tab: MistakesTab, qtbot: QtBot) -> None:
    show(tab, trained("some"), qtbot)
    grid, last = tab.grid, tab.model.rowCount() - 1
    qtbot.waitUntil(grid.hasFocus)
    assert grid.currentIndex().row() == 0
    for _ in range(last):
        QTest.keyClick(grid, Qt.Key.Key_Right)
    assert grid.currentIndex().row() == last
    QTest.keyClick(grid, Qt.Key.Key_Home)
    assert grid.currentIndex().row() == 0
    QTest.keyClick(grid, Qt.Key.Key_Down)
    below = grid.currentIndex()
    assert below.row() > 1
    assert grid.visualRect(below).left() == grid.visualRect(tab.model.index(0)).left()
    QTest.keyClick(grid, Qt.Key.Key_End)
    assert grid.currentIndex().row() == last
    assert grid.viewport().rect().contains(grid.visualRect(grid.currentIndex()).center())


@pytest.mark.parametrize("way", ["double click", "Enter"])
def test_a_mistake_can_be_tried_on_the_pad(
    window: MainWindow, tab: MistakesTab, session: Session, qtbot: QtBot, way: str
) -> None:
    show(tab, trained("some"), qtbot)
    if way == "Enter":
        QTest.keyClick(tab.grid, Qt.Key.Key_Return)
    else:
        place = tab.grid.visualRect(tab.model.index(1)).center()
        QTest.mouseClick(tab.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert not session.pad.drawing
        QTest.mouseDClick(tab.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.pad.drawing.picture is not None
    assert window.draw_tab.isVisible()
    assert session.pad.undo_stack.count() == 1


def test_a_model_that_is_always_right_is_told(tab: MistakesTab, qtbot: QtBot) -> None:
    show(tab, trained("clever", "test_first=3", "epochs=20"), qtbot)
    assert tab.words == "“clever” gets all 3 right."
    assert not tab.grid.isVisible()


def test_data_that_is_gone_is_told(tab: MistakesTab, qtbot: QtBot, tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_files(data / "mnist", set_files())
    run = trained("some", "dataset=mnist", data=data)
    shutil.rmtree(data)
    show(tab, trained("other"), qtbot)
    tab.show_run(run)
    qtbot.waitUntil(lambda: bool(tab.messages.text), timeout=60_000)
    assert f"test files are not in {data / 'mnist'}" in tab.messages.text
    assert tab.words == ""
    assert tab.model.rowCount() == 0
    show(tab, trained("third"), qtbot)
    assert tab.messages.text == ""


def test_of_two_runs_only_the_newest_is_shown(tab: MistakesTab, qtbot: QtBot) -> None:
    first, second = trained("first"), trained("second", "seed=3")
    shown: list[str] = []
    tab.shown.connect(lambda mistakes: shown.append(mistakes.run.name))
    tab.show_run(first)
    show(tab, second, qtbot)
    assert shown == ["second"]
    assert tab.words.startswith("second: ")
