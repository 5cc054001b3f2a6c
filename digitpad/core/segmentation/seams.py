"""Seams: ways from top to bottom of a part of a picture, through as little ink as can be, where digits may touch."""

import numpy as np

# Only parts wider than this are cut, per height of a digit; a seam keeps so far from the part's sides.
_CUT_FROM = 0.5
_MARGIN = 0.1
# Seams are looked for this far apart, each may wander so far to either side, and two must lie so far apart.
_SPACING, _WANDER, _APART = 1 / 16, 0.16, 0.22
# A seam that crosses more ink than so many strokes' widths is none.
_MOST_INK = 2.2
# Digits are looked at this high, px.
_LOOKED_AT = 40
# A piece without a pixel of so much ink is but the soft edge of another.
_SOLID = 0.2
# What a step aside costs, in px of ink.
_ASIDE = 0.05


def cut_parts(
    ink_map: np.ndarray, labels: np.ndarray, boxes: dict[int, tuple[float, float, float, float]], height: float
) -> tuple[np.ndarray, dict[int, int]]:
    """Cut wide parts of an ink map at their seams.

    Parameters
    ----------
    ink_map, labels, boxes
        (h, w) float in [0, 1] and int32, and left, top, right, bottom by label; see `ink_maps.connected_parts`.
    height
        How high a digit is, px.

    Returns
    -------
    labels
        (h, w) int32, the pieces numbered anew from 1.
    wholes
        For each piece, from left to right, the label of the part it is of.

    """
    result = np.zeros_like(labels)
    wholes: dict[int, int] = {}
    for label, (left, top, right, bottom) in boxes.items():
        # One pixel more on each side is the soft edge, which is labelled too.
        y, x = max(0, int(top) - 1), max(0, int(left) - 1)
        window = np.s_[y : int(bottom) + 1, x : int(right) + 1]
        here = labels[window] == label
        slices = np.zeros(here.shape, np.int32)
        if right - left > _CUT_FROM * height:
            for seam in _seams(np.where(here, ink_map[window], 0), height):
                slices += np.arange(here.shape[1]) > seam[:, None]
        for number in range(int(slices.max()) + 1):
            chosen = here & (slices == number)
            if (ink_map[window][chosen] >= _SOLID).any():
                wholes[len(wholes) + 1] = label
                result[window][chosen] = len(wholes)
    return result, wholes


def _seams(part: np.ndarray, height: float) -> list[np.ndarray]:
    """Return seams, each (h,) column by row, of a part (h, w) of an ink map."""
    step = max(1, int(height / _LOOKED_AT))
    rows, columns = -(-part.shape[0] // step), -(-part.shape[1] // step)
    padded = np.pad(part, ((0, rows * step - part.shape[0]), (0, columns * step - part.shape[1])))
    small = padded.reshape(rows, step, columns, step).mean(axis=(1, 3))
    digit = height / step
    starts = np.arange(_MARGIN * digit, columns - _MARGIN * digit, max(1.0, _SPACING * digit)).astype(int)
    if not len(starts):
        return []
    ways, inks = _cheapest_paths(small, starts, max(1, round(_WANDER * digit)))
    middles, most = ways.mean(axis=1), _MOST_INK * _stroke_width(small)
    taken: list[int] = []
    for index in np.argsort(inks, kind="stable"):
        if inks[index] > most:
            break
        if all(abs(middles[index] - middles[other]) >= _APART * digit for other in taken):
            taken.append(int(index))
    order = sorted(taken, key=lambda index: middles[index])
    return [np.repeat(ways[index] * step + (step - 1) / 2, step)[: part.shape[0]] for index in order]


def _stroke_width(small: np.ndarray) -> float:
    """Return about how wide the strokes are, px: the ink by half the length of its outline."""
    solid = np.pad(small >= 0.5, 1)
    edges = sum(int((solid != np.roll(solid, 1, axis)).sum()) for axis in (0, 1))
    # A slanted outline of length 1 has 4 / pi edges on average.
    return max(1.0, float(small.sum()) / max(edges * np.pi / 8, 1.0))


def _cheapest_paths(small: np.ndarray, starts: np.ndarray, wander: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ways of least ink, (n, h) columns, near each start, and their ink (n,), in px."""
    columns = starts[:, None] + np.arange(-wander, wander + 1)
    inside = (columns >= 0) & (columns < small.shape[1])
    ink = np.where(inside, small.T[np.clip(columns, 0, small.shape[1] - 1)].transpose(2, 0, 1), 1.0)
    total, steps = ink[0], []
    for row in ink[1:]:
        wide = np.pad(total, ((0, 0), (1, 1)), constant_values=1e9)
        options = np.stack([wide[:, 1:-1], wide[:, :-2] + _ASIDE, wide[:, 2:] + _ASIDE])
        best = options.argmin(axis=0)
        steps.append(best)
        total = np.take_along_axis(options, best[None], axis=0)[0] + row
    place = total.argmin(axis=1)
    every = np.arange(len(starts))
    inks = total[every, place]
    ways = [columns[every, place]]
    for best in reversed(steps):
        place = place + np.array([0, -1, 1])[best[every, place]]
        ways.append(columns[every, place])
    return np.stack(ways[::-1], axis=1), inks
