"""Shows one run: its headline, its learning curves, its weights and its network, live while it trains."""

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Slot

from digitpad.core.datasets.loading import GATES
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.layer_statistics import NetworkStatistics
from digitpad.core.evaluation.weight_images import WeightImages, weight_images
from digitpad.core.models.model_files import load_model
from digitpad.core.runs.batch_curve import BatchCurve, read_batch_curve
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_layers import layers_of_run
from digitpad.core.runs.weight_history import WeightHistory, read_weight_history
from digitpad.core.training.epochs import SAMPLE
from digitpad.core.training.events import EpochDone, InterimTest, StepDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingEnded
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.train.curves.learning_curves import LearningCurves
from digitpad.gui.train.curves.series import PUBLISHED, RunCurve, measure_of, published_curve, run_curve
from digitpad.gui.train.headline import Figures, Headline
from digitpad.gui.train.network.panel import NetworkPanel
from digitpad.gui.train.runs.runs_table import RunsTable
from digitpad.gui.train.weights.panel import WeightsPanel
from digitpad.gui.train.weights.replay import WeightReplay
from digitpad.gui.widgets.throttle import SignalThrottle

_SMALL_BATCH = 16
# The headline's training figures are means over this many steps.
_RECENT_STEPS = 50
_HISTORY_MS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """What is kept with a run beside its epochs."""

    run: Run
    curve: BatchCurve
    history: WeightHistory | None
    images: WeightImages | None  # of the weights that are used, if there is no history


