"""The pieces of a row of digits: strokes, or parts of a picture cut where digits may touch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitpad.core.ink import ink_mask
from digitpad.core.ink.strokes import Ink
from digitpad.core.segmentation import seams
from digitpad.core.segmentation.boxes import Box, height_of, size_of, union
from digitpad.core.segmentation.lines import split_lines

# Distances between pieces are measured between points: their spacing per height of a digit, and their largest number.
_STEP = 1 / 30
_MAX_POINTS = 60
# A stroke of at most this many pen widths is a dot; so is a part that fills its box and is about as wide as high.
_DOT_PENS = 1.5
_FILLED, _ROUND = 0.85, 1.8
# Pixels with less ink are the soft edge, which may fill a small digit.
_SOLID = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """A stroke, or a part of a picture.

    Attributes
    ----------
    box
        Left, top, right, bottom in the row's units.
    points
        (n, 2) float64: points of its ink, dense enough to measure distances.
    number
        Its index in the order of drawing, or its label in the picture.
    whole
        The label of the part of a picture that it was cut from; for a stroke its `number`.
    is_dot
        Whether it is a dot.

    """

    box: Box
    points: np.ndarray
    number: int
    whole: int
    is_dot: bool

    @property
    def middle(self) -> float:
        """The horizontal position of its middle."""
        return (self.box[0] + self.box[2]) / 2

    @property
    def size(self) -> float:
        """The longer side of its box."""
        return size_of(self.box)


def boxes_of_parts(pieces: Sequence[Component]) -> dict[int, Box]:
    """Return the boxes of strokes, or of the parts before they were cut into pieces, by their label."""
    parts: dict[int, list[Box]] = {}
    for piece in pieces:
        parts.setdefault(piece.whole, []).append(piece.box)
    return {label: union(boxes) for label, boxes in parts.items()}


def components_of_ink(ink: Ink) -> list[Component]:
    """Return each stroke as a piece, in the order of drawing."""
    boxes = [Ink((stroke,)).bounds for stroke in ink.strokes]
    height = height_of(boxes) if boxes else 1.0
    return [
        Component(
            box, _thin(resample(stroke, height * _STEP)), number, number, size_of(box) <= _DOT_PENS * ink.pen_width
        )
        for number, (stroke, box) in enumerate(zip(ink.strokes, boxes, strict=True))
    ]


def components_of_picture(ink_map: np.ndarray) -> tuple[list[Component], np.ndarray]:
    """Find the pieces of an ink map, (height, width) float in [0, 1].

    Returns
    -------
    list[Component]
        Connected parts, the wide ones cut where two digits may touch.
    np.ndarray
        (height, width) int32: the `number` of each pixel's piece; 0 outside.

    """
    labels, boxes = ink_mask.connected_parts(ink_map)
    if not boxes:
        return [], labels
    names, edges = list(boxes), list(boxes.values())
    heights = {
        names[index]: height_of([edges[other] for other in line]) for line in split_lines(edges) for index in line
    }
    cut, wholes = seams.cut_parts(ink_map, labels, boxes, heights)
    pieces = []
    for number, whole in wholes.items():
        left, top, right, bottom = (round(edge) for edge in boxes[whole])
        mask = cut[top:bottom, left:right] == number
        rows, columns = np.nonzero(mask)
        if not len(rows):
            continue
        box = (
            float(left + columns.min()),
            float(top + rows.min()),
            float(left + columns.max() + 1),
            float(top + rows.max() + 1),
        )
        # The whole part decides: a dot that was cut is still a dot.
        solid = (labels[top:bottom, left:right] == whole) & (ink_map[top:bottom, left:right] >= _SOLID)
        is_dot = _is_blot(solid)
        points = np.stack([columns + left + 0.5, rows + top + 0.5], axis=1)
        pieces.append(Component(box, _thin(points[_outline(mask)[rows, columns]]), number, whole, is_dot))
    return pieces, cut


def resample(points: np.ndarray, step: float) -> np.ndarray:
    """Return points (m, 2) at most `step` apart along a polyline (n, 2)."""
    if len(points) < 2:
        return points
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    count = int(min(np.ceil(lengths[-1] / step), 10_000)) + 1
    positions = np.linspace(0, lengths[-1], max(2, count))
    return np.stack([np.interp(positions, lengths, points[:, axis]) for axis in (0, 1)], axis=1)


def _thin(points: np.ndarray) -> np.ndarray:
    return points[:: max(1, -(-len(points) // _MAX_POINTS))]


def _outline(mask: np.ndarray) -> np.ndarray:
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner


def _is_blot(solid: np.ndarray) -> bool:
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        return True
    height, width = rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
    return float(solid.sum()) >= _FILLED * width * height and max(width, height) <= _ROUND * min(width, height)
