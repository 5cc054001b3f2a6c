"""Numbers written with simple strokes, as ink and as pictures."""

from collections.abc import Sequence

import numpy as np

from digitpad.core.ink.rasterize import draw_polylines

Points = list[tuple[float, float]]
# Pen width of a picture's digits, per height.
PEN = 0.1


def _arc(x: float, y: float, width: float, height: float, start: float, end: float) -> Points:
    turn = np.radians(np.linspace(start, end, 24))
    return list(zip((x + width * np.cos(turn)).tolist(), (y + height * np.sin(turn)).tolist(), strict=True))


# Strokes in a box 0.62 wide and 1 high, y down. The signs are where they are written beside digits.
GLYPHS: dict[str, list[Points]] = {
    "0": [_arc(0.31, 0.5, 0.24, 0.48, -90, 270)],
    "1": [[(0.31, 0.02), (0.31, 0.98)]],
    "2": [[*_arc(0.3, 0.27, 0.22, 0.25, -170, 40), (0.08, 0.96), (0.56, 0.96)]],
    "3": [_arc(0.28, 0.26, 0.2, 0.23, -150, 90) + _arc(0.28, 0.73, 0.23, 0.24, -90, 150)],
    "4": [[(0.36, 0.02), (0.06, 0.62), (0.58, 0.62)], [(0.42, 0.35), (0.42, 0.98)]],
    "5": [[(0.52, 0.04), (0.15, 0.04), (0.14, 0.42), *_arc(0.28, 0.68, 0.22, 0.28, -125, 140)]],
    "6": [[(0.45, 0.04), (0.24, 0.3), *_arc(0.31, 0.73, 0.19, 0.24, 190, -175)]],
    "7": [[(0.08, 0.05), (0.54, 0.05), (0.26, 0.98)]],
    "8": [_arc(0.31, 0.27, 0.17, 0.23, 90, -270), _arc(0.31, 0.74, 0.2, 0.23, -90, 270)],
    "9": [[*_arc(0.29, 0.29, 0.19, 0.26, 0, -350), (0.46, 0.98)]],
    "-": [[(0.08, 0.52), (0.5, 0.49)]],
    "+": [[(0.06, 0.5), (0.54, 0.52)], [(0.3, 0.27), (0.31, 0.74)]],
    "=": [[(0.08, 0.4), (0.52, 0.41)], [(0.07, 0.62), (0.5, 0.61)]],
    ".": [[(0.3, 0.95), (0.32, 0.96)]],
    ",": [[(0.33, 0.92), (0.22, 1.18)]],
    ":": [[(0.3, 0.3), (0.31, 0.31)], [(0.29, 0.75), (0.31, 0.76)]],
}


def written(text: str, place: tuple[float, float] = (0, 0), height: float = 50, gap: float = 0.3) -> list[np.ndarray]:
    """Return the strokes of a line of text whose top left corner is `place`; `gap` per height."""
    strokes = []
    for column, character in enumerate(text):
        corner = np.add(place, (column * (0.62 + gap) * height, 0))
        strokes += [np.array(points) * height + corner for points in GLYPHS[character]]
    return strokes


def drawn(strokes: Sequence[np.ndarray], size: tuple[int, int], pen: float) -> np.ndarray:
    """Return strokes drawn with a pen of this width as (height, width) float32 in [0, 1]; `size` is width, height."""
    return draw_polylines(list(strokes), pen, max(size))[: size[1], : size[0]]
