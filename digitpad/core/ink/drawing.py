"""The drawing on the pad: strokes, possibly over an opened picture; immutable."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.ink import ink_mask, mnist_geometry
from digitpad.core.ink import strokes as ink_module
from digitpad.core.ink.ink_files import InkSample, write_ink
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.ink.rasterize import dot_and_cross, draw_polylines
from digitpad.core.ink.strokes import DOT_PENS, Ink

Point = tuple[float, float]

# Width and height of the pad in pad units, whatever its size on the screen.
PAD = 280
# Width of the line on the pad; the digit image does not depend on it.
PEN_WIDTH = 16.0
# The widths to choose from: thin, medium and thick, as multiples of PEN_WIDTH and NUMBER_PEN_WIDTH.
PEN_SCALES = (0.5, 1.0, 1.5)
# Width of the line in number mode, so that neighbouring digits stay apart.
NUMBER_PEN_WIDTH = 7.0
# A point where the line bends by an angle with at least this tangent, 60 degrees, is a corner.
_CORNER = 3**0.5
# Size, in pad units, of the digit of an opened picture or ink file.
_OPENED_SIZE = 200.0


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Strokes over an opened picture.

    Attributes
    ----------
    ink
        The strokes, in pad units.
    picture
        (PAD, PAD) uint8, 255 ink; None if no picture was opened.
    digit
        (28, 28) float32 in [0, 1]: the digit image that the picture shows, if it was one and nothing was erased.
    label
        The label of the sample of a data set that the picture shows, 0–9, as long as nothing is drawn or erased.

    """

    ink: Ink = Ink(pen_width=PEN_WIDTH)
    picture: np.ndarray | None = None
    digit: np.ndarray | None = None
    label: int | None = None

    def __bool__(self) -> bool:
        return bool(self.ink) or self.picture is not None

    def with_stroke(self, *parts: np.ndarray) -> "Drawing":
        """Return the drawing with one more stroke of the pointer, its parts on the pad (n, 2), pad units, smoothed."""
        if not parts:
            return self
        return replace(self, label=None, ink=Ink((*self.ink.strokes, *Ink.of(map(_smooth, parts)).strokes), PEN_WIDTH))


def _smooth(points: np.ndarray) -> np.ndarray:
    """Remove the jitter of whole screen pixels from a stroke; its ends and corners stay.

    Each point becomes the (1, 2, 1)/4 mean with its neighbours, where the line bends by less than 60 degrees.
    """
    if len(points) < 3:
        return points
    before, after = points[1:-1] - points[:-2], points[2:] - points[1:-1]
    dot, cross = dot_and_cross(before, after)
    is_gentle = np.abs(cross) < _CORNER * dot
    smooth = points.copy()
    np.add(smooth[1:-1], (after - before) / 4, out=smooth[1:-1], where=is_gentle[:, None])
    return smooth


EMPTY = Drawing()


def digit_image(drawing: Drawing) -> DigitImage:
    """Convert a drawing to MNIST's geometry: strokes alone as vectors, strokes over a picture as pixels.

    An opened digit image without strokes keeps its pixels.
    """
    if drawing.digit is not None and not drawing.ink:
        return mnist_geometry.from_pixels(drawing.digit, PAD / mnist_geometry.SIZE)
    if drawing.picture is None:
        return ink_module.digit_image(drawing.ink)
    return ink_mask.digit_image(ink_map(drawing))


def ink_map(drawing: Drawing, width: float = PEN_WIDTH) -> np.ndarray:
    """Return all ink on the pad as (PAD, PAD) float32 in [0, 1]; `width` of the strokes in pad units."""
    strokes = drawing.ink.strokes
    drawn = draw_polylines(strokes, width, PAD) if strokes else np.zeros((PAD, PAD), np.float32)
    return drawn if drawing.picture is None else np.maximum(drawn, drawing.picture.astype(np.float32) / 255)


def centre_ink(ink: Ink) -> Ink:
    """Scale ink of any unit and centre it on the pad; ink saved from this pad keeps its position."""
    left, top, right, bottom = ink.bounds
    if ink.pen_width == PEN_WIDTH and min(left, top) >= 0 and max(right, bottom) <= PAD:
        return ink
    longer = max(right - left, bottom - top)
    scale = (_OPENED_SIZE - PEN_WIDTH) / longer if longer > DOT_PENS * ink.pen_width else 0.0
    middle = np.array([left + right, top + bottom]) / 2
    return Ink.of([(stroke - middle) * scale + PAD / 2 for stroke in ink.strokes], PEN_WIDTH)


