"""Random distortions of strokes: what another hand, pen or tablet would have made of the same digit."""

from dataclasses import dataclass

import numpy as np

from digitpad.core.ink.strokes import PEN, Ink

# How many waves a tremble has along a stroke of the drawing's size.
_WAVES = 6.0
# About so many points of a stroke are always left: with fewer a 3 becomes a zigzag.
_FEWEST = 14
# The longest gap, as a share of the drawing's size, over which a pen may forget to be lifted.
_BRIDGED = 1 / 3


@dataclass(frozen=True, slots=True)
class StrokeAugmentation:
    """How far strokes are distorted; each amount is drawn anew for each drawing.

    Attributes
    ----------
    slant
        Largest shear: x moves by up to this share of y.
    rotation
        Largest turn, degrees.
    aspect
        Largest change of the ratio of width to height, as a share: 0.25 is from 1/1.25 to 1.25 times.
    bend
        Largest offset of a smooth bend of the whole plane, as a share of the drawing's size.
    tremble
        Largest offset of the points from where they were, as a share of the drawing's size; waves, not noise.
    jitter
        Standard deviation of noise on each point, as a share of the drawing's size.
    dropped
        Largest share of points that are lost, as by a slow tablet or a fast hand.
    trimmed
        Largest share of a stroke's length that is missing at either end, as where a loop is not closed.
    adrift
        Largest offset of a stroke from the others, as a share of the drawing's size.
    merged
        Share of drawings whose strokes are joined end to start, as by a pen that was not lifted high enough; only
        gaps shorter than a third of the drawing's size are bridged.
    pen
        Narrowest and widest pen, px in the 28x28 image; MNIST's are 1.7 to 4.4 wide.

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
        How far.
    draw
        Source of all chance, so that the same one gives the same drawings.

    Returns
    -------
    tuple[Ink, float]
        The drawing, in units of its own longer side and about its middle, and the pen to render it with, px.

    """
    left, top, right, bottom = ink.bounds
    size = max(right - left, bottom - top) or 1.0
    middle = np.array([left + right, top + bottom]) / 2
    plane, phase = _plane(settings, rng), rng.uniform(0, 2 * np.pi, 4)
    bend = rng.uniform(-settings.bend, settings.bend, 2)
    strokes = []
    whole = [(stroke - middle) / size for stroke in ink.strokes]
    for stroke in _merged(whole) if rng.random() < settings.joined_strokes else whole:
        points = _fewer(_trimmed(stroke, settings.trimmed_ends, rng), settings.dropped_points, rng)
        points = points + rng.uniform(-settings.stroke_offset, settings.stroke_offset, 2) * (len(whole) > 1)
        points = points + bend * np.sin(np.pi * points[:, ::-1] * 2 + phase[:2])
        points = points @ plane.T
        strokes.append(_unsteady(points, settings, phase[2:], rng))
    pen = float(np.clip(rng.normal(PEN, 0.55), *settings.pen))
    return Ink.of(strokes), pen


def _plane(settings: StrokeAugmentation, draw: np.random.Generator) -> np.ndarray:
    """Return (2, 2): aspect, then slant, then rotation."""
    angle = np.radians(draw.uniform(-settings.rotation, settings.rotation))
    stretch = (1 + settings.aspect) ** (draw.uniform(-1, 1) / 2)
    slant = np.array([[1.0, draw.uniform(-settings.slant, settings.slant)], [0.0, 1.0]])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ slant @ np.diag([stretch, 1 / stretch])


def _merged(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """Join each stroke to the one before where its start is near that one's end."""
    joined = strokes[:1]
    for stroke in strokes[1:]:
        if np.hypot(*(stroke[0] - joined[-1][-1])) < _BRIDGED:
            joined[-1] = np.concatenate([joined[-1], stroke])
        else:
            joined.append(stroke)
    return joined


def _trimmed(points: np.ndarray, most: float, draw: np.random.Generator) -> np.ndarray:
    """Lose up to a share of a stroke's length at its start, and at its end; the cuts fall between points."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    first, last = draw.uniform(0, most) * along[-1], (1 - draw.uniform(0, most)) * along[-1]
    inner = points[(along > first) & (along < last)]
    ends = [[np.interp(at, along, points[:, axis]) for axis in (0, 1)] for at in (first, last)]
    return np.concatenate([ends[:1], inner, ends[1:]])


def _fewer(points: np.ndarray, most: float, draw: np.random.Generator) -> np.ndarray:
    """Lose some points between the first and the last, as a faster hand or a slower tablet does."""
    if len(points) <= _FEWEST:
        return points
    kept = draw.random(len(points)) >= min(draw.uniform(0, most), 1 - _FEWEST / len(points))
    kept[[0, -1]] = True
    return points[kept]


def _unsteady(
    points: np.ndarray, settings: StrokeAugmentation, phase: np.ndarray, draw: np.random.Generator
) -> np.ndarray:
    if len(points) < 2:
        return points
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    waves = np.sin(2 * np.pi * _WAVES * along[:, None] / 2 + phase) * draw.uniform(0, settings.tremor, 2)
    return points + waves + draw.normal(0, settings.jitter * draw.random(), points.shape)
