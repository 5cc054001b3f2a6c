"""Drawings of non-digits, for training and testing: letters, signs, scribbles, marks, blots and words.

Strokes are rendered by core/ink/strokes.py and distorted as digits are; letters and signs come from the Hershey fonts,
single strokes that Allen Hershey digitised in 1967 (public domain; package Hershey-Fonts). What looks
like a digit is left out: an O is a zero, an l is a one.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from scipy import ndimage

from digitpad.core.images.digits import to_bytes
from digitpad.core.ink import ink_mask
from digitpad.core.ink.ink_files import InkSample
from digitpad.core.ink.strokes import Ink, digit_image
from digitpad.core.training.stroke_augmentation import StrokeAugmentation, augment_strokes

sys.path.append(str(Path(__file__).resolve().parents[1]))
import environment

environment.require(HersheyFonts="Hershey-Fonts")

_LATIN = ("futural", "rowmans", "scripts", "cursive")
_SIGNS = ("greeks", "greek", "cyrilc_1", "symbolic", "markers", "music", "astrology", "mathlow", "meteorology")
# These letters look like digits.
_LOOK_ALIKES = frozenset("0123456789OoQDIilLjJ|!/\\SsZzbBgqG()[]'`.,-_:;")
_SETTINGS = StrokeAugmentation(slant=0.3, rotation=15, aspect=0.35, bend=0.08, tremor=0.02, jitter=0.006)
# Glyphs of other keys that look like digits: rings, slashes, a Cyrillic Ze, a Greek Phi.
_RINGS_AND_SLASHES = {
    "astrology": "#*",
    "cursive": "f",
    "cyrilc_1": ">HUh\x7f",
    "futural": "a",
    "greek": ">FVdf",
    "greeks": ">FHdfru\x7f",
    "japanese": "!mp\xa9\xac\xb6\xbe",
    "markers": "Aad",
    "mathlow": ">Afmp",
    "meteorology": "<=^~",
    "music": '"#$%^',
    "rowmans": "a",
    "scripts": "f",
    "symbolic": '"$&*=HKenv}',
}
# A glyph with fewer points, or narrower for its height, is a bar and looks like a one.
_MIN_POINTS = 3
_NARROW = 0.3
# Digits that are non-digits when mirrored or rotated; a mirrored 2 looks like a 5, and a rotated 6 is a 9.
MIRRORED = (3, 4, 6, 7, 9)
TURNED = (2, 3, 4, 5, 7)
UPSIDE_DOWN = (3, 4, 7)

Images = np.ndarray
Maker = Callable[[np.random.Generator], Images]


@cache
def _glyphs(fonts: tuple[str, ...], *, latin: bool) -> list[Ink]:
    from HersheyFonts import HersheyFonts

    found = []
    for name in fonts:
        font = HersheyFonts()
        font.load_default_font(name)
        for key in font.all_glyphs:
            if latin and not key.isalpha():
                continue
            if (key in _LOOK_ALIKES and name != "japanese") or key in _RINGS_AND_SLASHES.get(name, ""):
                continue
            strokes = [_dense(np.array(stroke, float)) for stroke in font.strokes_for_text(key)]
            if sum(map(len, strokes)) > _MIN_POINTS and not _is_bar(ink := Ink.of(strokes)):
                found.append(ink)
    return found


def _is_bar(ink: Ink) -> bool:
    """Return whether a glyph is about as narrow as a one."""
    left, top, right, bottom = ink.bounds
    return right - left < _NARROW * (bottom - top)


def _dense(points: np.ndarray, step: float = 1.0) -> np.ndarray:
    """Resample a polyline to points about `step` apart, so that it can be bent."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if along[-1] == 0:
        return points
    at = np.linspace(0, along[-1], max(2, int(along[-1] / step)))
    return np.stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)], axis=1)


def _rendered(ink: Ink, draw: np.random.Generator, settings: StrokeAugmentation = _SETTINGS) -> Images:
    return to_bytes(digit_image(*augment_strokes(ink, settings, draw)).pixels)


