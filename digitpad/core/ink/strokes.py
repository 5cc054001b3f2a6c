"""Ink, the strokes of a drawing as vectors, and its digit image.

The strokes are scaled as vectors and drawn once, directly in MNIST's geometry with a pen of MNIST's width. So the
digit image does not depend on zoom, window size, device pixel ratio or the line width on the screen.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from digitpad.core.errors import DigitpadError
from digitpad.core.ink import mnist_geometry
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.ink.rasterize import draw_polylines

# Mean stroke width of MNIST's digits, px in the 28x28 image (5th percentile 1.7, 95th 4.4).
PEN = 2.7
# Points are rounded to a grid of 1/256 px, so that the last bits of a float cannot change a pixel.
_GRID = 256.0
# The square of a larger coordinate would overflow.
LIMIT = 1e12
# A coordinate nearer to 0 becomes 0: the inverse of a drawing's size would overflow.
_MIN_COORDINATE = 1e-100
# A digit may be written smaller than the pen is wide; a hand that only taps moves less than this many pen widths.
DOT_PENS = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """All strokes of one drawing.

    Attributes
    ----------
    strokes
        One (n, 2) float64 array per stroke, n >= 1; x to the right, y down, any unit.
    pen_width
        Width of the line on the screen, in the same unit; 0 if unknown. A drawing no larger than `DOT_PENS` of
        this is a dot and is not enlarged.

    """

    strokes: tuple[np.ndarray, ...] = ()
    pen_width: float = 0.0

    @classmethod
    def of(cls, strokes: Iterable[ArrayLike], pen_width: float = 0.0) -> "Ink":
        """Validate and copy strokes; strokes without points are dropped.

        Raise DigitpadError if a stroke is not a list of finite [x, y] pairs.
        """
        return cls(tuple(s for s in map(_stroke, strokes) if len(s)), float(pen_width))

    def __bool__(self) -> bool:
        return bool(self.strokes)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the points, without the pen's width. There must be a stroke."""
        points = np.concatenate(self.strokes)
        left, top = points.min(axis=0)
        right, bottom = points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def _stroke(points: ArrayLike) -> np.ndarray:
    try:
        array = np.array(points, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise DigitpadError("a stroke must be a list of [x, y] pairs of numbers") from error
    if array.size == 0:
        return np.empty((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise DigitpadError("a stroke must be a list of [x, y] pairs of numbers")
    sizes = np.abs(array)
    if not sizes.max() <= LIMIT:  # nor if one is not a number
        raise DigitpadError("a stroke's coordinates must be finite and within ±{limit:g}", limit=LIMIT)
    array[sizes < _MIN_COORDINATE] = 0.0
    array.setflags(write=False)
    return array


def digit_image(ink: Ink, pen: float = PEN) -> DigitImage:
    """Draw ink in MNIST's geometry with a pen of this width, px; the models expect MNIST's.

    Returns
    -------
    DigitImage
        The longer side is 20 px, pen included; the shape keeps its proportions; the pen's width does not depend on
        the size of the drawing; the centre of mass is at index 14 within half a pixel; the brightest pixel is 1. A
        dot has the pen's width. Without ink the image is blank.

    """
    if not ink:
        return mnist_geometry.blank()
    left, top, right, bottom = ink.bounds
    width, height = right - left, bottom - top
    longer = max(width, height)
    scale = (mnist_geometry.BOX - pen) / longer if longer > DOT_PENS * ink.pen_width else 0.0
    x, y = mnist_geometry.box_offset(width * scale + pen, height * scale + pen)
    offset = (x + pen / 2, y + pen / 2)
    placed = [_on_grid((stroke - (left, top)) * scale + offset) for stroke in ink.strokes]
    return mnist_geometry.finish(draw_polylines(placed, pen, mnist_geometry.SIZE), (left, top, right, bottom))


def _on_grid(points: np.ndarray) -> np.ndarray:
    return np.round(points * _GRID) / _GRID
