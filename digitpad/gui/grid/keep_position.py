"""Keep the position in a list that changes."""

import numpy as np


def restored_row(before: np.ndarray, now: np.ndarray, item: int, *, uses_neighbour: bool = True) -> int:
    """Return the row of an item in a changed list, or of its neighbour if it is gone.

    Parameters
    ----------
    before, now
        (k,) and (m,) int64: the items in the old and in the new order, each at most once.
    item
        The current item.
    uses_neighbour
        Whether a neighbour may take its place: the first later item that is still there, otherwise the last earlier
        one.

    Returns
    -------
    int
        From 0; 0 if there is no neighbour.

    """
    if len(rows := np.flatnonzero(now == item)):
        return int(rows[0])
    old_row = np.flatnonzero(before == item)
    stayed = np.flatnonzero(np.isin(before, now)) if uses_neighbour and len(old_row) else old_row[:0]
    if not len(stayed):
        return 0
    nearest = min(int(np.searchsorted(stayed, old_row[0])), len(stayed) - 1)
    return int(np.flatnonzero(now == before[stayed[nearest]])[0])
