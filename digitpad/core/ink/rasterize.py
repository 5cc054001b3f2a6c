"""Draw anti-aliased polylines with a round pen, in NumPy only."""

from collections.abc import Sequence

import numpy as np

# Points closer than 1/16 of the pen's width are merged. Where the line bends by less than about 20 degrees (tangent
# 0.36) a step of 1/4 is enough: on a curve with a radius of one pen its error is a hundredth of the pen.
_FINE = 16
_COARSE = 4
_GENTLE = 0.36
# Segments drawn at a time: more are not faster and take more memory.
_BATCH = 4096
_RIGHT = np.array([1, 0], np.float32)


def draw_polylines(polylines: Sequence[np.ndarray], pen: float, size: int) -> np.ndarray:
    """Draw polylines with a round pen into a square image.

    Parameters
    ----------
    polylines
        Each (n, 2) float, n >= 1, in px; the middle of the first pixel is (0.5, 0.5). A polyline of one point is
        a dot. Parts outside the image are cut off.
    pen
        The pen's diameter in px, at least 1.
    size
        Side of the image in px.

    Returns
    -------
    np.ndarray
        (size, size) float32 in [0, 1]. A pixel's value is its coverage, approximated as linear in the distance of
        its middle from the pen's edge; strokes that cross or repeat are not brighter.

    """
    starts, ends = _segments(polylines, pen)
    side = int(np.abs(ends - starts).max() + pen + 1) + 1
    # The segments are drawn on a larger sheet, which is cropped to the image at the end.
    sheet = np.full((size + 2 * side) ** 2, np.float32((pen / 2 + 0.5) ** 2))
    for first in range(0, len(starts), _BATCH):
        batch = slice(first, first + _BATCH)
        _draw_segments(sheet, starts[batch], ends[batch], pen, side)
    distance = np.sqrt(sheet.reshape(size + 2 * side, -1)[side:-side, side:-side])
    return np.minimum(np.maximum(np.float32(pen / 2 + 0.5) - distance, 0.0), 1.0)


def _draw_segments(sheet: np.ndarray, starts: np.ndarray, ends: np.ndarray, pen: float, side: int) -> None:
    """Lower the sheet's squared distances to those from segments that fit into windows `side` px wide."""
    reach = pen / 2 + 0.5
    width = round(len(sheet) ** 0.5)
    # A window around each segment, from the first pixel whose middle the pen can reach.
    low = np.ceil(np.minimum(starts, ends) - (reach + 0.5)).astype(np.int32)
    offsets = np.arange(side, dtype=np.int32)

    start, step = starts.astype(np.float32), (ends - starts).astype(np.float32)
    length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])
    # A dot needs a direction too; any will do.
    direction = np.where(length[:, None] > 0, step / np.maximum(length, np.float32(1e-6))[:, None], _RIGHT)
    px = (low[:, :1] + offsets + np.float32(0.5) - start[:, :1])[:, None, :]  # (segments, 1, side)
    py = (low[:, 1:] + offsets + np.float32(0.5) - start[:, 1:])[:, :, None]  # (segments, side, 1)
    ax, ay = direction[:, 0, None, None], direction[:, 1, None, None]
    # In the axes of each segment: the distance beyond its ends, and the distance to the side.
    beyond = px * ax + py * ay
    beyond -= np.minimum(np.maximum(beyond, 0), length[:, None, None])
    beside = px * ay - py * ax
    distance_squared = beyond * beyond + beside * beside

    low = np.minimum(np.maximum(low + side, 0), width - side)
    pixels = (low[:, 1:, None] + offsets[:, None]) * width + low[:, :1, None] + offsets
    edge = (distance_squared > np.float32((reach - 1) ** 2)) & (distance_squared < np.float32(reach * reach))
    # Of one type: NumPy is much slower if it has to convert each value.
    np.minimum.at(sheet, pixels[edge], distance_squared[edge].astype(sheet.dtype))
    sheet[pixels[distance_squared <= np.float32((reach - 1) ** 2)]] = 0


def _longest_step(pen: float) -> float:
    return max(1.0, pen / 2)


def _segments(polylines: Sequence[np.ndarray], pen: float) -> tuple[np.ndarray, np.ndarray]:
    """Return starts and ends, each (segments, 2), of segments no longer than `_longest_step`."""
    starts, ends = [], []
    for polyline in polylines:
        points = simplify(np.asarray(polyline, np.float64), pen)
        starts.append(points[:-1] if len(points) > 1 else points)
        ends.append(points[1:] if len(points) > 1 else points)
    start, end = np.concatenate(starts), np.concatenate(ends)
    pieces = np.ceil(np.hypot(*(end - start).T) / _longest_step(pen)).astype(np.int64)
    pieces = np.maximum(pieces, 1)
    if pieces.max() == 1:
        return start, end
    number = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    start, step = np.repeat(start, pieces, axis=0), np.repeat((end - start) / pieces[:, None], pieces, axis=0)
    return start + step * number[:, None], start + step * (number[:, None] + 1)


def simplify(points: np.ndarray, pen: float) -> np.ndarray:
    """Drop points, (n, 2), that make no visible difference at this pen width: repeated, or along a gentle bend."""
    points = points[_enters_new_cell(points, pen / _FINE)]
    if len(points) < 3:
        return points
    steps = points[1:] - points[:-1]
    dot, cross = dot_and_cross(steps[:-1], steps[1:])
    keep = _enters_new_cell(points, pen / _COARSE)
    keep[1:-1] |= np.abs(cross) > _GENTLE * dot
    return points[keep]


def dot_and_cross(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the dot and the cross products of vectors, both (n, 2); sums over an axis of two are much slower."""
    ax, ay, bx, by = a[:, 0], a[:, 1], b[:, 0], b[:, 1]
    return ax * bx + ay * by, ax * by - ay * bx


def _enters_new_cell(points: np.ndarray, cell: float) -> np.ndarray:
    """Mark the points in a different grid cell than the point before, and the first and the last."""
    cells = np.floor(points * (1 / cell))
    changes = cells[1:] != cells[:-1]
    marked = np.ones(len(points), bool)
    marked[1:-1] = (changes[:, 0] | changes[:, 1])[:-1]
    return marked
