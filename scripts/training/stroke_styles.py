"""Ways of writing a digit that our training writers hardly used, made from their drawings of the digit.

Each style changes what tells it from the usual form and keeps the rest of the drawing: a flag is put on the stem of a
real 1, a bar on a real 7. A drawing that a style cannot be made of is left out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from digitpad.core.ink.ink_files import InkSample
from digitpad.core.ink.strokes import Ink

_Strokes = list[np.ndarray]
# Makes a style from strokes that are 1 high or wide, with the top left corner of their box at 0; None if it cannot.
_Make = Callable[[_Strokes, np.random.Generator], _Strokes | None]

_CURVE_POINTS = 16
# Degrees between a 1's flag and its stem, and the largest angle between the flag and the vertical: at a larger one it
# is read as the bar of a 7.
_FLAG_ANGLES, _MAX_FLAG_SLOPE = (18.0, 52.0), 55.0
_MAX_FLAG_WIDTH = 0.62
# How far the bar of a closed 4 crosses its stem, as a share of the height: without that it is a 9 with a straight tail.
_MIN_CROSSING = 0.12


@dataclass(frozen=True, slots=True)
class Style:
    """A way of writing a digit, and how to make it from another drawing of the digit."""

    name: str
    digit: int
    make: _Make


def in_style(style: Style, samples: Iterable[InkSample], seed: int) -> list[InkSample]:
    """Return the drawings of the style's digit, changed into the style; random amounts depend on the seed."""
    rng = np.random.default_rng(seed)
    return [
        InkSample(f"{sample.id}, {style.name}", Ink.of(strokes), style.digit, sample.writer)
        for sample in samples
        if sample.digit == style.digit and (strokes := style.make(_unit(sample.ink), rng))
    ]


def _unit(ink: Ink) -> _Strokes:
    left, top, right, bottom = ink.bounds
    return [(stroke - (left, top)) / (max(right - left, bottom - top) or 1.0) for stroke in ink.strokes]


def _curve(start: np.ndarray, *controls: np.ndarray) -> np.ndarray:
    """Return points of the Bézier curve from `start` to the last control point, (n, 2)."""
    points, at = np.array([start, *controls]), np.linspace(0, 1, _CURVE_POINTS)[:, None]
    layers = list(points)
    while len(layers) > 1:
        layers = [a * (1 - at) + b * at for a, b in pairwise(layers)]
    return layers[0]


def _arc(start: np.ndarray, end: np.ndarray, bend: float) -> np.ndarray:
    """Return a line that is bent to one side by up to half of `bend`, as a share of its length."""
    x, y = end - start
    return _curve(start, (start + end) / 2 + bend * np.array([-y, x]), end)


def _flagged_one(strokes: _Strokes, rng: np.random.Generator) -> _Strokes | None:
    """Put an upstroke of up to two thirds of the height on the stem, in place of any flag; some get a foot."""
    drawn = strokes[0]
    stem = drawn[int(drawn[:, 1].argmin()) :]
    if len(strokes) > 1 or len(stem) < 3 or np.ptp(stem[:, 1]) < 0.75:
        return None
    top, middle = stem[0], stem[int(np.abs(stem[:, 1] - stem[0, 1] - 0.5).argmin())]
    slope = np.degrees(np.arctan2(top[0] - middle[0], middle[1] - top[1]))
    low, high = slope + _FLAG_ANGLES[0], min(slope + _FLAG_ANGLES[1], _MAX_FLAG_SLOPE)
    if low > high or slope < -25:
        return None
    tangent = np.tan(np.radians(rng.uniform(low, high)))
    height = min(rng.uniform(0.15, 0.67), _MAX_FLAG_WIDTH / max(tangent, 0.1))
    flag = _arc(top + height * np.array([-tangent, 1.0]), top, rng.uniform(-0.2, 0.12))
    made = [flag, stem] if rng.random() < 0.15 else [np.concatenate([flag, stem[1:]])]
    if rng.random() < 0.3 and np.ptp(stem[:, 0]) < 0.4:
        made.append(_bar(stem[-1], rng.uniform(0.3, 0.7), rng))
    return made


