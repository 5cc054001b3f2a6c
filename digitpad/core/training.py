"""Training as a generator of events: whoever drains it shows them, and closing it stops the training."""

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import Tensor
from torch.nn import functional

from digitpad.core.augmentation import Augmentation, augmented
from digitpad.core.data import Digits
from digitpad.core.errors import DigitpadError
from digitpad.core.models import CNNSpec, DigitModel, MLPSpec, SoftmaxSpec, build, frozen_copy, on_device

# Evaluation needs no gradients, so larger batches fit; larger still is no faster.
_EVALUATION_BATCH = 2000


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class TrainConfig:
    """How a model is trained. The defaults are sensible for an MLP."""

    epochs: Annotated[int, Field(ge=1, le=10_000)] = 10
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)] = 128
    optimizer: Literal["sgd", "adam", "adamw"] = "adam"
    learning_rate: Annotated[float, Field(gt=0, le=100)] = 1e-3  # the peak, where the schedule has one
    schedule: Literal["constant", "one-cycle"] = "constant"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0  # of SGD alone
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 0.0
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    augmentation: Augmentation = Augmentation()
    # "auto" is bfloat16 where the processor has instructions for it.
    precision: Literal["float32", "bfloat16", "auto"] = "float32"
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")] = "auto"
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 777


@dataclass(frozen=True, slots=True)
class TrainingStarted:
    """The first event."""

    device: str
    parameters: int
    steps_per_epoch: int


@dataclass(frozen=True, slots=True)
class StepDone:
    """One optimiser step; loss and accuracy (a fraction) are the batch's, before the step."""

    epoch: int  # from 1
    step: int  # from 1, within the epoch
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True, eq=False)
class EpochDone:
    """One pass over the training data.

    Training figures are the means over the epoch's batches, each taken before its step; accuracies are fractions.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float  # of training, without evaluation
    model: DigitModel  # a copy that goes on unchanged


Event = TrainingStarted | StepDone | EpochDone


def train(
    spec: SoftmaxSpec | MLPSpec | CNNSpec, config: TrainConfig, training: Digits, test: Digits
) -> Iterator[Event]:
    """Train a fresh model with cross-entropy and yield what happens.

    The same arguments give the same figures on the same machine. Chance is renewed each epoch from seed and epoch
    alone.

    Parameters
    ----------
    spec
        The model.
    config
        The settings.
    training, test
        The data; held as tensors on the device as long as training lasts.

    Yields
    ------
    Event
        One `TrainingStarted`, then for each epoch its `StepDone` and one `EpochDone`.

    Raises
    ------
    DigitpadError
        Where the device is not there, or the loss is no longer a number.

    """
    learner = _Learner.of(spec, config, training)
    test_images, test_labels = _on(learner.device, test)
    yield TrainingStarted(
        device=str(learner.device),
        parameters=learner.model.parameter_count(),
        steps_per_epoch=_steps_per_epoch(len(training), config),
    )
    for epoch in range(1, config.epochs + 1):
        totals = yield from _epoch(learner, epoch)
        test_loss, test_accuracy = measure(learner.model, test_images, test_labels)
        yield EpochDone(
            epoch=epoch,
            train_loss=totals.loss / len(training),
            train_accuracy=totals.right / len(training),
            test_loss=test_loss,
            test_accuracy=test_accuracy,
            seconds=totals.seconds,
            model=frozen_copy(learner.model),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Learner:
    """What an epoch works with."""

    config: TrainConfig
    device: torch.device
    model: DigitModel
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    images: Tensor  # (n, 28, 28) uint8
    labels: Tensor  # (n,) int64

    @classmethod
    def of(cls, spec: SoftmaxSpec | MLPSpec | CNNSpec, config: TrainConfig, training: Digits) -> "_Learner":
        device = _device(config.device)
        torch.manual_seed(config.seed)
        model = build(spec).to(device)
        optimizer = _optimizer(model, config)
        schedule = _schedule(optimizer, config, _steps_per_epoch(len(training), config))
        return cls(config, device, model, optimizer, schedule, *_on(device, training))


@dataclass(slots=True)
class _Totals:
    loss: float = 0.0
    right: float = 0.0
    seconds: float = 0.0


def _epoch(learner: _Learner, epoch: int) -> Generator[StepDone, None, _Totals]:
    """Yield an epoch's steps and return its sums over samples."""
    config, totals = learner.config, _Totals()
    started = time.perf_counter()
    chance = torch.Generator().manual_seed(config.seed * 1_000_003 + epoch)
    torch.manual_seed(config.seed * 1_000_003 + epoch)  # dropout draws from the global generator
    order = torch.randperm(len(learner.labels), generator=chance).to(learner.device)
    learner.model.train()
    for step, batch in enumerate(order.split(config.batch_size), start=1):
        pixels = augmented(_floats(learner.images[batch]), config.augmentation, chance)
        loss, right = _step(learner, pixels, learner.labels[batch])
        if not math.isfinite(loss):
            raise DigitpadError(f"the loss is no number after {step} steps: lower the learning rate")
        totals.loss += loss * len(batch)
        totals.right += right
        # The time until the consumer asks for more is not training's.
        totals.seconds += time.perf_counter() - started
        yield StepDone(epoch=epoch, step=step, loss=loss, accuracy=right / len(batch))
        started = time.perf_counter()
    return totals