class RunDisplay(QObject):
    """Shows the run in training, or else the selected one; adds the curves of the ticked runs."""

    def __init__(
        self,
        session: Session,
        headline: Headline,
        curves: LearningCurves,
        weights: WeightsPanel,
        network: NetworkPanel,
        runs: RunsTable,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._training, self._list = session.training, session.runs
        self._headline, self._curves, self._weights, self._runs = headline, curves, weights, runs
        self._network = network
        self._replay = WeightReplay(weights, curves, self)
        self._run: Run | None = None  # the one that is shown
        self._is_listed = False  # whether the run is one of the list, which may be deleted
        self._figures = Figures()
        self._recent: deque[tuple[float, float]] = deque(maxlen=_RECENT_STEPS)  # losses and accuracies
        self._hid_batches = False
        self._batch_curves: dict[tuple[Path, int], BatchCurve] = {}  # by folder and number of epochs
        self._is_measured = False  # whether the layers of the run that is shown were measured
        self._reader = LatestOnlyWorker(_read_kept, session)
        self._layer_reader = LatestOnlyWorker(layers_of_run, session)
        self._curve_reader = LatestOnlyWorker(_read_batch_curves, session)
        self._history_throttle = SignalThrottle(_HISTORY_MS, self)

        self._training.run_opened.connect(self._on_run_opened)
        self._training.steps_done.connect(self._on_steps_done)
        self._training.tests_done.connect(self._on_tests_done)
        self._training.epoch_done.connect(self._on_epoch_done)
        self._training.weights_seen.connect(self._replay.show_present)
        self._training.layers_seen.connect(network.show_statistics)
        self._training.progressed.connect(self._show_progress)
        self._training.state_changed.connect(self._show_progress)
        self._training.ended.connect(self._on_ended)
        self._list.changed.connect(self._on_runs_changed)
        runs.shown_changed.connect(self._on_shown_changed)
        runs.selection_changed.connect(self._on_selection_changed)
        network.watched_changed.connect(self._measure_layers)
        self._reader.answered.connect(self._on_kept_read)
        self._layer_reader.answered.connect(self._on_layers_measured)
        self._curve_reader.answered.connect(self._on_batch_curves_read)
        self._history_throttle.triggered.connect(self._read_kept)

    @property
    def run(self) -> Run | None:
        """The run that is shown."""
        return self._run

    def shows(self, run: Run) -> bool:
        """Return whether a run is shown."""
        return self._run is not None and run.folder == self._run.folder

    def curve_file(self, run: Run, kind: str, kept: BatchCurve | None = None) -> bytes:
        """Return the curves of a run and of the ticked ones as a "png", "svg" or "csv" file; as shown, if it is.

        `kept` is the curve per batch of a run that is not shown.
        """
        if self.shows(run):
            return _file_of(self._curves, kind)
        curves = LearningCurves()
        curves.controls.set_options(self._curves.controls.options)
        curves.show_run(_with_steps(run, kept), _published(run))
        others = [other for other in self._runs.model.shown if other.folder != run.folder]
        curves.show_runs([_with_steps(other, self._batch_curves.get(_key(other))) for other in others])
        content = _file_of(curves, kind)
        curves.deleteLater()
        return content

    def _show(self, run: Run, *, is_training: bool) -> None:
        self._run, self._is_listed, self._is_measured = run, not is_training, False
        self._runs.model.set_current(run.folder)
        self._weights.set_labels(GATES.get(run.recipe.dataset, ()))
        self._reader.forget()
        self._layer_reader.forget()
        if is_training:
            self._network.start(run.recipe)
            self._curves.start(run_curve(run), run.recipe.training.epochs, _published(run))
        else:
            self._network.clear()
            self._curves.show_run(run_curve(run), _published(run))
            self._headline.show_run(run)
        self._on_shown_changed()
        self._read_kept()
        self._measure_layers()

    def _show_batches(self, run: Run) -> None:
        """Hide the band of tiny batches, which would cover everything; show it again for the next run."""
        size, choice = run.recipe.training.batch_size, self._curves.controls.per_batch
        if size != "full" and size < _SMALL_BATCH:
            self._hid_batches = self._hid_batches or choice.isChecked()
            choice.setChecked(False)
        elif self._hid_batches:
            self._hid_batches = False
            choice.setChecked(True)

    @Slot()
    def _read_kept(self) -> None:
        """Read in the background what is kept with the run that is shown."""
        if self._run is not None:
            _submit(self._reader, self._run)

    @Slot(object)
    def _on_kept_read(self, kept: _Kept) -> None:
        run = self._run
        if run is None or kept.run.folder != run.folder:
            return
        if self._training.is_busy and not self._is_listed:
            # A resumed training goes on after its last epoch.
            self._begin_with(kept.curve, run.last.epoch if run.last else 0)
            self._replay.extend(kept.history)
            return
        self._begin_with(kept.curve, np.inf)
        self._replay.show(kept.history, kept.images, run.used.epoch if run.used else None)

    @Slot()
    def _measure_layers(self) -> None:
        """Measure the layers of the run that is shown in the background, when the user looks at its network."""
        if self._run is not None and self._is_listed and not self._is_measured and self._network.isVisible():
            self._is_measured = True
            _submit(self._layer_reader, self._run)

    @Slot(object)
    def _on_layers_measured(self, statistics: NetworkStatistics | None) -> None:
        if self._run is not None and statistics is not None:
            self._network.show_run(self._run.recipe, statistics)

    def _begin_with(self, curve: BatchCurve, end: float) -> None:
        steps, tests = (part[part[:, 0] <= end + 1e-9].T for part in (curve.steps, curve.tests))
        if steps.size or tests.size:
            self._curves.begin_with(steps, tests, SAMPLE)

    @Slot(object)
    def _on_run_opened(self, run: Run) -> None:
        self._recent.clear()
        last = run.last
        self._figures = Figures(test_loss=last.test_loss, test_accuracy=last.test_accuracy) if last else Figures()
        self._replay.start()
        self._show(run, is_training=True)
        self._show_batches(run)
        self._show_progress()

    @Slot(list)
    def _on_steps_done(self, steps: list[StepDone]) -> None:
        per_epoch = self._training.progress.steps_per_epoch
        self._curves.add_steps([(s.epoch - 1 + s.step / per_epoch, s.loss, s.accuracy) for s in steps])
        self._recent.extend((s.loss, s.accuracy) for s in steps[-_RECENT_STEPS:])
        loss, accuracy = np.mean(self._recent, axis=0).tolist()
        self._figures = replace(self._figures, training_loss=loss, training_accuracy=accuracy)

    @Slot(list)
    def _on_tests_done(self, tests: list[InterimTest]) -> None:
        per_epoch = self._training.progress.steps_per_epoch
        rows = [(t.epoch - 1 + t.step / per_epoch, t.loss, t.accuracy) for t in tests]
        self._curves.add_samples(rows, tests[-1].images)
        self._figures = replace(
            self._figures, sample_loss=tests[-1].loss, sample_accuracy=tests[-1].accuracy, sample_size=tests[-1].images
        )

    @Slot(object)
    def _on_epoch_done(self, done: EpochDone) -> None:
        self._curves.add_epochs(
            [(done.epoch, done.train_loss, done.train_accuracy, done.test_loss, done.test_accuracy)]
        )
        self._figures = replace(self._figures, test_loss=done.test_loss, test_accuracy=done.test_accuracy)
        self._history_throttle.throttle()

    @Slot()
    def _show_progress(self) -> None:
        if self._training.is_busy and self._training.run is not None and not self._is_listed:
            recipe = self._training.run.recipe
            self._headline.show_training(recipe, self._figures, self._training.progress, self._training.state)

    @Slot(object)
    def _on_ended(self, ended: TrainingEnded) -> None:
        self._network.finish()
        if self._is_listed:  # it ended before its run was opened
            return
        self._curves.finish()
        if ended.run is None:
            # What happened stays in view, although there is no run. Every run of the list can be selected again.
            self._headline.show_nothing()
            self._replay.finish()
            self._runs.view.clearSelection()
            return
        self._run, self._is_listed = ended.run, True
        self._headline.show_run(ended.run)
        self._read_kept()
        self._is_measured = ended.has_diverged  # what was seen last shows why
        self._measure_layers()

    @Slot()
    def _on_runs_changed(self) -> None:
        """Follow a new name of the run that is shown; stop showing it if it was deleted."""
        if self._run is None:
            return
        found = next((run for run in self._list.runs if run.folder == self._run.folder), None)
        if found is not None and found.name != self._run.name:
            self._run = replace(self._run, info=found.info)
            self._curves.rename(found.name)
        if found is None and self._is_listed:
            self._run = None
            self._runs.model.set_current(None)
            self._curves.clear()
            self._headline.clear()
            self._replay.show(None, None, None)
            self._layer_reader.forget()
            self._network.clear()
            self._on_shown_changed()

    @Slot()
    def _on_shown_changed(self) -> None:
        shown = [run for run in self._runs.model.shown if self._run is None or run.folder != self._run.folder]
        known = {_key(run): self._batch_curves.get(_key(run)) for run in shown}
        self._batch_curves = {key: curve for key, curve in known.items() if curve is not None}
        shares = tuple(share for run in shown if (share := self._runs.model.share_of(run)) is not None)
        self._curves.show_runs([_with_steps(run, known[_key(run)]) for run in shown], shares)
        if missing := [run for run in shown if known[_key(run)] is None]:
            _submit(self._curve_reader, tuple(missing))

    @Slot(object)
    def _on_batch_curves_read(self, found: dict[tuple[Path, int], BatchCurve]) -> None:
        self._batch_curves.update(found)
        self._on_shown_changed()

    @Slot(list)
    def _on_selection_changed(self, runs: list[Run]) -> None:
        if len(runs) == 1 and not self._training.is_busy and (self._run is None or runs[0].folder != self._run.folder):
            self._show(runs[0], is_training=False)


def _file_of(curves: LearningCurves, kind: str) -> bytes:
    if kind == "csv":
        return curves.csv()
    return curves.png() if kind == "png" else curves.svg()


def _submit(worker: LatestOnlyWorker, value: object) -> None:
    if not worker.isRunning():
        worker.start()
    worker.submit(value)


def _key(run: Run) -> tuple[Path, int]:
    return run.folder, len(run.rows)


def _with_steps(run: Run, curve: BatchCurve | None) -> RunCurve:
    return run_curve(run) if curve is None else replace(run_curve(run), steps=curve.steps.T)


def _published(run: Run) -> RunCurve | None:
    """Return the results published for a run's recipe; they measure what the recipe did before it was changed."""
    published = run.recipe.published
    if not published.epochs:
        return None
    original = run.recipe
    try:
        named = load_recipe(run.info.recipe_name)
    except DigitpadError:  # deleted, renamed, or not a recipe's name
        pass
    else:
        original = named if named.published == published else original
    curve = published_curve(published, PUBLISHED, measure_of(original))
    return replace(curve, is_after=original.training.train_figures == "after")


def _read_kept(run: Run) -> _Kept:
    """Read what is kept with a run; called in the thread."""
    history, images = read_weight_history(run.folder), None
    used = run.used.epoch if run.used else 0
    if history is None or (used not in history.epochs and not run.is_running):
        images = _images_in_use(run)
        if history is not None and images is not None:
            history = history.with_images(used, images)
    return _Kept(run, read_batch_curve(run.folder), history, images)


def _images_in_use(run: Run) -> WeightImages | None:
    """Return those of the epoch that is used; None if its weights are lost."""
    try:
        return weight_images(load_model(run.kept_model().path, of_digits=False).model) if run.has_model else None
    except DigitpadError:
        return None


def _read_batch_curves(runs: tuple[Run, ...]) -> dict[tuple[Path, int], BatchCurve]:
    """Read the curves per batch of runs; called in the thread."""
    return {_key(run): read_batch_curve(run.folder) for run in runs}
