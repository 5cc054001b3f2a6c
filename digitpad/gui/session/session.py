"""The state and the services that the tabs share."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal, Slot

from digitpad.core.ink.drawing import Drawing
from digitpad.core.runs.cleanup import remove_leftovers
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import purge_deleted
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipes import Recipe
from digitpad.gui.session.download_service import DownloadService
from digitpad.gui.session.evaluation_service import EvaluationService
from digitpad.gui.session.fine_tuning_service import FineTuningService
from digitpad.gui.session.inside_service import InsideService
from digitpad.gui.session.layer_tracing import LayerTracing
from digitpad.gui.session.model_choice import ModelChoice, live_entry
from digitpad.gui.session.my_digits.service import MyDigitsService
from digitpad.gui.session.opening import Opened, Place, Source, open_sources
from digitpad.gui.session.pad_document import Pad
from digitpad.gui.session.pad_follower import PadFollower
from digitpad.gui.session.picture_downloads import PictureDownloads
from digitpad.gui.session.recognition_service import RecognitionService
from digitpad.gui.session.run_list import RunList
from digitpad.gui.session.settings import Settings
from digitpad.gui.session.training_service import TrainingEnded, TrainingService
from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.threads.serial_worker import SerialWorker
from digitpad.gui.threads.thread_errors import log_unexpected
from digitpad.gui.widgets.sentences import error_text, sentence

Worker = GeneratorWorker | LatestOnlyWorker | SerialWorker


class Session(QObject):
    """Owns the services, and passes results of one to another. Every worker thread is its child, and ends with it."""

    note_found = Signal(str)  # what was assumed about an opened model, a sentence
    problem_found = Signal(str)
    opened = Signal()  # a file or pixels
    pages_found = Signal(object)  # Pages of the opened file, if it has several
    rest_found = Signal(tuple, str)  # paths of drawings that were not opened, and what was wrong with others
    recipe_opened = Signal(object)  # Recipe
    lesson_opened = Signal(object)  # Path
    mistakes_requested = Signal(object)  # Run
    mistake_seen = Signal()  # a sample that a model gets wrong was shown
    guide_requested = Signal(str)  # a place in the guide, such as "glossary#momentum"

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.priority = priority = PadPriority()
        self.pad = Pad(self)
        self.models = ModelChoice(settings, self)
        self.recognition = RecognitionService(settings, self.models, self, priority=priority)
        self.layers = LayerTracing(self, priority=priority)
        self.inside = InsideService(self, priority=priority)
        self._opener = LatestOnlyWorker(open_sources, self)
        self.runs = RunList(self)
        self.training = TrainingService(self, priority=priority)
        self.pad_follower = PadFollower(self.training, self.models, self)
        self.evaluation = EvaluationService(self, priority=priority)
        self.fine_tuning = FineTuningService(self, priority=priority)
        self.downloads = DownloadService(self, priority=priority)
        self.picture_downloads = PictureDownloads(self)
        self.my_digits = MyDigitsService(self)

        for service in (self.models, self.recognition):
            service.problem_found.connect(self.problem_found)
        self._opener.answered.connect(self._on_opened)
        self._opener.failed.connect(self._on_open_failed)
        self.training.run_opened.connect(self._on_run_opened)
        self.training.epoch_done.connect(self._on_epoch_done)
        self.training.ended.connect(self._on_training_ended)
        self.runs.deleted.connect(self.models.remove_runs)
        self.runs.changed.connect(self._on_runs_changed)
        self.recognition.became_ready.connect(self.runs.refresh)  # the pad's list has their models; drawing comes first
        self.fine_tuning.kept.connect(self.models.add)

    @property
    def threads(self) -> list[Worker]:
        """The worker threads of the services and of the tabs."""
        return [thread for thread in self.findChildren(QThread) if isinstance(thread, Worker)]

    def start(self) -> None:
        """Load the recogniser in the background; it then recognises the current drawing."""
        self.recognition.start(self.pad.drawing)

    def close(self) -> None:
        """End the threads; a training is stopped and kept."""
        services = (self.training, self.downloads, self.picture_downloads, self.evaluation, self.fine_tuning)
        steps = (*(service.close for service in services), *(thread.stop for thread in self.threads))
        for step in (*steps, self.pad.close, purge_deleted, remove_leftovers):
            try:
                step()
            except Exception as error:  # a thread left running would abort the program
                log_unexpected(error)

    def open(self, place: Place, page: int = 1) -> None:
        """Open the newest source in the background, see `Source`."""
        self._open([Source(place, page)])

    def open_files(self, paths: Sequence[Path]) -> None:
        """Open models, runs, recipes and lessons in the background, and the first of the drawings."""
        self._open([Source(path) for path in paths])

    def _open(self, sources: Sequence[Source]) -> None:
        if not self._opener.isRunning():
            self._opener.start()
        self._opener.submit(sources)

    def use_run(self, run: Run) -> None:
        """Choose the model of a run, see `Run.kept_models`."""
        self.open(run.kept_model().path)

    @Slot(object)
    def _on_opened(self, opened: Opened) -> None:
        for content in opened.contents:
            if isinstance(content, Drawing):
                self.pad.change(content, self.tr("open"))
            elif isinstance(content, Recipe):
                self.recipe_opened.emit(content)
            elif isinstance(content, Path):
                self.lesson_opened.emit(content)
            else:
                self.models.choose_opened(content)
                if content.note:
                    self.note_found.emit(sentence(content.note))
        if opened.contents:
            self.opened.emit()
        if opened.pages is not None:
            self.pages_found.emit(opened.pages)
        if opened.rest:
            self.rest_found.emit(opened.rest, opened.problem)
        elif opened.problem:
            self.problem_found.emit(opened.problem)

    @Slot(object)
    def _on_open_failed(self, error: Exception) -> None:
        self.problem_found.emit(error_text(error, self.tr("The file cannot be opened.")))

    @Slot()
    def _on_runs_changed(self) -> None:
        self.models.show_runs(self.runs.runs)

    @Slot(object)
    def _on_run_opened(self, run: Run) -> None:
        self.models.set_live(None)
        self.runs.add(run)

    @Slot(object)
    def _on_epoch_done(self, event: EpochDone) -> None:
        job, run = self.training.job, self.training.run
        if job is not None and run is not None:
            name = self.tr("{} in training, epoch {}").format(run.name, event.epoch)
            if entry := live_entry(run, job, event, name):
                self.models.set_live(entry)

    @Slot(object)
    def _on_training_ended(self, ended: TrainingEnded) -> None:
        opened = self.training.run
        if ended.run is not None:
            self.runs.add(ended.run)
        elif opened is not None:
            self.runs.remove(opened.folder)
        # Of several settings none is the one to use before all are compared.
        is_compared = ended.run is not None and bool(ended.run.info.sweep)
        self.pad_follower.end_training(None if is_compared else ended.run)
