"""Distort a drawing on purpose, to see what normalisation undoes and what it does not.

The ink is distorted before it is normalised, the 28x28 pixels after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType

import numpy as np

from digitpad.core.ink import drawing as drawing_module
from digitpad.core.ink import ink_mask
from digitpad.core.ink.drawing import PAD, PEN_WIDTH, Drawing, ink_map
from digitpad.core.ink.mnist_geometry import SIZE, DigitImage
from digitpad.core.ink.rasterize import draw_polylines
from digitpad.core.ink.strokes import Ink

# Pad units of a pixel when the pad is merely shrunk.
PIXEL = PAD // SIZE
# Ink that is to be cropped is drawn on a sheet of this size, pad units, so that no turned or enlarged ink is cut off.
_SHEET = 2 * PAD


class Normalisation(StrEnum):
    """How the drawing becomes 28x28 pixels: with all steps, or with fewer and fewer of them."""

    ALL = "all"  # as on the pad, see `drawing.digit_image`
    BOXED = "boxed"  # the ink fills the 20-px box in the middle; the centre of mass is not moved
    CROPPED = "cropped"  # cropped to the ink, which fills all 28 px; as wide as it was drawn
    SHRUNK = "shrunk"  # the whole pad, as it was drawn


@dataclass(frozen=True, slots=True)
class Distortion:
    """What is done to a drawing and its pixels; the defaults do nothing.

    Attributes
    ----------
    rotation
        Of the ink around the middle of the pad, degrees clockwise.
    shift_x, shift_y
        Of the ink to the right and down, px of the pad merely shrunk to 28x28.
    scale
        Of the ink around the middle of the pad. Strokes keep their width, a picture is enlarged with all it shows.
    pen
        Width of the strokes, as a multiple.
    normalisation
        How the ink becomes pixels.
    off_centre, off_centre_y
        Shift of the 28x28 pixels to the right and down, whole px; what leaves the image is cut off.
    blur
        Standard deviation of a Gaussian, px.
    contrast
        Distances of the pixels from mid-grey, 0.5, as a multiple; values are clipped to [0, 1].
    inverted
        Whether ink is 0 and paper 1.
    noise
        Standard deviation of Gaussian noise, always the same pattern; values are clipped to [0, 1].

    """

    rotation: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    scale: float = 1.0
    pen: float = 1.0
    normalisation: Normalisation = Normalisation.ALL
    off_centre: int = 0
    off_centre_y: int = 0
    blur: float = 0.0
    contrast: float = 1.0
    inverted: bool = False
    noise: float = 0.0

    def with_value(self, name: str, value: float) -> "Distortion":
        """Return a copy with another amount of one of `SPANS`."""
        return replace(self, **{name: type(getattr(self, name))(value)})

    @property
    def moves_ink(self) -> bool:
        """Whether strokes or the picture are elsewhere than on the pad."""
        return (self.rotation, self.shift_x, self.shift_y, self.scale) != (0, 0, 0, 1)


NEUTRAL = Distortion()


@dataclass(frozen=True, slots=True)
class Span:
    """The amounts of a distortion from `low` to `high`, and the smallest step between them."""

    low: float
    high: float
    step: float

    @property
    def steps(self) -> int:
        """The number of steps."""
        return round((self.high - self.low) / self.step)

    def value(self, steps: float) -> float:
        """Return the amount that is so many steps above `low`, without the noise of a float's last bits."""
        return round(self.low + self.step * steps, 6)

    def values(self, most: int) -> tuple[float, ...]:
        """Return at most `most` (odd) amounts over the whole span, evenly spaced; both ends and the middle included."""
        places = np.unique(np.round(np.linspace(0, self.steps, min(most, self.steps + 1))))
        return tuple(map(self.value, places.tolist()))


# Of the ink and of the pixels, each in the order in which they act.
INK_SPANS: Mapping[str, Span] = MappingProxyType(
    {
        "rotation": Span(-90, 90, 1),
        "shift_x": Span(-8, 8, 0.5),
        "shift_y": Span(-8, 8, 0.5),
        "scale": Span(0.4, 1.4, 0.01),
        "pen": Span(0.25, 2.5, 0.05),
    }
)
PIXEL_SPANS: Mapping[str, Span] = MappingProxyType(
    {
        "off_centre": Span(-8, 8, 1),
        "off_centre_y": Span(-8, 8, 1),
        "blur": Span(0, 3, 0.1),
        "contrast": Span(0, 2, 0.02),
        "inverted": Span(0, 1, 1),
        "noise": Span(0, 1, 0.02),
    }
)
SPANS: Mapping[str, Span] = MappingProxyType({**INK_SPANS, **PIXEL_SPANS})


def distorted_drawing(drawing: Drawing, distortion: Distortion) -> Drawing:
    """Rotate, scale and shift a drawing; return the same object if it stays where it is.

    Strokes may leave the pad; of a picture only what is on the pad is kept.
    """
    if not distortion.moves_ink:
        return drawing
    strokes = _moved_strokes(drawing, distortion)
    picture = None if drawing.picture is None else _moved_picture(drawing.picture, distortion, PAD)
    return Drawing(ink=Ink.of(strokes, PEN_WIDTH), picture=picture)