def letter(draw: np.random.Generator) -> Images:
    """Draw a Latin letter that does not look like a digit."""
    return _rendered(_one_of(_glyphs(_LATIN, latin=True), draw), draw)


def sign(draw: np.random.Generator) -> Images:
    """Draw a Greek or Cyrillic letter, or a sign of music, mathematics or maps."""
    return _rendered(_one_of(_glyphs(_SIGNS, latin=False), draw), draw)


def kana(draw: np.random.Generator) -> Images:
    """Draw a Japanese sign."""
    return _rendered(_one_of(_glyphs(("japanese",), latin=False), draw), draw)


def word(draw: np.random.Generator) -> Images:
    """Draw a row of letters, like a word or a signature."""
    letters = _glyphs(_LATIN, latin=True)
    strokes, x = [], 0.0
    for _ in range(draw.integers(2, 8)):
        glyph = _one_of(letters, draw)
        left, _, right, _ = glyph.bounds
        strokes += [np.add(stroke, (x - left, 0)) for stroke in glyph.strokes]
        x += (right - left) * draw.uniform(0.8, 1.2)
    if draw.random() < 0.5:  # the pen stays down
        strokes = [np.concatenate(strokes)]
    return _rendered(Ink.of(strokes), draw)


def scribble(draw: np.random.Generator) -> Images:
    """Draw a scribble: zigzags, loops or a random walk."""
    hand = _HANDS[draw.integers(len(_HANDS))]
    strokes = [hand(draw) for _ in range(draw.integers(1, 3))]
    return _rendered(Ink.of(strokes), draw, replace(_SETTINGS, rotation=180.0))


def _zigzag(draw: np.random.Generator) -> np.ndarray:
    turns = draw.integers(6, 20)
    x = np.linspace(0, draw.uniform(0.4, 2.5), turns)
    return _dense(np.stack([x, np.arange(turns) % 2 * draw.uniform(0.3, 1, turns)], axis=1), 0.04)


def _spiral(draw: np.random.Generator) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi * draw.uniform(2, 6), 200)
    radius = np.linspace(draw.uniform(0, 0.4), 1, 200) + 0.05 * draw.standard_normal() * np.sin(3 * angle)
    drift = np.outer(np.linspace(0, draw.uniform(0, 2), 200), (1, draw.uniform(-0.5, 0.5)))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) + drift


def _wander(draw: np.random.Generator) -> np.ndarray:
    steps = ndimage.gaussian_filter1d(draw.standard_normal((300, 2)), draw.uniform(4, 16), axis=0)
    return np.cumsum(steps, axis=0)


def _waves(draw: np.random.Generator) -> np.ndarray:
    x = np.linspace(0, 1, 150)
    turns = draw.uniform(3.5, 9)
    return np.stack([x * draw.uniform(0.6, 2.5), 0.35 * np.sin(2 * np.pi * turns * x + draw.uniform(0, 6))], axis=1)


def _tangle(draw: np.random.Generator) -> np.ndarray:
    time = np.linspace(0, 2 * np.pi, 300)
    turns, phase = draw.integers(1, 6, (2, 3)), draw.uniform(0, 2 * np.pi, (2, 3))
    return np.sin(turns[:, :, None] * time + phase[:, :, None]).sum(axis=1).T


def _hatching(draw: np.random.Generator) -> np.ndarray:
    lines = draw.integers(4, 12)
    ends = np.sort(draw.uniform(0, 1, (lines, 2)), axis=1) * (0.3, 1) + (0, 0)
    points = [(end if number % 2 else end[::-1]) for number, end in enumerate(ends)]
    y = np.linspace(0, 1, lines)
    return _dense(np.array([(x, height) for pair, height in zip(points, y, strict=True) for x in pair]), 0.04)


def _snarl(draw: np.random.Generator) -> np.ndarray:
    return _dense(draw.uniform(0, 1, (draw.integers(8, 18), 2)) * (1, draw.uniform(0.4, 1.5)), 0.04)


