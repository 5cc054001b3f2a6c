"""Ranges and ticks of the learning curves' axes; nothing here knows Qt."""

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

import numpy as np

_NICE = (1.0, 2.0, 5.0, 10.0)
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Below this many points each of them counts; above, batches far off do not set the scale: a share of them that grows
# with the epochs, so that at first the steep fall is seen, and later what becomes of it.
_FEW = 60
_OUTLIERS_PER_EPOCH, _MOST_OUTLIERS = 0.02, 0.12
_MOST_DECADES = 12
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, in its own units, and what stands there."""

    position: float
    text: str


def extent(figures: list[np.ndarray], batches: list[np.ndarray]) -> Span | None:
    """Return the lowest and the highest of all finite values, less outliers among those of batches."""
    ends: list[float] = []
    epochs = max(map(len, figures), default=0)
    for values in figures:
        found = values[np.isfinite(values)]
        ends += [found.min(), found.max()] if len(found) else []
    for values in batches:
        found = values[np.isfinite(values)]
        if len(found):
            share = min(_OUTLIERS_PER_EPOCH * epochs, _MOST_OUTLIERS) if len(found) > _FEW else 0.0
            ends += np.quantile(found, [share, 1 - share]).tolist()
    return (float(min(ends)), float(max(ends))) if ends else None


def loss_range(values: Span | None) -> Span:
    """Return the range of a linear loss axis."""
    if values is None:
        return 0.0, 1.0
    low, high = values
    room = (high - low) * 0.06 or abs(high) * 0.1 or 0.5
    step = _step((high - low + 2 * room) / 8)
    top = ceil((high + room) / step) * step
    # A line that comes near to zero is read best against zero.
    bottom = 0.0 if 0 <= low < 0.4 * high else floor((low - room) / step) * step
    return (max(bottom, 0.0) if low >= 0 else bottom), top


def log_range(values: Span | None) -> Span:
    """Return the range of a logarithmic loss axis; all are decimal logarithms."""
    if values is None:
        return -2.0, 0.5
    low, high = values
    low = max(low, high - _MOST_DECADES)
    room = max((high - low) * 0.05, 0.03)
    return floor((low - room) * 10) / 10, ceil((high + room) * 10) / 10


def accuracy_range(values: Span | None) -> Span:
    """Return the range of the accuracy axis, %: the whole only where the values need it."""
    if values is None:
        return 0.0, 100.0
    low, high = values
    room = max((high - low) * 0.06, 0.25)
    step = _step((high - low + 2 * room) / 5)
    bottom = max(floor((low - room) / step) * step, 0.0)
    top = min(ceil((high + room) / step) * step, 100.0)
    # A line along 100 % is seen in its full width.
    return bottom, top + (top - bottom) * (0.02 if top == 100 else 0)


def linear_ticks(low: float, high: float, length: float, *, spacing: float = 28, integers: bool = False) -> list[Tick]:
    """Return ticks at round values, `spacing` px or more from each other on an axis of `length` px."""
    if not high > low:
        return []
    step = _step((high - low) * spacing / max(length, spacing))
    if integers:
        step = max(step, 1.0)
    places = next((p for p in range(6) if step * 10**p > 1 - 1e-6), None)
    ticks = []
    for number in range(ceil(low / step - 1e-6), floor(high / step + 1e-6) + 1):
        value = number * step
        is_plain = places is not None and abs(high) < 1e5
        ticks.append(Tick(value, f"{value:.{places}f}" if is_plain else f"{value:.4g}"))
    return ticks


def log_ticks(low: float, high: float, length: float, *, spacing: float = 24) -> list[Tick]:
    """Return ticks of a logarithmic axis from decimal logarithm `low` to `high`."""
    decades = high - low
    if not decades > 0:
        return []
    per_decade = length / decades
    if per_decade < spacing:
        every = ceil(spacing / per_decade)
        powers = range(ceil(low / every) * every, floor(high) + 1, every)
        return [Tick(float(power), _power(power)) for power in powers]
    factors = next(
        (some for some, closest in _FACTORS if closest * per_decade >= spacing),
        (1,),
    )
    found = []
    for power in range(floor(low), ceil(high) + 1):
        for factor in factors:
            position = power + log10(factor)
            if low <= position <= high:
                found.append(Tick(position, _power(power) if factor == 1 else _plain(factor, power)))
    return found


# The factors within a decade, and how close two of them come, in decades.
_FACTORS: tuple[tuple[tuple[int, ...], float], ...] = (
    ((1, 2, 3, 4, 5, 6, 7, 8, 9), log10(10 / 9)),
    ((1, 2, 3, 4, 6, 8), log10(8 / 6)),
    ((1, 2, 5), log10(2)),
    ((1, 3), log10(3)),
)


def loss_text(value: float) -> str:
    """Write a loss with the figures that tell two runs apart."""
    if not isfinite(value):
        return _not_finite(value)
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e4 else f"{value:.3g}"


def accuracy_text(value: float) -> str:
    """Write an accuracy, a fraction, in per cent."""
    return f"{value * 100:.2f} %" if isfinite(value) else _not_finite(value)


def _not_finite(value: float) -> str:
    return "–" if value != value else "∞" if value > 0 else "−∞"  # noqa: PLR0124 - NaN alone differs from itself


def _step(least: float) -> float:
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in _NICE if factor * power >= least * (1 - 1e-9))


def _power(power: int) -> str:
    return f"{10.0**power:g}" if -4 <= power <= 4 else f"10{str(power).translate(_SUPERSCRIPTS)}"


def _plain(factor: int, power: int) -> str:
    # Spelled out by places, as 3 x 0.1 is not quite 0.3.
    return f"{factor * 10.0**power:.{max(-power, 0)}f}" if -4 <= power <= 4 else f"{factor}·{_power(power)}"
