"""MNIST's geometry: the 20-px box, the centre of mass, and the position of a shape in the 28x28 image.

Sources: LeCun, Cortes and Burges' description of MNIST, and QMNIST's reconstruction of the procedure
(github.com/facebookresearch/qmnist), checked on all 60,000 training images: the longer side is 20 px, and the
centre of mass is moved to index 14 by whole pixels.
"""

from dataclasses import dataclass

import numpy as np

SIZE = 28
BOX = 20
MARGIN = (SIZE - BOX) // 2
CENTRE = 14

# A symmetric drawing has its centre of mass exactly between two pixels. This offset breaks the tie, so that
# noise in the last bit of a coordinate cannot move the digit.
_TIE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class DigitImage:
    """A drawing as the models see it, with the last step before it.

    Attributes
    ----------
    pixels
        (28, 28) float32 in [0, 1], white on black, multiples of 1/255 as in MNIST's files.
    boxed
        The same before the centre of mass was moved: the ink fills the 20-px box in the middle.
    shift
        Whole pixels (right, down) from ``boxed`` to ``pixels``.
    bounds
        Left, top, right, bottom of the ink in the drawing's units; None if there is no ink.

    """

    pixels: np.ndarray
    boxed: np.ndarray
    shift: tuple[int, int] = (0, 0)
    bounds: tuple[float, float, float, float] | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is no ink at all."""
        return self.bounds is None


def blank() -> DigitImage:
    """Return the image of an empty drawing: all zeros."""
    zeros = np.zeros((SIZE, SIZE), np.float32)
    return DigitImage(pixels=zeros, boxed=zeros)


def box_offset(width: float, height: float) -> tuple[float, float]:
    """Return the left and top edge, in image px, of ink of ``width`` x ``height`` px inside the box.

    The edges are whole pixels, so that an image already in MNIST's geometry is not changed.
    """
    return MARGIN + np.floor((BOX - width) / 2 + _TIE), MARGIN + np.floor((BOX - height) / 2 + _TIE)


def centre_of_mass(image: np.ndarray) -> tuple[float, float]:
    """Return the (x, y) pixel indices of the centre of mass of a 2-D image with some ink."""
    total = float(image.sum())
    columns = np.arange(image.shape[1], dtype=np.float64)
    rows = np.arange(image.shape[0], dtype=np.float64)
    return float(image.sum(axis=0) @ columns) / total, float(image.sum(axis=1) @ rows) / total


def finish(boxed: np.ndarray, bounds: tuple[float, float, float, float]) -> DigitImage:
    """Stretch boxed ink to [0, 1] and move its centre of mass to index 14.

    Parameters
    ----------
    boxed
        (28, 28) non-negative, ink in the 20-px box, brightest pixel above 0.
    bounds
        The ink's bounds in the drawing, for the result.

    Notes
    -----
    The shift is ``round(14 - index)``, limited so that no ink leaves the image. The limit matters only for shapes
    unlike any digit, such as a blot with a long thin tail.

    """
    stretched = (np.round(boxed * (255.0 / boxed.max())) / 255.0).astype(np.float32)
    x, y = centre_of_mass(stretched)
    dx = _whole_shift(x, stretched.any(axis=0))
    dy = _whole_shift(y, stretched.any(axis=1))
    return DigitImage(pixels=_moved(stretched, dx, dy), boxed=stretched, shift=(dx, dy), bounds=bounds)


def from_pixels(pixels: np.ndarray, unit: float) -> DigitImage:
    """Make a digit image of exactly these pixels, wherever the ink is.

    Parameters
    ----------
    pixels
        (28, 28) float32 in [0, 1], multiples of 1/255.
    unit
        Width of a pixel in the drawing that shows the image; ``bounds`` are in the drawing's units.

    Returns
    -------
    DigitImage
        The same pixels, with the matching ``boxed`` and ``shift``.

    """
    if not pixels.any():
        return blank()
    columns, rows = np.flatnonzero(pixels.any(axis=0)), np.flatnonzero(pixels.any(axis=1))
    left, right, top, bottom = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    x, y = box_offset(right - left, bottom - top)
    dx, dy = left - int(x), top - int(y)
    bounds = left * unit, top * unit, right * unit, bottom * unit
    return DigitImage(pixels=pixels, boxed=_moved(pixels, -dx, -dy), shift=(dx, dy), bounds=bounds)


def _whole_shift(centre: float, occupied: np.ndarray) -> int:
    used = np.flatnonzero(occupied)
    shift = int(np.floor(CENTRE - centre + 0.5 - _TIE))
    return min(max(shift, -int(used[0])), SIZE - 1 - int(used[-1]))


def _moved(image: np.ndarray, dx: int, dy: int) -> np.ndarray:
    # Callers ensure that only empty pixels leave the image.
    moved = np.zeros_like(image)
    moved[_target(dy), _target(dx)] = image[_target(-dy), _target(-dx)]
    return moved


def _target(shift: int) -> slice:
    """Return where an axis's pixels are after a shift, of those that stay in the image."""
    return slice(max(shift, 0), SIZE + min(shift, 0))
