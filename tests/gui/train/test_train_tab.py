"""The Train tab: start, pause, stop, resume, use, compare, delete and export runs."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_recipes, user_runs
from digitpad.core.models.model_files import load_model
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import find_run, list_runs, rename_run
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.train.curves.lines import LineOwner
from digitpad.gui.train.curves.series import Metric
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.close_prompts import CloseChoice
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.drawings import new_digits
from tests.helpers.gui import SEVEN, draw, status_text

QUICK = ["dataset=digits", "hidden=16", "epochs=3", "batch_size=200", "precision=float32", "device=cpu"]


@pytest.fixture
def tab(window: MainWindow) -> TrainTab:
    window.show_tab(1)
    window.training_tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), QUICK))
    return window.training_tab


@pytest.fixture
def long_tab(tab: TrainTab) -> TrainTab:
    """The tab with settings for a training that does not end during a test."""
    tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), [*QUICK, "epochs=100000"]))
    return tab


@pytest.fixture
def finish(session: Session, qtbot: QtBot) -> Callable[[], None]:
    def wait() -> None:
        qtbot.waitUntil(lambda: not session.training.is_busy, timeout=60_000)

    return wait


def press(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def trained(name: str, *settings: str) -> Run:
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=2", "train_first=200", *settings])
    closed = list(run_job(TrainingJob(recipe, "softmax", name)))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


def see_runs(window: MainWindow, session: Session, qtbot: QtBot) -> TrainTab:
    """Show the tab, and wait until the runs' folders have been read."""
    window.show_tab(1)
    qtbot.waitUntil(lambda: session.runs.is_settled, timeout=10_000)
    return window.training_tab


def curve(tab: TrainTab, metric: Metric, owner: LineOwner = "live") -> tuple[np.ndarray, np.ndarray] | None:
    line = tab.curves.chart.plots.line(owner, metric)
    return None if line is None else (line.x, line.y)


def wait_for_epochs(session: Session, qtbot: QtBot, count: int) -> None:
    qtbot.waitUntil(lambda: session.training.progress.epoch > count, timeout=60_000)


def test_the_headings_of_weights_and_runs_align(tab: TrainTab, window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: tab.width() == 1280)
    (runs,) = [label for label in tab.findChildren(QLabel) if label.text() == "Runs"]
    headings: list[QWidget] = [tab.pictures.switch, runs]
    assert len({heading.mapTo(tab, heading.rect().center()).y() for heading in headings}) == 1


