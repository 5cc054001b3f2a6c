"""Pens: how strokes are drawn, and what a line looks like on a surface."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from photos.surfaces import cloud, luma, with_luma
from photos.writing import Rng

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Pen:
    """What a pen's line looks like: each range is drawn once a picture.

    Attributes
    ----------
    colours
        RGB in [0, 1].
    widths
        Per height of a digit.
    opacity
        Of a full stroke.
    unevenness
        See `draw_strokes`.
    texture
        How much the paper's grain shows in the line.
    covers
        Whether the ink covers the paper; otherwise it is seen through, as a highlighter's.

    """

    colours: tuple[Colour, ...]
    widths: tuple[float, float]
    opacity: tuple[float, float] = (0.85, 1.0)
    unevenness: tuple[float, float] = (0.0, 0.0)
    texture: float = 0.1
    covers: bool = True


_INKS = ((0.12, 0.18, 0.55), (0.1, 0.1, 0.13), (0.72, 0.12, 0.15), (0.1, 0.42, 0.22))
BRIGHT = (*_INKS, (0.9, 0.45, 0.05), (0.5, 0.15, 0.6), (0.05, 0.5, 0.65), (0.4, 0.25, 0.12), (0.85, 0.2, 0.55))
_HIGHLIGHTS = ((1.0, 0.95, 0.15), (0.45, 1.0, 0.4), (1.0, 0.5, 0.75), (1.0, 0.7, 0.2), (0.4, 0.85, 1.0))
PENS = {
    "ballpoint": Pen(_INKS, (0.025, 0.055), unevenness=(0.0, 0.35), texture=0.15),
    "pencil": Pen(((0.25, 0.25, 0.27),), (0.025, 0.07), opacity=(0.5, 0.85), unevenness=(0.0, 0.4), texture=0.35),
    "felt tip": Pen(BRIGHT, (0.07, 0.15)),
    "fountain pen": Pen(_INKS[:2], (0.035, 0.08), unevenness=(0.3, 0.6), texture=0.05),
    "highlighter": Pen(_HIGHLIGHTS, (0.12, 0.22), opacity=(0.8, 1.0), texture=0.05, covers=False),
    "faint pencil": Pen(((0.35, 0.35, 0.37),), (0.02, 0.035), opacity=(0.3, 0.5), unevenness=(0.0, 0.3), texture=0.3),
    "uneven pen": Pen(_INKS, (0.03, 0.09), unevenness=(0.5, 0.8), texture=0.2),
    "chalk": Pen(((0.95, 0.95, 0.92), (0.95, 0.88, 0.5), (0.95, 0.7, 0.75)), (0.05, 0.11), (0.6, 0.95), texture=0.45),
    "board marker": Pen(_INKS, (0.05, 0.12), (0.75, 1.0), (0.0, 0.3), texture=0.12),
}
USUAL = ("ballpoint", "ballpoint", "pencil", "felt tip", "fountain pen")


def draw_strokes(
    strokes: Sequence[np.ndarray],
    pen: float,
    size: tuple[int, int],
    rng: np.random.Generator,
    *,
    unevenness: float = 0.0,
    hard: bool = False,
) -> np.ndarray:
    """Draw strokes with a round pen.

    Parameters
    ----------
    strokes
        (n, 2) float each, px.
    pen
        The pen's diameter, px.
    size
        Width and height of the picture, px.
    rng
        Random generator.
    unevenness
        By how much the pressure varies along a stroke, in [0, 1]: its strength by this share, its width by half of it.
    hard
        Whether pixels are ink or not, without a soft edge.

    Returns
    -------
    np.ndarray
        (height, width) float32 in [0, 1]: how much of each pixel is covered, times the strength.

    """
    finer = 1 if hard or max(size) > 2000 else int(np.clip(1600 // max(size), 2, 8))
    sheet = Image.new("L", (size[0] * finer, size[1] * finer))
    brush = ImageDraw.Draw(sheet)
    for stroke in strokes:
        points = stroke * finer
        if unevenness and len(points) > 1:
            _draw_unevenly(brush, points, pen * finer, unevenness, rng)
        else:
            brush.line([*map(tuple, points.tolist())], 255, max(1, round(pen * finer)))
            for point in points:
                _dot(brush, point, pen * finer, 255)
    small = sheet if finer == 1 else sheet.reduce(finer)
    return np.asarray(small, np.float32) / 255


def _draw_unevenly(
    brush: ImageDraw.ImageDraw, points: np.ndarray, pen: float, unevenness: float, rng: np.random.Generator
) -> None:
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), 1e-6)
    knots = rng.random(int(rng.integers(3, 8)))
    pressure = 1 - unevenness * np.interp(along, np.linspace(0, 1, len(knots)), knots)
    for start, end, press in zip(points[:-1], points[1:], pressure[1:], strict=True):
        width, value = pen * (1 + press) / 2, round(255 * press)
        brush.line([*start.tolist(), *end.tolist()], value, max(1, round(width)))
        _dot(brush, end, width, value)
    _dot(brush, points[0], pen * (1 + pressure[0]) / 2, round(255 * pressure[0]))


def _dot(brush: ImageDraw.ImageDraw, middle: np.ndarray, width: float, value: int) -> None:
    if width >= 2:
        x, y, radius = *middle.tolist(), round(width) / 2 - 0.5
        brush.ellipse([x - radius, y - radius, x + radius, y + radius], value)


def apply_ink(picture: np.ndarray, ink: np.ndarray, pen: Pen, colour: np.ndarray, rng: Rng) -> None:
    """Lay ink, (height, width) in [0, 1], on a picture."""
    size = picture.shape[1], picture.shape[0]
    grain = 1 - pen.texture * np.clip(0.5 + cloud(size, max(size) / rng.uniform(1.5, 3), rng), 0, 1.8)
    share = (ink * np.clip(grain, 0, 1) * rng.uniform(*pen.opacity))[..., None]
    if pen.covers:
        picture += share * (colour - picture)
    else:
        picture *= 1 - share * (1 - colour)


def equal_brightness(picture: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Return the paper in a strong colour, and an ink of another hue with about its brightness."""
    pairs = (
        ((0.35, 0.75, 0.35), (0.85, 0.15, 0.15)),
        ((0.5, 0.6, 0.75), (0.95, 0.5, 0.1)),
        ((0.3, 0.6, 0.6), (0.85, 0.2, 0.65)),
        ((0.95, 0.75, 0.3), (0.2, 0.7, 0.95)),
        ((0.7, 0.55, 0.85), (0.35, 0.65, 0.2)),
        ((0.9, 0.55, 0.55), (0.15, 0.6, 0.75)),
    )
    pair = pairs[rng.integers(len(pairs))]
    ground, ink = (np.array(colour, np.float32) for colour in (pair if rng.random() < 0.6 else pair[::-1]))
    tinted = picture * ground
    brightness = luma(tinted.mean(axis=(0, 1)))
    return tinted, with_luma(ink, brightness * rng.uniform(0.95, 1.05))
