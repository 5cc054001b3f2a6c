"""Random distortions of strokes, as by another hand, pen or tablet."""

from dataclasses import dataclass

import numpy as np

from digitpad.core.ink.strokes import PEN, Ink

# The number of tremor waves along a stroke of the drawing's size.
_WAVES = 6.0
# Points of a stroke that are never dropped: with fewer a 3 becomes a zigzag.
_MIN_POINTS = 14
# The longest gap between joined strokes, as a share of the drawing's size.
_MAX_JOINED_GAP = 1 / 3


@dataclass(frozen=True, slots=True)
class StrokeAugmentation:
    """The largest amount of each distortion; the amounts are drawn for each drawing.

    Attributes
    ----------
    slant
        Shear: x moves by up to this share of y.
    rotation
        Degrees.
    aspect
        Change of the ratio of width to height, as a share: 0.25 is from 1/1.25 to 1.25 times.
    bend
        Offset by a smooth bend of the whole plane, as a share of the drawing's size.
    tremor
        Offset of the points by waves, as a share of the drawing's size.
    jitter
        Standard deviation of noise on each point, as a share of the drawing's size.
    dropped_points
        Share of points that are lost, as by a slow tablet or a fast hand.
    trimmed_ends
        Share of a stroke's length that is cut off at either end, as when a loop is not closed.
    stroke_offset
        Offset of a stroke from the others, as a share of the drawing's size.
    joined_strokes
        Share of drawings whose strokes are joined end to start, as by a pen that was not lifted high enough; only
        gaps shorter than a third of the drawing's size are joined.
    pen
        Thinnest and thickest pen, px in the 28x28 image; MNIST's are 1.7 to 4.4 thick.

    """

    slant: float = 0.3
    rotation: float = 12.0
    aspect: float = 0.25
    bend: float = 0.04
    tremor: float = 0.012
    jitter: float = 0.004
    dropped_points: float = 0.7
    trimmed_ends: float = 0.08
    stroke_offset: float = 0.05
    joined_strokes: float = 0.1
    pen: tuple[float, float] = (1.9, 3.9)


def augment_strokes(ink: Ink, settings: StrokeAugmentation, rng: np.random.Generator) -> tuple[Ink, float]:
    """Distort a drawing.

    Parameters
    ----------
    ink
        At least one stroke.
    settings
        The largest amount of each distortion.
    rng
        Random generator; the same seed gives the same drawings.

    Returns
    -------
    tuple[Ink, float]
        The drawing, centred on the origin and with a longer side of about 1, and the thickness of its pen, px.

    """
    left, top, right, bottom = ink.bounds
    size = max(right - left, bottom - top) or 1.0
    middle = np.array([left + right, top + bottom]) / 2
    plane, phase = _plane(settings, rng), rng.uniform(0, 2 * np.pi, 4)
    bend = rng.uniform(-settings.bend, settings.bend, 2)
    strokes = []
    scaled = [(stroke - middle) / size for stroke in ink.strokes]
    for stroke in _join_strokes(scaled) if rng.random() < settings.joined_strokes else scaled:
        points = _drop_points(_trim_ends(stroke, settings.trimmed_ends, rng), settings.dropped_points, rng)
        points = points + rng.uniform(-settings.stroke_offset, settings.stroke_offset, 2) * (len(scaled) > 1)
        points = points + bend * np.sin(np.pi * points[:, ::-1] * 2 + phase[:2])
        points = points @ plane.T
        strokes.append(_add_tremor(points, settings, phase[2:], rng))
    pen = float(np.clip(rng.normal(PEN, 0.55), *settings.pen))
    return Ink.of(strokes), pen


def _plane(settings: StrokeAugmentation, rng: np.random.Generator) -> np.ndarray:
    """Return (2, 2): aspect, then slant, then rotation."""
    angle = np.radians(rng.uniform(-settings.rotation, settings.rotation))
    stretch = (1 + settings.aspect) ** (rng.uniform(-1, 1) / 2)
    slant = np.array([[1.0, rng.uniform(-settings.slant, settings.slant)], [0.0, 1.0]])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ slant @ np.diag([stretch, 1 / stretch])


def _join_strokes(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """Join each stroke to the one before if its start is near that one's end."""
    joined = strokes[:1]
    for stroke in strokes[1:]:
        if np.hypot(*(stroke[0] - joined[-1][-1])) < _MAX_JOINED_GAP:
            joined[-1] = np.concatenate([joined[-1], stroke])
        else:
            joined.append(stroke)
    return joined


def _trim_ends(points: np.ndarray, max_share: float, rng: np.random.Generator) -> np.ndarray:
    """Cut off up to a share of a stroke's length at either end; cuts may fall between points."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    first, last = rng.uniform(0, max_share) * along[-1], (1 - rng.uniform(0, max_share)) * along[-1]
    inner = points[(along > first) & (along < last)]
    ends = [[np.interp(at, along, points[:, axis]) for axis in (0, 1)] for at in (first, last)]
    return np.concatenate([ends[:1], inner, ends[1:]])


def _drop_points(points: np.ndarray, max_share: float, rng: np.random.Generator) -> np.ndarray:
    """Drop points between the first and the last."""
    if len(points) <= _MIN_POINTS:
        return points
    is_kept = rng.random(len(points)) >= min(rng.uniform(0, max_share), 1 - _MIN_POINTS / len(points))
    is_kept[[0, -1]] = True
    return points[is_kept]


def _add_tremor(
    points: np.ndarray, settings: StrokeAugmentation, phase: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    if len(points) < 2:
        return points
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    waves = np.sin(2 * np.pi * _WAVES * along[:, None] / 2 + phase) * rng.uniform(0, settings.tremor, 2)
    return points + waves + rng.normal(0, settings.jitter * rng.random(), points.shape)
