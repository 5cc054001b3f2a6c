"""What the tabs share: the pad, the models, the recogniser's thread, the training and the runs."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES
from digitpad.core.ink.drawing import Drawing, drawing_of_pixels, open_drawing
from digitpad.core.models.model_files import (
    BEST,
    SUFFIX,
    LoadedModel,
    ModelCard,
    ModelEntry,
    list_models,
    load_model,
    read_card,
)
from digitpad.core.recognition.recogniser import Answer, Failure, Question, Recogniser
from digitpad.core.runs.cleanup import remove_leftovers
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import purge_deleted
from digitpad.core.training.events import EpochDone
from digitpad.gui.session.download_service import DownloadService
from digitpad.gui.session.evaluation_service import EvaluationService
from digitpad.gui.session.fine_tuning_service import FineTuningService
from digitpad.gui.session.my_digits_service import MyDigitsService
from digitpad.gui.session.pad_document import Pad
from digitpad.gui.session.run_list import RunList
from digitpad.gui.session.settings import DEFAULT_MODEL, Settings
from digitpad.gui.session.training_service import TrainingEnded, TrainingService
from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.threads.serial_worker import SerialWorker
from digitpad.gui.threads.thread_errors import log_unexpected
from digitpad.gui.widgets.sentences import error_text


class Session(QObject):
    """The one owner of shared state; setters emit only on change."""

    models_changed = Signal()
    model_changed = Signal(object)
    live_model_changed = Signal(object)  # the model in training has learned some more, and answers
    live_changed = Signal(object)  # the same whether it answers or not; None when there is none any more
    following_changed = Signal(bool)
    comparing_changed = Signal(bool)
    reading_changed = Signal(bool)  # whether a drawing is a whole number
    answered = Signal(object)
    became_ready = Signal()
    problem_found = Signal(str)
    mistakes_requested = Signal(object)  # of a run

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.pad = Pad(self)
        self._models = list_models()
        self._model = self._first_choice()
        self._is_comparing = settings.is_comparing
        self._reads_numbers = settings.reads_numbers
        self._is_ready = False
        self._told = ""  # the problem that the user was told last
        self._followed_from: ModelEntry | None = None  # what answered before the pad followed the training
        self._live: ModelEntry | None = None
        way = PadPriority()
        self._recognition = LatestOnlyWorker(Recogniser().answer, self, priority=way)
        self._opening = LatestOnlyWorker(_open, self)
        self._helpers: list[LatestOnlyWorker | GeneratorWorker | SerialWorker] = []
        self.training = TrainingService(self, way=way)
        self.downloads = DownloadService(self, way=way)
        self.runs = RunList(self)
        self.evaluation = EvaluationService(self, way=way)
        self.fine_tuning = FineTuningService(self, way=way)
        self.my_digits = MyDigitsService(self)
        self.add_thread(self.my_digits.thread_)
        self.add_thread(self.runs.thread_)

        self._recognition.answered.connect(self._on_answered)
        self._recognition.failed.connect(self._on_failed)
        self._opening.answered.connect(self._on_opened)
        self._opening.failed.connect(self._on_failed)
        self.training.epoch_done.connect(self._on_epoch_done)
        self.training.run_opened.connect(self._on_run_opened)
        self.training.ended.connect(self._on_training_ended)
        self.runs.deleted.connect(self._on_run_deleted)
        self.fine_tuning.kept.connect(self.add_model)

    @property
    def models(self) -> list[ModelEntry]:
        """The models that can be chosen: shipped ones, the user's, and files opened in this session."""
        return list(self._models)

    @property
    def model(self) -> ModelEntry:
        """The model that answers."""
        return self._model

    @property
    def compared(self) -> list[ModelEntry]:
        """The models whose answers are shown: the chosen one, or with it the shipped ones side by side."""
        if not self._is_comparing:
            return [self._model]
        shipped = [entry for entry in self._models if entry.is_shipped]
        return shipped if self._model.is_shipped else [*shipped, self._model]

    @property
    def is_comparing(self) -> bool:
        """Whether several models answer."""
        return self._is_comparing

    @property
    def reads_numbers(self) -> bool:
        """Whether a drawing is read as a whole number, and not as one digit."""
        return self._reads_numbers

    @property
    def is_ready(self) -> bool:
        """Whether the recogniser has answered once; before that it is loading."""
        return self._is_ready

    @property
    def is_settled(self) -> bool:
        """Whether the newest drawing has its answer."""
        return self._is_ready and self._recognition.is_settled

    @property
    def threads(self) -> list[LatestOnlyWorker | GeneratorWorker | SerialWorker]:
        """The session's threads."""
        others = (self.training, self.downloads, self.evaluation, self.fine_tuning)
        running = [thread for owner in others if (thread := owner.thread_)]
        return [self._recognition, self._opening, *self._helpers, *running]

    def add_thread(self, thread: LatestOnlyWorker | GeneratorWorker | SerialWorker) -> None:
        """Have another thread ended with the session."""
        self._helpers.append(thread)

    def remove_thread(self, thread: LatestOnlyWorker | GeneratorWorker | SerialWorker) -> None:
        """Forget a thread that has ended."""
        self._helpers.remove(thread)

    def start(self) -> None:
        """Load the recogniser, in the background; what is drawn meanwhile is answered as soon as it is there."""
        self._recognition.start()
        self.ask(self.pad.drawing)

    def close(self) -> None:
        """End the threads; a training is stopped and kept."""
        owners = (self.training, self.downloads, self.evaluation, self.fine_tuning)
        threads = (self._recognition, self._opening, *self._helpers)
        ends = (*(owner.close for owner in owners), *(thread.stop for thread in threads))
        for end in (*ends, purge_deleted, remove_leftovers):
            try:
                end()
            except Exception as error:  # a thread left running would abort the program
                log_unexpected(error)

    @Slot(object)
    def add_model(self, entry: ModelEntry) -> None:
        """Let a model be chosen that has come into being; a file that was known already is known as it is now."""
        self._models = [known for known in self._models if known.path != entry.path] + [entry]
        self.models_changed.emit()

    def choose_model(self, entry: ModelEntry) -> None:
        """Let another model answer."""
        if entry != self._model:
            self._choose(entry)

    def _choose(self, entry: ModelEntry) -> None:
        if entry.live is None and self._followed_from is not None:
            # Whoever chooses a model has seen enough of the one in training.
            self._followed_from = None
            self.following_changed.emit(False)
            self._models = [known for known in self._models if known.live is None]
        self._model = entry
        self._told = ""
        self.settings.model = entry.name if entry.is_shipped else str(entry.path)
        self._recognition.forget()
        self.model_changed.emit(entry)

    def compare(self, *, wanted: bool) -> None:
        """Let several models answer, or one."""
        if wanted != self._is_comparing:
            self._is_comparing = self.settings.is_comparing = wanted
            self._recognition.forget()
            self.comparing_changed.emit(wanted)

    def read_numbers(self, *, wanted: bool) -> None:
        """Read drawings as whole numbers, or as one digit each."""
        if wanted != self._reads_numbers:
            self._reads_numbers = self.settings.reads_numbers = wanted
            self._recognition.forget()
            self.reading_changed.emit(wanted)

    def ask(self, drawing: Drawing) -> None:
        """Have a drawing recognised; only the newest is answered if they come too fast."""
        if not drawing:
            # An answer still on its way belongs to ink that is gone.
            self._recognition.forget()
        asked = tuple(entry.source for entry in self.compared)
        self._recognition.submit(Question(drawing, asked, self.settings.threshold, self._reads_numbers))

    def open(self, source: Path | np.ndarray) -> None:
        """Open a picture, ink or model file, or pixels (height, width, 4) uint8 RGBA, in the background."""
        if not self._opening.isRunning():
            self._opening.start()
        self._opening.submit(source)

    @property
    def live(self) -> ModelEntry | None:
        """The model in training, as it was after its last epoch."""
        return self._live

    @property
    def is_following(self) -> bool:
        """Whether the model in training answers on the pad, epoch by epoch."""
        return self._followed_from is not None

    def follow_training(self, *, wanted: bool) -> None:
        """Let the model in training answer, as soon as it has learned something; or the one that answered before."""
        if wanted == self.is_following:
            return
        before = self._followed_from
        self._followed_from = self._model if wanted else None
        if wanted and self._live:
            self._take_live(self._live)
        elif before is not None and self._model.live:
            self._forget_live(before)
        self.following_changed.emit(wanted)

    def use_run(self, run: Run) -> None:
        """Let a run's best model answer."""
        self.open(run.folder / BEST)

    def _first_choice(self) -> ModelEntry:
        chosen = self.settings.model
        by_name = {entry.name: entry for entry in self._models if entry.is_shipped}
        by_path = {str(entry.path): entry for entry in self._models}
        entry = by_path.get(chosen) or by_name.get(chosen) or self._remembered(chosen)
        entry = entry or by_name.get(DEFAULT_MODEL) or next(iter(self._models), None)
        if entry is None:
            raise DigitpadError("the shipped models are missing from the installation: install digitpad again")
        return entry

    def _remembered(self, chosen: str) -> ModelEntry | None:
        """Find a model file that was opened in an earlier session."""
        if not chosen.endswith(SUFFIX):
            return None
        try:
            entry = ModelEntry(path=Path(chosen), card=read_card(Path(chosen)), is_shipped=False)
        except DigitpadError:
            return None
        self._models.append(entry)
        return entry

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if not self._is_ready:
            self._is_ready = True
            self.became_ready.emit()
        self.answered.emit(answer)
        problems = [p.sentence for p in answer.predictions if isinstance(p, Failure)]
        problem = problems[0] if problems else ""
        if problem and self._fall_back():
            return
        if problem != self._told:
            # Once, and not with every move of the pen.
            self._told = problem
            if problem:
                self.problem_found.emit(problem)

    def _fall_back(self) -> bool:
        """Let the usual model answer where the chosen one's file was deleted; say whether that was so."""
        gone = self._model
        if gone.is_shipped or gone.live is not None or not _is_gone(gone.path):
            return False
        self._models = [known for known in self._models if known.path != gone.path]
        self._choose(self._usual())
        self.models_changed.emit()
        sentence = self.tr("{} does not exist any more: {} answers instead")
        self.problem_found.emit(sentence.format(gone.path, self._model.name))
        return True

    def _usual(self) -> ModelEntry:
        by_name = {entry.name: entry for entry in self._models if entry.is_shipped}
        return by_name.get(DEFAULT_MODEL) or self._models[0]

    @Slot(object)
    def _on_epoch_done(self, event: EpochDone) -> None:
        job, run = self.training.job, self.training.run
        if job is None or run is None or getattr(event.model.spec, "outputs", CLASSES) != CLASSES:
            return
        name = self.tr("{} in training, epoch {}").format(run.name, event.epoch)
        card = ModelCard(
            name=name[:200],
            title=job.recipe.title,
            dataset=job.recipe.dataset[:200],
            test_accuracy=event.test_accuracy,
            test_loss=event.test_loss,
            epochs=event.epoch,
        )
        self._live = ModelEntry(run.folder, card, is_shipped=False, live=LoadedModel(event.model, card))
        if self.is_following:
            self._take_live(self._live)
        self.live_changed.emit(self._live)

    def _take_live(self, entry: ModelEntry) -> None:
        """Let the newest copy of the model in training answer; only the first one is a choice of another model."""
        is_new = self._model.live is None
        self._models = [known for known in self._models if known.live is None] + [entry]
        self._model = entry
        if is_new:
            self._recognition.forget()
            self.model_changed.emit(entry)
        self.live_model_changed.emit(entry)

    def _forget_trained(self) -> None:
        if self._live is not None:
            self._live = None
            self.live_changed.emit(None)

    def _forget_live(self, instead: ModelEntry) -> None:
        self._models = [known for known in self._models if known.live is None]
        self._choose(instead)

    @Slot(object)
    def _on_run_opened(self, run: Run) -> None:
        self._forget_trained()
        self.runs.add(run)

    @Slot(object)
    def _on_training_ended(self, ended: TrainingEnded) -> None:
        self._forget_trained()
        opened = self.training.run
        if ended.run is not None:
            self.runs.add(ended.run)
        elif opened is not None:
            self.runs.drop(opened.folder)
        before, was_followed = self._followed_from, self._model.live is not None
        if before is None:
            return
        self._followed_from = None
        self.following_changed.emit(False)
        if was_followed:
            self._forget_live(before)
            if ended.run is not None and ended.run.best is not None:
                self.use_run(ended.run)

    @Slot(object)
    def _on_run_deleted(self, run: Run) -> None:
        gone = [entry for entry in self._models if run.folder in entry.path.parents]
        self._models = [entry for entry in self._models if entry not in gone]
        if self._model in gone:
            self._choose(self._usual())
        elif gone:
            self.models_changed.emit()

    @Slot(object)
    def _on_opened(self, opened: Drawing | ModelEntry) -> None:
        if isinstance(opened, Drawing):
            self.pad.change(opened, self.tr("open"))
            return
        # The file may have been open before, with other weights in it.
        self._models = [entry for entry in self._models if entry.path != opened.path] + [opened]
        self._choose(opened)
        self.models_changed.emit()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.problem_found.emit(error_text(error, self.tr("The recognition failed.")))


def _is_gone(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # it may be there
        return False
    return False


def _open(source: Path | np.ndarray) -> Drawing | ModelEntry:
    if isinstance(source, np.ndarray):
        return drawing_of_pixels(source)
    if source.suffix.lower() == SUFFIX:
        load_model(source)  # now, rather than at the first stroke, is when its faults should be told
        return ModelEntry(path=source.resolve(), card=read_card(source), is_shipped=False)
    return open_drawing(source)
