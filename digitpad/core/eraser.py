"""The eraser: what is left of strokes and pictures along its way."""

import numpy as np

from digitpad.core.raster import draw_polylines

Point = tuple[float, float]


def cut(stroke: np.ndarray, start: Point, end: Point, radius: float) -> list[np.ndarray]:
    """Return what is left of a stroke, (n, 2), when the way from `start` to `end` is rubbed out, in pieces.

    A stroke that lies farther away than `radius` is returned itself.
    """
    low, high = np.minimum(start, end) - radius, np.maximum(start, end) + radius
    if (stroke.max(axis=0) < low).any() or (stroke.min(axis=0) > high).any():
        return [stroke]
    points = _dense(stroke)
    gone = _distance(points, start, end) <= radius
    if not gone.any():
        return [stroke]
    edges = np.flatnonzero(np.diff(gone)) + 1
    parts = zip(np.split(points, edges), np.split(gone, edges), strict=True)
    return [part for part, was_hit in parts if not was_hit[0]]


def rubbed(picture: np.ndarray, start: Point, end: Point, radius: float) -> np.ndarray | None:
    """Return what is left of a square uint8 picture: the picture itself where nothing was touched, None of nothing."""
    track = draw_polylines([np.array([start, end])], 2 * radius, len(picture))
    if not (picture.astype(bool) & (track > 0)).any():
        return picture
    rest = np.round(picture * (1 - track)).astype(np.uint8)
    return rest if rest.any() else None


def _dense(stroke: np.ndarray) -> np.ndarray:
    """Put points between those more than 2 units apart, so that a long straight stroke can be cut anywhere."""
    counts = np.ceil(np.hypot(*np.diff(stroke, axis=0).T) / 2).astype(int).clip(min=1)
    if counts.sum() == len(stroke) - 1:
        return stroke
    pieces = [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(stroke, stroke[1:], counts, strict=False)]
    return np.concatenate([*pieces, stroke[-1:]])


def _distance(points: np.ndarray, start: Point, end: Point) -> np.ndarray:
    along = np.subtract(end, start)
    position = np.clip((points - start) @ along / max(float(along @ along), 1e-12), 0, 1)
    return np.hypot(*(points - start - position[:, None] * along).T)
