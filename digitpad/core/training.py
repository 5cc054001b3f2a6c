"""Training as a generator of events: whoever drains it shows them, and closing it stops the training."""

import math
import os
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from digitpad.core.augmentation import augmented
from digitpad.core.backpropagation import set_gradients
from digitpad.core.data import Digits
from digitpad.core.errors import DigitpadError, MissingDeviceError
from digitpad.core.events import EpochDone, Event, Measuring, StepDone, TrainerState, TrainingStarted
from digitpad.core.losses import objective, reported
from digitpad.core.models import DigitModel, answers, build, frozen_copy, on_device
from digitpad.core.optimizers import Optimizer, optimizer_of, set_pace
from digitpad.core.patience import Patience
from digitpad.core.specs import CNNSpec, Spec, is_rectified, parameter_count
from digitpad.core.train_config import TrainConfig

# Images that are worked on in one go, so that a pause is never far: a fifth of a second or less on two cores.
_AT_ONCE = 4096
_AT_ONCE_CNN = 256
# The same where nothing is learned: what fits the cache is as quick, and takes 40 MB less.
_MEASURED_AT_ONCE = 1000
_WEIGHTS = "weights."
# Below so many multiplications a step a second thread costs more than it brings.
_WORTH_SHARING = 50_000_000


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
    learner = _Learner.of(spec, config, training)
    patience = Patience.of(config.patience, state)
    if state is not None:
        learner.restore(state)
    test_data = _Tensors.of(test, learner.device)
    first = 1 if state is None else state.epoch + 1
    yield TrainingStarted(
        device=str(learner.device),
        parameters=learner.model.parameter_count(),
        steps_per_epoch=config.steps_of(len(training)),
        samples_per_epoch=learner.samples_per_epoch,
        first_epoch=first,
    )
    seconds = 0.0
    for epoch in range(first, config.epochs + 1):
        if patience.is_over:
            return
        running = yield from _epoch(learner, epoch)
        seconds += running.seconds
        if not config.is_measured(epoch):
            continue
        measured = yield from _measure(learner, test_data, epoch)
        trained = running
        if config.train_figures == "after":
            trained = yield from _measure(learner, learner.data, epoch)
        patience.note(measured.loss)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Tensors:
    """A data set on the device."""

    images: Tensor  # (n, height, width) uint8
    labels: Tensor  # (n,) int64
    peak: int

    @classmethod
    def of(cls, digits: Digits, device: torch.device) -> "_Tensors":
        # What can be shared with NumPy is; torch warns of arrays that may not be written to.
        shares = digits.images.flags.writeable and device.type == "cpu"
        images = torch.from_numpy(digits.images) if shares else torch.tensor(digits.images, device=device)
        return cls(images, torch.tensor(digits.labels, device=device).long(), digits.peak)

    def pixels(self, chosen: Tensor | slice, dtype: torch.dtype = torch.float32) -> Tensor:
        return self.raw(chosen, dtype).div_(self.peak)

    def raw(self, chosen: Tensor | slice, dtype: torch.dtype) -> Tensor:
        # index_select takes a third of the time that indexing with a tensor does.
        some = self.images[chosen] if isinstance(chosen, slice) else self.images.index_select(0, chosen)
        return some.to(dtype)


@dataclass(frozen=True, slots=True, eq=False)
class _Learner:
    """What an epoch works with."""

    config: TrainConfig
    device: torch.device
    model: DigitModel
    optimizer: Optimizer
    data: _Tensors
    is_low: bool  # whether layers compute in bfloat16

    @classmethod
    def of(cls, spec: Spec, config: TrainConfig, training: Digits) -> "_Learner":
        device = _device(config.device)
        _share_work(spec, config.batch_of(len(training)))
        torch.manual_seed(config.seed)
        model = build(spec).to(device)
        if isinstance(spec, CNNSpec):
            # The order that convolutions read in: half as much time again without it.
            model = model.to(memory_format=torch.channels_last)
        is_low = _low_precision(config.precision, device)
        return cls(config, device, model, optimizer_of(model, config), _Tensors.of(training, device), is_low)

    @property
    def samples_per_epoch(self) -> int:
        count = len(self.data.labels)
        return min(count, self.config.steps_of(count) * self.config.batch_of(count))

    @property
    def pixel_type(self) -> torch.dtype:
        # Where the first layer rounds them anyway, half the bytes are moved; distortions are worked out in full.
        return torch.bfloat16 if self.is_low and not self.config.augmentation else torch.float32

    def pixels(self, chosen: Tensor, chance: torch.Generator) -> Tensor:
        """Return images (n, height, width) in [0, 1], distorted where the settings say so."""
        pixels = self.data.pixels(chosen, self.pixel_type)
        return augmented(pixels, self.config.augmentation, chance) if self.config.augmentation else pixels

    def inputs(self, chosen: Tensor, chance: torch.Generator) -> Tensor:
        """Return what the first of linear layers gets, (n, features), in the precision that they compute in."""
        if self.config.augmentation:
            inputs = self.model.prepared(self.pixels(chosen, chance))
        else:
            # One division does for both scales.
            inputs = self.model.prepared(self.data.raw(chosen, self.pixel_type), self.data.peak)
        return inputs.to(torch.bfloat16 if self.is_low else torch.float32)

    @property
    def is_written_out(self) -> bool:
        return is_rectified(self.model.spec) and self.config.loss == "cross-entropy"

    @property
    def at_once(self) -> int:
        return _AT_ONCE_CNN if isinstance(self.model.spec, CNNSpec) else _AT_ONCE

    def state(self, epoch: int, patience: Patience) -> TrainerState:
        weights = {f"{_WEIGHTS}{name}": t.cpu().numpy().copy() for name, t in self.model.state_dict().items()}
        return TrainerState(epoch, {**weights, **self.optimizer.memory()}, patience.notes())

    def restore(self, state: TrainerState) -> None:
        arrays = {k.removeprefix(_WEIGHTS): torch.tensor(v) for k, v in state.arrays.items() if k.startswith(_WEIGHTS)}
        try:
            self.model.load_state_dict(arrays)
            self.optimizer.remember(state.arrays)
        except (RuntimeError, ValueError, TypeError, KeyError) as error:
            raise DigitpadError("the saved state is of another model than the settings say: start a new run") from error


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
        return reported(self.total, self.config.loss, self.outputs, self.images)

    @property
    def accuracy(self) -> float:
        return self.right / self.images