def test_start_trains_and_shows_everything(
    tab: TrainTab, session: Session, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    assert tab.curves.is_empty
    press(tab.buttons.start)
    assert session.training.is_busy
    assert tab.form.is_locked
    assert not tab.buttons.start.isEnabled()
    finish()
    run = list_runs()[0]
    assert run.info.outcome == "finished"
    # Curves are redrawn on a timer, so the last epoch may come to them after the training's end.
    qtbot.waitUntil(lambda: (line := curve(tab, "test_accuracy")) is not None and len(line[0]) == 3)
    shown = curve(tab, "test_accuracy")
    assert shown is not None
    assert list(shown[0]) == [1, 2, 3]
    assert list(shown[1]) == pytest.approx([100 * row.test_accuracy for row in run.rows])
    qtbot.waitUntil(lambda: curve(tab, "train_loss", "batches") is not None)
    assert not tab.weights.is_empty
    assert tab.runs.selected[0].id == run.id
    assert tab.progress_line.text.startswith("Done: ")
    assert tab.progress_line.fraction == 1.0
    assert not tab.form.is_locked
    assert tab.buttons.start.isEnabled()
    assert run.rows == find_run(run.id).rows


def test_the_window_trains_like_the_command_line(tab: TrainTab, finish: Callable[[], None]) -> None:
    press(tab.buttons.start)
    finish()
    recipe = tab.form.recipe
    assert recipe is not None
    events = list(run_job(TrainingJob(recipe, "again")))
    assert isinstance(events[-1], RunClosed)
    again = events[-1].run
    shown = list_runs()[-1]
    assert [(r.train_loss, r.test_loss) for r in shown.rows] == [(r.train_loss, r.test_loss) for r in again.rows]


def test_pause_and_stop_come_within_a_fifth_of_a_second(long_tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    press(long_tab.buttons.start)
    wait_for_epochs(session, qtbot, 2)
    events: list[float] = []
    session.training.progressed.connect(lambda _: events.append(time.monotonic()))
    press(long_tab.buttons.pause)
    paused = time.monotonic()
    assert session.training.state is TrainingState.PAUSED
    assert "paused" in long_tab.progress_line.text
    # QTest.qWait would hold the GIL, and the training could do nothing wrong.
    loop = QEventLoop()
    QTimer.singleShot(600, loop.quit)
    loop.exec()
    assert all(when - paused < 0.2 for when in events)
    epoch = session.training.progress.epoch
    press(long_tab.buttons.pause)
    assert session.training.state is TrainingState.TRAINING
    wait_for_epochs(session, qtbot, epoch + 1)
    press(long_tab.buttons.pause)
    with qtbot.waitSignal(session.training.ended, timeout=200):
        press(long_tab.buttons.stop)
    run = list_runs()[0]
    assert run.info.outcome == "stopped"
    assert run.has_model
    assert "you can resume" in long_tab.progress_line.text
    assert session.training.worker is None


def test_a_stopped_run_is_resumed_with_its_curves(
    long_tab: TrainTab, session: Session, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    press(long_tab.buttons.start)
    wait_for_epochs(session, qtbot, 3)
    press(long_tab.buttons.stop)
    finish()
    run = list_runs()[0]
    long_tab.launcher.resume(run)
    qtbot.waitUntil(lambda: session.training.progress.epoch > len(run.rows) + 2, timeout=60_000)
    shown = curve(long_tab, "test_loss")
    assert shown is not None
    assert list(shown[0][: len(run.rows)]) == [row.epoch for row in run.rows]
    press(long_tab.buttons.stop)
    finish()
    assert len(list_runs()) == 1
    assert len(list_runs()[0].rows) > len(run.rows)


def test_a_run_that_goes_on_with_other_digits_says_so(
    long_tab: TrainTab, session: Session, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    with MyDigits.open() as mine:
        mine.add_all(new_digits(40))
    long_tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), [*QUICK, "dataset=my-digits", "epochs=100000"]))
    press(long_tab.buttons.start)
    wait_for_epochs(session, qtbot, 2)
    press(long_tab.buttons.stop)
    finish()
    with MyDigits.open() as mine:
        mine.add_all(new_digits(60)[40:])
    long_tab.launcher.resume(list_runs()[0])
    qtbot.waitUntil(lambda: "My digits have changed since" in long_tab.messages.text, timeout=60_000)
    press(long_tab.buttons.stop)
    finish()


def test_resuming_an_interrupted_run_is_offered_when_the_tab_is_shown(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    run = trained("cut off", "epochs=3")
    path = run.folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "outcome": "unfinished"}))
    lines = (run.folder / "metrics.jsonl").read_text().splitlines(keepends=True)
    (run.folder / "metrics.jsonl").write_text("".join(lines[:1]))
    (run.folder / "state.safetensors").unlink()
    messages = see_runs(window, session, qtbot).messages
    assert "“cut off” was interrupted after epoch 1 of 3" in messages.text
    press(messages.action)
    assert session.training.is_busy
    qtbot.waitUntil(lambda: not session.training.is_busy, timeout=60_000)
    assert [row.test_loss for row in list_runs()[0].rows] == [row.test_loss for row in run.rows]


