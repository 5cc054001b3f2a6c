"""The events of a training, of either engine. Accuracies are fractions; epochs and steps count from 1."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel


@dataclass(frozen=True, slots=True, eq=False)
class TrainerState:
    """What a training needs to resume after an epoch as if it had never stopped.

    Attributes
    ----------
    epoch
        The last completed epoch.
    arrays
        Copies of the weights and of the optimiser's state.
    notes
        Values that JSON can hold, such as the state of the random generator.

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
    first_epoch: int = 1  # later in a resumed training
    # Returns a copy of the model as it is now, in evaluation mode, on the CPU. Call it only in the thread that draws
    # the events, between two events. It keeps the model and the data in memory.
    snapshot: "Callable[[], DigitModel] | None" = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StepDone:
    """One optimiser step, with loss and accuracy of its batch before the step."""

    epoch: int
    step: int  # within the epoch
    loss: float
    accuracy: float
    samples: int


@dataclass(frozen=True, slots=True)
class Measuring:
    """Progress within a measurement or a large batch, so that the training can pause or stop there."""

    epoch: int
    done: int
    total: int
    is_interim: bool = False  # whether it belongs to an `InterimTest`


@dataclass(frozen=True, slots=True)
class InterimTest:
    """Test metrics within a long epoch, of a fixed sample of the test set; the loss may be infinite or NaN."""

    epoch: int
    step: int  # the last step before it, within the epoch
    loss: float
    accuracy: float
    images: int  # of the sample


@dataclass(frozen=True, slots=True, eq=False)
class EpochDone:
    """A measured epoch.

    The loss is the recipe's: cross-entropy (nats), mean squared error over all elements, or per image binary
    cross-entropy or squared error summed over the outputs. `TrainConfig.train_figures` defines the training metrics.
    A loss may be infinite or NaN, and so may the weights: those after the epoch's last step, whose loss was finite.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float  # of training since the last EpochDone, without measuring
    model: "DigitModel"  # a copy that further training does not change
    state: TrainerState | None = None  # to resume from here


Event = TrainingStarted | StepDone | Measuring | InterimTest | EpochDone