def _epoch(learner: _Learner, epoch: int) -> Generator[Event, None, _Figures]:
    """Yield an epoch's steps and return its figures."""
    config, count = learner.config, len(learner.data.labels)
    steps, batch = config.steps_of(count), config.batch_of(count)
    figures = _Figures(config, _outputs(learner.model))
    clock = _Clock()
    chance = torch.Generator().manual_seed(config.seed * 1_000_003 + epoch)
    torch.manual_seed(config.seed * 1_000_003 + epoch)  # dropout draws from the global generator
    order = torch.randperm(count, generator=chance) if config.shuffle else torch.arange(count)
    batches = order.to(learner.device).split(batch)
    learner.model.train()
    for step in range(steps):
        set_pace(learner.optimizer, config, (epoch - 1) * steps + step, config.epochs * steps)
        total, right = yield from _step(learner, batches[step], chance, epoch, clock)
        images = len(batches[step])
        figures.add(total, right, images)
        loss = reported(total, config.loss, figures.outputs, images)
        if not math.isfinite(loss):
            raise DigitpadError(f"the loss is no number after {step + 1} steps: lower the learning rate")
        clock.pause()
        yield StepDone(epoch=epoch, step=step + 1, loss=loss, accuracy=right / images, samples=images)
        clock.go_on()
    clock.pause()
    figures.seconds = clock.seconds
    return figures


def _step(
    learner: _Learner, batch: Tensor, chance: torch.Generator, epoch: int, clock: "_Clock"
) -> Generator[Event, None, tuple[float, int]]:
    """Take one step; return the objective's sum before it, and how many images were right.

    A batch too large to be worked on at once is taken in parts whose gradients add up; batch norm then sees the parts.
    """
    config, model = learner.config, learner.model
    learner.optimizer.zero_grad()
    total = right = done = 0
    parts = batch.split(learner.at_once) if len(batch) > _AT_ONCE else (batch,)
    for part in parts:
        if done:
            clock.pause()
            yield Measuring(epoch, done, len(batch))
            clock.go_on()
        labels = learner.data.labels.index_select(0, part)
        if learner.is_written_out and len(parts) == 1:
            smoothing, dropout = config.label_smoothing, getattr(model.spec, "dropout", 0.0)
            inputs = learner.inputs(part, chance)
            total, right = set_gradients(model.linear_layers, inputs, labels, smoothing=smoothing, dropout=dropout)
            break
        pixels = learner.pixels(part, chance)
        with torch.autocast(learner.device.type, dtype=torch.bfloat16, enabled=learner.is_low):
            logits = model(pixels)
        loss = objective(model, logits, labels, config.loss, config.label_smoothing)
        (loss / len(batch)).backward()
        total += loss.item()
        right += int((answers(logits) == labels).sum())
        done += len(part)
    learner.optimizer.step()
    return total, right


def _measure(learner: _Learner, data: _Tensors, epoch: int) -> Generator[Event, None, _Figures]:
    """Yield progress and return loss and accuracy over a whole data set, without distortions or dropout."""
    figures, count = _Figures(learner.config, _outputs(learner.model)), len(data.labels)
    learner.model.eval()
    at_once = min(learner.at_once, _MEASURED_AT_ONCE)
    for start in range(0, count, at_once):
        some = slice(start, start + at_once)
        labels = data.labels[some]
        # Not around the yield: the mode is the thread's, and the consumer has work of its own.
        with torch.inference_mode():
            logits = learner.model(data.pixels(some))
            total = objective(learner.model, logits, labels, learner.config.loss).item()
            right = int((answers(logits) == labels).sum())
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

    def go_on(self) -> None:
        self._since = time.perf_counter()


def _outputs(model: DigitModel) -> int:
    return getattr(model.spec, "outputs", 10)


def _share_work(spec: Spec, batch: int) -> None:
    """Choose the number of this thread's helpers: all processors for real work, none for little steps.

    A CNN's weights are used many times over, so its parameters say little of its work.
    """
    multiplications = batch * parameter_count(spec) * (50 if isinstance(spec, CNNSpec) else 1)
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(processors if multiplications >= _WORTH_SHARING else 1)


def check_device(name: str) -> None:
    """Raise MissingDeviceError where a device is not on this machine."""
    _device(name)


def _device(name: str) -> torch.device:
    try:
        device = on_device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise MissingDeviceError(
            f"device {name!r} is not on this machine: choose the device 'auto', which takes what there is"
        ) from error
    return device


def _low_precision(precision: str, device: torch.device) -> bool:
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001 - there is no public name
