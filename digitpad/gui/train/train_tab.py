"""The Train tab: the form on the left; curves, what is learned, runs and progress on the right."""

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from digitpad.core.datasets.catalogue import catalogue, state_of
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.weight_images import weight_images
from digitpad.core.files.paths import data_folder
from digitpad.core.images.idx_sets import looks_like_path
from digitpad.core.models.model_files import ModelEntry
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.training_job import TrainingJob, resume_job, with_device
from digitpad.core.training.events import EpochDone, StepDone
from digitpad.core.training.recipe_files import save_recipe
from digitpad.gui.datasets.dataset_actions import DatasetActions
from digitpad.gui.datasets.dataset_banner import DatasetBanner
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_progress import Progress
from digitpad.gui.session.training_service import TrainingEnded, TrainingState
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.train.controls import ProgressLine, TrainingButtons
from digitpad.gui.train.curves.learning_curves import LearningCurves
from digitpad.gui.train.curves.series import metrics_of, run_curve
from digitpad.gui.train.form.training_form import TrainingForm
from digitpad.gui.train.run_actions import RunActions
from digitpad.gui.train.runs_model import MAX_SHOWN
from digitpad.gui.train.runs_table import RunsTable
from digitpad.gui.train.weights_panel import WeightsPanel
from digitpad.gui.widgets.durations import duration
from digitpad.gui.widgets.form_metrics import SMALLEST_TAB
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.widgets.scroll_column import scroll_area

_FORM_WIDTH, _NARROW_FORM_WIDTH = 336, 296
_WIDE = 1000
_SMALL_BATCH = 16
# Where the dividers stand at first; the window's size scales them.
_CURVES_HEIGHT, _LOWER_HEIGHT = 340, 220
_LEARNED_WIDTH, _RUNS_WIDTH = 340, 540


