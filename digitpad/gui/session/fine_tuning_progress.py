"""Progress of a fine-tuning, computed from its events without Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from digitpad.core.fine_tuning.events import FineTuneEvent, FineTuneMeasuring, FineTunePreparing, FineTuneStep


class Stage(Enum):
    """Stage of a fine-tuning."""

    LOADING = auto()
    BEFORE = auto()  # measuring the base model
    PREPARING = auto()
    LEARNING = auto()
    AFTER = auto()  # measuring the fine-tuned model


# Start and end of each stage on the progress bar: about its share of the time with a CNN.
_PLACES: Mapping[Stage, tuple[float, float]] = MappingProxyType(
    {
        Stage.LOADING: (0.0, 0.03),
        Stage.BEFORE: (0.03, 0.15),
        Stage.PREPARING: (0.15, 0.2),
        Stage.LEARNING: (0.2, 0.8),
        Stage.AFTER: (0.8, 1.0),
    }
)


@dataclass(frozen=True, slots=True)
class TuningProgress:
    """A stage, its progress, and the progress of the whole, a fraction in [0, 1]."""

    stage: Stage = Stage.LOADING
    done: int = 0
    total: int = 0
    fraction: float = 0.0

    def after(self, event: FineTuneEvent) -> "TuningProgress":
        """Return the progress after an event. The fraction never falls, although a stage measures several data sets."""
        match event:
            case FineTuneMeasuring(is_after, done, total):
                return self._at(Stage.AFTER if is_after else Stage.BEFORE, done, total)
            case FineTunePreparing(done, total):
                return self._at(Stage.PREPARING, done, total)
            case FineTuneStep(step, steps):
                return self._at(Stage.LEARNING, step, steps)
            case _:
                return self

    def _at(self, stage: Stage, done: int, total: int) -> "TuningProgress":
        start, end = _PLACES[stage]
        fraction = start + (end - start) * (done / total if total else 0.0)
        return TuningProgress(stage, done, total, max(self.fraction, fraction))
