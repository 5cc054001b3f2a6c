"""The state and the services that the tabs share."""

from PySide6.QtCore import QObject, QThread, Signal, Slot

from digitpad.core.ink.drawing import Drawing
from digitpad.core.models.model_files import BEST
from digitpad.core.runs.cleanup import remove_leftovers
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import purge_deleted
from digitpad.core.training.events import EpochDone
from digitpad.gui.session.download_service import DownloadService
from digitpad.gui.session.evaluation_service import EvaluationService
from digitpad.gui.session.file_opener import FileOpener
from digitpad.gui.session.fine_tuning_service import FineTuningService
from digitpad.gui.session.model_choice import ModelChoice, live_entry
from digitpad.gui.session.my_digits_service import MyDigitsService
from digitpad.gui.session.pad_document import Pad
from digitpad.gui.session.recognition_service import RecognitionService
from digitpad.gui.session.run_list import RunList
from digitpad.gui.session.settings import Settings
from digitpad.gui.session.training_service import TrainingEnded, TrainingService
from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.threads.serial_worker import SerialWorker
from digitpad.gui.threads.thread_errors import log_unexpected

Worker = GeneratorWorker | LatestOnlyWorker | SerialWorker


class Session(QObject):
    """Owns the services, and passes results of one to another. Every worker thread is its child, and ends with it."""

    problem_found = Signal(str)
    mistakes_requested = Signal(object)  # Run

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        priority = PadPriority()
        self.settings = settings
        self.pad = Pad(self)
        self.models = ModelChoice(settings, self)
        self.recognition = RecognitionService(settings, self.models, self, priority=priority)
        self.opener = FileOpener(self)
        self.runs = RunList(self)
        self.training = TrainingService(self, priority=priority)
        self.evaluation = EvaluationService(self, priority=priority)
        self.fine_tuning = FineTuningService(self, priority=priority)
        self.downloads = DownloadService(self, priority=priority)
        self.my_digits = MyDigitsService(self)

        for service in (self.models, self.recognition, self.opener):
            service.problem_found.connect(self.problem_found)
        self.opener.drawing_opened.connect(self._on_drawing_opened)
        self.opener.model_opened.connect(self.models.choose_opened)
        self.training.run_opened.connect(self._on_run_opened)
        self.training.epoch_done.connect(self._on_epoch_done)
        self.training.ended.connect(self._on_training_ended)
        self.runs.deleted.connect(self.models.remove_run)
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
        services = (self.training, self.downloads, self.evaluation, self.fine_tuning)
        steps = (*(service.close for service in services), *(thread.stop for thread in self.threads))
        for step in (*steps, purge_deleted, remove_leftovers):
            try:
                step()
            except Exception as error:  # a thread left running would abort the program
                log_unexpected(error)

    def use_run(self, run: Run) -> None:
        """Choose the best model of a run."""
        self.opener.open(run.folder / BEST)

    @Slot(object)
    def _on_drawing_opened(self, drawing: Drawing) -> None:
        self.pad.change(drawing, self.tr("open"))

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
            self.runs.drop(opened.folder)
        if self.models.end_training() and ended.run is not None and ended.run.best is not None:
            self.use_run(ended.run)
