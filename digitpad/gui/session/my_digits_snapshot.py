"""My digits as they were read last, ready to be shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.images.digits import CLASSES, SIDE


def digits_words(count: int, tr: Callable[[str], str]) -> str:
    """Count digits: "1 digit", "12 digits"."""
    return tr("1 digit") if count == 1 else tr("{:,} digits").format(count)


if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit
    from digitpad.core.my_digits.store import ModelAccuracy

NOT_ASKED = -1


@dataclass(frozen=True, slots=True, eq=False)
class MyDigitsSnapshot:
    """The user's digits, newest first, and how the models did on them.

    Attributes
    ----------
    digits, accuracies
        The digits themselves, and a figure for each model that was asked.
    ids, labels, predicted
        (n,) int64: the digits' ids, labels, and what a model took them for or `NOT_ASKED`.
    images
        (n, 28, 28) uint8, 0 background, 255 ink.

    """

    digits: "tuple[MyDigit, ...]"
    accuracies: "tuple[ModelAccuracy, ...]"
    ids: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    images: np.ndarray

    @classmethod
    def of(cls, digits: "Sequence[MyDigit]", accuracies: "Sequence[ModelAccuracy]" = ()) -> "MyDigitsSnapshot":
        """Put digits in arrays, in the order given."""
        return cls(
            digits=tuple(digits),
            accuracies=tuple(accuracies),
            ids=np.array([digit.id for digit in digits], np.int64),
            labels=np.array([digit.label for digit in digits], np.int64),
            predicted=np.array([NOT_ASKED if d.predicted is None else d.predicted for d in digits], np.int64),
            images=np.array([digit.image for digit in digits], np.uint8).reshape(-1, SIDE, SIDE),
        )

    def __len__(self) -> int:
        return len(self.digits)

    @property
    def counts(self) -> np.ndarray:
        """(10,) int64: how many there are of each label."""
        return np.bincount(self.labels, minlength=CLASSES)

    def rows_with(self, labels: frozenset[int]) -> np.ndarray:
        """Return the places of the digits with one of these labels, (k,) int64 in order; of all for no label."""
        chosen = np.isin(self.labels, list(labels)) if labels else np.ones(len(self), bool)
        return np.flatnonzero(chosen)
