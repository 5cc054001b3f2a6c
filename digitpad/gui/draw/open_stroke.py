"""The stroke under the pointer, clipped at the edge of the pad."""

from array import array

import numpy as np

from digitpad.core.ink.drawing import PAD, Point


class OpenStroke:
    """What is on the pad of a stroke that is being drawn: one part, or more if it leaves the pad and comes back."""

    def __init__(self) -> None:
        self._parts: list[array[float]] = []  # x and y of each point in turn: NumPy copies them at once
        self._last: Point | None = None  # also outside the pad

    @property
    def parts(self) -> list[np.ndarray]:
        """The parts on the pad, each (n, 2) float64, pad units."""
        return [np.array(part).reshape(-1, 2) for part in self._parts]

    @property
    def is_new(self) -> bool:
        """Whether it has its first point only, or its first two points."""
        return len(self._parts) == 1 and len(self._parts[0]) <= 4

    def add(self, point: Point) -> list[Point]:
        """Add a point in pad units, inside or outside; return what it adds on the pad: one or two points, or none."""
        before, self._last = self._last, point
        if before is None:
            if not _is_inside(point):
                return []
            self._parts.append(array("d", point))
            return [point]
        if _is_inside(before) and _is_inside(point):  # nearly always
            self._parts[-1].extend(point)
            return [before, point]
        segment = _clipped(before, point)
        if segment is None:
            return []
        if _is_inside(before):
            self._parts[-1].extend(segment[1])
        else:
            self._parts.append(array("d", (*segment[0], *segment[1])))
        return list(segment)


def _is_inside(point: Point) -> bool:
    return 0 <= point[0] <= PAD and 0 <= point[1] <= PAD


def _clipped(start: Point, end: Point) -> tuple[Point, Point] | None:
    """Return the part of a segment that is on the pad, by Liang and Barsky's method; None if it has no length."""
    first, last = 0.0, 1.0
    for axis in (0, 1):
        length = end[axis] - start[axis]
        if length == 0:
            if not 0 <= start[axis] <= PAD:
                return None
            continue
        low, high = sorted((-start[axis] / length, (PAD - start[axis]) / length))
        first, last = max(first, low), min(last, high)
    if first >= last:
        return None
    return _between(start, end, first), _between(start, end, last)


def _between(start: Point, end: Point, share: float) -> Point:
    if share in {0.0, 1.0}:
        return end if share else start
    x, y = (a + share * (b - a) for a, b in zip(start, end, strict=True))
    return min(max(x, 0.0), PAD), min(max(y, 0.0), PAD)  # rounding may leave the pad