def test_the_pad_uses_the_model_in_training_and_then_its_best_epoch(
    window: MainWindow, long_tab: TrainTab, session: Session, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    window.show_tab(0)
    draw(window.draw_tab.canvas, SEVEN)
    window.show_tab(1)
    long_tab.progress_line.follow.click()
    assert session.models.is_following
    press(long_tab.buttons.start)
    qtbot.waitUntil(lambda: session.models.chosen.live is not None, timeout=60_000)
    assert "in training" in status_text(window, "model")
    with qtbot.waitSignal(session.recognition.answered, timeout=10_000):
        pass  # the drawing is asked about again as the model learns
    press(long_tab.buttons.stop)
    finish()
    qtbot.waitUntil(lambda: session.models.chosen.path.name == "best.safetensors", timeout=10_000)
    assert not session.models.is_following
    assert not long_tab.progress_line.follow.isChecked()


def test_following_the_training_can_be_switched_off(
    long_tab: TrainTab, session: Session, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    before = session.models.chosen
    press(long_tab.buttons.start)
    long_tab.progress_line.follow.click()
    qtbot.waitUntil(lambda: session.models.chosen.live is not None, timeout=60_000)
    long_tab.progress_line.follow.click()
    assert session.models.chosen == before
    assert all(entry.live is None for entry in session.models.entries)
    session.models.set_following(True)
    qtbot.waitUntil(lambda: session.models.chosen.live is not None, timeout=60_000)
    session.models.choose(session.models.entries[0])
    assert not session.models.is_following
    press(long_tab.buttons.stop)
    finish()
    assert session.models.chosen == session.models.entries[0]


def test_a_finished_run_can_be_used_on_the_pad(
    window: MainWindow, session: Session, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    run = trained("mine")
    tab = see_runs(window, session, qtbot)
    tab.runs.view.selectRow(0)
    with qtbot.waitSignal(session.models.chosen_changed, timeout=10_000):
        press(tab.runs.use)
    assert session.models.chosen.path == run.folder / "best.safetensors"
    assert "mine" in status_text(window, "model") or run.id in status_text(window, "model")
    qtbot.waitUntil(lambda: "The Draw tab now uses" in tab.messages.text)
    tab.run_actions.delete([run])
    assert session.models.chosen.name == "cnn"


def test_a_run_can_be_renamed_during_its_training(
    long_tab: TrainTab, session: Session, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    press(long_tab.buttons.start)
    wait_for_epochs(session, qtbot, 2)
    model = long_tab.runs.model
    assert model.setData(model.index(0, 0), "my live name", Qt.ItemDataRole.EditRole)
    press(long_tab.buttons.stop)
    finish()
    assert list_runs()[0].name == "my live name"
    assert model.index(0, 0).data() == "my live name (stopped)"


def test_weights_that_cannot_be_loaded_are_reported(window: MainWindow, qtbot: QtBot, session: Session) -> None:
    run = trained("broken")
    (run.folder / "best.safetensors").write_bytes(b"no model")
    tab = see_runs(window, session, qtbot)
    tab.runs.view.selectRow(0)
    press(tab.runs.use)
    qtbot.waitUntil(lambda: "best.safetensors" in tab.messages.text)


def test_deleting_a_run_can_be_undone(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    run = trained("precious")
    tab = see_runs(window, session, qtbot)
    tab.runs.view.selectRow(0)
    tab.runs.view.setFocus()
    QTest.keyClick(tab.runs.view, Qt.Key.Key_Delete)
    assert list_runs() == []
    assert "“precious” deleted." in tab.messages.text
    press(tab.messages.action)
    assert [known.id for known in list_runs()] == [run.id]
    assert [known.id for known in tab.runs.model.runs] == [run.id]


def test_a_run_is_renamed_in_the_table(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    run = trained("old name")
    model = see_runs(window, session, qtbot).runs.model
    assert model.setData(model.index(0, 0), "new name", Qt.ItemDataRole.EditRole)
    assert find_run(run.id).name == "new name"
    assert model.index(0, 0).data() == "new name"


def test_ticked_runs_are_shown_in_the_plots(window: MainWindow, qtbot: QtBot, session: Session) -> None:
    runs = [trained(f"run {number}", f"seed={number}") for number in range(4)]  # the last one is selected
    tab = see_runs(window, session, qtbot)
    model = tab.runs.model
    for row in (1, 2, 3):
        model.setData(model.index(row, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    qtbot.waitUntil(lambda: curve(tab, "test_loss", 2) is not None)
    first = curve(tab, "test_loss", 0)
    assert first is not None
    assert list(first[1]) == pytest.approx([row.test_loss for row in runs[2].rows])
    # The shown run is not drawn a second time, and the other runs keep their colours.
    tab.runs.view.selectRow(2)
    qtbot.waitUntil(lambda: curve(tab, "test_loss", 2) is None)
    second = curve(tab, "test_loss", 1)
    assert second is not None
    assert list(second[1]) == pytest.approx([row.test_loss for row in runs[0].rows])
    assert model.colour_of(runs[1]) is None
    tab.runs.view.selectRow(0)
    model.setData(model.index(1, 0), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    model.set_current(None)
    model.setData(model.index(1, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert len({model.colour_of(run).name() for run in runs[:3]}) == 3  # type: ignore[union-attr]
    for row in (1, 2, 3):
        model.setData(model.index(row, 0), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    qtbot.waitUntil(lambda: curve(tab, "test_loss", 0) is None)


@pytest.mark.parametrize("kind", ["csv", "png", "svg", "safetensors", "onnx", "tensorboard"])
def test_a_run_is_exported(window: MainWindow, qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    run = trained("mine")
    window.show_tab(1)
    tab = window.training_tab
    place = tmp_path if kind == "tensorboard" else tmp_path / "mine"
    tab.run_actions.export_to(run, kind, place)
    qtbot.waitUntil(lambda: tab.messages.text.startswith("Saved to"), timeout=60_000)
    if kind == "tensorboard":
        assert list((tmp_path / run.id / "test").iterdir())
    else:
        assert (tmp_path / f"mine.{kind}").stat().st_size > 50


@pytest.mark.parametrize("kind", ["best.safetensors", "last.safetensors"])
def test_the_weights_of_either_epoch_are_exported(window: MainWindow, qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    few, run = trained("few"), trained("mine", "epochs=5", "learning_rate=0.5")
    window.show_tab(1)
    tab = window.training_tab
    qtbot.waitUntil(lambda: len(tab.runs.model.runs) == 2)
    menu = tab.runs.menu.exports
    for selected in (few, run):
        tab.runs.select(selected)
        shown = {action.data() for action in menu.actions() if action.isVisible()}
        texts = [action.text() for action in menu.actions() if action.isVisible() and "weights" in action.text()]
        titles = [f"{kept.epoch.title()} weights ({kept.row.epoch})" for kept in selected.kept_models if kept.row]
        kinds = ("safetensors", "ONNX", "a PyTorch state dict (.pt)", "a PyTorch program (.py)")
        assert texts == [f"{title} as {kind}…" for kind in kinds for title in titles]
        assert ("last.safetensors" in shown) == ("last.onnx" in shown) == (len(selected.kept_models) == 2)
    tab.run_actions.export_to(run, kind, tmp_path / "mine")
    qtbot.waitUntil(lambda: tab.messages.text.startswith("Saved to"), timeout=60_000)
    row = run.best if kind.startswith("best") else run.last
    assert row is not None
    assert load_model(tmp_path / "mine.safetensors").card.epochs == row.epoch


def test_a_failed_export_is_reported(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    run = trained("mine")
    window.show_tab(1)
    tab = window.training_tab
    (tmp_path / "file").write_text("")
    for kind in ("csv", "png", "svg"):
        tab.messages.hide()
        tab.run_actions.export_to(run, kind, tmp_path / "file" / "mine")
        qtbot.waitUntil(lambda: "cannot be written" in tab.messages.text, timeout=10_000)


def test_a_missing_data_set_can_be_replaced_by_a_folder(
    window: MainWindow, session: Session, shared_data: Path, qtbot: QtBot
) -> None:
    window.show_tab(1)
    tab = window.training_tab
    tab.form.set_recipe("mlp-fast")
    assert tab.dataset_bar.isVisible()
    tab.show_data(str(Path(__file__).parent))
    qtbot.waitUntil(lambda: "no data set that can be read" in tab.messages.text)
    tab.show_data(str(shared_data / "mnist"))
    own = tab.data.own_data
    qtbot.waitUntil(lambda: own.dialog is not None and not own.dialog.is_reading)
    assert own.dialog is not None
    qtbot.mouseClick(own.dialog.use, Qt.MouseButton.LeftButton)
    assert tab.dataset_bar.isHidden()
    assert tab.buttons.start.text() == "Start"
    tab.form.set_recipe("softmax")
    assert tab.dataset_bar.isVisible()
    assert not session.training.is_busy


def test_a_recipe_is_saved_and_can_be_chosen(tab: TrainTab) -> None:
    tab.recipe_saver.save("lesson 3")
    assert (user_recipes() / "lesson 3.toml").is_file()
    assert tab.form.recipe_name == "lesson 3"
    assert "Saved to" in tab.messages.text
    tab.recipe_saver.save("softmax")
    assert "ships with digitpad" in tab.messages.text


def test_a_broken_recipe_is_reported(window: MainWindow) -> None:
    user_recipes().mkdir(parents=True)
    (user_recipes() / "bad.toml").write_text("title = 1", encoding="utf-8")
    window.training_tab.form.reload_recipes()
    window.show_tab(1)
    assert "bad.toml" in window.training_tab.messages.text


def test_a_failed_training_reports_the_reason_and_keeps_other_runs(
    tab: TrainTab, session: Session, finish: Callable[[], None]
) -> None:
    earlier = trained("earlier")
    wild = ["optimizer=sgd", "learning_rate=100", "momentum=0.99", "epochs=500", "hidden=64,64,64"]
    tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), [*QUICK, *wild]))
    press(tab.buttons.start)
    finish()
    assert "The learning rate may be too high" in tab.messages.text
    assert earlier.id in [run.id for run in list_runs()]
    assert tab.buttons.start.isEnabled()


def test_a_runs_folder_that_cannot_be_written_is_reported(tab: TrainTab, finish: Callable[[], None]) -> None:
    user_runs().parent.mkdir(parents=True, exist_ok=True)
    user_runs().write_text("a file where the folder should be")
    press(tab.buttons.start)
    finish()
    assert "runs cannot be saved" in tab.messages.text.lower()


def test_a_full_disk_during_training_is_reported(
    tab: TrainTab, session: Session, monkeypatch: pytest.MonkeyPatch, finish: Callable[[], None]
) -> None:
    from digitpad.core.runs import writer

    def full(path: Path, *_: object) -> None:
        raise DigitpadError(f"{path} cannot be written (No space left on device): choose another place")

    monkeypatch.setattr(writer, "save_state", full)
    press(tab.buttons.start)
    finish()
    assert "No space left" in tab.messages.text
    assert list_runs()[0].rows
    assert load_model(list_runs()[0].folder / "best.safetensors")


def test_xor_shows_its_output_surface_and_is_not_used_on_the_pad(
    tab: TrainTab, session: Session, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    tab.form.set_recipe(with_settings(load_recipe("xor-mlp"), ["epochs=300"]))
    tab.progress_line.follow.click()
    press(tab.buttons.start)
    finish()
    qtbot.waitUntil(lambda: tab.weights.epochs.slider.maximum() > 1)
    assert not tab.weights.is_empty
    assert session.models.chosen.live is None
    assert not tab.runs.use.isEnabled()
    assert tab.runs.selected
    tab.weights.epochs.slider.setValue(tab.weights.epochs.slider.maximum())
    last = [row[2] for row in tab.weights.table.table.rows]
    tab.weights.epochs.slider.setValue(0)
    first = [row[2] for row in tab.weights.table.table.rows]
    assert first == ["0.470979", "0.470558", "0.470524", "0.470129"]
    assert last != first


@pytest.mark.parametrize("choice", list(CloseChoice))
def test_closing_during_a_training_asks_once(
    window: MainWindow,
    long_tab: TrainTab,
    session: Session,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    choice: CloseChoice,
) -> None:
    asked: list[object] = []

    def answer(parent: object) -> CloseChoice:
        asked.append(parent)
        return choice

    monkeypatch.setattr("digitpad.gui.window.close_prompts.ask_about_training", answer)
    press(long_tab.buttons.start)
    wait_for_epochs(session, qtbot, 2)
    window.close()
    assert len(asked) == 1
    assert window.isVisible() is (choice is CloseChoice.STAY)
    if choice is CloseChoice.STAY:
        assert session.training.is_busy
        session.training.stop()
        qtbot.waitUntil(lambda: not session.training.is_busy)
    else:
        assert not any(thread.isRunning() for thread in session.threads)
        assert [run.info.outcome for run in list_runs()] == (["stopped"] if choice is CloseChoice.KEEP else [])


def test_the_training_in_the_status_bar_opens_the_train_tab(
    window: MainWindow, long_tab: TrainTab, session: Session, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    assert not window.status_bar.training.isVisible()
    press(long_tab.buttons.start)
    wait_for_epochs(session, qtbot, 2)
    window.show_tab(0)
    assert window.status_bar.training.text().startswith("epoch ")
    assert "%" in window.status_bar.training.text()
    press(window.status_bar.training)
    assert long_tab.isVisible()
    press(long_tab.buttons.stop)
    finish()
    assert not window.status_bar.training.isVisible()


def test_a_run_with_braces_in_its_name_is_deleted_and_restored(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    rename_run(trained("xor-mlp", "epochs=1"), "lr {0.1} test")
    tab = see_runs(window, session, qtbot)
    tab.run_actions.delete(session.runs.runs)
    assert tab.messages.text == "“lr {0.1} test” deleted."
    press(tab.messages.action)
    assert [run.name for run in list_runs()] == ["lr {0.1} test"]


def test_a_training_whose_test_loss_is_not_a_number_ends_in_a_run_that_is_listed(
    tab: TrainTab, session: Session, finish: Callable[[], None], qtbot: QtBot
) -> None:
    settings = ["dataset=digits", "epochs=1", "learning_rate=100", "optimizer=sgd", "schedule=constant"]
    settings += ["momentum=0.99", "weight_decay=0", "batch_size=512", "device=cpu"]
    tab.form.set_recipe(with_settings(load_recipe("cnn-fast"), settings))
    press(tab.buttons.start)
    finish()
    (run,) = session.runs.runs
    assert run.info.outcome == "finished"
    assert run.model_problem
    qtbot.waitUntil(lambda: tab.curves.is_idle)
    press(tab.runs.use)
    assert "cannot be used, because its loss is not a number" in tab.messages.text
    assert session.models.chosen.name == "cnn"


def test_the_runs_are_below_the_weights_in_the_width_that_a_lesson_leaves(
    tab: TrainTab, window: MainWindow, qtbot: QtBot
) -> None:
    for width, is_below in ((1000, True), (1280, False)):
        window.resize(width, 800)
        qtbot.waitUntil(lambda width=width: tab.width() == width)
        top, bottom = tab.runs.mapTo(tab, QPoint()).y(), tab.pictures.mapTo(tab, QPoint(0, tab.pictures.height())).y()
        assert (top >= bottom) == is_below
