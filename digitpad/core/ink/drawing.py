"""What is on the pad: strokes, over a picture if one was opened; never changed, only replaced."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.ink import ink_mask, mnist_geometry
from digitpad.core.ink import strokes as ink_module
from digitpad.core.ink.ink_files import InkSample, is_ink_file, read_ink, write_ink
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.ink.rasterize import draw_polylines
from digitpad.core.ink.strokes import Ink

Point = tuple[float, float]


def cut_stroke(stroke: np.ndarray, start: Point, end: Point, radius: float) -> list[np.ndarray]:
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


def erase_picture(picture: np.ndarray, start: Point, end: Point, radius: float) -> np.ndarray | None:
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


# The pad is this many units wide and high, however large it is on the screen.
PAD = 280
# Width of the line on the pad. What the model sees does not depend on it.
PEN_WIDTH = 16.0
# The same where a number is written, so that digits side by side stay apart.
NUMBER_PEN_WIDTH = 7.0
# The tangent of the bend from which on a point is a corner.
_CORNER = 3**0.5
# An opened picture's or file's digit is this large on the pad.
_PLACED = 200.0


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What was drawn, over what was opened.

    Attributes
    ----------
    ink
        The strokes, in pad units.
    picture
        (PAD, PAD) uint8, 255 ink; None where no picture was opened.
    digit
        (28, 28) float32 in [0, 1]: what the picture shows, where it was a digit image and nothing is rubbed out.

    """

    ink: Ink = Ink(pen_width=PEN_WIDTH)
    picture: np.ndarray | None = None
    digit: np.ndarray | None = None

    def __bool__(self) -> bool:
        return bool(self.ink) or self.picture is not None

    def with_stroke(self, points: np.ndarray) -> "Drawing":
        """Return the drawing with one more stroke of the pointer, (n, 2) in pad units, steadied."""
        return replace(self, ink=Ink((*self.ink.strokes, *Ink.of([_smooth(points)]).strokes), PEN_WIDTH))


def _smooth(points: np.ndarray) -> np.ndarray:
    """Take out the tremble that whole screen pixels put into a stroke; its ends and corners stay.

    Each point becomes the (1, 2, 1)/4 mean with its neighbours, where the line bends by less than 60 degrees.
    """
    if len(points) < 3:
        return points
    before, after = points[1:-1] - points[:-2], points[2:] - points[1:-1]
    ahead = (before * after).sum(axis=1)
    aside = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
    gentle = aside < _CORNER * ahead
    steady = points.copy()
    steady[1:-1][gentle] += ((after - before) / 4)[gentle]
    return steady


EMPTY = Drawing()


def digit_image(drawing: Drawing) -> DigitImage:
    """Put a drawing into MNIST's geometry; strokes alone stay vectors, over a picture they are drawn into it.

    A digit image that nothing is drawn over is in it already, and keeps its pixels.
    """
    if drawing.digit is not None and not drawing.ink:
        return mnist_geometry.from_pixels(drawing.digit, PAD / mnist_geometry.SIZE)
    if drawing.picture is None:
        return ink_module.digit_image(drawing.ink)
    return ink_mask.digit_image(ink_map(drawing))


def ink_map(drawing: Drawing, width: float = PEN_WIDTH) -> np.ndarray:
    """Return all ink on the pad as (PAD, PAD) float32 in [0, 1], strokes as wide as said, in pad units."""
    strokes = drawing.ink.strokes
    drawn = draw_polylines(strokes, width, PAD) if strokes else np.zeros((PAD, PAD), np.float32)
    return drawn if drawing.picture is None else np.maximum(drawn, drawing.picture.astype(np.float32) / 255)


def drawing_of_pixels(rgba: np.ndarray) -> Drawing:
    """Place the digit of a picture that came as (height, width, 4) uint8, as the clipboard's do."""
    from PIL import Image

    from digitpad.core.ink import image_files

    return centre_picture(image_files.ink_of_picture(Image.fromarray(rgba)))


