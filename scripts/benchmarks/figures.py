"""What scripts/bench.py measures and prints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; smaller is better than the goal, and without one it is there to compare with."""

    name: str
    value: float
    goal: float | None
    unit: str

    @property
    def ratio(self) -> float | None:
        """The share of the goal that is used up."""
        return None if self.goal is None else self.value / self.goal
