"""Ranges and ticks of the axes of learning curves, in the window and in figures."""

from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np

_NICE = (1.0, 2.0, 5.0, 10.0)
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# The axis of epochs grows to one of these ends, in powers of ten, before the training is there.
_ENDS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_AHEAD, _SHORTEST = 1.02, 0.05
_MAX_DECADES = 12
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tick:
    """A position on an axis, in its units, and the text there."""

    position: float
    text: str


def extent(lines: list[np.ndarray]) -> Span | None:
    """Return the lowest and the highest finite value."""
    found = [values[np.isfinite(values)] for values in lines]
    ends = [end for values in found if len(values) for end in (values.min(), values.max())]
    return (float(min(ends)), float(max(ends))) if ends else None


def grown_axis(position: float, planned: float) -> float:
    """Return the end of the epoch axis of a training that is at a position.

    The axis grows with the training, so that there is something to see from the first second on. It grows in a few
    large steps: moving all the time, the curves could not be read.
    """
    wanted = max(position * _AHEAD, _SHORTEST)
    power = 10.0 ** floor(log10(wanted))
    end = next(factor * power for factor in _ENDS if factor * power >= wanted * (1 - 1e-9))
    return min(end, max(planned, position))


def loss_range(values: Span | None) -> Span:
    """Return the range of a linear loss axis."""
    if values is None:
        return 0.0, 1.0
    low, high = values
    room = (high - low) * 0.06 or abs(high) * 0.1 or 0.5
    step = _step((high - low + 2 * room) / 8)
    top = ceil((high + room) / step) * step
    # A line that comes near zero is easier to read with zero in view.
    bottom = 0.0 if 0 <= low < 0.4 * high else floor((low - room) / step) * step
    return (max(bottom, 0.0) if low >= 0 else bottom), top


def log_range(values: Span | None) -> Span:
    """Return the range of a logarithmic loss axis, in decimal logarithms."""
    if values is None:
        return -2.0, 0.5
    low, high = values
    low = max(low, high - _MAX_DECADES)
    room = max((high - low) * 0.05, 0.03)
    return floor((low - room) * 10) / 10, ceil((high + room) * 10) / 10


def accuracy_range(values: Span | None) -> Span:
    """Return the range of the accuracy axis in percent, 0 to 100 only if the values need it."""
    if values is None:
        return 0.0, 100.0
    low, high = values
    room = max((high - low) * 0.06, 0.25)
    step = _step((high - low + 2 * room) / 5)
    bottom = max(floor((low - room) / step) * step, 0.0)
    top = min(ceil((high + room) / step) * step, 100.0)
    # Room for the full width of a line at 100 %.
    return bottom, top + (top - bottom) * (0.02 if top == 100 else 0)


def linear_ticks(low: float, high: float, length: float, *, spacing: float = 34, integers: bool = False) -> list[Tick]:
    """Return ticks at round values, at least `spacing` px apart on an axis of `length` px."""
    if not high > low:
        return []
    step = _step((high - low) * spacing / max(length, spacing))
    if integers:
        step = max(step, 1.0)
    decimals = next((p for p in range(6) if step * 10**p > 1 - 1e-6), None)
    ticks = []
    for number in range(ceil(low / step - 1e-6), floor(high / step + 1e-6) + 1):
        value = number * step
        is_plain = decimals is not None and abs(high) < 1e5
        ticks.append(Tick(value, f"{value:.{decimals}f}" if is_plain else f"{value:.4g}"))
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
    factors = next((factors for factors, distance in _FACTORS if distance * per_decade >= spacing), (1,))
    found = []
    for power in range(floor(low), ceil(high) + 1):
        for factor in factors:
            position = power + log10(factor)
            if low <= position <= high:
                found.append(Tick(position, _power(power) if factor == 1 else _plain(factor, power)))
    return found


# The factors within a decade, and the smallest distance between two of them, in decades.
_FACTORS: tuple[tuple[tuple[int, ...], float], ...] = (
    ((1, 2, 3, 4, 5, 6, 7, 8, 9), log10(10 / 9)),
    ((1, 2, 3, 4, 6, 8), log10(8 / 6)),
    ((1, 2, 5), log10(2)),
    ((1, 3), log10(3)),
)


def _step(minimum: float) -> float:
    power = 10.0 ** floor(log10(minimum))
    return next(factor * power for factor in _NICE if factor * power >= minimum * (1 - 1e-9))


def _power(power: int) -> str:
    return f"{10.0**power:g}" if -4 <= power <= 4 else f"10{str(power).translate(_SUPERSCRIPTS)}"


def _plain(factor: int, power: int) -> str:
    # A fixed number of decimals, because 3 x 0.1 is not exactly 0.3.
    return f"{factor * 10.0**power:.{max(-power, 0)}f}" if -4 <= power <= 4 else f"{factor}·{_power(power)}"
