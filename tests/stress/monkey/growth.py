"""Whether repeated measurements in the same idle state have grown."""

import math
import statistics
from collections.abc import Sequence

from tests.stress.monkey.idle_state import Measure

_WARM_UP = 0.2
_GROWTH = 0.05
_FILES = 3  # additional open files that are not yet a leak


def growth_problems(measures: Sequence[Measure]) -> list[str]:
    """Return what grew between the warm-up and the end."""
    faults = []
    warm = warmed(measures)
    growth = growth_of([one.memory for one in warm])
    if growth > _GROWTH:
        faults.append(f"memory grew by {growth:.1%}")
    if warm[-1].files > warm[0].files + _FILES:
        faults.append(f"open files grew from {warm[0].files} to {warm[-1].files}")
    return faults


def warmed(measures: Sequence[Measure]) -> Sequence[Measure]:
    """Leave out the measurements of the first fifth of the time."""
    return [one for one in measures if one.seconds >= _WARM_UP * measures[-1].seconds]


def growth_of(values: Sequence[float]) -> float:
    """Return the relative growth from the median of the first values to that of the last."""
    few = max(1, min(3, len(values) // 2))
    return statistics.median(values[-few:]) / statistics.median(values[:few]) - 1


def memory_summary(measures: Sequence[Measure]) -> str:
    """Return a summary of the memory use."""
    warm = [one.memory for one in warmed(measures)]
    return f"memory {warm[0]:.0f} → {warm[-1]:.0f} MB, {growth_of(warm):+.1%} after the warm-up"


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the exponent of growth that fits best, by least squares of the logarithms."""
    x, y = [math.log(size) for size in sizes], [math.log(max(value, 1e-9)) for value in values]
    return statistics.linear_regression(x, y).slope
