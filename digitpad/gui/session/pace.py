"""The pace of a training: full speed, slow, or one step at a time, so that a teacher can explain what happens."""

import math
from enum import Enum

from digitpad.core.training.config import TrainConfig
from digitpad.core.training.events import EpochDone, StepDone, TrainingStarted


class Pace(Enum):
    """How long a training waits between two steps; the value is in seconds."""

    FULL = 0.0
    SLOW = 0.1
    STEP = math.inf  # until `TrainingService.step`


class StepEnds:
    """Finds the events after which a training waits, at any pace but the full one.

    Before the first step, after each step, and after the last step of a measured epoch only when it has been measured:
    so a step that ends an epoch also shows its test. The end of the training is not waited for.
    """

    def __init__(self, config: TrainConfig) -> None:
        self._config = config
        self._steps_per_epoch = 1

    def __call__(self, event: object) -> bool:
        """Return whether a training waits after this event."""
        if isinstance(event, TrainingStarted):
            self._steps_per_epoch = event.steps_per_epoch
            return True
        if isinstance(event, StepDone):
            return event.step < self._steps_per_epoch or not self._config.is_measured(event.epoch)
        return isinstance(event, EpochDone) and event.epoch < self._config.epochs
