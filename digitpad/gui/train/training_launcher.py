"""Starting and resuming a training."""

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.datasets.catalogue import state_of
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import data_folder
from digitpad.core.runs.differences import NO_RECIPE, run_name, unused_name
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.training_job import TrainingJob, resume_job, train_longer_job, with_device
from digitpad.gui.datasets.dataset_actions import DatasetActions
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingEnded
from digitpad.gui.train.form.training_form import RECIPE_WITHOUT_DOWNLOAD, TrainingForm
from digitpad.gui.widgets.message_bar import MessageBar


class TrainingLauncher(QObject):
    """Starts trainings with the form's settings and resumes runs; one training at a time.

    If the data has to be downloaded first, the training starts when the download is complete: with the settings of that
    time, unless another data set was chosen meanwhile.
    """

    waiting_changed = Signal()

    def __init__(
        self, session: Session, form: TrainingForm, data: DatasetActions, messages: MessageBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._training = session, session.training
        self._form, self._data, self._messages = form, data, messages
        self._has_offered = False
        self._awaited = ""  # the data set whose download is followed by a training

        form.edited.connect(self._on_form_edited)
        session.downloads.ended.connect(self._on_download_ended)
        self._training.state_changed.connect(self._on_form_edited)
        self._training.ended.connect(self._on_ended)
        session.fine_tuning.state_changed.connect(self._on_fine_tuning_changed)

    @property
    def is_waiting(self) -> bool:
        """Whether a training starts when the download is complete."""
        return bool(self._awaited)

    @Slot()
    def start(self) -> None:
        """Train with the form's settings; if the data set is missing, download it first."""
        recipe, dataset = self._form.recipe, self._form.dataset
        if recipe is None:
            return
        state = state_of(dataset, data_folder())
        if state.is_ready:
            self._launch(TrainingJob(recipe, self._form.recipe_name or NO_RECIPE, self._run_name()))
        elif state.download and self._data.download(dataset):
            self._set_awaited(dataset)
        else:
            self.waiting_changed.emit()  # the data was there a moment ago

    @Slot()
    def start_without_download(self) -> None:
        """Choose the recipe that needs no download, and train."""
        self._form.set_recipe(RECIPE_WITHOUT_DOWNLOAD)
        self.start()

    @Slot(object)
    def resume(self, run: Run) -> None:
        """Resume a run after its last epoch."""
        if self._launch(resume_job(run)):
            self._form.set_recipe(run.recipe)

    @Slot(object, int)
    def train_longer(self, run: Run, epochs: int) -> None:
        """Train a run to this many epochs in all, as a new run."""
        try:
            job = train_longer_job(run, epochs)
        except DigitpadError as error:
            self._messages.warn(str(error))
            return
        if self._launch(job):
            self._form.set_recipe(job.recipe)

    @Slot()
    def unpause(self) -> None:
        """Continue the paused training."""
        if self._can_train():
            self._training.resume()

    def offer_to_resume(self) -> None:
        """Offer, once, to resume the newest run that was interrupted."""
        runs = self._session.runs
        if self._has_offered or not runs.was_read:
            return
        interrupted = (r for r in runs.runs if r.info.outcome == "unfinished" and r.folder in runs.resumable)
        newest = next((run for run in interrupted if run.last), None)
        if newest is None or newest.last is None or self._training.is_busy:
            return
        self._has_offered = True
        text = self.tr("“{}” was interrupted after epoch {} of {}. Nothing is lost.")
        text = text.format(newest.name, newest.last.epoch, newest.recipe.training.epochs)
        self._messages.offer(text, self.tr("Resume"), lambda: self.resume(newest))

    def _launch(self, job: TrainingJob) -> bool:
        """Start a job if nothing else is training; return whether it was started."""
        if self._training.is_busy or not self._can_train():
            return False
        self._messages.hide()
        self._training.start(job)
        return True

    def _can_train(self) -> bool:
        """Warn while a model is fine-tuned: two trainings would slow each other down."""
        if self._session.fine_tuning.is_busy:
            self._messages.warn(self._fine_tuning_text())
            return False
        return True

    def _fine_tuning_text(self) -> str:
        return self.tr("A model is learning from your digits. Stop it on the My digits tab, or wait until it is done.")

    def _run_name(self) -> str:
        """Name a run by its recipe and what differs from it, with a number if that name is in use."""
        recipe, name = self._form.recipe, self._form.recipe_name
        used = {run.name for run in self._session.runs.runs}
        return unused_name(run_name(recipe, name, None if name else self._form.base), used) if recipe else name

    def _set_awaited(self, dataset: str) -> None:
        if dataset != self._awaited:
            self._awaited = dataset
            self.waiting_changed.emit()

    @Slot()
    def _on_form_edited(self) -> None:
        """Forget the training that would follow a download, if another one starts or other data was chosen."""
        if self._training.is_busy or self._form.dataset != self._awaited:
            self._set_awaited("")

    @Slot(str, str)
    def _on_download_ended(self, key: str, problem: str) -> None:
        is_awaited = bool(key) and key == self._awaited
        self._set_awaited("")
        if is_awaited and not problem and not self._session.downloads.was_cancelled:
            self.start()

    @Slot(object)
    def _on_fine_tuning_changed(self, _state: object) -> None:
        if not self._session.fine_tuning.is_busy and self._messages.text == self._fine_tuning_text():
            self._messages.hide_temporary()

    @Slot(object)
    def _on_ended(self, ended: TrainingEnded) -> None:
        if ended.lacks_device:
            self._messages.offer(ended.problem, self.tr("Train on another device"), self._on_other_device_requested)
        elif ended.problem and not ended.has_diverged:  # then there is a hint
            self._messages.warn(ended.problem)

    @Slot()
    def _on_other_device_requested(self) -> None:
        if self._training.job is not None:
            self._launch(with_device(self._training.job))