def measure(model: DigitModel, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Return mean cross-entropy (nats) and accuracy (a fraction) on images (n, 28, 28) uint8 and labels (n,)."""
    model.eval()
    loss_sum = right = 0.0
    with torch.inference_mode():
        for some, wanted in zip(images.split(_EVALUATION_BATCH), labels.split(_EVALUATION_BATCH), strict=True):
            logits = model(_floats(some))
            loss_sum += functional.cross_entropy(logits, wanted, reduction="sum").item()
            right += (logits.argmax(dim=1) == wanted).sum().item()
    return loss_sum / len(labels), right / len(labels)


def _device(name: str) -> torch.device:
    try:
        device = on_device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise DigitpadError(f"device {name!r} is not on this machine: use --set device=auto") from error
    return device


def _on(device: torch.device, digits: Digits) -> tuple[Tensor, Tensor]:
    return torch.tensor(digits.images, device=device), torch.tensor(digits.labels, device=device).long()


def _floats(images: Tensor) -> Tensor:
    return images.float() / 255


def _steps_per_epoch(count: int, config: TrainConfig) -> int:
    return -(-count // config.batch_size)


def _step(learner: _Learner, pixels: Tensor, labels: Tensor) -> tuple[float, float]:
    """Take one step; return the batch's mean loss before it, and how many it had right."""
    low = _low_precision(learner.config.precision, pixels.device)
    with torch.autocast(pixels.device.type, dtype=torch.bfloat16, enabled=low):
        logits = learner.model(pixels)
    loss = functional.cross_entropy(logits.float(), labels, label_smoothing=learner.config.label_smoothing)
    learner.optimizer.zero_grad()
    loss.backward()
    learner.optimizer.step()
    learner.schedule.step()
    return loss.item(), (logits.argmax(dim=1) == labels).sum().item()


def _low_precision(precision: str, device: torch.device) -> bool:
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001 - there is no public name


def _optimizer(model: DigitModel, config: TrainConfig) -> torch.optim.Optimizer:
    parameters, rate, decay = model.parameters(), config.learning_rate, config.weight_decay
    match config.optimizer:
        case "sgd":
            return torch.optim.SGD(parameters, lr=rate, momentum=config.momentum, weight_decay=decay)
        case "adam":
            return torch.optim.Adam(parameters, lr=rate, weight_decay=decay)
        case "adamw":
            return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay)


def _schedule(
    optimizer: torch.optim.Optimizer, config: TrainConfig, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    if config.schedule == "one-cycle":
        return torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=config.learning_rate, total_steps=config.epochs * steps + 1
        )
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda _: 1.0)
