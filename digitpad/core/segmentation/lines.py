"""Split the pieces of a drawing into lines of digits, one number a line."""

from collections.abc import Sequence

import numpy as np

from digitpad.core.segmentation.boxes import Box, height_of

# Lengths are per height of a digit. Pieces of this height are digits or large parts of one; the others, such as dots,
# bars and borders, join the nearest line.
_LOWEST, _HIGHEST = 0.4, 1.7
# Neighbours that show how much the lines climb: their largest gap, difference in height, and slope.
_NEAR, _MAX_STEP, _MAX_SLOPE = 1.5, 0.6, 0.35
# The middle part of a digit's height, which no digit of another line reaches.
_CORE = 0.25
# Two pieces are one above the other if they share this much of the narrower one's width; in two lines there is a space
# between them.
_SHARED, _SPACE = 0.5, 0.12
# Rows without such pieces are one line if their middles are nearer than this: a digit hangs lower.
_SAME_LINE = 0.8


def split_lines(boxes: Sequence[Box]) -> list[list[int]]:
    """Return the indices of the pieces of each line, lines from top to bottom.

    A line may climb or fall, and one of its digits may hang lower. A digit whose parts touch, such as an 8 of two
    circles, is in one line.
    """
    if not boxes:
        return []
    edges = np.array(boxes, float)
    height = height_of(boxes)
    sides = edges[:, 3] - edges[:, 1]
    large = np.flatnonzero((sides >= _LOWEST * height) & (sides <= _HIGHEST * height))
    lines = _clusters(edges, large, height) if len(large) > 1 else []
    if len(lines) < 2:
        return [list(range(len(boxes)))]
    for index in np.setdiff1d(np.arange(len(boxes)), large).tolist():
        nearest = min(lines, key=lambda line: float(_distances(edges[index], edges[line]).min()))
        nearest.append(index)
    return [sorted(line) for line in lines]


def _clusters(edges: np.ndarray, large: np.ndarray, height: float) -> list[list[int]]:
    middles = edges[:, [0, 1]] / 2 + edges[:, [2, 3]] / 2
    levels = middles[:, 1] - _slope(edges[large], height) * middles[:, 0]
    reach = _CORE * (edges[:, 3] - edges[:, 1])
    lines: list[list[int]] = []
    bottom = -np.inf
    for index in sorted(large.tolist(), key=lambda i: levels[i] - reach[i]):
        if levels[index] - reach[index] > bottom:
            lines.append([])
        lines[-1].append(index)
        bottom = max(bottom, float(levels[index] + reach[index]))
    merged = lines[:1]
    for line in lines[1:]:
        if _are_one(edges, levels, merged[-1], line, height):
            merged[-1] += line
        else:
            merged.append(line)
    return merged


def _slope(edges: np.ndarray, height: float) -> float:
    """Return by how much the lines fall per unit to the right: the median over neighbours."""
    order = np.argsort(edges[:, 0] + edges[:, 2])
    edges = edges[order]
    middles = (edges[:, :2] + edges[:, 2:]) / 2
    slopes = []
    for i in range(len(edges) - 1):
        gaps = edges[i + 1 :, 0] - edges[i, 2]
        steps = middles[i + 1 :] - middles[i]
        near = (gaps <= _NEAR * height) & (gaps > -0.3 * height) & (np.abs(steps[:, 1]) <= _MAX_STEP * height)
        near &= steps[:, 0] > 0.2 * height
        if near.any():
            across, down = steps[near][0]
            slopes.append(down / across)
    return float(np.clip(np.median(slopes), -_MAX_SLOPE, _MAX_SLOPE)) if slopes else 0.0


def _are_one(edges: np.ndarray, levels: np.ndarray, above: list[int], below: list[int], height: float) -> bool:
    """Return whether two rows are one line: parts of digits that touch, or digits that hang lower."""
    top, low = edges[above][:, None], edges[below][None]
    shared = np.minimum(top[..., 2], low[..., 2]) - np.maximum(top[..., 0], low[..., 0])
    narrower = np.minimum(top[..., 2] - top[..., 0], low[..., 2] - low[..., 0])
    stacked = shared >= _SHARED * np.maximum(narrower, 0.1 * height)
    if stacked.any():
        return bool((low[..., 1] - top[..., 3])[stacked].max() <= _SPACE * height)
    return float(np.median(levels[below]) - np.median(levels[above])) <= _SAME_LINE * height


def _distances(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    across = np.maximum(boxes[:, 0] - box[2], box[0] - boxes[:, 2]).clip(min=0)
    down = np.maximum(boxes[:, 1] - box[3], box[1] - boxes[:, 3]).clip(min=0)
    return np.hypot(across, down)
