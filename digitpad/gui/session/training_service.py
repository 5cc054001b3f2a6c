"""The training in progress: starts it, pauses it, ends it, and tells what happens."""

import contextlib
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from digitpad.core.errors import DigitpadError, MissingDeviceError
from digitpad.core.runs.run_folder import Run, read_run
from digitpad.core.runs.run_library import delete_run
from digitpad.core.runs.training_job import JobEvent, RunClosed, RunOpened, TrainingJob, run_job
from digitpad.core.training.events import EpochDone, StepDone
from digitpad.gui.session.training_progress import Progress, ProgressCounter
from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.threads.thread_errors import log_unexpected
from digitpad.gui.widgets.sentences import error_text


class TrainingState(Enum):
    """What the trainer does."""

    IDLE = auto()
    PREPARING = auto()  # loading torch and the data
    TRAINING = auto()
    PAUSED = auto()
    STOPPING = auto()


@dataclass(frozen=True, slots=True, eq=False)
class TrainingEnded:
    """How a training ended: its run, if one was kept, and the problem, if it was one."""

    run: Run | None
    problem: str = ""
    was_stopped: bool = False
    lacks_device: bool = False  # it could be trained on another


class TrainingService(QObject):
    """One training at a time, in a thread of its own; signals come in the order of what happened."""

    state_changed = Signal(object)
    run_opened = Signal(object)
    steps_done = Signal(list)  # of StepDone
    epoch_done = Signal(object)
    progressed = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None, *, way: PadPriority | None = None) -> None:
        super().__init__(parent)
        self._way = way or PadPriority()
        self._state = TrainingState.IDLE
        self._thread: GeneratorWorker | None = None
        self._work: _Work | None = None
        self._job: TrainingJob | None = None
        self._run: Run | None = None
        self._counter = ProgressCounter(1)
        self._clock = _Stopwatch()

    @property
    def state(self) -> TrainingState:
        """What the trainer does."""
        return self._state

    @property
    def is_busy(self) -> bool:
        """Whether there is a training."""
        return self._state is not TrainingState.IDLE

    @property
    def job(self) -> TrainingJob | None:
        """What is trained, or was last."""
        return self._job

    @property
    def run(self) -> Run | None:
        """The run that is being written, as it was when it was opened."""
        return self._run

    @property
    def thread_(self) -> GeneratorWorker | None:
        """The thread of the training in progress."""
        return self._thread

    @property
    def progress(self) -> Progress:
        """How far the training is."""
        return self._counter.progress(self._clock.seconds)

    def start(self, job: TrainingJob) -> None:
        """Begin a training; while there is one, nothing happens."""
        if self.is_busy:
            return
        self._job, self._run, self._work = job, None, _Work(job)
        self._counter, self._clock = ProgressCounter(job.recipe.training.epochs), _Stopwatch()
        self._thread = GeneratorWorker(self._work.events, self, priority=self._way)
        self._thread.yielded.connect(self._on_yielded)
        self._thread.returned.connect(self._on_returned)
        self._thread.stopped.connect(self._on_stopped)
        self._thread.errored.connect(self._on_errored)
        self._enter(TrainingState.PREPARING)
        self._thread.start()

    def pause(self) -> None:
        """Wait after the step in hand."""
        if self._thread and self._state in (TrainingState.TRAINING, TrainingState.PREPARING):
            self._thread.pause()
            self._clock.stop()
            self._enter(TrainingState.PAUSED)

    def resume(self) -> None:
        """Go on after a pause."""
        if self._thread and self._state is TrainingState.PAUSED:
            self._thread.resume()
            self._clock.start()
            self._enter(TrainingState.TRAINING if self._run else TrainingState.PREPARING)

    def stop(self, *, discards: bool = False) -> None:
        """End the training; what it has done is kept, or deleted."""
        if self._thread and self._work and self.is_busy:
            self._work.discards = discards
            self._enter(TrainingState.STOPPING)
            self._thread.ask_to_stop()

    def close(self) -> None:
        """End the training, and wait until its thread is gone."""
        if self._thread:
            self.stop(discards=self._work is not None and self._work.discards)
            self._thread.stop()
            # How it ended is on its way; the event loop that would bring it may be at its end.
            QCoreApplication.sendPostedEvents(self)

    def _enter(self, state: TrainingState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    @Slot(tuple)
    def _on_yielded(self, events: tuple[object, ...]) -> None:
        now = time.monotonic()
        for event in events:
            self._counter.take(event, now)
        steps = [event for event in events if isinstance(event, StepDone)]
        for event in events:
            if isinstance(event, RunOpened):
                self._run = event.run
                if self._state is TrainingState.PREPARING:
                    self._clock.start()
                    self._enter(TrainingState.TRAINING)
                self.run_opened.emit(event.run)
            elif isinstance(event, RunClosed):
                self._run = event.run
        if steps:
            self.steps_done.emit(steps)
        for event in events:
            if isinstance(event, EpochDone):
                self.epoch_done.emit(event)
        self._counter.note_batch(now)
        self.progressed.emit(self.progress)

    @Slot()
    def _on_returned(self) -> None:
        self._end(lambda: TrainingEnded(self._run))

    @Slot()
    def _on_stopped(self) -> None:
        self._end(lambda: TrainingEnded(self._left(), was_stopped=True))

    @Slot(object)
    def _on_errored(self, error: Exception) -> None:
        problem = error_text(error, self.tr("The training failed."))
        lacks_device = isinstance(error, MissingDeviceError)
        self._end(lambda: TrainingEnded(self._left(), problem, lacks_device=lacks_device))

    def _end(self, result: Callable[[], TrainingEnded]) -> None:
        self._clock.stop()
        if self._thread:
            self._thread.wait()
            self._thread.deleteLater()
            self._thread = None
        try:
            ended = result()
        except Exception as error:  # a training that has ended must not look busy for ever
            log_unexpected(error)
            ended = TrainingEnded(None, error_text(error, self.tr("The run of this training cannot be read.")))
        self._enter(TrainingState.IDLE)
        self.ended.emit(ended)

    def _left(self) -> Run | None:
        return self._work.left() if self._work else None


class _Work:
    """Drains a job in the training's thread, and looks there at what is left of one that does not come to its end."""

    def __init__(self, job: TrainingJob) -> None:
        self._job = job
        self._left: Run | None = None
        self._problem: Exception | None = None
        self.discards = False  # whether nothing shall be left of it

    def events(self) -> Generator[JobEvent, None, None]:
        """Yield the job's events; runs in the thread."""
        opened: Run | None = None
        try:
            with contextlib.closing(run_job(self._job)) as events:
                for event in events:
                    if isinstance(event, RunOpened):
                        opened = event.run
                    yield event
        except BaseException:
            self._look(opened)
            raise

    def left(self) -> Run | None:
        """Return what is left, which may be nothing, once the thread has ended."""
        if self._problem is not None:
            raise self._problem
        return self._left

    def _look(self, opened: Run | None) -> None:
        if opened is None:
            return
        try:
            run = read_run(opened.folder)
            if self.discards:
                delete_run(run)
            else:
                self._left = run
        except DigitpadError:
            pass  # nothing that could be shown is left
        except Exception as error:
            self._problem = error


class _Stopwatch:
    """Counts seconds; stands still while stopped."""

    def __init__(self) -> None:
        self._counted, self._since = 0.0, None

    @property
    def seconds(self) -> float:
        return self._counted + (0.0 if self._since is None else time.monotonic() - self._since)

    def start(self) -> None:
        if self._since is None:
            self._since = time.monotonic()

    def stop(self) -> None:
        self._counted, self._since = self.seconds, None
