"""The speed of a training: full, slow, or one step at a time."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.runs.run_library import list_runs
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.events import EpochDone, Measuring, StepDone, TrainingStarted
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings
from digitpad.gui.session.pace import Pace, StepEnds
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_progress import ProgressCounter
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow

QUICK = ["dataset=digits", "hidden=16", "epochs=2", "batch_size=500", "precision=float32", "device=cpu"]


def recipe(*settings: str) -> Recipe:
    return with_settings(load_recipe("mlp-fast"), [*QUICK, *settings])


@pytest.fixture
def tab(window: MainWindow) -> TrainTab:
    window.show_tab(1)
    window.training_tab.form.set_recipe(recipe())
    return window.training_tab


class Steps:
    """The steps of the training that have come."""

    def __init__(self, session: Session) -> None:
        self.all: list[StepDone] = []
        session.training.steps_done.connect(self.all.extend)

    @property
    def places(self) -> list[tuple[int, int]]:
        """Epoch and step of each."""
        return [(step.epoch, step.step) for step in self.all]


@pytest.fixture
def steps(session: Session) -> Steps:
    return Steps(session)


def press(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(tab: TrainTab, pace: Pace) -> None:
    press(tab.buttons.pace.buttons[pace])


def start_step_by_step(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    choose(tab, Pace.STEP)
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: session.training.state is TrainingState.TRAINING)


def test_a_click_trains_one_batch(tab: TrainTab, session: Session, steps: Steps, qtbot: QtBot) -> None:
    start_step_by_step(tab, session, qtbot)
    next_batch = tab.buttons.pause
    assert next_batch.text() == "Next batch"
    assert steps.all == []  # also the first batch waits for a click
    for count in (1, 2):
        press(next_batch)
        qtbot.waitUntil(lambda: len(steps.all) == count)  # noqa: B023 - called before the next click
        last = steps.all[-1]
        text = f"epoch 1/2 · batch {count}/3 · loss {last.loss:.4f} · {100 * last.accuracy:.1f} % right"
        assert tab.progress_line.text.startswith(text)
        assert "left" not in tab.progress_line.text
        assert "samples/s" not in tab.progress_line.text
    press(next_batch)
    # The last batch of an epoch also shows the test.
    qtbot.waitUntil(lambda: session.training.progress.epoch == 2)
    assert steps.places == [(1, 1), (1, 2), (1, 3)]
    for _ in range(3):
        press(next_batch)
        count = len(steps.all)
        qtbot.waitUntil(lambda: len(steps.all) > count)  # noqa: B023 - called before the next click
    qtbot.waitUntil(lambda: not session.training.is_busy)  # without another click
    assert list_runs()[0].info.outcome == "finished"
    assert not next_batch.isEnabled()


def test_the_figures_do_not_depend_on_the_pace(tab: TrainTab, session: Session, steps: Steps, qtbot: QtBot) -> None:
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: not session.training.is_busy)
    start_step_by_step(tab, session, qtbot)
    for count in range(7, 13):
        press(tab.buttons.pause)
        qtbot.waitUntil(lambda: len(steps.all) == count)  # noqa: B023 - called before the next click
    qtbot.waitUntil(lambda: not session.training.is_busy)
    first, second = list_runs()
    assert [row.test_loss for row in first.rows] == [row.test_loss for row in second.rows]


def test_the_keyboard_changes_the_pace_and_trains_the_next_batch(
    tab: TrainTab, window: MainWindow, session: Session, steps: Steps, qtbot: QtBot
) -> None:
    switch = tab.buttons.pace
    switch.buttons[Pace.FULL].setFocus()
    QTest.keyClick(switch.buttons[Pace.FULL], Qt.Key.Key_Right)
    assert session.training.pace is Pace.SLOW
    assert QApplication.focusWidget() is switch.buttons[Pace.SLOW]
    QTest.keyClick(switch.buttons[Pace.SLOW], Qt.Key.Key_Right)
    assert session.training.pace is Pace.STEP
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: session.training.state is TrainingState.TRAINING)
    QTest.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: steps.places == [(1, 1)])
    tab.buttons.pause.setFocus()
    QTest.keyClick(tab.buttons.pause, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: steps.places == [(1, 1), (1, 2)])
    with qtbot.waitSignal(session.training.ended, timeout=5000):
        press(tab.buttons.stop)


def test_a_slow_training_shows_each_batch_when_it_is_done(
    tab: TrainTab, session: Session, steps: Steps, qtbot: QtBot
) -> None:
    counts: list[int] = []
    session.training.steps_done.connect(lambda done: counts.append(len(done)))
    tab.form.set_recipe(recipe("epochs=1000", "batch_size=50"))
    choose(tab, Pace.SLOW)
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: len(steps.all) >= 4)
    assert set(counts) == {1}
    assert f"batch {steps.all[-1].step}/29 · loss" in tab.progress_line.text
    assert " left" not in tab.progress_line.text
    assert tab.buttons.pause.text() == "Pause"
    press(tab.buttons.pause)
    assert session.training.state is TrainingState.PAUSED
    choose(tab, Pace.FULL)
    assert session.training.state is TrainingState.PAUSED
    press(tab.buttons.pause)
    qtbot.waitUntil(lambda: session.training.progress.epoch > 3)
    qtbot.waitUntil(lambda: "left" in tab.progress_line.text)
    choose(tab, Pace.STEP)
    # After the end of an epoch there is no batch of the next one yet.
    qtbot.waitUntil(lambda: "loss" in tab.progress_line.text)
    with qtbot.waitSignal(session.training.ended, timeout=5000):
        press(tab.buttons.stop)
    assert list_runs()[0].info.outcome == "stopped"


def test_a_paused_training_can_go_on_step_by_step(tab: TrainTab, session: Session, steps: Steps, qtbot: QtBot) -> None:
    tab.form.set_recipe(recipe("epochs=100000"))
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: len(steps.all) > 3)
    press(tab.buttons.pause)
    choose(tab, Pace.STEP)
    assert tab.buttons.pause.text() == "Next batch"
    counts: list[int] = []
    session.training.steps_done.connect(lambda done: counts.append(len(done)))
    for _ in range(5):
        with qtbot.waitSignal(session.training.steps_done):
            press(tab.buttons.pause)
    assert counts[-1] == 1
    choose(tab, Pace.FULL)
    assert tab.buttons.pause.text() == "Pause"
    count = len(steps.all)
    qtbot.waitUntil(lambda: len(steps.all) > count + 10)
    numbers = [3 * (epoch - 1) + step for epoch, step in steps.places]
    assert numbers == list(range(1, len(numbers) + 1))
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)


@pytest.mark.parametrize("pace", [Pace.SLOW, Pace.STEP])
def test_the_window_closes_at_any_pace(
    tab: TrainTab, window: MainWindow, session: Session, qtbot: QtBot, pace: Pace
) -> None:
    choose(tab, pace)
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: session.training.state is TrainingState.TRAINING)
    window.close()
    assert not any(thread.isRunning() for thread in session.threads)


def test_the_weights_are_shown_after_each_batch_unless_the_speed_is_full(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    work: Callable[[], object] = lambda: session.training._work  # noqa: E731 - what the thread reads
    press(tab.buttons.start)
    assert work().shows_each_step is False  # type: ignore[attr-defined]
    choose(tab, Pace.STEP)
    assert work().shows_each_step is True  # type: ignore[attr-defined]
    choose(tab, Pace.FULL)
    assert work().shows_each_step is False  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: not session.training.is_busy)


def test_a_step_ends_after_its_batch_and_the_last_one_of_an_epoch_after_its_test() -> None:
    ends = StepEnds(TrainConfig(epochs=3, report_every=2))
    assert ends(TrainingStarted("cpu", 1, 2, 100))
    assert ends(StepDone(1, 1, 0.5, 0.5, 50))
    assert not ends(Measuring(1, 10, 50))
    assert not ends(StepDone(1, 2, 0.5, 0.5, 50))
    assert ends(_epoch_done(1))
    assert ends(StepDone(2, 2, 0.5, 0.5, 50))  # this epoch is not measured
    assert not ends(StepDone(3, 2, 0.5, 0.5, 50))
    assert not ends(_epoch_done(3))  # nothing is left


def test_the_time_left_is_estimated_from_the_present_pace() -> None:
    counter = ProgressCounter(10)
    counter.add(TrainingStarted("cpu", 1, 10, 1000), 0.0)
    counter.add(StepDone(1, 5, 0.5, 0.5, 100), 100.0)
    assert counter.progress(100.0).remaining == pytest.approx(1900.0)
    counter.restart_estimates(100.0)
    assert counter.progress(100.0).remaining is None
    counter.add(StepDone(1, 10, 0.5, 0.5, 100), 101.0)
    assert counter.progress(101.0).remaining == pytest.approx(18.0)


def _epoch_done(epoch: int) -> EpochDone:
    return EpochDone(epoch, 0.5, 0.5, 0.5, 0.5, 1.0, model=None)  # type: ignore[arg-type]
