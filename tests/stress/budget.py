"""How long an attack of scripts/soak.py goes on, and what it reports."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attack."""

    attack: str
    attempts: int
    faults: int  # attempts after which something was not as docs/reliability.md promises
    slowest: float | None = None  # seconds of the slowest attempt, where that matters
    memory: float | None = None  # MB, the most that was held or by how much it grew, where that matters
    note: str = ""  # one line: what the figures cannot say, or the first fault


@dataclass(frozen=True, slots=True)
class Effort:
    """The time and the number of attempts that attacks may take."""

    seed: int = 0
    seconds: float = math.inf
    at_most: int | None = None  # attempts of one attack
    _begun: float = field(default_factory=time.monotonic)

    def share(self, of: int) -> "Effort":
        """Return the effort for the next of `of` attacks that are left; its time begins now."""
        return replace(self, seconds=self.left / of, _begun=time.monotonic())

    @property
    def left(self) -> float:
        """Seconds left, or infinity."""
        return max(0.0, self.seconds - (time.monotonic() - self._begun))

    def attempts(self, full: int) -> Iterator[int]:
        """Number attempts from 0: `full` of them, fewer where less is allowed or time runs out, but at least one."""
        for number in range(full if self.at_most is None else min(full, self.at_most)):
            if number and not self.left:
                return
            yield number

    def lasting(self, full: float) -> float:
        """Return for how many seconds an attack that goes by time should last."""
        return min(full, self.left)
