"""Paper, boards and tables.

Pictures are (height, width, 3) float32 in [0, 1], RGB; functions that return nothing change theirs in place.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from photos.writing import Box, Rng, Size, Writing

# Light and gloss are computed on a grid this wide and enlarged.
LIGHT_GRID = 192
# Fine noise repeats after so many cells: nobody sees it, and large pictures are made faster.
_TILE = 512
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def enlarged(values: np.ndarray, size: Size) -> np.ndarray:
    """Enlarge (rows, columns) values smoothly to a picture's size; (height, width) float32."""
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BICUBIC))


def grid(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y in [0, 1] on the coarse grid."""
    longer = max(size)
    rows, columns = (max(8, round(side * LIGHT_GRID / longer)) for side in (size[1], size[0]))
    y, x = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
    return x, y


def cloud(size: Size, cells: float, rng: Rng) -> np.ndarray:
    """Return smooth noise of about standard deviation 1 with this many cells along the longer side."""
    step = max(size) / cells
    rows, columns = max(2, round(size[1] / step)), max(2, round(size[0] / step))
    tile = rng.standard_normal((min(rows, _TILE), min(columns, _TILE)), np.float32)
    grid = np.tile(tile, (-(-rows // _TILE), -(-columns // _TILE)))[:rows, :columns]
    return enlarged(grid, size)


def luma(colour: np.ndarray) -> float:
    """Return the brightness of an RGB colour, as greyscale conversion computes it."""
    return float(colour @ LUMA)


def with_luma(colour: np.ndarray, wanted: float) -> np.ndarray:
    """Return a colour of this brightness, of the same hue."""
    colour = colour * (wanted / max(luma(colour), 1e-6))
    if (over := colour.max()) > 1:  # towards white
        share = (1 - wanted) / (over - wanted)
        colour = wanted + (colour - wanted) * share
    return np.clip(colour, 0, 1).astype(np.float32)


def plain(size: Size, colour: np.ndarray) -> np.ndarray:
    """Return a picture of one colour."""
    return np.broadcast_to(np.asarray(colour, np.float32), (size[1], size[0], 3)).copy()


def paper(size: Size, rng: Rng, *, grain: float | None = None) -> np.ndarray:
    """Return paper: off-white or slightly tinted, with fibres and slow changes of brightness."""
    tint = np.array([1.0, rng.uniform(0.96, 1.0), rng.uniform(0.86, 1.0)], np.float32)
    if rng.random() < 0.3:
        tint = tint[::-1]
    picture = plain(size, tint * rng.uniform(0.82, 1.0))
    grain = rng.uniform(0.0, 0.02) if grain is None else grain
    fibres = cloud(size, max(size) / rng.uniform(1.5, 4), rng) * grain
    picture *= (1 + fibres + cloud(size, rng.uniform(2, 6), rng) * rng.uniform(0, 0.012))[..., None]
    return picture


def note_colour(rng: Rng) -> np.ndarray:
    """Return the colour of a sticky note or of coloured paper."""
    notes = [
        [1.0, 0.92, 0.35],
        [1.0, 0.6, 0.7],
        [0.6, 0.9, 0.55],
        [0.55, 0.8, 0.95],
        [1.0, 0.72, 0.35],
        [0.8, 0.65, 0.45],
    ]
    return np.array(notes[rng.integers(len(notes))], np.float32)


def creased(picture: np.ndarray, rng: Rng) -> np.ndarray:
    """Return paper that was folded or crumpled: planes of different brightness that meet in creases."""
    x, y = grid((picture.shape[1], picture.shape[0]))
    light, crease = np.ones_like(x), np.zeros_like(x)
    for _ in range(int(rng.integers(1, 7))):
        angle = rng.uniform(0, np.pi)
        distance = (x - rng.uniform(0.1, 0.9)) * np.cos(angle) + (y - rng.uniform(0.1, 0.9)) * np.sin(angle)
        light += rng.uniform(-0.12, 0.12) * np.tanh(distance / rng.uniform(0.003, 0.15)) / 2
        crease += rng.uniform(-0.12, 0.08) * np.exp(-((distance / rng.uniform(0.002, 0.006)) ** 2))
    return picture * enlarged(light + crease, (picture.shape[1], picture.shape[0]))[..., None]


def ruled(picture: np.ndarray, writing: Writing, rng: Rng) -> None:
    """Draw a ruled page's lines below each line of the writing, and often a margin line."""
    height, width = picture.shape[:2]
    first, *others = writing.baselines
    pitch = writing.height * rng.uniform(1.05, 1.7)
    if others:
        pitch = (others[0] - first) / (2 if rng.random() < 0.3 else 1)
    base = first + rng.normal(0.06, 0.05) * writing.height
    colour, thick, fade = _line_style(rng, writing)
    for y in np.arange(base % pitch, height, pitch):
        _rule(picture, (0, y, width, y), colour, thick, fade)
    if rng.random() < 0.4:
        left, _, right, _ = writing.bounds
        free = left if rng.random() < 0.8 or right > width - 4 * thick else right
        x = free * rng.uniform(0.2, 0.9) if free == left else right + (width - right) * rng.uniform(0.2, 0.8)
        _rule(picture, (x, 0, x, height), np.array([0.85, 0.35, 0.4], np.float32), thick, fade)


def squared(picture: np.ndarray, writing: Writing, rng: Rng) -> None:
    """Draw squared paper with squares of a half to a whole digit."""
    height, width = picture.shape[:2]
    pitch = writing.height * float(rng.choice([0.5, 0.6, 1.0, 1.15]))
    colour, thick, fade = _line_style(rng, writing)
    for y in np.arange(writing.baselines[0] % pitch, height, pitch):
        _rule(picture, (0, y, width, y), colour, thick, fade)
    for x in np.arange(rng.uniform(0, pitch), width, pitch):
        _rule(picture, (x, 0, x, height), colour, thick, fade)


def boxes(picture: np.ndarray, cells: tuple[Box, ...], writing: Writing, rng: Rng) -> None:
    """Draw a form's printed boxes, or combs, which have no line at the top."""
    dark = rng.uniform(0, 0.45)
    colour = np.full(3, dark, np.float32)
    if rng.random() < 0.35:
        colour = np.array([[0.85, 0.3, 0.3], [0.3, 0.45, 0.85], [0.95, 0.55, 0.2], [0.2, 0.6, 0.4]], np.float32)[
            rng.integers(4)
        ]
    thick, comb = max(1.0, writing.height * rng.uniform(0.015, 0.05)), len(cells) > 1 and rng.random() < 0.2
    for left, top, right, bottom in cells:
        upper = bottom - (bottom - top) * 0.35 if comb else top
        for edge in ((left, upper, left, bottom), (right, upper, right, bottom), (left, bottom, right, bottom)):
            _rule(picture, edge, colour, thick, 1.0)
        if not comb:
            _rule(picture, (left, top, right, top), colour, thick, 1.0)


def _line_style(rng: Rng, writing: Writing) -> tuple[np.ndarray, float, float]:
    colours = [[0.55, 0.7, 0.9], [0.6, 0.65, 0.7], [0.45, 0.5, 0.6], [0.5, 0.75, 0.75], [0.75, 0.6, 0.8]]
    return (
        np.array(colours[rng.integers(len(colours))], np.float32),
        max(1.0, writing.height * rng.uniform(0.01, 0.03)),
        rng.uniform(0.45, 1.0),
    )


def _rule(picture: np.ndarray, line: Box, colour: np.ndarray, thick: float, strength: float) -> None:
    """Draw a horizontal or vertical line, `thick` px wide, with soft edges."""
    height, width = picture.shape[:2]
    half = thick / 2

    def cover(middle0: float, middle1: float, count: int) -> np.ndarray:
        index = np.arange(count)
        return np.clip(np.minimum(index + 1, middle1 + half) - np.maximum(index, middle0 - half), 0, 1)

    left, top, right, bottom = line
    across, down = cover(left, right, width), cover(top, bottom, height)
    rows, columns = np.flatnonzero(down), np.flatnonzero(across)
    if rows.size and columns.size:
        part = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        share = np.outer(down[rows], across[columns])[..., None].astype(np.float32) * strength
        part += share * (np.minimum(colour, part) - part)


def blackboard(size: Size, rng: Rng) -> np.ndarray:
    """Return a green, grey or black board with smears of wiped chalk."""
    colours = [[0.13, 0.25, 0.2], [0.18, 0.2, 0.22], [0.08, 0.08, 0.09], [0.15, 0.3, 0.22]]
    picture = plain(size, np.array(colours[rng.integers(4)]) * rng.uniform(0.8, 1.4))
    streaks = enlarged(rng.standard_normal((int(rng.integers(3, 8)), int(rng.integers(12, 30)))), size)
    smears = np.clip(cloud(size, rng.uniform(3, 7), rng) + 0.4 * streaks, 0, None)
    picture += (smears * rng.uniform(0.0, 0.07) + cloud(size, max(size) / 2, rng) * 0.012)[..., None]
    return np.clip(picture, 0, 1)


def whiteboard(size: Size, rng: Rng) -> np.ndarray:
    """Return a whiteboard: bluish or greyish white, ghosts of wiped ink, the gloss of a lamp or window."""
    picture = plain(size, np.array([0.93, 0.95, 0.97]) * rng.uniform(0.78, 0.95))
    ghosts = np.clip(cloud(size, rng.uniform(4, 10), rng) - 0.8, 0, None) * rng.uniform(0, 0.04)
    picture -= ghosts[..., None]
    x, y = grid(size)
    for _ in range(int(rng.integers(0, 3))):
        cx, cy, spread = rng.random(), rng.random(), rng.uniform(0.04, 0.2)
        gloss = np.exp(-(((x - cx) / spread) ** 2 + ((y - cy) / (spread * rng.uniform(0.4, 2))) ** 2))
        picture += (enlarged(gloss, size) * rng.uniform(0.05, 0.25))[..., None]
    return np.clip(picture, 0, 1)


def desk(size: Size, rng: Rng) -> np.ndarray:
    """Return a table: wood, a dark or a grey plate."""
    colours = [[0.45, 0.3, 0.18], [0.6, 0.45, 0.3], [0.15, 0.14, 0.14], [0.35, 0.36, 0.38], [0.28, 0.18, 0.12]]
    picture = plain(size, np.array(colours[rng.integers(5)]) * rng.uniform(0.7, 1.3))
    veins = enlarged(rng.standard_normal((int(rng.integers(20, 60)), int(rng.integers(2, 5)))), size)
    return np.clip(picture * (1 + veins * rng.uniform(0.0, 0.12))[..., None], 0, 1)


def label(picture: Image.Image, text: str, middle: tuple[float, float], height: float, fill: str) -> None:
    """Print a text with the middle at this place."""
    font = ImageFont.load_default(max(6.0, height))
    ImageDraw.Draw(picture).text(middle, text, fill=fill, font=font, anchor="mm")
