"""Conversion between selected rows as an array and Qt's selections."""

import numpy as np
from PySide6.QtCore import QAbstractItemModel, QItemSelection, QItemSelectionRange

# Qt needs time quadratic in the number of ranges.
_MAX_RANGES = 1000


def ranges_of(selection: QItemSelection) -> list[QItemSelectionRange]:
    """Return the ranges of rows of a selection: a single one if all rows are selected."""
    return [selection.at(part) for part in range(selection.count())]


def mask_of(selection: QItemSelection, count: int) -> np.ndarray:
    """Return which of `count` rows are selected, (count,) bool."""
    mask = np.zeros(count, bool)
    for part in ranges_of(selection):
        mask[part.top() : part.bottom() + 1] = True
    return mask


def selection_of(mask: np.ndarray, model: QAbstractItemModel) -> QItemSelection | None:
    """Return the selection of some rows, (n,) bool; None if it would have too many ranges."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False)).reshape(-1, 2)
    if len(edges) > _MAX_RANGES:
        return None
    selection = QItemSelection()
    for first, end in edges.tolist():
        selection.select(model.index(first, 0), model.index(end - 1, 0))
    return selection
