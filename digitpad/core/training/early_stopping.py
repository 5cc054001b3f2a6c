"""Early stopping: how long to wait for a lower test loss."""

import math
from dataclasses import dataclass
from typing import Any

from digitpad.core.training.events import TrainerState


@dataclass(slots=True)
class EarlyStopping:
    """Counts the measured epochs since the lowest test loss; a limit of 0 waits for ever."""

    patience: int
    lowest: float = math.inf
    waited: int = 0

    @classmethod
    def of(cls, limit: int, state: TrainerState | None) -> "EarlyStopping":
        """Begin, or go on where a training stopped."""
        if state is None:
            return cls(limit)
        lowest = state.notes.get("lowest")
        return cls(limit, math.inf if lowest is None else float(lowest), int(state.notes.get("waited", 0)))

    def update(self, loss: float) -> None:
        """Take an epoch's test loss into account."""
        self.waited = 0 if loss < self.lowest else self.waited + 1
        self.lowest = min(self.lowest, loss)

    @property
    def should_stop(self) -> bool:
        """Whether training should stop."""
        return 0 < self.patience <= self.waited

    def notes(self) -> dict[str, Any]:
        """Return what a `TrainerState` keeps of it."""
        return {"lowest": self.lowest if math.isfinite(self.lowest) else None, "waited": self.waited}
