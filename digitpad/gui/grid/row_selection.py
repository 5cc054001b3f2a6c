"""Selected rows as an array, and back to what Qt's selections are made of."""

import numpy as np
from PySide6.QtCore import QAbstractItemModel, QItemSelection, QItemSelectionRange

# Qt takes the square of the number of parts.
_MOST_PARTS = 1000


def ranges_of(selection: QItemSelection) -> list[QItemSelectionRange]:
    """Return the ranges of rows that a selection is made of: one for all of 70,000, where all are selected."""
    return [selection.at(part) for part in range(selection.count())]


def mask_of(selection: QItemSelection, count: int) -> np.ndarray:
    """Return which of so many rows are selected, (count,) bool."""
    mask = np.zeros(count, bool)
    for part in ranges_of(selection):
        mask[part.top() : part.bottom() + 1] = True
    return mask


def selection_of(mask: np.ndarray, model: QAbstractItemModel) -> QItemSelection | None:
    """Return the selection of some rows, (n,) bool; None where it would be in too many parts."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False)).reshape(-1, 2)
    if len(edges) > _MOST_PARTS:
        return None
    selection = QItemSelection()
    for first, end in edges.tolist():
        selection.select(model.index(first, 0), model.index(end - 1, 0))
    return selection
