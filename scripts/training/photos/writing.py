"""The writing on a generated picture: real strokes placed on a page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from composed_rows import HEIGHT, compose

from digitpad.core.ink.ink_files import InkSample

Content = Literal["digit", "number", "lines", "signs"]
Hand = Sequence[InkSample]
Box = tuple[float, float, float, float]
Size = tuple[int, int]  # width, height, px
Rng = np.random.Generator
# Signs in a box of width and height 1 that stands on the line, y down.
_SIGNS = {
    "-": ([(0.0, -0.45), (0.4, -0.47)],),
    "+": ([(0.0, -0.42), (0.5, -0.44)], [(0.25, -0.68), (0.26, -0.18)]),
    ",": ([(0.05, -0.04), (0.06, 0.04), (0.0, 0.16)],),
    ".": ([(0.0, 0.0), (0.01, 0.005)],),
    ":": ([(0.0, -0.05), (0.01, -0.04)], [(0.01, -0.45), (0.0, -0.44)]),
    "=": ([(0.0, -0.35), (0.42, -0.36)], [(0.01, -0.53), (0.4, -0.55)]),
}
_MAX_LENGTH, _MAX_LINES = 10, 4
# Distances of baselines, and width and height of a form's box, per height of a digit.
_LINE_PITCH = (1.45, 2.3)
_CELL_WIDTH, _CELL_HEIGHT = (1.05, 1.4), (1.3, 1.7)
# Digits are at least this high, as a share of the picture's longer side, where there is room.
_LEAST_HEIGHT = 0.05
WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """Digits placed on a page.

    Attributes
    ----------
    strokes
        (n, 2) float64 each; x to the right, y down, px.
    lines
        The text of each line.
    height
        The height of a digit, px.
    baselines
        y of each line's foot, px.
    cells
        Left, top, right, bottom of a form's boxes, px; filled ones first.

    """

    strokes: tuple[np.ndarray, ...]
    lines: tuple[str, ...]
    height: float
    baselines: tuple[float, ...]
    cells: tuple[Box, ...] = ()

    @property
    def bounds(self) -> Box:
        """Left, top, right, bottom of the points and the boxes."""
        corners = [np.reshape(cell, (2, 2)) for cell in self.cells]
        points = np.concatenate([*self.strokes, *corners])
        return *points.min(axis=0).tolist(), *points.max(axis=0).tolist()

    def placed(self, scale: float, x: float, y: float) -> "Writing":
        """Return the writing scaled, then moved by x and y."""
        return Writing(
            strokes=tuple(stroke * scale + (x, y) for stroke in self.strokes),
            lines=self.lines,
            height=self.height * scale,
            baselines=tuple(base * scale + y for base in self.baselines),
            cells=tuple((a * scale + x, b * scale + y, c * scale + x, d * scale + y) for a, b, c, d in self.cells),
        )

    def turned(self, degrees: float) -> "Writing":
        """Return the writing turned about its middle; boxes and baselines stay."""
        left, top, right, bottom = self.bounds
        middle, angle = np.array([left + right, top + bottom]) / 2, np.radians(degrees)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return replace(self, strokes=tuple((stroke - middle) @ turn.T + middle for stroke in self.strokes))


def write(content: Content, hands: Sequence[Hand], rng: Rng, *, boxes: bool = False) -> Writing:
    """Compose digits by one writer, in units of `HEIGHT` per digit.

    Parameters
    ----------
    content
        One digit, a number of 1 to 10 digits, 2 to 4 lines of such numbers, or a number with signs between its digits.
    hands
        The drawings of each writer.
    rng
        Random generator.
    boxes
        Whether each digit stands in a box of its own; often some boxes are empty.

    """
    hand = hands[int(rng.integers(len(hands)))]
    count = int(rng.integers(2, _MAX_LINES + 1)) if content == "lines" else 1
    pitch = rng.uniform(*_LINE_PITCH) * HEIGHT
    spacing = rng.uniform(0, 0.35) * HEIGHT
    cell = (rng.uniform(*_CELL_WIDTH), rng.uniform(*_CELL_HEIGHT))
    strokes: list[np.ndarray] = []
    lines, cells = [], []
    for place in range(count):
        row, text = _row(hand, _length(content, rng), spacing, rng, signs=content == "signs")
        if boxes:
            found, row = _in_boxes(row, cell, rng)
            cells += [(a, b + place * pitch, c, d + place * pitch) for a, b, c, d in found]
        offset = np.array([0.0 if boxes else rng.normal(0, 0.25) * HEIGHT, place * pitch])
        strokes += [stroke + offset for digit in row for stroke in digit]
        lines.append(text)
    baselines = tuple(place * pitch for place in range(count))
    return Writing(tuple(map(_smooth, strokes)), tuple(lines), HEIGHT, baselines, tuple(cells))


def _length(content: Content, rng: np.random.Generator) -> int:
    if content == "digit":
        return 1
    if content == "signs":
        return int(rng.integers(2, 6))
    return int(rng.integers(1, 7 if content == "lines" or rng.random() < 0.6 else _MAX_LENGTH + 1))


def _row(hand: Hand, length: int, spacing: float, rng: Rng, *, signs: bool) -> tuple[list[list[np.ndarray]], str]:
    """Return the strokes of each digit and sign from left to right, and their text."""
    row = compose(hand, length, "normal", rng)
    placed, text, shift = [], "", 0.0
    after = int(rng.integers(1, length)) if signs else 0
    for place, digit in enumerate(row.number):
        strokes = [stroke + np.array([shift, 0]) for stroke in row.digit(place).strokes]
        if signs and place and (place == after or rng.random() < 0.2):
            sign = str(rng.choice(list(_SIGNS)))
            left = min(float(stroke[:, 0].min()) for stroke in strokes)
            shape = [np.array(line) * HEIGHT * rng.uniform(0.8, 1.1) + (left, 0) for line in _SIGNS[sign]]
            width = max(float(line[:, 0].max()) for line in shape) - left + rng.uniform(0.1, 0.35) * HEIGHT
            placed.append(shape)
            strokes = [stroke + np.array([width, 0]) for stroke in strokes]
            text, shift = text + sign, shift + width
        placed.append(strokes)
        text, shift = text + digit, shift + spacing
    return placed, text


def _in_boxes(
    digits: list[list[np.ndarray]], cell: tuple[float, float], rng: np.random.Generator
) -> tuple[list[Box], list[list[np.ndarray]]]:
    """Move each digit into a box of its own; return the boxes and the digits."""
    width, height = cell[0] * HEIGHT, cell[1] * HEIGHT
    gap = rng.uniform(0.1, 0.4) * HEIGHT if rng.random() < 0.3 else 0.0
    count = len(digits) + (int(rng.integers(0, 7)) if rng.random() < 0.5 else 0)
    boxes, moved = [], []
    for place in range(count):
        left = place * (width + gap)
        boxes.append((left, -HEIGHT / 2 - height / 2, left + width, -HEIGHT / 2 + height / 2))
        if place < len(digits):
            points = np.concatenate(digits[place])
            low, high = points.min(axis=0), points.max(axis=0)
            scale = min(
                rng.uniform(0.55, 0.85) * height / (high[1] - low[1] or 1), 0.8 * width / (high[0] - low[0] or 1)
            )
            middle = np.array([left + width / 2, -HEIGHT / 2]) + rng.normal(0, 0.03, 2) * HEIGHT
            moved.append([(stroke - (low + high) / 2) * min(scale, 1.1) + middle for stroke in digits[place]])
    return boxes, moved


def _smooth(points: np.ndarray) -> np.ndarray:
    """Cut the corners of a polyline twice (Chaikin 1974), so that a large digit has no corners."""
    for _ in range(2):
        if len(points) > 4:
            near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
            points = np.concatenate([points[:1], np.stack([near, far], axis=1).reshape(-1, 2), points[-1:]])
    return points


def placed(
    writing: Writing,
    size: Size,
    rng: Rng,
    *,
    pen: float,
    filled: tuple[float, float],
    area: Box = WHOLE,
    touch: bool = False,
) -> Writing:
    """Scale and move the writing into an area of the page, given as shares of its size."""
    left, top, right, bottom = writing.bounds
    margin = pen * writing.height / 2
    width, height = right - left + 2 * margin, bottom - top + 2 * margin
    room = (area[2] - area[0]) * size[0], (area[3] - area[1]) * size[1]
    largest = 0.96 * min(room[0] / width, room[1] / height)
    scale = max(largest * rng.uniform(*filled), min(largest, _LEAST_HEIGHT * max(size) / writing.height))
    x = area[0] * size[0] + rng.uniform(0.02, 0.98) * (room[0] - width * scale)
    y = area[1] * size[1] + rng.uniform(0.02, 0.98) * (room[1] - height * scale)
    if touch:  # one side, or the opposite one too
        side, over = rng.integers(4), rng.uniform(0, 0.8) * pen * writing.height * scale
        if side < 2:
            x = -over if side == 0 else size[0] - width * scale + over
        else:
            y = -over if side == 2 else size[1] - height * scale + over
    return writing.placed(scale, x - (left - margin) * scale, y - (top - margin) * scale)


def turned_inside(writing: Writing, size: Size, degrees: float, *, touch: bool) -> Writing:
    """Turn the writing if it stays on the page; long rows turn less."""
    for turn in (degrees, degrees / 3):
        turned = writing.turned(turn)
        left, top, right, bottom = turned.bounds
        if touch or (min(left, top) > 0.02 * min(size) and right < 0.98 * size[0] and bottom < 0.98 * size[1]):
            return turned
    return writing


def in_one_box(writing: Writing, rng: Rng) -> Writing:
    """Put one box around all of the writing."""
    left, top, right, bottom = writing.bounds
    space = rng.uniform(0.15, 0.7, 4) * writing.height
    return replace(writing, cells=((left - space[0], top - space[1], right + space[2], bottom + space[3]),))


def page_size(sizes: tuple[int, int], content: Content, rng: Rng) -> tuple[int, int]:
    """Return width and height of a phone's picture, or of a crop."""
    longer = float(np.exp(rng.uniform(*np.log(sizes))))
    aspects = (
        [1.0, 4 / 3, 4 / 3, 16 / 9, 3 / 4, 3 / 4] if content in ("digit", "lines") else [4 / 3, 3 / 2, 16 / 9, 2.5, 4.0]
    )
    aspect = float(rng.choice(aspects)) * rng.uniform(0.9, 1.1)
    return round(longer * min(1, aspect)), round(longer / max(1, aspect))


def with_margin(bounds: Box, margin: float) -> Box:
    """Return a box made larger by a margin on each side."""
    return bounds[0] - margin, bounds[1] - margin, bounds[2] + margin, bounds[3] + margin
