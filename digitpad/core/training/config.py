"""The settings of a training, validated. Does not need torch."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from digitpad.core.translation import tr, tr_noop

NonNegative = Annotated[float, Field(ge=0.0, le=90.0)]
Loss = Literal["cross-entropy", "mse", "binary-cross-entropy", "sse"]
LOSS_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "cross-entropy": tr_noop("Cross-entropy"),
        "binary-cross-entropy": tr_noop("Binary cross-entropy"),
        "mse": tr_noop("Mean squared error"),
        "sse": tr_noop("Sum of squared errors"),
    }
)
# The same within a sentence.
LOSS_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "cross-entropy": tr_noop("cross-entropy"),
        "binary-cross-entropy": tr_noop("binary cross-entropy"),
        "mse": tr_noop("mean squared error"),
        "sse": tr_noop("sum of squared errors"),
    }
)
Optimizer = Literal["sgd", "adam", "adamw"]
Schedule = Literal["constant", "one-cycle"]
# Errors in the gradients of published programs, which the NumPy engine can reproduce.
# "relu-derivative": ReLU's derivative is 1 everywhere.
# "dropout-backward": the gradient is masked, but not doubled as in the forward pass.
Slip = Literal["relu-derivative", "dropout-backward"]
# The source of random numbers. "seeded": the seed, anew for each epoch. "torch-loader" (PyTorch engine): the order of
# torch's DataLoader after manual_seed. "tutorial-…" (NumPy engine): the rest of the published notebook's legacy stream.
Stream = Literal["seeded", "torch-loader", "tutorial-mse", "tutorial-ce"]


class RuleError(ValueError):
    """Settings that do not go together: the key to change, in its section, and a sentence that follows the key."""

    def __init__(self, key: str, template: str, /, **values: object) -> None:
        super().__init__(key)
        self.key, self.sentence = key, tr(template).format(**values)


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Augmentation:
    """The largest amount of each random distortion, drawn uniformly; all 0 is no augmentation."""

    rotation: NonNegative = 0.0  # degrees
    shear: Annotated[float, Field(ge=0, le=1)] = 0.0  # of x by y: the slant of the writing
    scale: Annotated[float, Field(ge=0, lt=1)] = 0.0  # of width and height, separately
    shift: Annotated[float, Field(ge=0, le=14)] = 0.0  # px
    thickness: Annotated[float, Field(ge=0, le=1)] = 0.0  # probability of a pen up to 2 px thicker or thinner

    def __bool__(self) -> bool:
        return any((self.rotation, self.shear, self.scale, self.shift, self.thickness))


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class TrainConfig:
    """The settings of a training. The defaults suit an MLP."""

    loss: Loss = "cross-entropy"
    epochs: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)] | Literal["full"] = 128
    shuffle: bool = True
    drop_last: bool = False  # leave out the last batch if it is smaller
    optimizer: Optimizer = "adam"
    learning_rate: Annotated[float, Field(gt=0, le=100)] = 1e-3  # the peak, if the schedule has one
    schedule: Schedule = "constant"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0  # for SGD only
    nesterov: bool = False
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 0.0
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    # Exponential moving average of the weights: the share of the average that each step keeps; 0 does not average.
    # The averaged weights are those that are measured and saved.
    average: Annotated[float, Field(ge=0, lt=1)] = 0.0
    augmentation: Augmentation = Augmentation()
    # Early stopping: the number of measured epochs without a lower test loss; 0 never stops.
    patience: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    # "running": mean over the epoch's batches, each before its step; "after": all training images, after the epoch.
    train_figures: Literal["running", "after"] = "running"
    report_every: Annotated[int, Field(ge=1, le=1_000_000)] = 1  # measure every nth epoch
    # "auto" is bfloat16 if the processor has instructions for it.
    precision: Literal["float32", "bfloat16", "auto"] = "float32"
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")] = "auto"
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 777
    slips: tuple[Slip, ...] = ()
    stream: Stream = "seeded"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.optimizer != "sgd" and self.momentum:
            raise RuleError("momentum", tr_noop("must be 0 unless the optimiser is SGD"))
        if self.nesterov and not self.momentum:
            raise RuleError("nesterov", tr_noop("needs a momentum above 0"))
        if self.label_smoothing and self.loss != "cross-entropy":
            raise RuleError("label_smoothing", tr_noop("must be 0 unless the loss is cross-entropy"))
        return self

    def is_measured(self, epoch: int) -> bool:
        """Return whether an epoch, counted from 1, is measured; the first and the last always are."""
        return (epoch - 1) % self.report_every == 0 or epoch == self.epochs

    def full_batch_size(self, count: int) -> int:
        """Return the size of a full batch of a training set of `count` images."""
        return count if self.batch_size == "full" else min(self.batch_size, count)

    def steps_per_epoch(self, count: int) -> int:
        """Return the number of steps in an epoch of `count` images, at least one."""
        batch = self.full_batch_size(count)
        return max(1, count // batch) if self.drop_last else -(-count // batch)
