"""Early stopping: stop when the test loss has not fallen for some epochs."""

import math
from dataclasses import dataclass, replace
from typing import Any

from digitpad.core.training.events import TrainerState


@dataclass(slots=True)
class EarlyStopping:
    """Counts the measured epochs since the lowest test loss; a patience of 0 never stops."""

    patience: int
    lowest_loss: float = math.inf
    epochs_without_improvement: int = 0

    @classmethod
    def of(cls, patience: int, state: TrainerState | None) -> "EarlyStopping":
        """Start to count, or continue from a state."""
        notes = {} if state is None else state.notes
        lowest = notes.get("lowest")
        return cls(patience, math.inf if lowest is None else float(lowest), int(notes.get("waited", 0)))

    def update(self, loss: float) -> None:
        """Count an epoch's test loss."""
        self.epochs_without_improvement = 0 if loss < self.lowest_loss else self.epochs_without_improvement + 1
        self.lowest_loss = min(self.lowest_loss, loss)

    @property
    def should_stop(self) -> bool:
        """Whether training should stop."""
        return 0 < self.patience <= self.epochs_without_improvement

    def state_dict(self) -> dict[str, Any]:
        """Return what `of` needs to continue."""
        lowest = self.lowest_loss if math.isfinite(self.lowest_loss) else None
        return {"lowest": lowest, "waited": self.epochs_without_improvement}


def without_stop(state: TrainerState, patience: int) -> TrainerState:
    """Return a state that does not stop a training at once: if it would, early stopping starts to wait anew."""
    if not EarlyStopping.of(patience, state).should_stop:
        return state
    return replace(state, notes={**state.notes, "waited": 0})
