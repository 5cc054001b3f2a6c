"""Curves with fewer points: averages, the band of the batches, and the part of a line that is in view; without Qt."""

from collections.abc import Callable

import numpy as np

_BLOCK = 64
# The smoothing of a view with at most this many points is as chosen; with more, it grows in proportion, so that a curve
# looks equally smooth whether it has hundreds of steps or millions.
_POINTS_OF_SMOOTHING = 400
# The first values, this many times the mean distance of neighbours, are averaged over fewer.
_START_REACHES, _LEAST_REACH = 4.0, 0.3
# Neighbours at more than this many times the mean distance do not matter.
_AVERAGED_REACHES = 20
# The band spans the lowest and the highest of at least so many neighbours.
_MIN_NEIGHBOURS = 9
Span = tuple[float, float]


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Return the exponential moving average of values (n,), with the bias correction of Adam (Kingma and Ba, 2015).

    Values that are not finite become NaN and do not affect later values.
    """
    is_finite = np.isfinite(values)
    if not is_finite.all():
        result = np.full(len(values), np.nan)
        result[is_finite] = smooth(values[is_finite], weight)
        return result
    if weight <= 0 or not len(values):
        return values
    blocks = np.zeros((-(-len(values) // _BLOCK), _BLOCK))
    blocks.ravel()[: len(values)] = values * (1 - weight)
    # Within a block, sums over 1, 2, 4 … values are added; between blocks, one number is carried over.
    reach, decay = 1, weight
    while reach < _BLOCK:
        blocks[:, reach:] += decay * blocks[:, :-reach].copy()
        reach, decay = 2 * reach, decay * decay
    carried = [0.0]
    for last in blocks[:-1, -1].tolist():
        carried.append(carried[-1] * decay + last)
    blocks += np.outer(carried, weight ** np.arange(1, _BLOCK + 1))
    averages = blocks.ravel()[: len(values)]
    # After that, the correction is 1 in floating point.
    start = averages[: int(np.log(1e-17) / np.log(weight)) + 1]
    start /= 1 - weight ** np.arange(1, len(start) + 1)
    return averages


def smoothed(values: np.ndarray, weight: float) -> np.ndarray:
    """Return averages of values (n,) over earlier and later ones, so that they do not lag behind.

    The weights of neighbours fall exponentially on both sides. The first values are averaged over fewer, so that the
    curve begins at the first value, however steeply it falls. Values that are not finite become NaN.
    """
    is_finite = np.isfinite(values)
    result = np.full(len(values), np.nan)
    found = values[is_finite]
    average, reach = _two_sided(found, weight), weight / (1 - weight)  # the mean distance of the neighbours
    while reach > _LEAST_REACH:
        count = min(int(np.ceil(_START_REACHES * reach)), len(found))
        reach = reach / 2 if reach > 1 else 0.0
        start = _two_sided(found[: 2 * count], reach / (1 + reach))[:count]
        # Without steps between the parts: it changes from one average to the other.
        share = np.clip(2 * np.arange(count) / count - 1, 0, 1)
        average[:count] = share * average[:count] + (1 - share) * start
    result[is_finite] = average
    return result


def smoothed_line(
    x: np.ndarray, y: np.ndarray, weight: float, span: Span, max_points: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the smoothed part of a curve in a span of x, with at most about 2 `max_points` points.

    `weight` is that of a neighbour, as in `smoothed`, for the few hundred points of a short view. In a view of more
    points the average is over proportionally more of them.
    """
    shown = _points_in(x, span)
    if weight > 0 and shown > _POINTS_OF_SMOOTHING:
        weight **= _POINTS_OF_SMOOTHING / shown
    size = _group_size(shown, max_points)
    weight **= size
    # Of the points outside of the span only those that matter for the averages within.
    margin = size * (2 + int(_AVERAGED_REACHES * weight / (1 - weight)))
    first, last = _ends(x, span)
    first, last = max(first - margin, 0), last + margin
    first -= first % size
    x, y = x[first:last], y[first:last]
    if size > 1:
        x, y = _means(x, size), _means(y, size)
    return _visible(x, smoothed(y, weight), span)


