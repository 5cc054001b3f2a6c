"""Bounding boxes of pieces: left, top, right, bottom, y down."""

from collections.abc import Iterable, Sequence

import numpy as np

Box = tuple[float, float, float, float]


def height_of(boxes: Sequence[Box]) -> float:
    """Estimate the height of the digits, positive: the median of the larger pieces."""
    sides = np.array([(box[2] - box[0], box[3] - box[1]) for box in boxes])
    highest = sides[:, 1].max()
    # A digit may be wider than high, but a very wide piece is several digits.
    sizes = np.maximum(sides[:, 1], np.minimum(0.6 * sides[:, 0], highest))
    return max(float(np.median(sizes[sizes >= 0.5 * sizes.max()])), 1e-9)


def union(boxes: Iterable[Box]) -> Box:
    """Return the box around boxes, of which there must be one."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def size_of(box: Box) -> float:
    """Return the longer side."""
    return max(box[2] - box[0], box[3] - box[1])


def scale_box(box: Box, factor: float) -> Box:
    """Return the box in another unit."""
    left, top, right, bottom = (edge * factor for edge in box)
    return left, top, right, bottom
