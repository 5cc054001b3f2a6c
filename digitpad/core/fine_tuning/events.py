"""The inputs and events of fine-tuning. Accuracies are fractions. Does not need torch."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.images.digits import Digits
from digitpad.core.ink.strokes import Ink

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

# The largest loss of accuracy on MNIST that the user is promised.
MAX_FORGOTTEN = 0.003


@dataclass(frozen=True, slots=True, eq=False)
class FineTuneDigits:
    """The user's digits, for fine-tuning.

    Attributes
    ----------
    training
        The digits to train on; 28x28.
    inks
        The strokes of each training digit, None without strokes; empty if no digit has any.
    test
        The digits held out to measure the improvement, or None.

    """

    training: Digits
    inks: tuple[Ink | None, ...] = ()
    test: Digits | None = None

    @property
    def count(self) -> int:
        """The number of training digits."""
        return len(self.training)


@dataclass(frozen=True, slots=True, eq=False)
class FineTuneBase:
    """MNIST: training images to rehearse and to measure forgetting, test images for the final scores only."""

    training: Digits
    test: Digits | None = None


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class FineTuneSettings:
    """The settings; the window uses the defaults.

    Attributes
    ----------
    steps
        Optimiser steps; None uses more for more digits.
    learning_rate
        The peak of one-cycle Adam; None is 1e-3 with MNIST and a third of it without.
    my_digits_per_batch, rehearsed_per_batch
        Images per batch: the user's digits, distorted, and rehearsed images.
    distillation
        Weight of the old model's outputs relative to the labels, on the rehearsed images.
    anchoring
        Weight of the squared distance from the old weights; only without MNIST.
    max_forgotten
        The largest loss of accuracy, a fraction, on the training images that measure forgetting. It is stricter than
        MAX_FORGOTTEN because a model forgets its training images later than others.

    """

    steps: Annotated[int, Field(ge=1, le=100_000)] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=1)] | None = None
    my_digits_per_batch: Annotated[int, Field(ge=1, le=4096)] = 16
    rehearsed_per_batch: Annotated[int, Field(ge=1, le=4096)] = 48
    distillation: Annotated[float, Field(ge=0, le=100)] = 1.0
    anchoring: Annotated[float, Field(ge=0, le=100)] = 0.15
    max_forgotten: Annotated[float, Field(ge=0, le=1)] = MAX_FORGOTTEN / 3

    def step_count(self, digit_count: int, *, is_heavy: bool) -> int:
        """Return the number of steps for a number of digits; a step of a heavy model takes a tenth of a second."""
        usual = min(80 + digit_count // 2, 240)
        return self.steps or (usual if is_heavy else 2 * usual)

    def peak_learning_rate(self, *, has_base: bool) -> float:
        """Return the peak of the learning rate schedule."""
        return self.learning_rate or (1e-3 if has_base else 3e-4)


@dataclass(frozen=True, slots=True)
class Score:
    """How many of `count` images are right; `count` is at least 1."""

    right: int
    count: int

    @property
    def accuracy(self) -> float:
        """The share of images that are right, in [0, 1]."""
        return self.right / self.count


@dataclass(frozen=True, slots=True)
class FineTuneScores:
    """A model's scores on the user's held-out digits and on MNIST's test images; None if there are no images."""

    my_digits: Score | None
    mnist: Score | None


@dataclass(frozen=True, slots=True)
class FineTuneStarted:
    """The first event. `notes` are sentences for the user about what cannot be measured, and why."""

    digit_count: int  # training digits
    steps: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FineTunePreparing:
    """Progress of rendering distorted digits in advance."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FineTuneMeasuring:
    """Progress of a measurement."""

    is_after: bool  # whether the training is over
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FineTuneStep:
    """One step, with its batch's loss before it, per image: cross-entropy in nats, or the model's loss."""

    step: int  # from 1
    steps: int
    loss: float


@dataclass(frozen=True, slots=True, eq=False)
class DigitReading:
    """How the old and the new model read one of the user's digits.

    Attributes
    ----------
    image
        (28, 28) uint8, 0 background, 255 ink.
    label, before, after
        In 0–9: the label, and the answers of the old and of the new model.
    is_held_out
        Whether the new model was not trained on it.

    """

    image: np.ndarray
    label: int
    before: int
    after: int
    is_held_out: bool


@dataclass(frozen=True, slots=True, eq=False)
class FineTuned:
    """The last event: the new model. The old model is unchanged.

    Attributes
    ----------
    model
        The new model, in evaluation mode, on the CPU.
    before, after
        Scores of the old and the new model.
    blend
        How far the weights moved from the old to the trained ones, in [0, 1]: less than 1 if the trained weights forget
        too much; 0 is the old model.
    digit_count, steps
        The number of training digits, and of steps.
    notes
        Sentences for the user: those of the start and of the result.
    readings
        The user's digits that the old or the new model reads wrongly, those held out first.

    """

    model: "DigitModel"
    before: FineTuneScores
    after: FineTuneScores
    blend: float
    digit_count: int
    steps: int
    notes: tuple[str, ...] = field(default=())
    readings: tuple[DigitReading, ...] = field(default=())


FineTuneEvent = FineTuneStarted | FineTunePreparing | FineTuneMeasuring | FineTuneStep | FineTuned
