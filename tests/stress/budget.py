"""How long a stress test may run, and the result it reports."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one stress test."""

    attack: str
    attempts: int
    faults: int  # attempts that broke a promise of docs/reliability.md
    slowest: float | None = None  # seconds of the slowest attempt, if it matters
    memory: float | None = None  # MB, the peak or the growth, if it matters
    note: str = ""  # one line: the first fault, or a remark


@dataclass(frozen=True, slots=True)
class Budget:
    """The time and the number of attempts that stress tests may use."""

    seed: int = 0
    seconds: float = math.inf
    max_attempts: int | None = None  # attempts of one stress test
    _begun: float = field(default_factory=time.monotonic)

    def share(self, of: int) -> "Budget":
        """Return the budget for the next of `of` remaining stress tests; its time starts now."""
        return replace(self, seconds=self.left / of, _begun=time.monotonic())

    @property
    def left(self) -> float:
        """Return the seconds left, or infinity."""
        return max(0.0, self.seconds - (time.monotonic() - self._begun))

    def attempts(self, full: int) -> Iterator[int]:
        """Yield the numbers of the attempts: at most `full`, fewer if the budget ends, but at least one."""
        for number in range(full if self.max_attempts is None else min(full, self.max_attempts)):
            if number and not self.left:
                return
            yield number

    def lasting(self, full: float) -> float:
        """Return the seconds that a test measured by time should run: `full`, or what is left."""
        return min(full, self.left)
