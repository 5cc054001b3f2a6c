"""Early stopping: how long to wait for a lower test loss."""

import math
from dataclasses import dataclass
from typing import Any

from digitpad.core.training.events import TrainerState


@dataclass(slots=True)
class EarlyStopping:
    """Counts the measured epochs since the lowest test loss; a limit of 0 waits for ever."""

    patience: int
    lowest_loss: float = math.inf
    epochs_without_improvement: int = 0

    @classmethod
    def of(cls, limit: int, state: TrainerState | None) -> "EarlyStopping":
        """Begin, or go on where a training stopped."""
        if state is None:
            return cls(limit)
        lowest = state.notes.get("lowest")
        return cls(limit, math.inf if lowest is None else float(lowest), int(state.notes.get("waited", 0)))

    def update(self, loss: float) -> None:
        """Take an epoch's test loss into account."""
        self.epochs_without_improvement = 0 if loss < self.lowest_loss else self.epochs_without_improvement + 1
        self.lowest_loss = min(self.lowest_loss, loss)

    @property
    def should_stop(self) -> bool:
        """Whether training should stop."""
        return 0 < self.patience <= self.epochs_without_improvement

    def notes(self) -> dict[str, Any]:
        """Return what a `TrainerState` keeps of it."""
        return {
            "lowest": self.lowest_loss if math.isfinite(self.lowest_loss) else None,
            "waited": self.epochs_without_improvement,
        }
