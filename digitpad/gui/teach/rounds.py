"""Which digit is drawn next: each of the ten, three times; without Qt."""

from dataclasses import dataclass, field

from digitpad.core.images.digits import CLASSES

TIMES = 3


@dataclass(slots=True)
class Rounds:
    """The digits that were kept since the beginning, by id with their labels, the newest last."""

    kept: dict[int, int] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)  # labels

    @property
    def counts(self) -> tuple[int, ...]:
        """How many digits of each label were kept; there may be more than `TIMES`."""
        labels = list(self.kept.values())
        return tuple(labels.count(label) for label in range(CLASSES))

    @property
    def wanted(self) -> int | None:
        """The digit to draw next; None if each was drawn `TIMES` times, or skipped."""
        open_labels = (n for n, count in enumerate(self.counts) if count < TIMES and n not in self.skipped)
        return next(open_labels, None)

    def keep(self, number: int, label: int) -> None:
        """Count a digit that was kept, or given another label."""
        self.kept[number] = label

    def take_back(self, number: int) -> None:
        """No longer count a digit that was deleted, if it is one of them."""
        self.kept.pop(number, None)

    def skip(self) -> None:
        """Go on with the next digit."""
        if self.wanted is not None:
            self.skipped.add(self.wanted)
