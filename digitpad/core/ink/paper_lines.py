"""Find straight lines in a picture: ruled and squared paper, boxes of forms."""

import numpy as np

from digitpad.core.ink.ink_mask import label_parts

# A line spans this fraction of the picture's width or height, with gaps; a digit's own strokes do not.
_SPAN = 0.5
# It consists of straight pieces of this fraction of the width or height.
_PIECE = 1 / 16
_MIN_PIECE = 8  # px
# A line is at most this thick, as a fraction of the picture's longer side; at least two px are allowed.
_THICKNESS = 0.02


def find_lines(mask: np.ndarray) -> np.ndarray | None:
    """Find lines along the rows and columns of a picture.

    Parameters
    ----------
    mask
        (height, width) bool: what differs from the paper.

    Returns
    -------
    np.ndarray | None
        (height, width) bool: the pixels of lines, without those where a stroke crosses a line. None without lines.

    """
    across, down = _lines_across(mask), _lines_across(mask.T)
    if across is None and down is None:
        return None
    found = np.zeros_like(mask)
    for lines in (across, None if down is None else down.T):
        if lines is not None:
            found |= lines
    return found


def _lines_across(mask: np.ndarray) -> np.ndarray | None:
    from scipy import ndimage

    width = mask.shape[1]
    piece = max(_MIN_PIECE, round(_PIECE * width))
    pieces = piece <= _run_lengths(mask.T).T
    if pieces.sum(axis=1).max() < 0.5 * _SPAN * width:
        return None
    # A line that is not quite level is a staircase of pieces: join those that touch, or nearly.
    joined = ndimage.maximum_filter1d(ndimage.maximum_filter1d(pieces.astype(np.uint8), piece, axis=1), 3, axis=0)
    labels = label_parts(joined > 0)
    heights = _run_lengths(mask)
    found = np.zeros_like(mask)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        is_line = labels[rows, columns] == number
        pixels = is_line & pieces[rows, columns]
        occupied = np.flatnonzero(pixels.any(axis=0))
        if not occupied.size or occupied[-1] + 1 - occupied[0] < _SPAN * width:
            continue
        thickness = float(np.median(heights[rows, columns][pixels]))
        if thickness <= max(2.0, _THICKNESS * max(mask.shape)):
            # Where a stroke crosses the line, the column of ink is higher than the line is thick.
            is_thin = heights[rows, columns] <= 1.7 * thickness + 1
            found[rows, columns] |= is_line & mask[rows, columns] & is_thin
    return found if found.any() else None


def _run_lengths(mask: np.ndarray) -> np.ndarray:
    """Return the length of the unbroken column of pixels that each pixel of a mask is part of, px; 0 outside."""
    height, width = mask.shape
    columns = np.zeros((width, height + 1), bool)  # a gap ends each column
    columns[:, :-1] = mask.T
    flat = columns.ravel()
    edges = np.flatnonzero(np.diff(flat, prepend=False))
    lengths = np.zeros(flat.size, np.int32)
    starts, ends = edges[::2], edges[1::2]
    lengths[flat] = np.repeat(ends - starts, ends - starts)
    return lengths.reshape(width, height + 1)[:, :-1].T
