"""Training as a generator of events: whoever drains it shows them, and closing it stops the training."""

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import torch

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits
from digitpad.core.models.networks import DigitModel, frozen_copy, predicted_classes
from digitpad.core.models.specs import Spec
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.early_stopping import EarlyStopping
from digitpad.core.training.events import EpochDone, Event, Measuring, StepDone, TrainerState, TrainingStarted
from digitpad.core.training.losses import objective, reported_loss
from digitpad.core.training.optimizers import schedule_learning_rate
from digitpad.core.training.train_step import Tensors, TorchTrainer

# Images that are measured in one go: what fits the cache is as quick as more, and takes 40 MB less.
_MEASURED_AT_ONCE = 1000


def train(
    spec: Spec, config: TrainConfig, training: Digits, test: Digits, *, state: TrainerState | None = None
) -> Iterator[Event]:
    """Train a model and yield what happens.

    The same arguments give the same figures on the same machine. Chance is renewed each epoch from seed and epoch
    alone, so a training that goes on from a state has the very figures of one that was never interrupted.

    Parameters
    ----------
    spec
        The model.
    config
        The settings.
    training, test
        The data; held as tensors on the device as long as training lasts.
    state
        Where to go on from, as `EpochDone.state` gave it; None starts afresh.

    Yields
    ------
    Event
        One `TrainingStarted`, then for each epoch its `StepDone`, and where it is measured some `Measuring` and one
        `EpochDone`.

    Raises
    ------
    DigitpadError
        Where the device is not there, or the loss is no longer a number.

    """
    learner = TorchTrainer.of(spec, config, training)
    patience = EarlyStopping.of(config.patience, state)
    if state is not None:
        learner.restore(state)
    test_data = Tensors.of(test, learner.device)
    first = 1 if state is None else state.epoch + 1
    yield TrainingStarted(
        device=str(learner.device),
        parameters=learner.model.parameter_count(),
        steps_per_epoch=config.steps_per_epoch(len(training)),
        samples_per_epoch=learner.samples_per_epoch,
        first_epoch=first,
    )
    seconds = 0.0
    for epoch in range(first, config.epochs + 1):
        if patience.should_stop:
            return
        running = yield from _epoch(learner, epoch)
        seconds += running.seconds
        if not config.is_measured(epoch):
            continue
        measured = yield from _measure(learner, test_data, epoch)
        trained = running
        if config.train_figures == "after":
            trained = yield from _measure(learner, learner.data, epoch)
        patience.update(measured.loss)
        yield EpochDone(
            epoch=epoch,
            train_loss=trained.loss,
            train_accuracy=trained.accuracy,
            test_loss=measured.loss,
            test_accuracy=measured.accuracy,
            seconds=seconds,
            model=frozen_copy(learner.model),
            state=learner.state(epoch, patience),
        )
        seconds = 0.0


@dataclass(slots=True)
class _Figures:
    """Sums over images, and the means that are told."""

    config: TrainConfig
    outputs: int
    total: float = 0.0
    right: int = 0
    images: int = 0
    seconds: float = 0.0

    def add(self, total: float, right: int, images: int) -> None:
        self.total += total
        self.right += right
        self.images += images

    @property
    def loss(self) -> float:
        return reported_loss(self.total, self.config.loss, self.outputs, self.images)

    @property
    def accuracy(self) -> float:
        return self.right / self.images


def _epoch(learner: TorchTrainer, epoch: int) -> Generator[Event, None, _Figures]:
    """Yield an epoch's steps and return its figures."""
    config, count = learner.config, len(learner.data.labels)
    steps, batch = config.steps_per_epoch(count), config.full_batch_size(count)
    figures = _Figures(config, _outputs(learner.model))
    clock = _Clock()
    chance = torch.Generator().manual_seed(config.seed * 1_000_003 + epoch)
    torch.manual_seed(config.seed * 1_000_003 + epoch)  # dropout draws from the global generator
    order = torch.randperm(count, generator=chance) if config.shuffle else torch.arange(count)
    batches = order.to(learner.device).split(batch)
    learner.model.train()
    for step in range(steps):
        schedule_learning_rate(learner.optimizer, config, (epoch - 1) * steps + step, config.epochs * steps)
        images = len(batches[step])
        total, right = yield from _told(learner.take_step(batches[step], chance), epoch, images, clock)
        figures.add(total, right, images)
        loss = reported_loss(total, config.loss, figures.outputs, images)
        if not math.isfinite(loss):
            raise DigitpadError("the loss is no number after {number} steps: lower the learning rate", number=step + 1)
        clock.pause()
        yield StepDone(epoch=epoch, step=step + 1, loss=loss, accuracy=right / images, samples=images)
        clock.resume()
    clock.pause()
    figures.seconds = clock.seconds
    return figures


def _told(
    step: Generator[int, None, tuple[float, int]], epoch: int, images: int, clock: "_Clock"
) -> Generator[Event, None, tuple[float, int]]:
    """Tell how far a step is that is taken in parts; return what it returns."""
    while True:
        try:
            done = next(step)
        except StopIteration as end:
            return end.value
        clock.pause()
        yield Measuring(epoch, done, images)
        clock.resume()


def _measure(learner: TorchTrainer, data: Tensors, epoch: int) -> Generator[Event, None, _Figures]:
    """Yield progress and return loss and accuracy over a whole data set, without distortions or dropout."""
    figures, count = _Figures(learner.config, _outputs(learner.model)), len(data.labels)
    learner.model.eval()
    at_once = min(learner.micro_batch, _MEASURED_AT_ONCE)
    for start in range(0, count, at_once):
        some = slice(start, start + at_once)
        labels = data.labels[some]
        # Not around the yield: the mode is the thread's, and the consumer has work of its own.
        with torch.inference_mode():
            logits = learner.model(data.pixels(some))
            total = objective(learner.model, logits, labels, learner.config.loss).item()
            right = int((predicted_classes(logits) == labels).sum())
        figures.add(total, right, len(labels))
        yield Measuring(epoch, min(start + at_once, count), count)
    return figures


@dataclass(slots=True)
class _Clock:
    """Counts training's own time; what the consumer takes between events is not training's."""

    seconds: float = 0.0
    _since: float = field(default_factory=time.perf_counter)

    def pause(self) -> None:
        self.seconds += time.perf_counter() - self._since

    def resume(self) -> None:
        self._since = time.perf_counter()


def _outputs(model: DigitModel) -> int:
    return getattr(model.spec, "outputs", 10)