_HANDS = (_zigzag, _spiral, _wander, _waves, _tangle, _hatching, _snarl)


def mark(draw: np.random.Generator) -> Images:
    """Draw a simple mark: a dot, dash, cross, tick, box or arrow."""
    lying, cross = [[(0, 0), (1, 0)]], [[(0, 0), (1, 1)], [(1, 0), (0, 1)]]
    shapes = [
        lying,
        [[(0, 0), (1, 0)], [(0, 0.4), (1, 0.4)]],
        [[(0, 0), (1, 0)], [(0, 0.3), (1, 0.3)], [(0, 0.6), (1, 0.6)]],
        [[(0.5, 0), (0.5, 1)], [(0, 0.5), (1, 0.5)]],
        cross,
        [*cross, [(0.5, -0.2), (0.5, 1.2)]],
        [[(0, 0.6), (0.35, 1), (1, 0)]],
        [[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], *cross],
        [[(0, 1), (0.5, 0), (1, 1), (0, 1)]],
        [[(0, 0), (1, 0), (0.5, 1), (0, 0)]],
        [[(0, 0.5), (1, 0.5)], [(0.7, 0.2), (1, 0.5), (0.7, 0.8)]],
        [[(0, 0), (0.5, 1), (1, 0)]],
        [[(0, 1), (0.5, 0), (1, 1)]],
        [[(0, 0), (0, 1)], [(0.5, 0), (0.5, 1)], [(1, 0), (1, 1)]],
        [[(x, y), (x + 0.02, y)] for x, y in draw.uniform(0, 1, (draw.integers(2, 6), 2))],
        [[(np.cos(a), np.sin(a)) for a in np.arange(6) * 4 * np.pi / 5]],
    ]
    if draw.random() < 0.08:
        return to_bytes(digit_image(Ink.of([[(0.0, 0.0)]], 1.0), draw.uniform(1.9, 5)).pixels)
    shape = shapes[draw.integers(len(shapes))]
    size = (1, draw.uniform(0.5, 1.3)) if shape is not lying else (1, 1)
    settings = replace(_SETTINGS, rotation=12.0, slant=0.15, trimmed_ends=0.03)
    return _rendered(Ink.of([_dense(np.array(stroke, float) * size, 0.05) for stroke in shape]), draw, settings)


def blot(draw: np.random.Generator) -> Images:
    """Draw a filled spot: a blob, a rounded patch, specks, a rectangle, or a letter with a very thick pen."""
    if draw.random() < 0.2:
        return to_bytes(digit_image(_one_of(_glyphs(_LATIN, latin=True), draw), draw.uniform(6.5, 14)).pixels)
    size = int(draw.integers(28, 64))
    grey = np.pad(_BLOTS[draw.integers(len(_BLOTS))](size, draw), 4)
    return to_bytes(ink_mask.digit_image(ndimage.gaussian_filter(grey, draw.uniform(0, 1)).clip(0, 1)).pixels)


def _blob(size: int, draw: np.random.Generator) -> np.ndarray:
    noise = ndimage.gaussian_filter(draw.standard_normal((size, size)), size / draw.uniform(4, 14))
    return (noise > np.quantile(noise, draw.uniform(0.4, 0.85))).astype(float)


