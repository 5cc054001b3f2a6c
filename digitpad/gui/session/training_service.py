"""Trains a model in the background: start, pause, resume, stop."""

import contextlib
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from digitpad.core.errors import DigitpadError, DivergedError, MissingDeviceError
from digitpad.core.evaluation.layer_statistics import NetworkStatistics, network_statistics
from digitpad.core.evaluation.weight_images import WeightImages, weight_images
from digitpad.core.images.digits import Digits
from digitpad.core.models.specs import parameter_count
from digitpad.core.runs.run_folder import Run, read_run
from digitpad.core.runs.run_library import delete_run
from digitpad.core.runs.training_job import JobEvent, RunClosed, RunOpened, TrainingJob, run_job
from digitpad.core.training.config import Loss, TrainConfig
from digitpad.core.training.events import EpochDone, InterimTest, StepDone, TrainingStarted
from digitpad.core.training.recipes import Recipe
from digitpad.gui.session.pace import Pace, StepEnds
from digitpad.gui.session.training_progress import Progress, ProgressCounter
from digitpad.gui.threads.generator_service import GeneratorService
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.threads.thread_errors import log_unexpected
from digitpad.gui.widgets.sentences import error_text, sentence

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

# The picture of the weights changes more than twice a second; each costs some milliseconds.
_WEIGHTS_SECONDS = 0.33
# Statistics of the layers take at most this share of the time, and none while nobody looks at them; those of a small
# network cost next to nothing.
_STATISTICS_SHARE = 0.015
_SMALL_NETWORK = 1000  # parameters


class TrainingState(Enum):
    """State of the training."""

    IDLE = auto()
    PREPARING = auto()  # loading torch and the data
    TRAINING = auto()
    PAUSED = auto()
    STOPPING = auto()


@dataclass(frozen=True, slots=True, eq=False)
class TrainingEnded:
    """How a training ended: its run, if one was kept, and the problem, if there was one."""

    run: Run | None
    problem: str = ""
    was_stopped: bool = False
    lacks_device: bool = False  # it can be trained on another device
    has_diverged: bool = False  # its loss is not a number