def _bar(middle: np.ndarray, length: float, rng: np.random.Generator) -> np.ndarray:
    """Return an almost horizontal line from left to right, around a point."""
    left = rng.uniform(0.35, 0.65) * length
    tilt = np.array([1.0, rng.uniform(-0.25, 0.1)])
    return _arc(middle - left * tilt, middle + (length - left) * tilt, rng.uniform(-0.08, 0.08))


def _barred_seven(strokes: _Strokes, rng: np.random.Generator) -> _Strokes | None:
    """Put a bar across the stem of a 7 that has none."""
    drawn = strokes[0]
    height = np.ptp(drawn[:, 1])
    if len(strokes) > 1 or len(drawn) < 6 or height < 0.7:
        return None
    stem = drawn[int((drawn[:, 0] - 0.5 * drawn[:, 1]).argmax()) :]
    crossing = stem[int(np.abs(stem[:, 1] - drawn[:, 1].min() - rng.uniform(0.4, 0.62) * height).argmin())]
    return [drawn, _bar(crossing, rng.uniform(0.3, 0.7), rng)]


def _slashed_zero(strokes: _Strokes, rng: np.random.Generator) -> _Strokes | None:
    """Put a slash through a 0, from the lower left to the upper right or back."""
    drawn = np.concatenate(strokes)
    if len(strokes) > 1 or len(drawn) < 6 or np.ptp(drawn[:, 1]) < 0.75:
        return None
    middle, half = (drawn.min(axis=0) + drawn.max(axis=0)) / 2, np.ptp(drawn, axis=0) / 2
    direction = np.array([max(half[0], 0.2), -half[1] * rng.uniform(0.5, 1.0)])
    start, end = middle - direction * rng.uniform(0.6, 1.25), middle + direction * rng.uniform(0.6, 1.25)
    slash = _arc(start, end, rng.uniform(-0.06, 0.06))
    return [drawn, slash[:: 1 if rng.random() < 0.5 else -1]]


