"""After a training, the pad uses the model that was trained, with a way back."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.datasets.loading import GATES
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES
from digitpad.core.models.model_files import ModelEntry, display_name, load_model, read_card
from digitpad.core.runs.diagnosis import Finding, diagnose
from digitpad.core.runs.run_folder import Run
from digitpad.core.translation import tr
from digitpad.gui.session.model_choice import ModelChoice
from digitpad.gui.session.training_service import TrainingService
from digitpad.gui.threads.latest_worker import LatestOnlyWorker

# Clothes and letters have ten classes too, but what is drawn on the pad is none of them.
_NO_DIGITS = frozenset({"fashion-mnist", "kmnist", *GATES})


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """The pad uses the model of a run now, instead of another one."""

    run: Run
    former: ModelEntry

    @property
    def sentence(self) -> str:
        """Say so."""
        return tr("The pad now uses “{}”.").format(self.run.name)

    @property
    def way_back(self) -> str:
        """The text of the button that chooses the other model again."""
        return tr("Back to {}").format(display_name(self.former))


class PadFollower(QObject):
    """Chooses the model of each training that finishes, unless the user has chosen another one meanwhile.

    Not if nothing was learned or the loss grew, if the weights cannot be used, or if the model does not recognise
    digits.
    """

    followed = Signal(object)  # Followed
    left = Signal(object)  # Followed: another model was chosen after that
    available = Signal(object)  # Run: the user has chosen another model during the training

    def __init__(self, training: TrainingService, models: ModelChoice, parent: QObject) -> None:
        super().__init__(parent)
        self._training, self._models = training, models
        self._first: ModelEntry | None = None  # the model of the pad when the training began
        self._former: ModelEntry | None = None  # and when it ended
        self._was_unticked = False  # "Live on the pad", during the training
        self._followed: Followed | None = None
        self.worker = LatestOnlyWorker(_usable_model, parent)  # not a child of this: the session ends its threads

        training.run_opened.connect(self._on_run_opened)
        models.chosen_changed.connect(self._on_chosen)
        models.following_changed.connect(self._on_following_changed)
        self.worker.answered.connect(self._on_loaded)

    def end_training(self, run: Run | None) -> None:
        """Choose the model of a training that has ended; `run` is None if nothing of it is left."""
        was_live = self._models.end_training()
        if run is None or run.best is None or _went_wrong(run):
            return
        if was_live or (_is_of_use(run) and not self._has_chosen()):
            self._former = self._models.chosen
            if not self.worker.isRunning():
                self.worker.start()
            self.worker.submit(run)
        elif _is_of_use(run):
            self.available.emit(run)

    @Slot()
    def go_back(self) -> None:
        """Choose the model that the pad used before."""
        if self._followed is not None:
            former = self._followed.former.path  # it may have been renamed meanwhile, or deleted
            if entry := next((entry for entry in self._models.entries if entry.path == former), None):
                self._models.choose(entry)

    def _has_chosen(self) -> bool:
        """Return whether the user has decided during the training which model the pad uses."""
        return self._was_unticked or self._first is None or self._models.chosen.path != self._first.path

    @Slot(object)
    def _on_run_opened(self, _run: Run) -> None:
        self._first, self._was_unticked = self._models.chosen, False

    @Slot(object)
    def _on_chosen(self, entry: ModelEntry) -> None:
        if self._followed is not None and entry.path.parent != self._followed.run.folder:
            followed, self._followed = self._followed, None
            self.left.emit(followed)

    @Slot(bool)
    def _on_following_changed(self, is_following: bool) -> None:
        if self._training.is_busy:
            self._was_unticked = not is_following

    @Slot(object)
    def _on_loaded(self, loaded: tuple[Run, ModelEntry | None]) -> None:
        run, entry = loaded
        former = self._former
        if entry is None or former is None or self._models.chosen.path != former.path:
            return
        if self._training.is_busy:  # another one has begun meanwhile
            self._first = entry
        self._models.choose_opened(entry)
        if former.path.resolve().parent != entry.path.parent:  # the pad may have used the run that was resumed
            self._followed = Followed(run, former)
            self.followed.emit(self._followed)


def _is_of_use(run: Run) -> bool:
    """Return whether a run of digits has finished."""
    is_digits = run.recipe.dataset not in _NO_DIGITS and getattr(run.recipe.model, "outputs", CLASSES) == CLASSES
    return is_digits and run.info.outcome == "finished"


def _went_wrong(run: Run) -> bool:
    """Return whether a training ended with a hint that is more useful than its model."""
    finding = diagnose(run.rows, run.recipe)
    if finding is Finding.TOO_SLOW and run.info.outcome == "stopped":
        return False
    return finding not in (Finding.NONE, Finding.BY_HEART)


def _usable_model(run: Run) -> tuple[Run, ModelEntry | None]:
    """Load the model of a run, as a check of its weights; runs in the thread."""
    path = run.kept_model().path.resolve()
    try:
        load_model(path)
        return run, ModelEntry(path=path, card=read_card(path), is_shipped=False)
    except DigitpadError:
        return run, None