def centre_picture(ink: np.ndarray, name: str = "") -> Drawing:
    """Centre the ink of a picture, (height, width) float in [0, 1], on the pad; raises DigitpadError if it is blank."""
    from PIL import Image

    bounds = ink_mask.digit_image(ink).bounds
    if bounds is None:
        raise _blank_error(name)
    left, top, right, bottom = (int(edge) for edge in bounds)
    margin = 2  # the soft edge
    box = max(left - margin, 0), max(top - margin, 0), right + margin, bottom + margin
    crop = Image.fromarray(np.round(ink * 255).astype(np.uint8)[box[1] : box[3], box[0] : box[2]])
    scale = _OPENED_SIZE / max(right - left, bottom - top)
    size = max(1, round(crop.width * scale)), max(1, round(crop.height * scale))
    pad = Image.new("L", (PAD, PAD))
    pad.paste(crop.resize(size, Image.Resampling.BICUBIC), ((PAD - size[0]) // 2, (PAD - size[1]) // 2))
    return Drawing(picture=np.asarray(pad))


def enlarge_digit_image(pixels: np.ndarray, name: str = "") -> Drawing:
    """Enlarge a digit image, (28, 28) float in [0, 1], to the whole pad, so that `digit_image` returns it unchanged.

    Raise DigitpadError if it is blank.
    """
    from PIL import Image

    grey = np.round(pixels * 255).astype(np.uint8)
    if not grey.any():
        raise _blank_error(name)
    # Nearest neighbour: the model sees exactly these pixels, and a stroke over them changes the others least.
    picture = np.asarray(Image.fromarray(grey).resize((PAD, PAD), Image.Resampling.NEAREST))
    return Drawing(picture=picture, digit=(grey / 255).astype(np.float32))


def _blank_error(name: str) -> DigitpadError:
    if not name:
        return DigitpadError("the picture is blank: choose one that shows a digit")
    return DigitpadError("{name} is blank: choose a picture that shows a digit", name=name)


def save_ink(path: Path, drawing: Drawing) -> None:
    """Save the strokes as an ink file of one line; raises DigitpadError."""
    if drawing.picture is not None:
        raise DigitpadError("an ink file cannot hold the opened picture: save the drawing as PNG")
    write_ink(path, [InkSample(id="drawing", ink=drawing.ink)])


def erase(drawing: Drawing, start: Point, end: Point, radius: float, pen_width: float = PEN_WIDTH) -> Drawing:
    """Erase the ink within `radius` of the segment from `start` to `end`; a cut stroke becomes several.

    `pen_width` is the width of the strokes on the screen, pad units.

    Returns the same object if nothing was erased.
    """
    strokes = drawing.ink.strokes
    # A line is as wide as the pen: the eraser touches its edge before its middle.
    pieces = tuple(part for stroke in strokes for part in cut_stroke(stroke, start, end, radius + pen_width / 2))
    ink = drawing.ink
    if len(pieces) != len(strokes) or any(a is not b for a, b in zip(pieces, strokes, strict=True)):
        ink = Ink(pieces, PEN_WIDTH)
    picture = drawing.picture if drawing.picture is None else erase_picture(drawing.picture, start, end, radius)
    if ink is drawing.ink and picture is drawing.picture:
        return drawing
    return Drawing(ink=ink, picture=picture, digit=drawing.digit if picture is drawing.picture else None)


def cut_stroke(stroke: np.ndarray, start: Point, end: Point, radius: float) -> list[np.ndarray]:
    """Erase the segment from `start` to `end` from a stroke, (n, 2); return the remaining pieces.

    A stroke farther away than `radius` is returned unchanged, as the same object.
    """
    low, high = np.minimum(start, end) - radius, np.maximum(start, end) + radius
    if (stroke.max(axis=0) < low).any() or (stroke.min(axis=0) > high).any():
        return [stroke]
    points = _resample(stroke)
    hit = _distance(points, start, end) <= radius
    if not hit.any():
        return [stroke]
    edges = np.flatnonzero(np.diff(hit)) + 1
    parts = zip(np.split(points, edges), np.split(hit, edges), strict=True)
    return [part for part, was_hit in parts if not was_hit[0]]


def erase_picture(picture: np.ndarray, start: Point, end: Point, radius: float) -> np.ndarray | None:
    """Erase the segment from a square uint8 picture; return the same object if unchanged, None if nothing is left."""
    track = draw_polylines([np.array([start, end])], 2 * radius, len(picture))
    if not (picture.astype(bool) & (track > 0)).any():
        return picture
    rest = np.round(picture * (1 - track)).astype(np.uint8)
    return rest if rest.any() else None


def _resample(stroke: np.ndarray) -> np.ndarray:
    """Insert points where two are more than 2 units apart, so that a long straight stroke can be cut anywhere."""
    counts = np.ceil(np.hypot(*np.diff(stroke, axis=0).T) / 2).astype(int).clip(min=1)
    if counts.sum() == len(stroke) - 1:
        return stroke
    pieces = [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(stroke, stroke[1:], counts, strict=False)]
    return np.concatenate([*pieces, stroke[-1:]])


def _distance(points: np.ndarray, start: Point, end: Point) -> np.ndarray:
    direction = np.subtract(end, start)
    position = np.clip((points - start) @ direction / max(float(direction @ direction), 1e-12), 0, 1)
    return np.hypot(*(points - start - position[:, None] * direction).T)