def open_drawing(path: Path) -> Drawing:
    """Open a picture, or the first drawing of an ink file, and place its digit in the middle of the pad.

    Raises
    ------
    DigitpadError
        Where the file is neither, or nothing is drawn in it.

    """
    from digitpad.core.ink import image_files

    if is_ink_file(path):
        sample = next(iter(read_ink(path)), None)
        if sample is None or not sample.ink:
            raise DigitpadError("{path} holds no drawing: choose another ink file", path=path)
        return Drawing(ink=centre_ink(sample.ink))
    return centre_picture(image_files.read_picture(path), str(path))


def centre_ink(ink: Ink) -> Ink:
    """Scale ink of any unit to the middle of the pad; ink that this pad saved stays where it was."""
    left, top, right, bottom = ink.bounds
    if ink.pen_width == PEN_WIDTH and min(left, top) >= 0 and max(right, bottom) <= PAD:
        return ink
    longer = max(right - left, bottom - top)
    scale = (_PLACED - PEN_WIDTH) / longer if longer > ink.pen_width else 0.0
    middle = np.array([left + right, top + bottom]) / 2
    return Ink.of([(stroke - middle) * scale + PAD / 2 for stroke in ink.strokes], PEN_WIDTH)


def centre_picture(found: np.ndarray, name: str = "the picture") -> Drawing:
    """Place the ink found in a picture, (height, width) float in [0, 1], in the middle of the pad."""
    from PIL import Image

    bounds = ink_mask.digit_image(found).bounds
    if bounds is None:
        raise _blank(name)
    left, top, right, bottom = (int(edge) for edge in bounds)
    margin = 2  # the soft edge
    box = max(left - margin, 0), max(top - margin, 0), right + margin, bottom + margin
    crop = Image.fromarray(np.round(found * 255).astype(np.uint8)[box[1] : box[3], box[0] : box[2]])
    scale = _PLACED / max(right - left, bottom - top)
    size = max(1, round(crop.width * scale)), max(1, round(crop.height * scale))
    pad = Image.new("L", (PAD, PAD))
    pad.paste(crop.resize(size, Image.Resampling.BICUBIC), ((PAD - size[0]) // 2, (PAD - size[1]) // 2))
    return Drawing(picture=np.asarray(pad))


def enlarge_digit_image(pixels: np.ndarray, name: str = "the picture") -> Drawing:
    """Lay a digit image, (28, 28) float in [0, 1], over the whole pad, for `digit_image` to give the same again.

    Raises
    ------
    DigitpadError
        Where there is no ink at all.

    """
    from PIL import Image

    grey = np.round(pixels * 255).astype(np.uint8)
    if not grey.any():
        raise _blank(name)
    # Its pixels stay crisp: they are what the model sees, and a stroke over them changes the rest least.
    picture = np.asarray(Image.fromarray(grey).resize((PAD, PAD), Image.Resampling.NEAREST))
    return Drawing(picture=picture, digit=(grey / 255).astype(np.float32))


def _blank(name: str) -> DigitpadError:
    return DigitpadError(
        "{name} shows nothing that stands out from its paper: choose one with a digit on it", name=name
    )


def save_ink(path: Path, drawing: Drawing) -> None:
    """Save the strokes as an ink file of one line."""
    if drawing.picture is not None:
        raise DigitpadError("the drawing holds a picture, which an ink file cannot: save it as PNG")
    write_ink(path, [InkSample(id="drawing", ink=drawing.ink)])


def erase(drawing: Drawing, start: tuple[float, float], end: tuple[float, float], radius: float) -> Drawing:
    """Rub out the ink within `radius` of the way from `start` to `end`; strokes that are cut become several.

    Returns the same object where nothing was touched.
    """
    strokes = drawing.ink.strokes
    # A line is as wide as the pen: it is touched before its middle is.
    pieces = tuple(part for stroke in strokes for part in cut_stroke(stroke, start, end, radius + PEN_WIDTH / 2))
    ink = drawing.ink
    if len(pieces) != len(strokes) or any(a is not b for a, b in zip(pieces, strokes, strict=True)):
        ink = Ink(pieces, PEN_WIDTH)
    picture = drawing.picture if drawing.picture is None else erase_picture(drawing.picture, start, end, radius)
    if ink is drawing.ink and picture is drawing.picture:
        return drawing
    return Drawing(ink=ink, picture=picture, digit=drawing.digit if picture is drawing.picture else None)
