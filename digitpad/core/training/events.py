"""What a training tells, whichever engine runs it. Accuracies are fractions; epochs and steps count from 1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel


@dataclass(frozen=True, slots=True, eq=False)
class TrainerState:
    """All that a training needs to go on after an epoch as if it had never stopped.

    Attributes
    ----------
    epoch
        The last one done.
    arrays
        Weights and what the optimiser remembers, copies of their own.
    notes
        What JSON can hold: the state of the random generator, for example.

    """

    epoch: int
    arrays: Mapping[str, np.ndarray]
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrainingStarted:
    """The first event."""

    device: str
    parameters: int
    steps_per_epoch: int
    samples_per_epoch: int
    first_epoch: int = 1  # later where a training goes on


@dataclass(frozen=True, slots=True)
class StepDone:
    """One optimiser step; loss and accuracy (a fraction) are the batch's, before the step."""

    epoch: int
    step: int  # within the epoch
    loss: float
    accuracy: float
    samples: int


@dataclass(frozen=True, slots=True)
class Measuring:
    """Some images of a measurement at an epoch's end are done; comes often enough to pause or stop by."""

    epoch: int
    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class EpochDone:
    """One measured pass over the training data.

    Losses are the recipe's own: cross-entropy (nats), mean squared error over all elements, binary cross-entropy
    summed over the outputs, or summed squared error, the last two per image. The training figures are taken as
    `TrainConfig.train_figures` says.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float  # of training since the last EpochDone, without measuring
    model: "DigitModel"  # a copy that goes on unchanged
    state: TrainerState | None = None  # for whoever wants to go on from here


Event = TrainingStarted | StepDone | Measuring | EpochDone
