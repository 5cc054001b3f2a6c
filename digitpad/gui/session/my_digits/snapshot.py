"""A snapshot of My digits, for display."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.images.digits import CLASSES, SIDE

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit
    from digitpad.core.my_digits.store import ModelAccuracy

NO_PREDICTION = -1


@dataclass(frozen=True, slots=True, eq=False)
class MyDigitsSnapshot:
    """The user's digits, newest first, and the models' accuracies on them."""

    digits: "tuple[MyDigit, ...]"
    accuracies: "tuple[ModelAccuracy, ...]"  # one for each model that predicted some of the digits
    ids: np.ndarray  # (n,) int64
    labels: np.ndarray  # (n,) int64
    predicted: np.ndarray  # (n,) int64; NO_PREDICTION if there is none
    images: np.ndarray  # (n, 28, 28) uint8, 0 background, 255 ink

    @classmethod
    def of(cls, digits: "Sequence[MyDigit]", accuracies: "Sequence[ModelAccuracy]" = ()) -> "MyDigitsSnapshot":
        """Return the snapshot of digits, in their order."""
        return cls(
            digits=tuple(digits),
            accuracies=tuple(accuracies),
            ids=np.array([digit.id for digit in digits], np.int64),
            labels=np.array([digit.label for digit in digits], np.int64),
            predicted=np.array([NO_PREDICTION if d.predicted is None else d.predicted for d in digits], np.int64),
            images=np.array([digit.image for digit in digits], np.uint8).reshape(-1, SIDE, SIDE),
        )

    def __len__(self) -> int:
        return len(self.digits)

    @property
    def counts(self) -> np.ndarray:
        """Count of each label, (10,) int64."""
        return np.bincount(self.labels, minlength=CLASSES)

    def rows_with(self, labels: frozenset[int]) -> np.ndarray:
        """Return the indices of the digits with one of these labels, (k,) int64 in order; all if there is no label."""
        chosen = np.isin(self.labels, list(labels)) if labels else np.ones(len(self), bool)
        return np.flatnonzero(chosen)


def digit_count_text(count: int, tr: Callable[[str], str]) -> str:
    """Return a count with its noun: "1 digit", "12 digits"."""
    return tr("1 digit") if count == 1 else tr("{:,} digits").format(count)
