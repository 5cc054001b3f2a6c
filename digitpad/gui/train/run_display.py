"""Shows one run: its learning curves and its weights, live while it trains."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from digitpad.core.evaluation.weight_images import WeightImages, weight_images
from digitpad.core.models.model_files import BEST, load_model
from digitpad.core.runs.run_folder import Run
from digitpad.core.training.events import EpochDone, StepDone
from digitpad.core.training.recipes import Recipe
from digitpad.gui.session.session import Session
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.train.curves.learning_curves import LearningCurves
from digitpad.gui.train.curves.series import metrics_of, run_curve
from digitpad.gui.train.form.help_texts import choice_texts
from digitpad.gui.train.runs_table import RunsTable
from digitpad.gui.train.weights_panel import WeightsPanel

_SMALL_BATCH = 16


class RunDisplay(QObject):
    """Shows the run in training, or else the selected one; adds the curves of the ticked runs."""

    def __init__(
        self, session: Session, curves: LearningCurves, weights: WeightsPanel, runs: RunsTable, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._training = session.training
        self._curves, self._weights, self._runs = curves, weights, runs
        self._folder: Path | None = None  # of the run that is shown
        self._hid_batches = False
        self._worker = LatestOnlyWorker(_load_weight_images, session)

        self._training.run_opened.connect(self._on_run_opened)
        self._training.steps_done.connect(self._on_steps_done)
        self._training.epoch_done.connect(self._on_epoch_done)
        runs.shown_changed.connect(self._on_shown_changed)
        runs.selection_changed.connect(self._on_selection_changed)
        self._worker.answered.connect(self._on_weight_images_loaded)

    def show_loss_name(self, recipe: Recipe | None) -> None:
        """Name the loss of a recipe above its plot."""
        title = choice_texts()["training.loss"][recipe.training.loss] if recipe else ""
        self._curves.set_loss_name(title[:1].lower() + title[1:])

    def _show(self, run: Run) -> None:
        self._folder = run.folder
        self._runs.model.set_current(run.folder)
        self.show_loss_name(run.recipe)
        self._curves.start(run.name, run.recipe.training.epochs, run.recipe.published)
        self._curves.add_epochs(metrics_of(run))
        self._on_shown_changed()

    def _show_batches(self, run: Run) -> None:
        """Hide the metrics of tiny batches, which would cover everything; show them again for the next run."""
        size, choice = run.recipe.training.batch_size, self._curves.controls.per_batch
        if size != "full" and size < _SMALL_BATCH:
            self._hid_batches = self._hid_batches or choice.isChecked()
            choice.setChecked(False)
        elif self._hid_batches:
            self._hid_batches = False
            choice.setChecked(True)

    @Slot(object)
    def _on_run_opened(self, run: Run) -> None:
        self._show(run)
        self._weights.show_images(None)
        self._show_batches(run)

    @Slot(list)
    def _on_steps_done(self, steps: list[StepDone]) -> None:
        per_epoch = self._training.progress.steps_per_epoch
        self._curves.add_steps([(s.epoch - 1 + s.step / per_epoch, s.loss, s.accuracy) for s in steps])

    @Slot(object)
    def _on_epoch_done(self, done: EpochDone) -> None:
        self._curves.add_epochs(
            [(done.epoch, done.train_loss, done.train_accuracy, done.test_loss, done.test_accuracy)]
        )
        self._weights.show_images(weight_images(done.model))

    @Slot()
    def _on_shown_changed(self) -> None:
        self._curves.show_runs([run_curve(run) for run in self._runs.model.shown if run.folder != self._folder])

    @Slot(list)
    def _on_selection_changed(self, runs: list[Run]) -> None:
        if len(runs) != 1 or self._training.is_busy:
            return
        if runs[0].folder != self._folder:
            self._show(runs[0])
        if not self._worker.isRunning():
            self._worker.start()
        self._worker.submit(runs[0])

    @Slot(object)
    def _on_weight_images_loaded(self, images: WeightImages | None) -> None:
        if not self._training.is_busy:
            self._weights.show_images(images)


def _load_weight_images(run: Run) -> WeightImages | None:
    return weight_images(load_model(run.folder / BEST, of_digits=False).model) if run.has_model else None
