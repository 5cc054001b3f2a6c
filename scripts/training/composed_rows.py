"""Rows of digits, composed from one writer's single digits like written numbers, to measure and fit segmentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from digitpad.core.ink.ink_files import InkSample
from digitpad.core.ink.rasterize import draw_polylines
from digitpad.core.ink.strokes import Ink
from digitpad.core.segmentation.pieces import resample

Condition = Literal["normal", "tight", "touching", "dot", "date"]
CONDITIONS: tuple[Condition, ...] = ("normal", "tight", "touching", "dot", "date")
# A digit's longer side is this many units before its size is varied.
HEIGHT = 100.0
_SIZES = (0.85, 1.15)
_WOBBLE = 0.06
_SLANT, _MAX_SLANT = 0.08, 0.2
# Gaps between bounding boxes, per height: most frequent, spread below and above it, smallest, largest.
_GAP, _BELOW, _ABOVE, _MIN_GAP, _MAX_GAP = 0.175, 0.1, 0.16, -0.1, 0.6
_TIGHT = (-0.1, 0.05)
_DATE = (1.1, 1.6)
# Pens and margins of rendered rows, per height; the longer side of their pictures, px.
_PENS = (0.05, 0.10)
_PICTURE = 600


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A composed number.

    Attributes
    ----------
    ink
        All strokes, digits from left to right, each in drawing order; y down.
    number
        The digits as text.
    owners
        For each stroke the index of its digit, from 0; -1 for noise.
    writer
        The writer of the digits.

    """

    ink: Ink
    number: str
    owners: tuple[int, ...]
    writer: str

    def digit(self, place: int) -> Ink:
        """Return the strokes of one digit."""
        return Ink(tuple(s for s, owner in zip(self.ink.strokes, self.owners, strict=True) if owner == place))


def compose(hand: Sequence[InkSample], length: int, condition: Condition, rng: np.random.Generator) -> Row:
    """Compose a number of `length` random digits of one writer.

    The gaps between bounding boxes are mostly 10 to 30 % of the digits' height, sometimes negative or more than
    half a height ("normal"); about none ("tight"); or so that half of the neighbours touch ("touching"). A "dot" has a
    speck of noise somewhere; a "date" has gaps of more than a height after every second digit.
    """
    chosen = [hand[index] for index in rng.integers(len(hand), size=length)]
    slant = float(np.clip(rng.normal(0, _SLANT), -_MAX_SLANT, _MAX_SLANT))
    strokes: list[np.ndarray] = []
    owners: list[int] = []
    right = 0.0
    before = np.empty((0, 2))
    for place, sample in enumerate(chosen):
        digit = _sized(sample.ink, slant, rng)
        points = np.concatenate([resample(stroke, HEIGHT / 50) for stroke in digit])
        left = right + _gap(condition, place, rng) * HEIGHT if place else 0.0
        if condition == "touching" and place and rng.random() < 0.5:
            left = _touching(before, points, left)
        offset = np.array([left, 0.0])
        digit = [stroke + offset for stroke in digit]
        before = points + offset
        strokes += digit
        owners += [place] * len(digit)
        right = max(float(before[:, 0].max()), right)
    if condition == "dot":
        strokes.append(_speck(right, rng))
        owners.append(-1)
    number = "".join(str(sample.digit) for sample in chosen)
    return Row(Ink.of(strokes), number, tuple(owners), chosen[0].writer)


def picture_of(row: Row, rng: np.random.Generator) -> Image.Image:
    """Draw a row in grey on lighter paper, with a pen of 5 to 10 % of the digits' height and some noise."""
    left, top, right, bottom = row.ink.bounds
    margin = HEIGHT / 3
    scale = _PICTURE / (max(right - left, bottom - top) + 2 * margin)
    placed = [(stroke - (left - margin, top - margin)) * scale for stroke in row.ink.strokes]
    drawn = draw_polylines(placed, max(1.0, rng.uniform(*_PENS) * HEIGHT * scale), _PICTURE)
    drawn = drawn[: int(np.ceil((bottom - top + 2 * margin) * scale))]
    paper, ink = rng.uniform(200, 250), rng.uniform(20, 90)
    grey = paper + (ink - paper) * drawn + rng.normal(0, 3, drawn.shape)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def _sized(ink: Ink, slant: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Scale and slant a digit, and move its box to the line y = 0, starting at x = 0."""
    left, top, right, bottom = ink.bounds
    scale = HEIGHT * rng.uniform(*_SIZES) / (max(right - left, bottom - top) or 1.0)
    placed = [(stroke - (left, bottom)) * scale for stroke in ink.strokes]
    slanted = [stroke - stroke[:, 1:] * (slant, 0) for stroke in placed]
    corner = min(float(stroke[:, 0].min()) for stroke in slanted), rng.normal(0, _WOBBLE / 2) * HEIGHT
    return [stroke - corner for stroke in slanted]


def _gap(condition: Condition, place: int, rng: np.random.Generator) -> float:
    if condition == "tight":
        return rng.uniform(*_TIGHT)
    if condition == "date" and place % 2 == 0:
        return rng.uniform(*_DATE)
    off = rng.normal()
    return float(np.clip(_GAP + off * (_ABOVE if off > 0 else _BELOW), _MIN_GAP, _MAX_GAP))


def _touching(before: np.ndarray, points: np.ndarray, otherwise: float) -> float:
    """Return the x offset at which points touch those before."""
    level = np.abs(before[:, None, 1] - points[None, :, 1]) < HEIGHT / 40
    if not level.any():
        return otherwise
    return float((before[:, None, 0] - points[None, :, 0])[level].max())


def _speck(right: float, rng: np.random.Generator) -> np.ndarray:
    place = np.array([rng.uniform(-0.2 * HEIGHT, right + 0.2 * HEIGHT), rng.uniform(-1.25, 0.2) * HEIGHT])
    return place + rng.uniform(-0.025, 0.025, (int(rng.integers(1, 5)), 2)) * HEIGHT
