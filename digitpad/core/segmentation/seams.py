"""Seams: paths of least ink from top to bottom of a part of a picture, where two digits may touch."""

import numpy as np

from digitpad.core.segmentation.boxes import Box

# Lengths are per height of a digit. Only wider parts are cut; seams keep this margin from the part's sides.
_MIN_WIDTH = 0.5
_MARGIN = 0.1
# Distance between the starts of seams, how far a seam may deviate to either side, and the distance between two seams.
_SPACING, _MAX_DEVIATION, _MIN_DISTANCE = 1 / 16, 0.16, 0.22
# A seam may cross at most this much ink, in stroke widths.
_MAX_INK = 2.2
# Height, px, to which digits are reduced before the search.
_SEARCH_HEIGHT = 40
# A piece whose pixels all have less ink is only the soft edge of another.
_SOLID = 0.2
# The cost of a step to the side, in px of ink.
_SIDE_STEP = 0.05


def cut_parts(
    ink_map: np.ndarray, labels: np.ndarray, boxes: dict[int, Box], heights: dict[int, float]
) -> tuple[np.ndarray, dict[int, int]]:
    """Cut wide parts of an ink map at their seams.

    Parameters
    ----------
    ink_map, labels, boxes
        (h, w) float in [0, 1] and int32, and left, top, right, bottom by label; see `ink_mask.connected_parts`.
    heights
        For each label the height of a digit of its line, px.

    Returns
    -------
    labels
        (h, w) int32, the pieces numbered from 1.
    wholes
        For each piece, from left to right, the label of the part it was cut from.

    """
    result = np.zeros_like(labels)
    wholes: dict[int, int] = {}
    for label, (left, top, right, bottom) in boxes.items():
        # The soft edge, one more pixel on each side, is labelled too.
        y, x = max(0, int(top) - 1), max(0, int(left) - 1)
        window = np.s_[y : int(bottom) + 1, x : int(right) + 1]
        mask = labels[window] == label
        slices = np.zeros(mask.shape, np.int32)
        height = heights[label]
        if right - left > _MIN_WIDTH * height:
            for seam in _seams(np.where(mask, ink_map[window], 0), height):
                slices += np.arange(mask.shape[1]) > seam[:, None]
        for number in range(int(slices.max()) + 1):
            chosen = mask & (slices == number)
            if (ink_map[window][chosen] >= _SOLID).any():
                wholes[len(wholes) + 1] = label
                result[window][chosen] = len(wholes)
    return result, wholes


def _seams(part: np.ndarray, height: float) -> list[np.ndarray]:
    """Return the seams of a part (h, w) of an ink map, each as (h,) columns by row."""
    step = max(1, int(height / _SEARCH_HEIGHT))
    rows, columns = -(-part.shape[0] // step), -(-part.shape[1] // step)
    padded = np.pad(part, ((0, rows * step - part.shape[0]), (0, columns * step - part.shape[1])))
    small = padded.reshape(rows, step, columns, step).mean(axis=(1, 3))
    digit = height / step
    starts = np.arange(_MARGIN * digit, columns - _MARGIN * digit, max(1.0, _SPACING * digit)).astype(int)
    if not len(starts):
        return []
    paths, inks = _cheapest_paths(small, starts, max(1, round(_MAX_DEVIATION * digit)))
    middles, max_ink = paths.mean(axis=1), _MAX_INK * stroke_width(small)
    chosen: list[int] = []
    for index in np.argsort(inks, kind="stable"):
        if inks[index] > max_ink:
            break
        if all(abs(middles[index] - middles[other]) >= _MIN_DISTANCE * digit for other in chosen):
            chosen.append(int(index))
    order = sorted(chosen, key=lambda index: middles[index])
    return [np.repeat(paths[index] * step + (step - 1) / 2, step)[: part.shape[0]] for index in order]


def stroke_width(ink_map: np.ndarray) -> float:
    """Estimate the width of the strokes, px: the amount of ink divided by half the length of its outline."""
    solid = np.pad(ink_map >= 0.5, 1)
    edges = sum(int((solid != np.roll(solid, 1, axis)).sum()) for axis in (0, 1))
    # A slanted outline of length 1 has 4 / pi edges on average.
    return max(1.0, float(ink_map.sum()) / max(edges * np.pi / 8, 1.0))


def _cheapest_paths(small: np.ndarray, starts: np.ndarray, deviation: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the path of least ink near each start, (n, h) columns, and its ink, (n,) px."""
    columns = starts[:, None] + np.arange(-deviation, deviation + 1)
    inside = (columns >= 0) & (columns < small.shape[1])
    ink = np.where(inside, small.T[np.clip(columns, 0, small.shape[1] - 1)].transpose(2, 0, 1), 1.0)
    total, steps = ink[0], []
    for row in ink[1:]:
        wide = np.pad(total, ((0, 0), (1, 1)), constant_values=1e9)
        options = np.stack([wide[:, 1:-1], wide[:, :-2] + _SIDE_STEP, wide[:, 2:] + _SIDE_STEP])
        best = options.argmin(axis=0)
        steps.append(best)
        total = np.take_along_axis(options, best[None], axis=0)[0] + row
    position = total.argmin(axis=1)
    indices = np.arange(len(starts))
    inks = total[indices, position]
    paths = [columns[indices, position]]
    for best in reversed(steps):
        position = position + np.array([0, -1, 1])[best[indices, position]]
        paths.append(columns[indices, position])
    return np.stack(paths[::-1], axis=1), inks