def _patch(size: int, draw: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size / 2
    angle = np.arctan2(y, x)
    dents = sum(draw.normal(0, 0.04) * np.cos(count * angle + draw.uniform(0, 6)) for count in range(2, 7))
    return (np.hypot(x * draw.uniform(0.6, 1.6), y) < size * (0.3 + dents)).astype(float)


def _specks(size: int, draw: np.random.Generator) -> np.ndarray:
    grey = (draw.random((size, size)) < draw.uniform(0.02, 0.6)).astype(float)
    grey = ndimage.gaussian_filter(grey, draw.uniform(0, 1.5))
    return grey / (grey.max() or 1.0)


def _rectangle(size: int, draw: np.random.Generator) -> np.ndarray:
    grey = np.zeros((size, size))
    top, left, bottom, right = draw.integers(2, size // 3, 4)
    grey[top : size - bottom, left : size - right] = 1
    return grey


_BLOTS = (_blob, _patch, _specks, _rectangle)


def spoilt(draw: np.random.Generator, digits: list[InkSample]) -> Images:
    """Draw a spoilt digit: mirrored, rotated, upside down, over another, beside others, or crossed out."""
    strokes = _SPOILERS[draw.integers(len(_SPOILERS))](draw, digits)
    return _rendered(Ink.of(strokes), draw, StrokeAugmentation())


def _mirrored(draw: np.random.Generator, digits: list[InkSample]) -> list[np.ndarray]:
    return [stroke * (-1, 1) for stroke in _a_digit(draw, digits, MIRRORED)]


def _turned(draw: np.random.Generator, digits: list[InkSample]) -> list[np.ndarray]:
    sign = draw.choice((-1, 1))
    return [stroke[:, ::-1] * (sign, -sign) for stroke in _a_digit(draw, digits, TURNED)]


def _upside_down(draw: np.random.Generator, digits: list[InkSample]) -> list[np.ndarray]:
    return [-stroke for stroke in _a_digit(draw, digits, UPSIDE_DOWN)]


def _overlaid(draw: np.random.Generator, digits: list[InkSample]) -> list[np.ndarray]:
    size, place = draw.uniform(0.7, 1.2), draw.uniform(-0.25, 0.25, 2)
    return [*_a_digit(draw, digits), *(stroke * size + place for stroke in _a_digit(draw, digits))]


def _number(draw: np.random.Generator, digits: list[InkSample]) -> list[np.ndarray]:
    strokes, x = [], 0.0
    for _ in range(draw.integers(2, 4)):
        digit = _a_digit(draw, digits)
        points = np.concatenate(digit)
        place = (x - points[:, 0].min(), draw.uniform(-0.1, 0.1))
        strokes += [stroke + place for stroke in digit]
        x += np.ptp(points[:, 0]) + draw.uniform(0.05, 0.35)
    return strokes


def _crossed_out(draw: np.random.Generator, digits: list[InkSample]) -> list[np.ndarray]:
    ends = np.array([(-0.6, 0.0), (0.6, 0.0)]) + np.outer((1, 1), (0, draw.uniform(-0.2, 0.2)))
    if draw.random() < 0.5:
        ends = np.array([(-0.5, 0.5), (0.5, -0.5)])
    return [*_a_digit(draw, digits), _dense(ends, 0.05), _dense(ends * (1, -1) + (0, 0.1), 0.05)]


_SPOILERS = (_mirrored, _turned, _upside_down, _overlaid, _number, _crossed_out)


def _a_digit(
    draw: np.random.Generator, digits: list[InkSample], allowed: tuple[int, ...] = tuple(range(10))
) -> list[np.ndarray]:
    """Choose a glyph of those allowed, centred on the origin and with a longer side of 1."""
    while (found := digits[draw.integers(len(digits))]).digit not in allowed:
        pass
    return _unit(found.ink)


def _unit(ink: Ink) -> list[np.ndarray]:
    left, top, right, bottom = ink.bounds
    size = max(right - left, bottom - top) or 1.0
    return [(stroke - ((left + right) / 2, (top + bottom) / 2)) / size for stroke in ink.strokes]


def _one_of(glyphs: list[Ink], draw: np.random.Generator) -> Ink:
    return glyphs[draw.integers(len(glyphs))]


MAKERS: dict[str, Maker] = {
    "letters": letter,
    "signs": sign,
    "kana": kana,
    "words": word,
    "scribbles": scribble,
    "marks": mark,
    "blots": blot,
}


def made(name: str, count: int, seed: int) -> Images:
    """Return `count` images of a kind, (count, 28, 28) uint8, which depend on the seed."""
    draw = np.random.default_rng((seed, sorted(MAKERS).index(name)))
    return np.stack([MAKERS[name](draw) for _ in range(count)])
