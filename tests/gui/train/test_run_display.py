"""What the Train tab shows of a run: headline, weights, replay, and what comes of it when runs change."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from digitpad.commands.lists import _run_line
from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.layer_statistics import NetworkStatistics
from digitpad.core.evaluation.weight_images import weight_images
from digitpad.core.models.model_files import load_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import SoftmaxSpec
from digitpad.core.runs import weight_history
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import find_run, list_runs
from digitpad.core.runs.training_job import JobEvent, RunClosed, RunOpened, TrainingJob, run_job
from digitpad.core.runs.weight_history import read_weight_history
from digitpad.core.training import epochs
from digitpad.core.training.events import EpochDone, StepDone, TrainingStarted
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session import training_service
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_progress import Progress
from digitpad.gui.session.training_service import TrainingEnded, TrainingState
from digitpad.gui.train.headline import Figures, Headline
from digitpad.gui.train.outcome_texts import outcome_of
from digitpad.gui.train.runs.runs_model import ACCURACY
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow

SMALL = ["dataset=digits", "train_first=200", "precision=float32", "device=cpu"]
MLP = [*SMALL, "hidden=16", "batch_size=20", "epochs=4"]


def trained(name: str, *settings: str, recipe: str = "mlp-fast") -> Run:
    """Train a small run."""
    changed = with_settings(load_recipe(recipe), [*MLP, *settings])
    closed = list(run_job(TrainingJob(changed, recipe, name)))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


def see_runs(window: MainWindow, session: Session, qtbot: QtBot) -> TrainTab:
    """Show the tab, and wait until the runs' folders have been read."""
    window.show_tab(1)
    qtbot.waitUntil(lambda: session.runs.is_settled)
    return window.training_tab