def band(
    x: np.ndarray, low: np.ndarray, high: np.ndarray, span: Span, max_points: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x and the lowest and highest of neighbouring points, in a span of x, at most about 2 `max_points` points.

    Points without a finite value are left out.
    """
    shown = _points_in(x, span)
    size = _group_size(shown, max_points)
    if size > 1:
        starts = np.arange(0, len(x), size)
        x, low, high = _means(x, size), np.fmin.reduceat(low, starts), np.fmax.reduceat(high, starts)
    kept = np.isfinite(low) & np.isfinite(high)
    x, low, high = x[kept], low[kept], high[kept]
    reach = -(-_MIN_NEIGHBOURS // size) // 2
    if reach and len(x):
        # The means round off the corners.
        low, high = (_moving(_moving(edge, reach, of), reach, np.mean) for edge, of in ((low, np.min), (high, np.max)))
    first, last = _ends(x, span)
    return x[first:last], low[first:last], high[first:last]


def decimate(x: np.ndarray, y: np.ndarray, span: Span, max_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of a line in a span of x, with at most about 2 `max_points` points.

    If there are more, groups of neighbours are replaced by their minimum and maximum. The size of a group is a power
    of two, and groups are counted from the first point of the line, so that drawn points do not move while it grows.
    """
    first, last = _ends(x, span)
    count = last - first
    if count <= 2 * max_points:
        return x[first:last], y[first:last]
    size = 1 << int(np.ceil(np.log2(count / max_points)))
    first -= first % size
    x, y = x[first:last], y[first:last]
    starts = np.arange(0, len(x), size)
    ends = np.stack([np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)], axis=1)
    return np.repeat(x[starts], 2), ends.ravel()


def clip_line(x: np.ndarray, y: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Clip a line to a span of y: points are inserted where it leaves the span, and points outside become NaN."""
    for level in (low, high):
        before, after = y[:-1] - level, y[1:] - level
        crossing = np.flatnonzero(before * after < 0)
        share = before[crossing] / (before[crossing] - after[crossing])
        x_there = x[crossing] + share * (x[crossing + 1] - x[crossing])
        x, y = np.insert(x, crossing + 1, x_there), np.insert(y, crossing + 1, level)
    is_inside = (y >= low) & (y <= high)
    return x, np.where(is_inside, y, np.nan)


def clip_band(
    x: np.ndarray, low: np.ndarray, high: np.ndarray, x_span: Span, y_span: Span
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Clip a band to spans of x and y."""
    inside = (x > x_span[0]) & (x < x_span[1])
    ends = [end for end in x_span if len(x) and x[0] <= end <= x[-1]]
    if not len(x):
        return x, low, high
    cut = np.sort(np.concatenate([x[inside], ends]))
    return cut, np.clip(np.interp(cut, x, low), *y_span), np.clip(np.interp(cut, x, high), *y_span)


def _two_sided(values: np.ndarray, weight: float) -> np.ndarray:
    """Return the averages of finite values with weights that fall exponentially on both sides."""
    if weight <= 0 or not len(values):
        return values.copy()
    # The sums of the weights, by which `smooth` has divided.
    earlier = (1 - weight ** np.arange(1, len(values) + 1)) / (1 - weight)
    later = earlier[::-1]
    total = smooth(values, weight) * earlier + smooth(values[::-1], weight)[::-1] * later - values
    return total / (earlier + later - 1)


def _points_in(x: np.ndarray, span: Span) -> float:
    """Return how many points a span of x has or would have, if the points go on at their mean distance."""
    if len(x) < 2 or x[-1] <= x[0]:
        return float(len(x))
    return (span[1] - span[0]) * (len(x) - 1) / float(x[-1] - x[0])


def _group_size(count: float, max_points: int) -> int:
    """Return the number of neighbours to replace by one: a power of two, so that groups seldom change."""
    return 1 if count <= 2 * max_points else 1 << int(np.ceil(np.log2(count / max_points / 2)))


def _means(values: np.ndarray, size: int) -> np.ndarray:
    """Return the means of groups of neighbours, of their finite values; the last group may be smaller."""
    starts = np.arange(0, len(values), size)
    is_finite = np.isfinite(values)
    if is_finite.all():
        return np.add.reduceat(values, starts) / np.diff(np.append(starts, len(values)))
    sums, counts = (np.add.reduceat(part, starts) for part in (np.where(is_finite, values, 0.0), is_finite.astype(int)))
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _moving(values: np.ndarray, reach: int, reduce: Callable[..., np.ndarray]) -> np.ndarray:
    """Return the minimum, maximum or mean of each value and its `reach` neighbours on both sides."""
    padded = np.pad(values, reach, mode="edge")
    return reduce(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1)


def _visible(x: np.ndarray, y: np.ndarray, span: Span) -> tuple[np.ndarray, np.ndarray]:
    first, last = _ends(x, span)
    return x[first:last], y[first:last]


def _ends(x: np.ndarray, span: Span) -> tuple[int, int]:
    """Return where the part of x in a span begins and ends, with a point more on both sides."""
    return max(int(np.searchsorted(x, span[0])) - 1, 0), int(np.searchsorted(x, span[1], side="right")) + 1