def normalised_pixels(drawing: Drawing, distortion: Distortion, pen_width: float = PEN_WIDTH) -> np.ndarray:
    """Distort the ink and make digit-image pixels of it.

    Parameters
    ----------
    drawing
        With some ink.
    distortion
        Its amounts for the ink, and its normalisation. Cropping takes the ink wherever it was shifted to.
    pen_width
        Width of the line on the pad, in pad units. It matters for `CROPPED` and `SHRUNK`.

    Returns
    -------
    np.ndarray
        (28, 28) float32 in [0, 1], multiples of 1/255. For a neutral distortion exactly `drawing.digit_image`'s.

    """
    if distortion.normalisation is Normalisation.SHRUNK:
        pad = ink_map(distorted_drawing(drawing, distortion), pen_width * distortion.pen)
        return _in_steps(pad.reshape(SIZE, PIXEL, SIZE, PIXEL).mean(axis=(1, 3)))
    if distortion.normalisation is Normalisation.CROPPED:
        return _in_steps(ink_mask.cropped(_all_ink(drawing, distortion, pen_width * distortion.pen)))
    image = _digit_image(drawing, distortion)
    return image.pixels if distortion.normalisation is Normalisation.ALL else image.boxed


def distorted_pixels(pixels: np.ndarray, distortion: Distortion) -> np.ndarray:
    """Distort digit-image pixels, (28, 28) float32 in [0, 1]: off-centre, blur, contrast, inverted, noise."""
    if distortion.off_centre or distortion.off_centre_y:
        pixels = _shifted(pixels, distortion.off_centre, distortion.off_centre_y)
    if distortion.blur:
        from scipy import ndimage

        pixels = np.asarray(ndimage.gaussian_filter(pixels, distortion.blur, mode="constant"))
    if distortion.contrast != 1:
        pixels = np.clip(0.5 + distortion.contrast * (pixels - 0.5), 0, 1)
    if distortion.inverted:
        pixels = 1 - pixels
    if distortion.noise:
        pixels = np.clip(pixels + distortion.noise * _noise(), 0, 1)
    return pixels.astype(np.float32, copy=False)


def model_pixels(drawing: Drawing, distortion: Distortion, pen_width: float = PEN_WIDTH) -> np.ndarray:
    """Return what the models get of a distorted drawing, (28, 28) float32 in [0, 1]; see `normalised_pixels`."""
    return distorted_pixels(normalised_pixels(drawing, distortion, pen_width), distortion)


def _digit_image(drawing: Drawing, distortion: Distortion) -> DigitImage:
    if drawing.picture is None:
        return drawing_module.digit_image(distorted_drawing(drawing, distortion))
    if (distortion.rotation, distortion.scale, distortion.pen) == (0, 1, 1):
        return drawing_module.digit_image(drawing)
    return ink_mask.digit_image(_all_ink(drawing, distortion, PEN_WIDTH * distortion.pen))


def _all_ink(drawing: Drawing, distortion: Distortion, pen_width: float) -> np.ndarray:
    """Return the rotated and scaled ink, (_SHEET, _SHEET) float32 in [0, 1], not shifted: it is to be cropped."""
    still = replace(distortion, shift_x=0.0, shift_y=0.0)
    strokes = [stroke + (_SHEET - PAD) / 2 for stroke in _moved_strokes(drawing, still)]
    drawn = draw_polylines(strokes, pen_width, _SHEET) if strokes else np.zeros((_SHEET, _SHEET), np.float32)
    if drawing.picture is None:
        return drawn
    return np.maximum(drawn, _moved_picture(drawing.picture, still, _SHEET).astype(np.float32) / 255)


def _matrix(distortion: Distortion) -> np.ndarray:
    """Return the (2, 2) matrix that rotates and scales; y is down, so that a positive angle turns clockwise."""
    # In quarters of a turn, so that right angles are exact.
    quarters, rest = divmod(round(distortion.rotation, 9), 90)
    cos, sin = np.cos(np.deg2rad(rest)), np.sin(np.deg2rad(rest))
    quarter = np.linalg.matrix_power(np.array([[0, -1], [1, 0]]), int(quarters) % 4)
    return distortion.scale * quarter @ np.array([[cos, -sin], [sin, cos]])


def _moved_strokes(drawing: Drawing, distortion: Distortion) -> list[np.ndarray]:
    matrix, middle = _matrix(distortion), np.array([PAD, PAD]) / 2
    target = middle + PIXEL * np.array([distortion.shift_x, distortion.shift_y])
    return [(stroke - middle) @ matrix.T + target for stroke in drawing.ink.strokes]


def _moved_picture(picture: np.ndarray, distortion: Distortion, side: int) -> np.ndarray:
    """Return a picture of the pad, rotated, scaled and shifted, in the middle of a square sheet of `side` pad units."""
    from PIL import Image

    back = np.linalg.inv(_matrix(distortion))
    shift = PIXEL * np.array([distortion.shift_x, distortion.shift_y])
    # Pillow asks where in the picture each pixel of the sheet comes from.
    start = np.array([PAD, PAD]) / 2 - back @ (np.array([side, side]) / 2 + shift)
    data = *back[0], start[0], *back[1], start[1]
    image = Image.fromarray(picture)
    return np.asarray(image.transform((side, side), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR))


def _shifted(pixels: np.ndarray, right: int, down: int) -> np.ndarray:
    shifted = np.zeros_like(pixels)
    (rows, to_rows), (columns, to_columns) = (
        (slice(max(-by, 0), SIZE - max(by, 0)), slice(max(by, 0), SIZE - max(-by, 0))) for by in (down, right)
    )
    shifted[to_rows, to_columns] = pixels[rows, columns]
    return shifted


@cache
def _noise() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((SIZE, SIZE))


def _in_steps(pixels: np.ndarray) -> np.ndarray:
    return (np.round(pixels * 255) / 255).astype(np.float32)
