"""The loop over epochs, with its running metrics and its clock; both engines use it."""

import math
import time
from collections.abc import Container, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from digitpad.core.errors import DigitpadError, DivergedError
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_sets import Part
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.early_stopping import EarlyStopping
from digitpad.core.training.events import (
    EpochDone,
    Event,
    InterimTest,
    Measuring,
    StepDone,
    TrainerState,
    TrainingStarted,
)

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

# What can be measured; "sample" is `sample_of` the test set.
Measured = Part | Literal["sample"]
# An epoch with so many images and steps takes long enough to be tested within.
_LONG_EPOCH, _MANY_STEPS = 20_000, 50
_INTERIM_PARTS = 5  # of an epoch, with a test after each but the last
SAMPLE = 1000  # images: a hundred of each digit


@dataclass(slots=True)
class RunningMetrics:
    """Loss and accuracy of the images so far; `scale` turns the mean objective into the loss that is reported."""

    scale: float = 1.0
    total: float = 0.0  # the objective, summed over the images
    right: int = 0
    images: int = 0

    def add(self, total: float, right: int, images: int) -> None:
        """Add the summed objective of some images, and how many of them are right."""
        self.total += total
        self.right += right
        self.images += images

    @property
    def loss(self) -> float:
        """The reported loss, a mean over the images."""
        return self.total * self.scale / self.images

    @property
    def accuracy(self) -> float:
        """The share of images that are right, in [0, 1]."""
        return self.right / self.images


@dataclass(slots=True)
class Stopwatch:
    """Counts the time inside its ``with``: training alone, not measuring or what the consumer of the events does."""

    seconds: float = 0.0
    _start: float = 0.0

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._start

    def restart(self) -> float:
        """Return the seconds and count from 0 again."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


class _Trainer(Protocol):
    """What the loop needs of an engine."""

    @property
    def config(self) -> TrainConfig: ...

    @property
    def stopwatch(self) -> Stopwatch: ...

    def started(self, first_epoch: int) -> TrainingStarted: ...

    def train_epoch(self, epoch: int) -> Generator[Event, None, RunningMetrics]: ...

    # Draws no random numbers and changes nothing that the next step depends on.
    def measure(self, part: Measured, epoch: int) -> Generator[Event, None, RunningMetrics]: ...

    def model_copy(self) -> "DigitModel": ...

    # The arrays, and the values that JSON can hold. Loading them raises a Python error if they do not fit.
    def state_dict(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]: ...

    def load_state_dict(self, arrays: Mapping[str, np.ndarray], notes: Mapping[str, Any]) -> None: ...


def run_epochs(trainer: _Trainer, state: TrainerState | None) -> Generator[Event, None, None]:
    """Train all epochs, or those after `state`, and yield what happens.

    Raise DigitpadError if `state` is of another model or of other data.
    """
    config = trainer.config
    early_stopping = EarlyStopping.of(config.patience, state)
    if state is not None:
        try:
            trainer.load_state_dict(state.arrays, state.notes)
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise DigitpadError("the saved state does not fit this model and data: start a new run") from error
    first = 1 if state is None else state.epoch + 1
    started = trainer.started(first)
    yield started
    tested_steps = interim_steps(started.steps_per_epoch, started.samples_per_epoch)
    for epoch in range(first, config.epochs + 1):
        if early_stopping.should_stop:
            return
        trained = yield from _train_epoch(trainer, epoch, tested_steps if config.is_measured(epoch) else ())
        if not config.is_measured(epoch):
            continue
        tested = yield from trainer.measure("test", epoch)
        if config.train_figures == "after":
            trained = yield from trainer.measure("train", epoch)
        early_stopping.update(tested.loss)
        arrays, notes = trainer.state_dict()
        yield EpochDone(
            epoch=epoch,
            train_loss=trained.loss,
            train_accuracy=trained.accuracy,
            test_loss=tested.loss,
            test_accuracy=tested.accuracy,
            seconds=trainer.stopwatch.restart(),
            model=trainer.model_copy(),
            state=TrainerState(epoch, arrays, {**early_stopping.state_dict(), **notes}),
        )


def interim_steps(steps: int, images: int) -> frozenset[int]:
    """Return after which steps of an epoch an `InterimTest` comes: four of a long epoch, none of a short one."""
    if steps < _MANY_STEPS or images < _LONG_EPOCH:
        return frozenset()
    return frozenset(steps * number // _INTERIM_PARTS for number in range(1, _INTERIM_PARTS))


def sample_of(test: Digits, most: int = SAMPLE) -> Digits:
    """Return at most `most` images, evenly spaced; by default 1,000 test images for the tests within an epoch."""
    count = min(len(test), most)
    chosen = np.arange(count) * len(test) // max(count, 1)
    return Digits(test.name, test.images[chosen], test.labels[chosen], test.peak)


def _train_epoch(trainer: _Trainer, epoch: int, tested_steps: Container[int]) -> Generator[Event, None, RunningMetrics]:
    """Train an epoch, and test a sample after some of its steps."""
    with closing(trainer.train_epoch(epoch)) as events:
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                return end.value
            yield event
            if isinstance(event, StepDone) and event.step in tested_steps:
                yield from _test_sample(trainer, epoch, event.step)


def _test_sample(trainer: _Trainer, epoch: int, step: int) -> Generator[Event, None, None]:
    """Yield an `InterimTest`, and before it the progress if the sample is measured in several parts."""
    with closing(trainer.measure("sample", epoch)) as events:
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                tested = end.value
                break
            if isinstance(event, Measuring) and event.done < event.total:
                yield replace(event, is_interim=True)
    yield InterimTest(epoch, step, tested.loss, tested.accuracy, tested.images)


def step_done(epoch: int, step: int, batch: RunningMetrics) -> StepDone:
    """Return the event of a step; raise DivergedError if its loss is infinite or not a number."""
    if not math.isfinite(batch.loss):
        raise DivergedError(
            "the loss is not a number in step {step} of epoch {epoch}: lower the learning rate", step=step, epoch=epoch
        )
    return StepDone(epoch, step, batch.loss, batch.accuracy, batch.images)
