"""Photos and scans of writing on paper and boards."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from photos import camera, light, surfaces, things
from photos.pens import PENS, USUAL, apply_ink, draw_strokes, equal_brightness
from photos.photo import Order, Photo, to_image
from photos.writing import Box, Content, Rng, Writing, in_one_box, page_size, placed, turned_inside, with_margin, write

# Where one writes on paper.
_INSIDE = (0.03, 0.04, 0.97, 0.96)
# Turns of a page by hand, degrees: standard deviation.
_TURN = 2.5
_ORIENTATION = 0x0112  # Exif


@dataclass(frozen=True, slots=True)
class Scene:
    """How a photo or scan is made; of each tuple of names one is chosen.

    Attributes
    ----------
    surface
        "scan", "paper", "grain", "coloured", "creased", "ruled", "squared", "box", "boxes", "blackboard" or
        "whiteboard".
    pens
        Keys of `PENS`.
    lights
        Keys of `photo_LIGHTS`.
    equal_brightness
        Whether pen and paper have colours that differ in hue alone.
    thing
        "", "dark thing", "sliver", "neighbours", "touching" (the border) or "back" (writing that shines through).
    tilt
        By how much the corners move when the page is photographed from an angle, as a share of the size.
    noise
        The camera's noise, as a share of white; None for a scanner.
    sizes
        Of the longer side, px.
    enlarged
        How many times the picture is enlarged: large ones from a phone are not sharper, and are made faster.
    quality
        Of the JPEG file.
    blur
        The camera's blur, as a share of the longer side.
    binarised
        Whether a program made the photo black and white.

    """

    surface: str = "paper"
    pens: tuple[str, ...] = USUAL
    lights: tuple[str, ...] = ("gradient",)
    equal_brightness: bool = False
    thing: str = ""
    tilt: float = 0.0
    noise: tuple[float, float] | None = (0.002, 0.012)
    sizes: tuple[int, int] = (400, 1400)
    enlarged: int = 1
    quality: tuple[int, int] = (60, 95)
    blur: tuple[float, float] = (0.0, 0.0012)
    binarised: bool = False


@dataclass(slots=True, eq=False)
class _Page:
    """A page while it is made: the picture and the ink on it, px."""

    picture: np.ndarray
    ink: np.ndarray
    writing: Writing
    bounds: Box  # of the ink


def photo_of(order: Order, scene: Scene) -> Photo:
    """Write on a surface and take a picture of it."""
    rng, page = order.rng, _written(order, scene)
    if scene.tilt:
        page.picture, page.ink = camera.tilt(page.picture, page.ink, page.bounds, scene.tilt, rng)
        page.bounds = _bounds_of(page.ink) or page.bounds
    if scene.lights:
        page.picture = light.lit(page.picture, str(rng.choice(scene.lights)), rng)
    if scene.thing == "dark thing":
        things.dark_thing(page.picture, page.bounds, rng)
    if scene.noise is not None:
        page.picture = camera.shot(page.picture, rng, noise=scene.noise, blur=scene.blur)
    if scene.thing == "sliver":
        things.sliver(page.picture, rng)
    if scene.enlarged > 1:
        size = tuple(side * scene.enlarged for side in page.ink.shape[::-1])
        page.ink = np.asarray(Image.fromarray(page.ink).resize(size, Image.Resampling.BILINEAR))
        image = to_image(page.picture).resize(size, Image.Resampling.BICUBIC)
    else:
        image = to_image(page.picture)
    if scene.binarised:
        return order.finish(camera.binarised(image, rng), page.ink, page.writing, ".png")
    if scene.noise is not None:
        return _jpeg(order, image, page, scene.quality)
    mode, suffix = str(rng.choice(["L", "RGB"])), str(rng.choice([".png", ".jpg", ".tif"]))
    return order.finish(image.convert(mode), page.ink, page.writing, suffix)


def _written(order: Order, scene: Scene) -> _Page:
    rng, touches = order.rng, scene.thing == "touching"
    pen, size = PENS[str(rng.choice(scene.pens))], page_size(scene.sizes, order.content, rng)
    width, unevenness = rng.uniform(*pen.widths), rng.uniform(*pen.unevenness)
    writing = write(order.content, order.hands, rng, boxes=scene.surface == "boxes")
    if scene.surface == "box":
        writing = in_one_box(writing, rng)
    filled = _filled(order.content, scene)
    writing = placed(writing, size, rng, pen=width, filled=filled, area=_INSIDE, touch=touches)
    if not writing.cells:
        writing = turned_inside(writing, size, rng.normal(0, _TURN), touch=touches)
    thick = max(1.2, width * writing.height)
    picture = _surface(scene.surface, size, writing, rng)
    ink = draw_strokes(writing.strokes, thick, size, rng, unevenness=unevenness)
    drawn = ink
    if scene.thing == "neighbours" and (others := things.neighbours(writing, size, thick, order.hands, rng)):
        drawn = np.maximum(ink, draw_strokes(others, thick, size, rng, unevenness=unevenness))
    if scene.thing == "back":
        things.back(picture, order.hands, thick, rng)
    if scene.equal_brightness:
        picture, colour = equal_brightness(picture, rng)
    else:
        colour = np.array(pen.colours[rng.integers(len(pen.colours))], np.float32)
    apply_ink(picture, drawn, pen, colour, rng)
    return _Page(picture, ink, writing, with_margin(writing.bounds, thick))


def _jpeg(order: Order, image: Image.Image, page: _Page, quality: tuple[int, int]) -> Photo:
    """Save as a camera does: sometimes the pixels lie on their side, and the Exif orientation says so."""
    exif = Image.Exif()
    if order.rng.random() < 0.1:
        image, exif[_ORIENTATION] = image.transpose(Image.Transpose.ROTATE_90), 6
    best = int(order.rng.integers(*quality))
    return order.finish(image, page.ink, page.writing, ".jpg", quality=best, exif=exif)


def _filled(content: Content, scene: Scene) -> tuple[float, float]:
    """Return how much of the width or height the writing fills."""
    if content == "digit":
        return (0.12, 0.6) if scene.thing in ("dark thing", "neighbours") else (0.15, 0.8)
    return (0.45, 0.75) if scene.thing in ("dark thing", "neighbours") else (0.5, 0.95)


def _surface(name: str, size: tuple[int, int], writing: Writing, rng: Rng) -> np.ndarray:
    if name == "blackboard":
        return surfaces.blackboard(size, rng)
    if name == "whiteboard":
        return surfaces.whiteboard(size, rng)
    if name == "scan":
        return surfaces.paper(size, rng, grain=0.004) ** 0.3
    picture = surfaces.paper(size, rng, grain=rng.uniform(0.015, 0.045) if name == "grain" else None)
    if name == "coloured":
        picture *= surfaces.note_colour(rng)
    elif name == "creased":
        picture = surfaces.creased(picture, rng)
    elif name == "ruled":
        surfaces.ruled(picture, writing, rng)
    elif name == "squared":
        surfaces.squared(picture, writing, rng)
    elif name in ("box", "boxes"):
        surfaces.boxes(picture, writing.cells, writing, rng)
    return picture


def _bounds_of(ink: np.ndarray) -> Box | None:
    columns, rows = np.flatnonzero((ink > 0.3).any(axis=0)), np.flatnonzero((ink > 0.3).any(axis=1))
    return (float(columns[0]), float(rows[0]), float(columns[-1]), float(rows[-1])) if rows.size else None