def _four(strokes: _Strokes, crossing: float) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Return the angle and the stem of a 4, and where the angle has its corner; None if it has not this form.

    `crossing` is how far the bar must cross the stem.
    """
    if len(strokes) != 2:
        return None
    angle, stem = strokes
    corner = int((angle[:, 1] - angle[:, 0]).argmax())
    if not 2 <= corner < len(angle) - 2 or np.ptp(stem[:, 1]) < 0.5 or angle[:, 0].max() - angle[corner, 0] < 0.3:
        return None
    crossed = stem[int(np.abs(stem[:, 1] - angle[-1, 1]).argmin())]
    if angle[0, 0] > stem[0, 0] + 0.05 or angle[-1, 0] < crossed[0] + crossing or stem[0, 0] < angle[corner, 0] + 0.2:
        return None
    return angle, stem, corner


def _open_four(strokes: _Strokes, rng: np.random.Generator) -> _Strokes | None:
    """Move the start of the angle of a 4 to the left, away from the stem."""
    if not (found := _four(strokes, 0.0)):
        return None
    angle, stem, corner = found
    start = np.array([stem[0, 0] - rng.uniform(0.25, 0.5), min(angle[0, 1], angle[corner, 1] - 0.25)])
    angle = angle - (max(angle[corner, 0] - start[0] + 0.02, 0.0), 0.0)
    share = np.linspace(1, 0, corner + 1)[:, None]
    return [np.concatenate([angle[: corner + 1] + (start - angle[0]) * share, angle[corner + 1 :]]), stem]


def _closed_four(strokes: _Strokes, rng: np.random.Generator) -> _Strokes | None:
    """Start the angle of a 4 at the top of its stem, with a straight line: a bent one would make it a 9."""
    if not (found := _four(strokes, _MIN_CROSSING)):
        return None
    angle, stem, corner = found
    start = stem[0] - (rng.uniform(0.0, 0.03), 0.0)
    start[1] = min(start[1], angle[corner, 1] - 0.3)
    return [np.concatenate([_arc(start, angle[corner], rng.uniform(-0.08, 0.08)), angle[corner + 1 :]]), stem]


def _nine(strokes: _Strokes) -> tuple[np.ndarray, float] | None:
    """Return the loop of a 9 up to the start of its tail, and the height of the drawing; None if it has none."""
    drawn, height = strokes[0], np.ptp(strokes[0][:, 1])
    if len(strokes) > 1 or height < 0.8:
        return None
    last = int(np.flatnonzero(drawn[:, 1] <= drawn[:, 1].min() + 0.4 * height)[-1])
    loop = drawn[: last + 1]
    is_closed = len(loop) > 8 and np.ptp(loop[:, 0]) > 0.2 and loop[:, 1].max() > loop[-1, 1] + 0.03
    return (loop, height) if is_closed and loop[-1, 0] > loop[:, 0].mean() else None


def _straight_nine(strokes: _Strokes, rng: np.random.Generator) -> _Strokes | None:
    """Give a 9 a straight tail."""
    if not (found := _nine(strokes)):
        return None
    loop, height = found
    end = np.array([loop[-1, 0] + rng.uniform(-0.25, 0.05), loop[:, 1].min() + height])
    return [np.concatenate([loop, _arc(loop[-1], end, rng.uniform(-0.05, 0.05))[1:]])]


def _curled_nine(strokes: _Strokes, rng: np.random.Generator) -> _Strokes | None:
    """Give a 9 a tail that curls to the left and up."""
    if not (found := _nine(strokes)):
        return None
    loop, height = found
    start, bottom, width = loop[-1], loop[:, 1].min() + height, rng.uniform(0.3, 0.5)
    rise = rng.uniform(0.03, 0.18)
    controls = ((0.05, bottom + 0.05), (-0.3 * width, bottom + 0.25), (-width, bottom + 0.1), (-width, bottom - rise))
    points = [np.array([start[0] + x, y]) for x, y in controls]
    return [np.concatenate([loop, _curve(start, *points)[1:]])]


def _two(strokes: _Strokes) -> tuple[np.ndarray, np.ndarray] | None:
    """Return a 2 down to its lower left corner, and from there to its end; None if it has no such corner."""
    drawn = strokes[0]
    if len(strokes) > 1 or len(drawn) < 10:
        return None
    bottom, height = drawn[:, 1].max(), np.ptp(drawn[:, 1])
    low = np.flatnonzero((drawn[:, 1] > bottom - 0.15 * height) & (np.arange(len(drawn)) > len(drawn) // 3))
    if not len(low):
        return None
    corner, end = int(low[0]), drawn[-1]
    is_two = drawn[corner, 0] < drawn[: corner + 1, 0].max() - 0.15 and end[0] > drawn[corner, 0] + 0.25
    return (drawn[: corner + 1], end) if is_two else None


def _plain_two(strokes: _Strokes, rng: np.random.Generator) -> _Strokes | None:
    """Give a 2 a sharp corner and a straight base."""
    if not (found := _two(strokes)):
        return None
    head, end = found
    end = np.array([end[0], head[-1, 1] + rng.uniform(-0.08, 0.08)])
    return [np.concatenate([head, _arc(head[-1], end, rng.uniform(-0.1, 0.1))[1:]])]


def _looped_two(strokes: _Strokes, rng: np.random.Generator) -> _Strokes | None:
    """Give a 2 a loop at its corner and a waved base."""
    if not (found := _two(strokes)):
        return None
    head, end = found
    corner, size = head[-1], rng.uniform(0.25, 0.6)
    end = np.array([end[0], corner[1] + rng.uniform(-0.08, 0.12)])
    left, up = corner + size * np.array([-1.4, 0.6]), corner + size * np.array([-0.7, -rng.uniform(0.9, 1.3)])
    below = corner + (end - corner) * 0.4 + (0.0, 0.12)
    return [np.concatenate([head, _curve(corner, left, up, corner)[1:], _curve(corner, below, end)[1:]])]


STYLES = (
    Style("0 with a slash", 0, _slashed_zero),
    Style("1 with a long flag", 1, _flagged_one),
    Style("2 without a loop", 2, _plain_two),
    Style("2 with a loop", 2, _looped_two),
    Style("4 open", 4, _open_four),
    Style("4 closed", 4, _closed_four),
    Style("7 with a bar", 7, _barred_seven),
    Style("9 with a straight tail", 9, _straight_nine),
    Style("9 with a curled tail", 9, _curled_nine),
)