def select(tab: TrainTab, run: Run, qtbot: QtBot) -> None:
    """Click a run in the table, and wait until all that is kept with it is shown."""
    row = next(row for row, known in enumerate(tab.runs.model.runs) if known.folder == run.folder)
    rect = tab.runs.view.visualRect(tab.runs.model.index(row, 0))
    QTest.mouseClick(tab.runs.view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    qtbot.waitUntil(lambda: [known.folder for known in tab.runs.selected] == [run.folder])
    qtbot.waitUntil(lambda: tab.weights.epochs.slider.maximum() == run.recipe.training.epochs)


def start(window: MainWindow, *settings: str, recipe: str = "mlp-fast") -> TrainTab:
    """Start a training by its button."""
    window.show_tab(1)
    tab = window.training_tab
    tab.form.set_recipe(with_settings(load_recipe(recipe), list(settings)))
    QTest.mouseClick(tab.buttons.start, Qt.MouseButton.LeftButton)
    return tab


def tick(tab: TrainTab, run: Run) -> None:
    """Click the check box of a run."""
    row = next(row for row, known in enumerate(tab.runs.model.runs) if known.folder == run.folder)
    rect = tab.runs.view.visualRect(tab.runs.model.index(row, 0))
    box = QPoint(rect.left() + 18, rect.center().y())
    QTest.mouseClick(tab.runs.view.viewport(), Qt.MouseButton.LeftButton, pos=box)


def finish(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not session.training.is_busy)


def test_a_training_shows_its_weights_before_the_first_epoch_is_done(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    seen: list[str] = []
    session.training.weights_seen.connect(lambda _: seen.append("weights"))
    session.training.epoch_done.connect(lambda _: seen.append("epoch"))
    tab = start(window, *MLP, "epochs=100000")
    qtbot.waitUntil(lambda: not tab.weights.is_empty)
    assert seen[0] == "weights"
    qtbot.waitUntil(lambda: seen.count("weights") >= 3)
    session.training.stop()
    finish(session, qtbot)


def test_the_weights_are_seen_more_than_twice_a_second_and_in_slow_trainings_after_every_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr(training_service.time, "monotonic", lambda: clock[0])
    model = build(load_recipe("softmax").model)
    watch = training_service._WeightWatch(load_recipe("softmax"))

    def is_seen(event: JobEvent, *, always: bool = False) -> bool:
        return bool(list(watch.after(event, always=always, measures=False)))

    assert is_seen(TrainingStarted("cpu", 1, 100, 100, snapshot=lambda: model))
    step = StepDone(1, 1, 0.5, 0.5, 10)
    shown = []
    for tenth in range(1, 11):
        clock[0] = tenth / 10
        shown.append(is_seen(step))
    assert shown.count(True) == 2
    assert is_seen(step, always=True)
    clock[0] = 5.0
    done = EpochDone(1, 0.1, 0.9, 0.1, 0.9, 1.0, model)
    assert is_seen(done)
    assert not is_seen(done)


def test_layers_are_measured_at_the_start_and_then_only_while_they_are_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A measurement that takes 0.1 s is followed by 6.7 s without one: 1.5 % of the time."""
    clock = [0.0]

    def measured(*_: object) -> NetworkStatistics:
        clock[0] += 0.1
        return NetworkStatistics(SoftmaxSpec(), (), 0.0, 0)

    monkeypatch.setattr(training_service.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(training_service, "network_statistics", measured)
    model, sample = build(load_recipe("softmax").model), load_digits("digits", "train", Path())
    watch = training_service._WeightWatch(with_settings(load_recipe("softmax"), ["epochs=3"]))

    def count(event: JobEvent, *, measures: bool) -> int:
        seen = watch.after(event, always=False, measures=measures)
        return sum(isinstance(value, NetworkStatistics) for value in seen)

    run = TrainingJob(load_recipe("softmax"), "softmax")
    assert count(RunOpened(run, sample=sample), measures=False) == 0  # type: ignore[arg-type]
    assert count(TrainingStarted("cpu", 1, 100, 100, snapshot=lambda: model), measures=False) == 1
    step = StepDone(1, 1, 0.5, 0.5, 10)
    clock[0] = 10.0
    assert count(step, measures=False) == 0
    clock[0] = 20.0
    assert count(step, measures=True) == 1
    clock[0] = 26.7
    assert count(step, measures=True) == 0
    clock[0] = 27.1
    assert count(step, measures=True) == 1
    assert count(EpochDone(2, 0.1, 0.9, 0.1, 0.9, 1.0, model), measures=False) == 0
    assert count(EpochDone(3, 0.1, 0.9, 0.1, 0.9, 1.0, model), measures=False) == 1


def test_the_snapshot_of_the_model_stays_in_its_thread(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    values: list[object] = []
    start(window, *MLP)
    worker = session.training.worker
    assert worker is not None
    worker.yielded.connect(values.extend)
    finish(session, qtbot)
    (started,) = [value for value in values if isinstance(value, TrainingStarted)]
    assert started.snapshot is None


def test_the_headline_follows_a_training_to_its_best_epoch(
    window: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "_LONG_EPOCH", 1)
    monkeypatch.setattr(epochs, "_MANY_STEPS", 5)
    texts: list[str] = []
    tab = start(window, *MLP)
    session.training.progressed.connect(lambda _: texts.append(tab.headline.text))
    finish(session, qtbot)
    run = list_runs()[0]
    assert run.best is not None
    assert tab.headline.text.startswith(f"{run.best.test_accuracy * 100:.2f} % test · best of 4 epochs · ")
    assert all("of 4" in text for text in texts)
    sample = tab.curves.chart.plots.line("samples", "test_accuracy")
    qtbot.waitUntil(lambda: tab.curves.is_idle)
    sample = tab.curves.chart.plots.line("samples", "test_accuracy")
    assert sample is not None
    assert len(sample.x) == 4 * run.recipe.training.epochs


def test_a_recipe_with_published_figures_shows_its_last_epoch_everywhere(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    settings = ["dataset=digits", "train_first=200", "test_first=100", "learning_rate=3", "epochs=5"]
    job = TrainingJob(with_settings(load_recipe("softmax-sgd-100"), settings), "softmax-sgd-100")
    closed = list(run_job(job))[-1]
    assert isinstance(closed, RunClosed)
    run = closed.run
    assert run.last is not None
    assert run.best is not None
    assert run.best is not run.last
    tab = see_runs(window, session, qtbot)
    select(tab, run, qtbot)
    last, best = (f"{100 * row.test_accuracy:.2f} %" for row in (run.last, run.best))
    assert tab.headline.text.startswith(f"{last} test · last of 5 epochs · ")
    assert tab.headline.toolTip().endswith(f"\nbest {best} at epoch {run.best.epoch}")
    assert tab.runs.model.index(0, ACCURACY).data() == last
    assert tab.weights.epochs.index == 5
    assert f" {last} " in _run_line(run)
    ends = f"Done: {last} of the test images right at epoch 5 of 5", f"Stopped after epoch 5 of 5: {last} of the test"
    for was_stopped, text in zip((False, True), ends, strict=True):
        assert outcome_of(TrainingEnded(run, was_stopped=was_stopped), job).sentence.startswith(text)


def progress(epoch: int = 1, epochs: int = 10) -> Progress:
    return Progress(epoch, epochs, 0.1, 1.0, None, None)


def test_the_headline_shows_the_newest_figure_and_says_what_it_is(qtbot: QtBot) -> None:
    headline = Headline()
    qtbot.addWidget(headline)
    recipe = load_recipe("mlp-fast")
    figures = Figures(training_loss=0.9, training_accuracy=0.612)
    headline.show_training(recipe, figures, progress(), TrainingState.TRAINING)
    assert headline.text == "61 % training · epoch 1 of 10"
    figures = replace(figures, sample_accuracy=0.912, sample_loss=0.2, sample_size=1000)
    headline.show_training(recipe, figures, progress(), TrainingState.TRAINING)
    assert headline.text == "91.2 % test, sample of 1,000 · epoch 1 of 10"
    figures = replace(figures, test_accuracy=0.9821, test_loss=0.05)
    headline.show_training(recipe, figures, progress(2), TrainingState.PAUSED)
    assert headline.text == "98.2 % test · epoch 2 of 10 · paused"
    headline.show_training(recipe, figures, progress(2), TrainingState.STOPPING)
    assert headline.text == "98.2 % test · epoch 2 of 10 · stopping…"
    assert headline.accessibleName() == headline.text


def test_the_words_of_the_headline_do_not_move_in_a_pause(qtbot: QtBot) -> None:
    headline = Headline()
    qtbot.addWidget(headline)
    recipe, figures = load_recipe("mlp-fast"), Figures(test_accuracy=0.987, test_loss=0.05)
    for width in (300, 340, 380, 420, 800):
        headline.resize(width, headline.minimumSizeHint().height())
        headline.show_training(recipe, figures, progress(2), TrainingState.TRAINING)
        before = headline.grab().toImage()
        headline.show_training(recipe, figures, progress(2), TrainingState.PAUSED)
        paused = headline.grab().toImage()
        ink = [x for x in range(width) for y in range(before.height()) if before.pixel(x, y) != before.pixel(0, 0)]
        covered = max(ink) + 1
        assert before.copy(0, 0, covered, before.height()) == paused.copy(0, 0, covered, before.height())
        headline.show_training(recipe, replace(figures, test_accuracy=0.111), progress(2), TrainingState.TRAINING)
        other = headline.grab().toImage()
        assert (
            max(x for x in range(width) for y in range(20, 40) if other.pixel(x, y) != other.pixel(0, 0)) + 1 == covered
        )


def test_the_headline_of_a_gate_is_its_loss(qtbot: QtBot) -> None:
    headline = Headline()
    qtbot.addWidget(headline)
    figures = Figures(training_loss=0.6931, training_accuracy=0.5)
    headline.show_training(load_recipe("xor-mlp"), figures, progress(5, 10_001), TrainingState.TRAINING)
    assert headline.text == "0.6931 training loss · epoch 5 of 10,001"
    figures = replace(figures, test_loss=0.0013, test_accuracy=1.0)
    headline.show_training(load_recipe("xor-mlp"), figures, progress(401, 10_001), TrainingState.TRAINING)
    assert headline.text == "0.0013 test loss · epoch 401 of 10,001"


def test_a_selected_run_has_its_own_headline_curve_per_batch_and_axis_name(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    first, second = trained("digits", "epochs=3"), trained("squares", recipe="sigmoid-mlp-mse")
    tab = see_runs(window, session, qtbot)
    for run, name in ((second, "mean squared error"), (first, "cross-entropy")):
        select(tab, run, qtbot)
        assert run.best is not None
        assert tab.headline.text.startswith(f"{run.best.test_accuracy * 100:.2f} % test")
        qtbot.waitUntil(lambda: tab.curves.chart.plots.line("live", "train_loss") is not None and tab.curves.is_idle)
        line = tab.curves.chart.plots.line("live", "train_loss")
        assert line is not None
        assert len(line.x) == 10 * run.recipe.training.epochs  # its steps
        assert tab.curves.chart.plots.headings.first[0] == f"Loss: {name}"
    # The form does not change what the chart says.
    tab.form.set_recipe("sigmoid-mlp-ce")
    qtbot.waitUntil(lambda: tab.curves.is_idle)
    assert tab.curves.chart.plots.headings.first[0] == "Loss: cross-entropy"


def test_a_ticked_run_shows_its_steps_and_a_loss_on_another_scale_on_the_right_axis(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    shown, alike, other = trained("shown"), trained("alike", "seed=1"), trained("other", recipe="sigmoid-mlp-mse")
    tab = see_runs(window, session, qtbot)
    select(tab, shown, qtbot)
    for run in (alike, other):
        tick(tab, run)
    select(tab, shown, qtbot)
    plots = tab.curves.chart.plots
    qtbot.waitUntil(lambda: (line := plots.line(0, "train_loss")) is not None and len(line.x) == 40)
    qtbot.waitUntil(lambda: (line := plots.line(1, "train_accuracy")) is not None and len(line.x) == 40)
    for owner, side in ((0, "left"), (1, "right")):
        found = [plots.line(owner, metric) for metric in ("train_loss", "test_loss")]
        assert [line and line.place.side for line in found] == [side, side]
    texts = [entry.text for entry in tab.curves.chart.legend.entries]
    assert "other (right axis: mean squared error)" in texts
    assert "alike" in texts


def test_the_slider_replays_the_weights_of_a_run_and_marks_the_epoch(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    run = trained("mine")
    tab = see_runs(window, session, qtbot)
    select(tab, run, qtbot)
    slider, epochs = tab.weights.epochs.slider, tab.weights.epochs
    assert tab.curves.chart.marked is None
    pictures = []
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert epochs.text == "start"
    assert tab.curves.chart.marked == (0, "before the first step")
    for epoch in (1, 2, 3, 4):
        QTest.keyClick(slider, Qt.Key.Key_Right)
        assert epochs.text == f"epoch {epoch}"
        accuracy = f"{run.rows[epoch - 1].test_accuracy * 100:.1f}"
        assert tab.curves.chart.marked == (epoch, f"epoch {epoch}: {accuracy} % test")
        assert tab.weights.grid.images is not None
        pictures.append(tab.weights.grid.images.images.tobytes())
    assert len(set(pictures)) == 4
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert epochs.text == "epoch 3"
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert epochs.text == "epoch 4"
    # Another run has no mark.
    other = trained("other", "epochs=2")
    session.runs.refresh()
    qtbot.waitUntil(lambda: len(tab.runs.model.runs) == 2)
    select(tab, other, qtbot)
    assert tab.curves.chart.marked is None


def test_the_slider_names_the_epoch_that_the_end_names_although_the_history_left_it_out(
    window: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(weight_history, "MAX_EPOCHS", 2)  # then the start and the last epoch are kept
        tab = start(window, *MLP, "epochs=12", "learning_rate=0.1")  # so high that the first epochs are the best
        finish(session, qtbot)
    (run,) = list_runs()
    assert run.best is not None
    history = read_weight_history(run.folder)
    assert history is not None
    assert history.epochs == (0, 12)
    best = run.best.epoch
    assert best < 12
    assert f"at epoch {best} of 12" in tab.progress_line.text
    qtbot.waitUntil(lambda: tab.weights.epochs.text == f"epoch {best}" and not tab.weights.is_empty)
    assert tab.weights.grid.images is not None
    used = weight_images(load_model(run.kept_model().path).model)
    assert np.abs(tab.weights.grid.images.images - used.images).max() <= 0.5 / 127 + 1e-6
    # Without these weights the rest of the history is still there.
    run.kept_model().path.write_bytes(b"")
    other = trained("other")
    session.runs.refresh()
    qtbot.waitUntil(lambda: len(tab.runs.model.runs) == 2)
    select(tab, other, qtbot)
    QTest.keyClick(tab.runs.view, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: tab.weights.epochs.slider.maximum() == 1)
    assert tab.weights.epochs.text in ("start", "epoch 12")


def test_the_play_button_shows_all_epochs_and_stops_at_the_last(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    run = trained("mine")
    tab = see_runs(window, session, qtbot)
    select(tab, run, qtbot)
    chosen: list[int] = []
    tab.weights.epochs.chosen.connect(chosen.append)
    QTest.keyClick(tab.weights.epochs.slider, Qt.Key.Key_End)
    QTest.mouseClick(tab.weights.epochs.play, Qt.MouseButton.LeftButton)
    assert tab.weights.epochs.is_playing
    qtbot.waitUntil(lambda: not tab.weights.epochs.is_playing)
    assert chosen[-5:] == [0, 1, 2, 3, 4]
    QTest.mouseClick(tab.weights.epochs.play, Qt.MouseButton.LeftButton)
    QTest.mouseClick(tab.weights.epochs.play, Qt.MouseButton.LeftButton)
    assert not tab.weights.epochs.is_playing


def test_during_a_training_an_earlier_epoch_stays_until_the_slider_is_back_at_the_end(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    tab = start(window, *MLP, "epochs=100000")
    epochs = tab.weights.epochs
    qtbot.waitUntil(lambda: epochs.slider.maximum() >= 3)
    assert epochs.text == "now"
    epochs.slider.setFocus()
    QTest.keyClick(epochs.slider, Qt.Key.Key_Home)
    assert epochs.text == "start"
    images = tab.weights.grid.images
    with qtbot.waitSignals([session.training.weights_seen] * 2):
        pass
    before = epochs.slider.maximum()
    qtbot.waitUntil(lambda: epochs.slider.maximum() != before)
    assert epochs.text == "start"
    assert tab.weights.grid.images is images
    QTest.keyClick(epochs.slider, Qt.Key.Key_End)
    assert epochs.text == "now"
    assert tab.weights.grid.images is not images
    assert tab.curves.chart.marked is None
    session.training.stop()
    finish(session, qtbot)


def test_a_run_without_a_history_says_so(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    run = trained("old")
    (run.folder / "weights.bin").unlink()
    tab = see_runs(window, session, qtbot)
    qtbot.waitUntil(lambda: not tab.weights.is_empty)  # the newest is selected; its best weights are shown
    assert tab.weights.epochs.text == "no history"
    assert not tab.weights.epochs.slider.isEnabled()
    assert not tab.weights.epochs.play.isEnabled()


def test_the_curves_of_the_last_deleted_run_do_not_stay(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    run = trained("mine")
    tab = see_runs(window, session, qtbot)
    select(tab, run, qtbot)
    tab.runs.view.setFocus()
    QTest.keyClick(tab.runs.view, Qt.Key.Key_Delete)
    assert tab.curves.is_empty
    assert tab.weights.is_empty
    assert tab.headline.text == ""
    assert not tab.weights.epochs.slider.isEnabled()


def test_a_new_name_of_the_shown_run_is_the_title_of_its_curves(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    run = trained("old name")
    tab = see_runs(window, session, qtbot)
    select(tab, run, qtbot)
    assert tab.runs.model.setData(tab.runs.model.index(0, 0), "new name", Qt.ItemDataRole.EditRole)
    qtbot.waitUntil(lambda: tab.curves.is_idle and tab.curves.chart.legend.entries[0].name == "new name")


def test_a_training_that_diverges_in_its_first_epoch_stays_in_view(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    trained("earlier")
    wild = ("optimizer=sgd", "learning_rate=100", "momentum=0.99", "schedule=constant", "hidden=64,64,64")
    tab = start(window, *MLP, *wild)
    finish(session, qtbot)
    assert tab.headline.text == "No epoch was completed."
    assert tab.weights.epochs.text == "no history"
    qtbot.waitUntil(lambda: tab.curves.is_idle)
    assert tab.curves.chart.plots.line("live", "train_loss") is not None
    assert not tab.runs.selected
    select(tab, tab.runs.model.runs[0], qtbot)
    assert "% test" in tab.headline.text


def test_an_exported_figure_has_what_is_seen(
    window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    first, second = trained("first"), trained("second", "seed=1")
    tab = see_runs(window, session, qtbot)
    tab.runs.model.setData(tab.runs.model.index(0, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    select(tab, first, qtbot)
    tab.run_actions.export_to(first, "svg", tmp_path / "figure")
    tab.run_actions.export_to(first, "csv", tmp_path / "table")
    qtbot.waitUntil(lambda: (tmp_path / "table.csv").exists() and (tmp_path / "figure.svg").exists())
    text = (tmp_path / "figure.svg").read_text()
    assert all(word in text for word in ("first", "second", "Loss: cross-entropy", "batches"))
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert {row["run"] for row in rows} == {"first", "second"}
    found = [float(row["test_accuracy"]) for row in rows if (row["run"], row["values"]) == ("second", "epoch")]
    assert found == pytest.approx([row.test_accuracy for row in second.rows])
    assert sum((row["run"], row["values"]) == ("first", "steps") for row in rows) == 40
    # Another run than the one that is shown.
    tab.run_actions.export_to(find_run("second"), "svg", tmp_path / "other")
    qtbot.waitUntil((tmp_path / "other.svg").exists)
    assert "second" in (tmp_path / "other.svg").read_text()


def test_the_name_of_an_exported_file_is_that_of_the_run(
    window: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained("mlp-fast · lr 0.01 / 2?")
    tab = see_runs(window, session, qtbot)
    proposed: list[str] = []
    choose: Callable[..., None] = lambda _window, _settings, _title, name, _filters: proposed.append(name)  # noqa: E731
    monkeypatch.setattr("digitpad.gui.train.runs.run_actions.choose_save_path", choose)
    tab.run_actions.export(run, "png")
    assert proposed == ["mlp-fast · lr 0.01 - 2-.png"]


def test_published_results_of_a_recipe_that_was_changed_measure_what_the_recipe_does(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    """The published losses are cross-entropies, also if the run was trained for another loss."""
    run = trained("changed", "loss=mse", "output=linear", "dataset=digits-8x8", recipe="digits-mlp-adam")
    tab = see_runs(window, session, qtbot)
    select(tab, run, qtbot)
    qtbot.waitUntil(lambda: tab.curves.is_idle)
    texts = [entry.text for entry in tab.curves.chart.legend.entries]
    assert any("loss not comparable: cross-entropy" in text for text in texts)
    assert tab.curves.chart.plots.line("published", "train_loss") is None


def test_the_points_of_a_gate_have_its_labels(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    pictures = []
    for gate in ("and", "nand"):
        tab = start(window, f"dataset={gate}", "epochs=3", recipe="xor-mlp")
        finish(session, qtbot)
        qtbot.waitUntil(tab.weights.epochs.slider.isEnabled)
        pictures.append(tab.weights.grid.grab().toImage())
    assert pictures[0] != pictures[1]
