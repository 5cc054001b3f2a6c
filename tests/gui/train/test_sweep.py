"""Settings are compared in the Train tab: a dialog, trainings in turn or at the same time, a table and a picture."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from digitpad.core.runs.run_folder import METRICS, Run
from digitpad.core.runs.run_library import list_runs
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Appearance
from digitpad.gui.train.sweep.dialog import SweepDialog
from digitpad.gui.train.sweep.results import SweepResults
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId

LEFT = Qt.MouseButton.LeftButton
QUICK = ["epochs=1", "train_first=200", "test_first=100", "device=cpu"]


@pytest.fixture
def tab(window: MainWindow) -> TrainTab:
    window.resize(1280, 800)
    window.show_tab(PageId.TRAIN)
    window.training_tab.form.set_recipe(with_settings(load_recipe("digits-mlp"), QUICK))
    return window.training_tab


@pytest.fixture
def dialog(tab: TrainTab, qtbot: QtBot) -> SweepDialog:
    qtbot.mouseClick(tab.buttons.compare, LEFT)
    qtbot.waitUntil(lambda: tab.findChild(SweepDialog) is not None)
    found = tab.findChild(SweepDialog)
    assert found is not None
    return found


def enter(dialog: SweepDialog, number: int, text: str) -> None:
    _, values = dialog.lines[number]
    values.setFocus()
    values.selectAll()
    QTest.keyClicks(values, text)


def choose(field: QComboBox, key: str) -> None:
    field.setFocus()
    index = field.findData(key)
    QTest.keyClick(field, Qt.Key.Key_Home)
    for _ in range(index):
        QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.currentData() == key


def compared(tab: TrainTab, session: Session, qtbot: QtBot) -> SweepResults:
    """Wait until all trainings have ended."""
    qtbot.waitUntil(lambda: tab.sweeps.queue.sweep is not None and not tab.sweeps.queue.is_running, timeout=120_000)
    qtbot.waitUntil(lambda: session.runs.is_settled and not session.training.is_busy, timeout=20_000)
    assert tab.sweeps.results is not None
    return tab.sweeps.results


def test_two_settings_are_trained_in_turn_and_shown_as_a_heat_map_with_the_best_first(
    dialog: SweepDialog, tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    former = session.models.chosen
    enter(dialog, 0, "0.01, 0.001")
    enter(dialog, 1, "8; 16")
    assert dialog.summary.startswith("4 trainings.")
    qtbot.mouseClick(dialog.start, LEFT)

    results = compared(tab, session, qtbot)

    assert len(list_runs()) == 4
    assert {run.info.sweep for run in list_runs()} == {tab.sweeps.queue.sweep.id if tab.sweeps.queue.sweep else ""}
    assert results.picture.is_heat_map
    accuracies = [row.accuracy.value for row in results.shown.rows]
    assert accuracies == sorted(accuracies, reverse=True)
    assert results.picture.share(results.shown.rows[0]) == 1.0
    assert results.state == "4 of 4 trainings are done."
    best = results.shown.rows[0]
    assert results.best.startswith(f"Best: hidden {best.texts[0]}, lr {best.texts[1]} · ")
    assert session.models.chosen.path == former.path

    qtbot.mouseClick(results.copy, LEFT)
    assert QGuiApplication.clipboard().text().splitlines()[0] == "hidden\tlr\tAccuracy\tLoss\tTime\tRuns"

    qtbot.mouseClick(results.curves, LEFT)
    shown = tab.runs.model.shown
    assert [run.id for run in shown] == [run.id for row in results.shown.rows for run in row.runs]
    assert [tab.runs.model.share_of(run) for run in shown] == pytest.approx([1, 2 / 3, 1 / 3, 0])
    colours = {colour.name() for run in shown if (colour := tab.runs.model.colour_of(run))}
    assert len(colours) == 3  # one of the four is in front, with the colours of training and test


def test_seeds_give_a_mean_with_spread_and_one_setting_parallel_coordinates(
    dialog: SweepDialog, tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    qtbot.mouseClick(dialog.remove_buttons[1], LEFT)
    enter(dialog, 0, "0.01, 0.003")
    dialog.seeds.setFocus()
    QTest.keyClick(dialog.seeds, Qt.Key.Key_Up)
    assert dialog.summary.startswith("4 trainings: 2 settings, each with 2 seeds.")
    qtbot.mouseClick(dialog.start, LEFT)

    results = compared(tab, session, qtbot)

    assert not results.picture.is_heat_map
    assert "±" in results.best
    assert "± is the standard deviation over the seeds." in results.state
    results.close()
    qtbot.waitUntil(lambda: tab.sweeps.results is None)
    tab.runs.select(list_runs()[0])
    tab.runs.menu.sweep.trigger()
    assert tab.sweeps.results is not None
    assert len(tab.sweeps.results.shown.rows) == 2


def test_what_is_wrong_is_said_before_the_start(dialog: SweepDialog, qtbot: QtBot) -> None:
    for text, problem in (("", "empty value"), ("-1", "must be more than 0"), ("0.01", "a single training")):
        enter(dialog, 0, text or " ")
        assert problem in dialog.summary
        assert "Learning rate" in dialog.summary or problem == "a single training"
        assert not dialog.start.isEnabled()
    qtbot.mouseClick(dialog.add, LEFT)
    choose(dialog.lines[2][0], "training.learning_rate")
    assert "chosen twice" in dialog.summary
    choose(dialog.lines[2][0], "training.optimizer")
    assert dialog.summary.startswith("3 trainings.")
    assert dialog.start.isEnabled()


def test_the_icons_of_an_open_dialog_follow_the_theme(dialog: SweepDialog, window: MainWindow) -> None:
    icons = [button.icon().cacheKey() for button in dialog.remove_buttons]
    window.themes.set_appearance(Appearance.DARK)
    assert all(button.icon().cacheKey() not in icons for button in dialog.remove_buttons)


def test_stop_ends_all_trainings_and_keeps_what_is_done(
    dialog: SweepDialog, tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    enter(dialog, 0, "0.01, 0.003, 0.001")
    qtbot.mouseClick(dialog.start, LEFT)
    finished = lambda: [run for run in session.runs.runs if run.info.outcome == "finished"]  # noqa: E731
    qtbot.waitUntil(lambda: bool(finished()) and tab.buttons.stop.isEnabled(), timeout=60_000)
    qtbot.mouseClick(tab.buttons.stop, LEFT)
    results = compared(tab, session, qtbot)
    done = sum(len(row.runs) for row in results.shown.rows)
    assert 1 <= done < 3
    assert results.state.startswith(f"{done} of 3")


def figures(run: Run) -> list[dict]:
    lines = (run.folder / METRICS).read_text().splitlines()
    return [{key: value for key, value in json.loads(line).items() if key != "seconds"} for line in lines]


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.gui.train.sweep.dialog.processor_count", lambda: 2)


@pytest.mark.usefixtures("two_processors")
def test_two_trainings_at_a_time_have_the_figures_of_single_ones(
    dialog: SweepDialog, tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    qtbot.mouseClick(dialog.remove_buttons[1], LEFT)
    enter(dialog, 0, "0.01, 0.003, 0.001")
    dialog.at_a_time.setFocus()
    QTest.keyClick(dialog.at_a_time, Qt.Key.Key_Up)
    assert dialog.at_a_time.value() == 2
    qtbot.mouseClick(dialog.start, LEFT)
    assert not session.training.is_busy
    assert tab.sweeps.results is not None
    assert tab.sweeps.results.stop.isVisible()

    results = compared(tab, session, qtbot)

    assert results.state == "3 of 3 trainings are done."
    assert not results.stop.isVisible()
    assert len(session.runs.runs) == 3
    for run in list_runs():
        closed = list(run_job(TrainingJob(replace(run.recipe), run.info.recipe_name, "")))[-1]
        assert isinstance(closed, RunClosed)
        assert figures(run) == figures(closed.run)


@pytest.mark.usefixtures("two_processors")
def test_trainings_at_the_same_time_are_stopped_at_once(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    tab.form.set_recipe(with_settings(load_recipe("digits-mlp"), ["epochs=100000", "device=cpu"]))
    qtbot.mouseClick(tab.buttons.compare, LEFT)
    qtbot.waitUntil(lambda: tab.findChild(SweepDialog) is not None)
    dialog = tab.findChild(SweepDialog)
    assert dialog is not None
    qtbot.mouseClick(dialog.remove_buttons[1], LEFT)
    enter(dialog, 0, "0.01, 0.003, 0.001")
    QTest.keyClick(dialog.at_a_time, Qt.Key.Key_Up)
    qtbot.mouseClick(dialog.start, LEFT)
    assert tab.sweeps.results is not None
    qtbot.waitUntil(lambda: bool(list_runs()), timeout=300_000)  # two processes load torch first
    qtbot.mouseClick(tab.sweeps.results.stop, LEFT)
    results = compared(tab, session, qtbot)
    assert results.state.startswith("0 of 3 trainings are done.")
    assert not any(run.is_done for run in list_runs())
