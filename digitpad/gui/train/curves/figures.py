"""How losses and accuracies are written: as the source of a recipe prints them; without Qt."""

from dataclasses import dataclass
from decimal import Decimal
from math import gcd, isfinite, isnan

import numpy as np

from digitpad.core.training.recipes import PublishedResults
from digitpad.core.translation import percent
from digitpad.gui.widgets.sentences import with_minus

# The tables offer every epoch, or one of this many.
EVERY = (1, 10, 100)
_DECIMALS, _SHORT_DECIMALS = 6, 4
_LARGE = 1e4


@dataclass(frozen=True, slots=True)
class FigureFormat:
    """How a source prints its table.

    Attributes
    ----------
    decimals
        Of a loss.
    cut_after
        A loss has this many characters, and what is beyond is cut off; 0 if it is rounded to `decimals`.
    first_epoch
        The number of the first epoch, 0 or 1.
    every
        Number of epochs from one printed line to the next; one of `EVERY`.

    """

    decimals: int = _DECIMALS
    cut_after: int = 0
    first_epoch: int = 1
    every: int = 1

    def loss(self, value: float) -> str:
        """Return a loss as text; a very small one has three digits."""
        if not isfinite(value):
            return not_finite_text(value)
        if self.cut_after:
            return _cut(value, self.cut_after)
        is_plain = value == 0 or 10.0 ** (1 - self.decimals) <= abs(value) < _LARGE
        return f"{value:.{self.decimals}f}" if is_plain else with_minus(f"{value:.3g}")


# For values that are not exact, such as those of a smoothed line.
SHORT = FigureFormat(_SHORT_DECIMALS)


def format_of(published: PublishedResults) -> FigureFormat:
    """Return how the source of a recipe prints its table; without published losses, six decimals."""
    decimals = published.loss_decimals
    return FigureFormat(
        decimals=_DECIMALS if decimals is None else decimals,
        cut_after=published.cut_after,
        first_epoch=0 if published.counts_from_zero else 1,
        every=_distance(published.epochs),
    )


def accuracy_text(value: float) -> str:
    """Return an accuracy (0 to 1) in percent."""
    return percent(value, 2) if isfinite(value) else not_finite_text(value)


def not_finite_text(value: float) -> str:
    """Return infinity or NaN as text."""
    return "–" if isnan(value) else "∞" if value > 0 else "−∞"


def _cut(value: float, characters: int) -> str:
    """Cut off as Python's `str(value)[:characters]` does, but never a digit before the point."""
    text = f"{Decimal(repr(float(value))):f}"
    whole = text.partition(".")[0]
    return f"{text if '.' in text else f'{text}.'}{'0' * characters}"[: max(characters, len(whole))]


def _distance(epochs: tuple[int, ...]) -> int:
    """Return the largest of `EVERY` that all distances between epochs are multiples of."""
    common = gcd(*np.diff(epochs).tolist()) if len(epochs) > 1 else 1
    return max(every for every in EVERY if common % every == 0)
