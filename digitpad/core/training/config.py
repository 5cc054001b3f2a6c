"""How a model is trained: settings alone, checked; nothing here needs torch."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

NonNegative = Annotated[float, Field(ge=0.0, le=90.0)]
Loss = Literal["cross-entropy", "mse", "binary-cross-entropy", "sse"]
Optimizer = Literal["sgd", "adam", "adamw"]
Schedule = Literal["constant", "one-cycle"]
# Where a published program departs from the true gradient; the NumPy engine can do as it did.
# "relu-derivative": ReLU's derivative is taken as 1 everywhere, so the gradient is never gated.
# "dropout-backward": the mask is applied to the gradient without the doubling that the forward pass has.
Slip = Literal["relu-derivative", "dropout-backward"]
# Where chance comes from: the seed, or what the published notebook had left of its one legacy stream.
Stream = Literal["seeded", "tutorial-mse", "tutorial-ce"]


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Augmentation:
    """How far each random distortion goes; all uniform around none. Zero everywhere is no augmentation."""

    rotation: NonNegative = 0.0  # degrees
    shear: Annotated[float, Field(ge=0, le=1)] = 0.0  # of x by y: the slant of the writing
    scale: Annotated[float, Field(ge=0, lt=1)] = 0.0  # of width and height, each on its own
    shift: Annotated[float, Field(ge=0, le=14)] = 0.0  # px
    # Chance of a thicker or thinner pen, each half of it; up to 2 px.
    thickness: Annotated[float, Field(ge=0, le=1)] = 0.0

    def __bool__(self) -> bool:
        return any((self.rotation, self.shear, self.scale, self.shift, self.thickness))


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class TrainConfig:
    """How a model is trained. The defaults are sensible for an MLP."""

    loss: Loss = "cross-entropy"
    epochs: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)] | Literal["full"] = 128
    shuffle: bool = True
    drop_last: bool = False  # leave out the last batch where it is short
    optimizer: Optimizer = "adam"
    learning_rate: Annotated[float, Field(gt=0, le=100)] = 1e-3  # the peak, where the schedule has one
    schedule: Schedule = "constant"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0  # of SGD alone
    nesterov: bool = False
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 0.0
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    augmentation: Augmentation = Augmentation()
    # Stop after so many measured epochs without a lower test loss; 0 never does.
    patience: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    # "running": means over the epoch's batches, each before its step; "after": over all training images at its end.
    train_figures: Literal["running", "after"] = "running"
    report_every: Annotated[int, Field(ge=1, le=1_000_000)] = 1  # epochs from one measured one to the next
    # "auto" is bfloat16 where the processor has instructions for it.
    precision: Literal["float32", "bfloat16", "auto"] = "float32"
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")] = "auto"
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 777
    slips: tuple[Slip, ...] = ()
    stream: Stream = "seeded"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.optimizer != "sgd" and self.momentum:
            raise ValueError("momentum: only SGD has it; leave it at 0 with Adam")
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov: it needs a momentum above 0")
        if self.label_smoothing and self.loss != "cross-entropy":
            raise ValueError("label_smoothing: it belongs to cross-entropy; leave it at 0 with another loss")
        return self

    def is_measured(self, epoch: int) -> bool:
        """Say whether an epoch, from 1, ends with `EpochDone`; the first and the last always do."""
        return (epoch - 1) % self.report_every == 0 or epoch == self.epochs

    def full_batch_size(self, count: int) -> int:
        """Return the number of images in a full batch of `count`."""
        return count if self.batch_size == "full" else min(self.batch_size, count)

    def steps_per_epoch(self, count: int) -> int:
        """Return the number of steps in an epoch of `count` images; at least one, even where all would be dropped."""
        batch = self.full_batch_size(count)
        return max(1, count // batch) if self.drop_last else -(-count // batch)
