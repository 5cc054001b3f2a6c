"""What fine-tuning takes and what it tells. Accuracies are fractions; nothing here needs torch."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.images.digits import Digits
from digitpad.core.ink.strokes import Ink

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

# The user is promised that no more of MNIST than this is forgotten.
MAX_FORGOTTEN = 0.003


@dataclass(frozen=True, slots=True, eq=False)
class FineTuneDigits:
    """The user's digits, as fine-tuning takes them.

    Attributes
    ----------
    training
        Those to learn from; 28x28.
    inks
        The strokes of each of them, None where there are none; an empty tuple where there are none at all.
    test
        Those that are held out, to tell what it brought; None where there are none.

    """

    training: Digits
    inks: tuple[Ink | None, ...] = ()
    test: Digits | None = None

    @property
    def count(self) -> int:
        """How many are learned from."""
        return len(self.training)


@dataclass(frozen=True, slots=True, eq=False)
class FineTuneBase:
    """MNIST: its training images to rehearse and to watch forgetting by, its test images to measure on alone."""

    training: Digits
    test: Digits | None = None


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class FineTuneSettings:
    """How it is done; the defaults are what the window uses.

    Attributes
    ----------
    steps
        Optimiser steps; None takes more of them the more digits there are.
    learning_rate
        The peak of one-cycle Adam; None takes 1e-3 with MNIST at hand and a third of it without.
    own, rehearsed
        Images of each step's batch: the user's, distorted, and old ones.
    distillation
        Weight of the old model's answers against the labels, on the old images.
    anchoring
        Weight of the squared distance from the old weights, summed over them; where MNIST is not at hand.
    most_forgotten
        By how much the accuracy may fall on the images that forgetting is watched by, a fraction. Stricter than the
        promise, for those are images that the model has learned from, and such it forgets later.

    """

    steps: Annotated[int, Field(ge=1, le=100_000)] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=1)] | None = None
    my_digits: Annotated[int, Field(ge=1, le=4096)] = 16
    rehearsed_per_batch: Annotated[int, Field(ge=1, le=4096)] = 48
    distillation: Annotated[float, Field(ge=0, le=100)] = 1.0
    anchoring: Annotated[float, Field(ge=0, le=100)] = 0.15
    max_forgotten: Annotated[float, Field(ge=0, le=1)] = MAX_FORGOTTEN / 3

    def step_count(self, new_per_batch: int, *, is_heavy: bool) -> int:
        """Return the number of steps for so many digits of the user's; a heavy model's take a tenth of a second."""
        usual = min(80 + new_per_batch // 2, 240)
        return self.steps or (usual if is_heavy else 2 * usual)

    def peak_learning_rate(self, *, has_base: bool) -> float:
        """Return the peak of the learning rate."""
        return self.learning_rate or (1e-3 if has_base else 3e-4)


@dataclass(frozen=True, slots=True)
class Score:
    """How many of so many images are right; there is at least one."""

    right: int
    count: int

    @property
    def accuracy(self) -> float:
        """The share that is right, in [0, 1]."""
        return self.right / self.count


@dataclass(frozen=True, slots=True)
class FineTuneScores:
    """What a model gets right: of the user's digits that are held out, and of MNIST's test images; None: not here."""

    my_digits: Score | None
    mnist: Score | None


@dataclass(frozen=True, slots=True)
class FineTuneStarted:
    """The first event. `notes` are sentences for the user: what cannot be measured or rehearsed, and why."""

    digit_count: int  # digits learned from
    steps: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FineTunePreparing:
    """So many of the user's digits are distorted in advance."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FineTuneMeasuring:
    """Some images of a measurement are done."""

    is_after: bool  # whether the training is over
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FineTuneStep:
    """One step is done; `loss` is the batch's before it: cross-entropy in nats an image, or the model's own loss."""

    step: int  # from 1
    steps: int
    loss: float


@dataclass(frozen=True, slots=True, eq=False)
class FineTuned:
    """The last event: a new model; the old one is as it was.

    Attributes
    ----------
    model
        A model of its own, in evaluation mode, on the CPU.
    before, after
        What the old and the new model get right.
    blend
        How far the weights went from the old ones to those that were trained, in [0, 1]; less than 1 where all the way
        would have forgotten too much. 0 is the old model.
    own, steps
        How many of the user's digits it learned from, in how many steps.
    notes
        Sentences for the user, those of the start and what came to light since.

    """

    model: "DigitModel"
    before: FineTuneScores
    after: FineTuneScores
    blend: float
    digit_count: int
    steps: int
    notes: tuple[str, ...] = field(default=())


FineTuneEvent = FineTuneStarted | FineTunePreparing | FineTuneMeasuring | FineTuneStep | FineTuned