class TrainTab(QWidget):
    """Joins form, trainer, plots and runs."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._trainer = session, session.training
        self.form = TrainingForm()
        self.buttons = TrainingButtons()
        self.messages = MessageBar()
        self.dataset_bar = DatasetBanner()
        self.data = DatasetActions(session, self.dataset_bar, self)
        self.curves = LearningCurves()
        self.weights = WeightsPanel()
        self.runs = RunsTable()
        self.progress_line = ProgressLine()
        self.run_actions = RunActions(session, self.messages, self)
        self._was_shown = self._has_offered = False
        self._hid_batches = False
        self._wanted: Run | None = None  # the run that shall answer on the pad
        self._drawn: Path | None = None  # the folder of the run whose curves are in front
        self.setMinimumSize(SMALLEST_TAB)

        self._lay_out()

        self._connect()
        self._tint()
        self._on_recipe_changed()

    def _lay_out(self) -> None:
        scroll = scroll_area(self.form)
        # The arrow keys scroll the form even while a training has locked all its fields.
        scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(scroll, 1)
        column.addWidget(self.buttons)

        self._lower = lower = QSplitter(Qt.Orientation.Horizontal)
        lower.addWidget(self.weights)
        lower.addWidget(self.runs)
        lower.setStretchFactor(0, 2)
        lower.setStretchFactor(1, 3)
        lower.setChildrenCollapsible(False)
        lower.setHandleWidth(16)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.addWidget(self.curves)
        halves.addWidget(lower)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(12)
        halves.setSizes([_CURVES_HEIGHT, _LOWER_HEIGHT])
        lower.setSizes([_LEARNED_WIDTH, _RUNS_WIDTH])
        shown = scroll_area(halves, sideways=True)  # where the window is too small for everything
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.messages)
        right.addWidget(self.dataset_bar)
        right.addWidget(shown, 1)
        right.addWidget(self.progress_line)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(16)
        layout.addWidget(self._left)
        layout.addLayout(right, 1)
        self._arrange()

    def _connect(self) -> None:
        trainer, runs = self._trainer, self.runs
        self.form.recipe_changed.connect(self._on_recipe_changed)
        self.form.save_as_recipe_requested.connect(self._on_save_as_recipe)
        self.form.folder_requested.connect(self.data.ask_folder)
        self.form.problem_found.connect(self.messages.warn)
        self.buttons.start_requested.connect(self.start)
        self.buttons.pause_requested.connect(trainer.pause)
        self.buttons.resume_requested.connect(self._on_go_on_requested)
        self.buttons.stop_requested.connect(self._on_stop_requested)
        self.progress_line.follow_requested.connect(self._on_follow_requested)
        self._session.models.following_changed.connect(self.progress_line.follow.setChecked)
        trainer.state_changed.connect(self._on_state_changed)
        trainer.run_opened.connect(self._on_run_opened)
        trainer.steps_done.connect(self._on_steps_done)
        trainer.epoch_done.connect(self._on_epoch_done)
        trainer.progressed.connect(self._on_progressed)
        trainer.ended.connect(self._on_ended)
        runs.shown_changed.connect(self._on_shown_changed)
        runs.use_requested.connect(self._on_use_requested)
        runs.mistakes_requested.connect(self._session.mistakes_requested)
        runs.resume_requested.connect(self.resume)
        runs.settings_requested.connect(self._on_settings_requested)
        runs.rename_requested.connect(self._session.runs.rename)
        runs.delete_requested.connect(self.run_actions.delete)
        runs.export_requested.connect(self.run_actions.export)
        runs.selection_changed.connect(self._on_selection_changed)
        self._session.runs.changed.connect(self._on_runs_changed)
        self._session.runs.problem_found.connect(self.messages.warn)
        self._session.runs.renamed.connect(self.messages.hide)
        self._session.models.chosen_changed.connect(self._on_model_changed)
        self._session.problem_found.connect(self._on_problem_found)
        self._session.fine_tuning.state_changed.connect(self._on_fine_tuner_changed)
        self.data.dataset_chosen.connect(self._on_dataset_chosen)
        self.data.data_changed.connect(self._renew_datasets)
        self.data.problem_found.connect(self.messages.warn)
        self.run_actions.weight_images_loaded.connect(self._on_view_found)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def _arrange(self) -> None:
        """In a narrow window, make the form narrower and put the runs below what is learned."""
        is_narrow = self.width() < _WIDE
        self._left.setFixedWidth(_NARROW_FORM_WIDTH if is_narrow else _FORM_WIDTH)
        self._lower.setOrientation(Qt.Orientation.Vertical if is_narrow else Qt.Orientation.Horizontal)

    def showEvent(self, event: QShowEvent) -> None:
        self._renew_datasets()
        self._was_shown = True
        self._session.runs.refresh()
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        colours = theme_colours(self.palette())
        self.runs.model.set_colours([colours[f"run_{number + 1}"] for number in range(MAX_SHOWN)])

    @Slot()
    def start(self) -> None:
        """Train with the form's settings."""
        recipe = self.form.recipe
        if recipe is None or self._trainer.is_busy or not self._data_is_here() or not self._may_train():
            return
        self.messages.hide()
        self._trainer.start(TrainingJob(recipe, self.form.recipe_name or "own", self._run_name()))

    @Slot(object)
    def resume(self, run: Run) -> None:
        """Go on with a run."""
        if not self._trainer.is_busy and self._may_train():
            self.messages.hide()
            self.form.set_recipe(run.recipe)
            self._trainer.start(resume_job(run))

    def _may_train(self) -> bool:
        """Say what to do first while a model learns from the user's digits: each would slow the other down."""
        is_free = not self._session.fine_tuning.is_busy
        if not is_free:
            self.messages.warn(self._beside_fine_tuning())
        return is_free

    def _beside_fine_tuning(self) -> str:
        return self.tr(
            "A model is learning from your digits: stop it on the tab My digits, or wait until it has ended."
        )

    @Slot()
    def _on_go_on_requested(self) -> None:
        if self._may_train():
            self._trainer.resume()

    @Slot(object)
    def _on_fine_tuner_changed(self, _state: object) -> None:
        if not self._session.fine_tuning.is_busy and self.messages.text == self._beside_fine_tuning():
            self.messages.hide_temporary()

    def _run_name(self) -> str:
        """Name a run after its recipe, with a number where there is one of that name already."""
        name = self.form.recipe_name or self.tr("own settings")
        if self.form.is_changed:
            name = self.tr("{}, changed").format(name)
        taken = {run.name for run in self._session.runs.runs}
        names = [name, *(f"{name} {number}" for number in range(2, len(taken) + 3))]
        return next(free for free in names if free not in taken)

    def _data_is_here(self) -> bool:
        return state_of(self.form.dataset, data_folder()).is_ready

    @Slot()
    def _renew_datasets(self) -> None:
        folder = data_folder()
        keys = {entry.key for entry in catalogue()} | {self.form.dataset}
        self.form.show_dataset_states({key: state_of(key, folder) for key in keys})
        self._renew_start()

    def _renew_start(self) -> None:
        state = self.data.update_banner(self.form.dataset, wanted=not self._trainer.is_busy)
        reason = "" if state.is_ready else self.tr("The data is not here yet: see above the curves")
        if self.form.problems:
            reason = self.form.problems[0]
        self.buttons.show_state(self._trainer.state, can_start=self.form.is_valid and state.is_ready, reason=reason)

    def _offer_to_resume(self) -> None:
        """Offer, once the runs are known, to go on with one that was cut off."""
        shelf = self._session.runs
        if self._has_offered or not self._was_shown or not shelf.was_read:
            return
        self._has_offered = True
        if self._trainer.is_busy:
            return
        cut_off = (r for r in shelf.runs if r.info.outcome == "unfinished" and r.folder in shelf.resumable)
        newest = next((run for run in cut_off if run.last), None)
        if newest and newest.last:
            sentence = self.tr("“{}” was interrupted after epoch {} of {}; nothing of it is lost.")
            epochs = newest.recipe.training.epochs
            told = sentence.format(newest.name, newest.last.epoch, epochs)
            self.messages.offer(told, self.tr("Resume"), lambda: self.resume(newest))

    @Slot()
    def _on_recipe_changed(self) -> None:
        if not self._trainer.is_busy:
            self.curves.set_loss_name(_LOSS_NAMES.get(self.form.recipe.training.loss, "") if self.form.recipe else "")
        self._renew_datasets()

    @Slot()
    def _on_save_as_recipe(self) -> None:
        name, wanted = QInputDialog.getText(
            self, self.tr("Save as recipe"), self.tr("Name"), text=f"{self.form.recipe_name}-mine"
        )
        if wanted:
            self.save_as_recipe(name.strip())

    def save_as_recipe(self, name: str) -> None:
        """Save the form's settings as a recipe of the user's, or say why not."""
        if self.form.recipe is None:
            return
        try:
            path = save_recipe(name, self.form.recipe)
        except DigitpadError as error:
            self.messages.warn(str(error))
            return
        self.form.reload_recipes()
        self.form.set_recipe(name)
        self.messages.inform(self.tr("Saved to {}").format(path))

    @Slot(str)
    def _on_dataset_chosen(self, key: str) -> None:
        self.messages.hide()
        if looks_like_path(key):
            self.form.add_folder(Path(key))
        else:
            self.form.choose_dataset(key)

    @Slot()
    def _on_stop_requested(self) -> None:
        self._trainer.stop()

    @Slot(bool)
    def _on_follow_requested(self, wanted: bool) -> None:
        self._session.models.set_following(wanted)

    @Slot(object)
    def _on_state_changed(self, state: TrainingState) -> None:
        self.form.set_locked(state is not TrainingState.IDLE)
        self.runs.set_busy(busy=state is not TrainingState.IDLE)
        self._renew_start()
        if state is TrainingState.PREPARING:
            self.progress_line.show_preparing()
        elif state in (TrainingState.PAUSED, TrainingState.STOPPING):
            self._on_progressed(self._trainer.progress)

    @Slot(object)
    def _on_run_opened(self, run: Run) -> None:
        self._draw(run)
        self.weights.show_images(None)
        self._show_batches(run)
        self.progress_line.show_progress(self._trainer.progress, self._trainer.state)

    def _show_batches(self, run: Run) -> None:
        """Leave out the figures of tiny batches, which would cover everything; the next run has them again."""
        size, choice = run.recipe.training.batch_size, self.curves.controls.per_batch
        if size != "full" and size < _SMALL_BATCH:
            self._hid_batches = self._hid_batches or choice.isChecked()
            choice.setChecked(False)
        elif self._hid_batches:
            self._hid_batches = False
            choice.setChecked(True)

    def _draw(self, run: Run) -> None:
        """Put a run's curves in front."""
        training = run.recipe.training
        self._drawn = run.folder
        self.runs.model.set_current(run.folder)
        self.curves.set_loss_name(_LOSS_NAMES[training.loss])
        self.curves.start(run.name, training.epochs, run.recipe.published)
        self.curves.add_epochs(metrics_of(run))
        self._on_shown_changed()

    @Slot(list)
    def _on_steps_done(self, steps: list[StepDone]) -> None:
        per_epoch = self._trainer.progress.steps_per_epoch
        self.curves.add_steps([(s.epoch - 1 + s.step / per_epoch, s.loss, s.accuracy) for s in steps])

    @Slot(object)
    def _on_epoch_done(self, done: EpochDone) -> None:
        self.curves.add_epoch(done.epoch, done.train_loss, done.train_accuracy, done.test_loss, done.test_accuracy)
        self.weights.show_images(weight_images(done.model))

    @Slot(object)
    def _on_progressed(self, progress: Progress) -> None:
        if self._trainer.run is not None:
            self.progress_line.show_progress(progress, self._trainer.state)

    @Slot(object)
    def _on_ended(self, ended: TrainingEnded) -> None:
        run = ended.run
        self.progress_line.show_text(self._summary(ended), 1.0 if run and run.info.outcome == "finished" else 0.0)
        if ended.lacks_device:
            self.messages.offer(ended.problem, self.tr("Train without it"), self._on_without_device_requested)
        elif ended.problem:
            self.messages.warn(ended.problem)
        if run:
            self.runs.select(run)

    @Slot()
    def _on_without_device_requested(self) -> None:
        """Do what could not be done for want of a device on what there is."""
        job = self._trainer.job
        if job is not None and not self._trainer.is_busy and self._may_train():
            self._trainer.start(with_device(job))

    def _summary(self, ended: TrainingEnded) -> str:
        run, job = ended.run, self._trainer.job
        if run is None and job is not None and job.resumed is not None:
            return self.tr("No epoch was done; “{}” is as it was.").format(job.name)
        if run is None or run.best is None or run.last is None:
            return self.tr("No epoch was done, so nothing is kept.")
        passed = duration(run.seconds)
        words = self.tr("{}: best {} at epoch {:,} of {:,}, {} of training")
        if ended.was_stopped:
            words = self.tr("{} stopped: best {} at epoch {:,} of {:,}, {} of training; it can be resumed")
        accuracy = f"{run.best.test_accuracy:.2%}".replace("%", " %")
        return words.format(run.name, accuracy, run.best.epoch, run.last.epoch, passed)

    @Slot()
    def _on_runs_changed(self) -> None:
        live = self._trainer.run if self._trainer.is_busy else None
        self.runs.show_runs(self._session.runs.runs, live, resumable=self._session.runs.resumable)
        self._offer_to_resume()

    @Slot()
    def _on_shown_changed(self) -> None:
        # The one in front is there already.
        self.curves.show_runs([run_curve(run) for run in self.runs.model.shown if run.folder != self._drawn])

    @Slot(list)
    def _on_selection_changed(self, runs: list[Run]) -> None:
        if len(runs) == 1 and not self._trainer.is_busy:
            if runs[0].folder != self._drawn:
                self._draw(runs[0])
            self.run_actions.load_weight_images(runs[0])

    @Slot(object)
    def _on_view_found(self, view: object) -> None:
        if not self._trainer.is_busy:
            self.weights.show_images(view)  # pyright: ignore[reportArgumentType] - a signal carries any object

    @Slot(object)
    def _on_use_requested(self, run: Run) -> None:
        self.messages.hide()
        self._wanted = run
        self._session.use_run(run)

    @Slot(object)
    def _on_model_changed(self, entry: ModelEntry) -> None:
        if self._wanted and entry.path.parent == self._wanted.folder:
            self.messages.inform(self.tr("“{}” answers on the Draw tab now.").format(self._wanted.name))
        self._wanted = None

    @Slot(str)
    def _on_problem_found(self, sentence: str) -> None:
        if self.isVisible():
            self.messages.warn(sentence)

    @Slot(object)
    def _on_settings_requested(self, run: Run) -> None:
        if not self._trainer.is_busy:
            self.form.set_recipe(run.recipe)


_LOSS_NAMES = {
    "cross-entropy": "cross-entropy",
    "mse": "mean squared error",
    "binary-cross-entropy": "cross-entropy, all outputs",
    "sse": "summed squared error",
}