class TrainingService(GeneratorService):
    """One training at a time; signals come in the order of the events."""

    state_changed = Signal(object)  # TrainingState
    pace_changed = Signal(object)  # Pace
    run_opened = Signal(object)  # Run
    noted = Signal(str)  # a sentence for the user about the run that was opened
    steps_done = Signal(list)  # of StepDone
    tests_done = Signal(list)  # of InterimTest
    weights_seen = Signal(object)  # WeightImages
    layers_seen = Signal(object)  # NetworkStatistics; of a large network only if they are watched
    epoch_done = Signal(object)  # EpochDone
    progressed = Signal(object)  # Progress
    ended = Signal(object)  # TrainingEnded

    def __init__(self, parent: QObject | None = None, *, priority: PadPriority | None = None) -> None:
        super().__init__(parent, priority=priority or PadPriority())
        self._state = TrainingState.IDLE
        self._pace = Pace.FULL
        self._ends_step = StepEnds(TrainConfig())
        self._work: _Work | None = None
        self._watches_layers = False
        self._job: TrainingJob | None = None
        self._run: Run | None = None
        self._counter = ProgressCounter(1)
        self._clock = _Stopwatch()

    @property
    def state(self) -> TrainingState:
        """State of the training."""
        return self._state

    @property
    def pace(self) -> Pace:
        """The pace of this training and of the next ones."""
        return self._pace

    @property
    def is_busy(self) -> bool:
        """Whether a training is in progress."""
        return self._state is not TrainingState.IDLE

    @property
    def job(self) -> TrainingJob | None:
        """The current or the last training."""
        return self._job

    @property
    def run(self) -> Run | None:
        """The run of the training in progress, as it was when it was opened."""
        return self._run

    @property
    def progress(self) -> Progress:
        """Progress of the training."""
        return self._counter.progress(self._clock.seconds)

    def start(self, job: TrainingJob) -> None:
        """Start a training; during another one nothing happens."""
        if self.is_busy:
            return
        self._job, self._run, self._work = job, None, _Work(job)
        self._counter, self._clock = ProgressCounter(job.recipe.training.epochs), _Stopwatch()
        self._work.shows_each_step = self._pace is not Pace.FULL
        self._work.watches_layers = self._watches_layers
        self._ends_step = StepEnds(job.recipe.training)
        self._start_worker(self._work.events, ends_step=StepEnds(job.recipe.training), pace=self._pace.value)
        self._set_state(TrainingState.PREPARING)

    def pause(self) -> None:
        """Pause after the current step."""
        if self._worker and self._state in (TrainingState.TRAINING, TrainingState.PREPARING):
            self._worker.pause()
            self._clock.stop()
            self._set_state(TrainingState.PAUSED)

    def resume(self) -> None:
        """Continue after a pause."""
        if self._worker and self._state is TrainingState.PAUSED:
            self._worker.resume()
            if self._pace is not Pace.STEP:
                self._clock.start()
            self._set_state(TrainingState.TRAINING if self._run else TrainingState.PREPARING)

    def set_pace(self, pace: Pace) -> None:
        """Change the pace; with `Pace.STEP` a paused training waits for `step` instead of `resume`."""
        if pace is self._pace:
            return
        self._pace = pace
        if self._worker and self._work:
            self._work.shows_each_step = pace is not Pace.FULL
            self._worker.set_pace(pace.value)
            self._counter.restart_estimates(self._clock.seconds)
            if pace is Pace.STEP:
                self.resume()
            elif self._state is TrainingState.TRAINING:
                self._clock.start()
        self.pace_changed.emit(pace)

    @Slot(bool)
    def watch_layers(self, watches: bool) -> None:
        """Measure the layers of a large network too, or not."""
        self._watches_layers = watches
        if self._work:
            self._work.watches_layers = watches

    def step(self) -> None:
        """Take one step, if the pace is `Pace.STEP`; a paused training continues to wait after it."""
        if self._worker and self._pace is Pace.STEP and self._run:
            self.resume()
            self._clock.start()
            self._worker.step()

    def stop(self, *, discards: bool = False) -> None:
        """Stop the training; its run is kept, or deleted."""
        if self._worker and self._work and self.is_busy:
            self._work.discards = discards
            self._set_state(TrainingState.STOPPING)
            self._request_stop()

    def close(self) -> None:
        if self._worker:
            self.stop(discards=self._work is not None and self._work.discards)
            super().close()
            # The worker's last signals are queued, and the event loop may end before it delivers them.
            QCoreApplication.sendPostedEvents(self)

    def _set_state(self, state: TrainingState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    def _handle_values(self, values: tuple[object, ...]) -> None:
        now = time.monotonic()
        for event in values:
            self._counter.add(event, now)
            if isinstance(event, RunOpened):
                self._open_run(event)
            elif isinstance(event, RunClosed):
                self._run = event.run
        self._tell_of(values)
        for event in values:
            if isinstance(event, EpochDone):
                self.epoch_done.emit(event)
        waits = [self._ends_step(event) for event in values]  # of all: it counts them
        if self._pace is Pace.STEP and any(waits):
            self._clock.stop()  # until the next step
        self._counter.update_speed(now)
        self.progressed.emit(self.progress)

    def _tell_of(self, values: tuple[object, ...]) -> None:
        """Emit the steps and the tests, the newest picture of the weights, and all that was measured of the layers.

        The start of a training that is over at once comes together with its end, and both count.
        """
        for kind, signal in ((StepDone, self.steps_done), (InterimTest, self.tests_done)):
            if events := [event for event in values if isinstance(event, kind)]:
                signal.emit(events)
        if seen := [event for event in values if isinstance(event, WeightImages)]:
            self.weights_seen.emit(seen[-1])
        for event in values:
            if isinstance(event, NetworkStatistics):
                self.layers_seen.emit(event)

    def _open_run(self, opened: RunOpened) -> None:
        self._run = opened.run
        if self._state is TrainingState.PREPARING:
            self._clock.start()
            self._set_state(TrainingState.TRAINING)
        self.run_opened.emit(opened.run)
        if opened.note:
            self.noted.emit(sentence(opened.note))

    def _handle_end(self, *, was_stopped: bool) -> None:
        if was_stopped:
            self._end(lambda: TrainingEnded(self._remaining_run(), was_stopped=True))
        else:
            self._end(lambda: TrainingEnded(self._run))

    def _handle_error(self, error: Exception) -> None:
        problem = error_text(error, self.tr("The training failed."))
        lacks_device, has_diverged = isinstance(error, MissingDeviceError), isinstance(error, DivergedError)
        self._end(
            lambda: TrainingEnded(self._remaining_run(), problem, lacks_device=lacks_device, has_diverged=has_diverged)
        )

    def _end(self, result: Callable[[], TrainingEnded]) -> None:
        self._clock.stop()
        try:
            ended = result()
        except Exception as error:  # otherwise the training would look busy for ever
            log_unexpected(error)
            ended = TrainingEnded(None, error_text(error, self.tr("The run of this training cannot be read.")))
        self._set_state(TrainingState.IDLE)
        self.ended.emit(ended)

    def _remaining_run(self) -> Run | None:
        return self._work.remaining_run() if self._work else None


class _Work:
    """Runs a job in the worker thread; if it does not finish, reads or deletes its run there."""

    def __init__(self, job: TrainingJob) -> None:
        self._job = job
        self._remaining_run: Run | None = None
        self._problem: Exception | None = None
        self.discards = False  # whether a stop deletes the run
        self.shows_each_step = False  # whether the weights are seen after every step
        self.watches_layers = False  # whether the layers of a large network are measured

    def events(self) -> Generator[JobEvent | WeightImages | NetworkStatistics, None, None]:
        """Yield the job's events, pictures of the weights and statistics; runs in the worker thread."""
        opened: Run | None = None
        watch = _WeightWatch(self._job.recipe)
        try:
            with contextlib.closing(run_job(self._job)) as events:
                for event in events:
                    if isinstance(event, RunOpened):
                        opened = event.run
                    # Before the event: after it, a training in single steps waits.
                    yield from watch.after(event, always=self.shows_each_step, measures=self.watches_layers)
                    # The window must not call the snapshot: the model changes in this thread.
                    yield replace(event, snapshot=None) if isinstance(event, TrainingStarted) else event
        except BaseException as error:
            self._clean_up(opened)
            if isinstance(error, DivergedError):
                yield from watch.now()  # what grew beyond all numbers
            raise

    def remaining_run(self) -> Run | None:
        """Return the run of a job that did not finish, if there still is one; call it after the thread has ended."""
        if self._problem is not None:
            raise self._problem
        return self._remaining_run

    def _clean_up(self, opened: Run | None) -> None:
        if opened is None:
            return
        try:
            run = read_run(opened.folder)
            if self.discards:
                delete_run(run)
            else:
                self._remaining_run = run
        except DigitpadError:
            pass  # there is no run that could be shown
        except Exception as error:
            self._problem = error


class _WeightWatch:
    """Looks at the weights between the events of a training, a few times a second."""

    def __init__(self, recipe: Recipe) -> None:
        self._loss: Loss = recipe.training.loss
        self._epochs = recipe.training.epochs
        self._is_small = parameter_count(recipe.model) <= _SMALL_NETWORK
        self._snapshot: Callable[[], DigitModel] | None = None
        self._sample: Digits | None = None
        self._due = self._statistics_due = 0.0

    def after(
        self, event: JobEvent, *, always: bool, measures: bool
    ) -> Generator[WeightImages | NetworkStatistics, None, None]:
        """Yield the weights after an event, if it is time, and what is measured of them; `always`: after every step."""
        if isinstance(event, RunOpened):
            self._sample = event.sample
        if isinstance(event, TrainingStarted):
            self._snapshot = event.snapshot
        if not isinstance(event, TrainingStarted | StepDone | EpochDone):
            return
        now = time.monotonic()
        is_end = isinstance(event, EpochDone) and event.epoch == self._epochs
        if now < self._due and not (always or is_end):
            return
        # An epoch brings a copy of its model.
        model = event.model if isinstance(event, EpochDone) else self._snapshot and self._snapshot()
        self._due = now + _WEIGHTS_SECONDS
        if not model:
            return
        yield weight_images(model)
        # The start, to compare with, and the end are measured in any case.
        is_edge = is_end or isinstance(event, TrainingStarted)
        if is_edge or ((measures or self._is_small) and (always or now >= self._statistics_due)):
            yield from self._measured(model)

    def now(self) -> Generator[NetworkStatistics, None, None]:
        """Yield what is measured of the present weights."""
        if self._snapshot is not None:
            yield from self._measured(self._snapshot())

    def _measured(self, model: "DigitModel") -> Generator[NetworkStatistics, None, None]:
        if self._sample is None:
            return
        start = time.monotonic()
        statistics = network_statistics(model, self._sample, self._loss)
        end = time.monotonic()
        self._statistics_due = end + (end - start) / _STATISTICS_SHARE
        yield statistics


class _Stopwatch:
    """Counts the seconds between `start` and `stop`."""

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
