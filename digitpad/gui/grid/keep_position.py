"""Where to go on in a list that was renewed."""

import numpy as np


def restored_row(before: np.ndarray, now: np.ndarray, item: int, *, uses_neighbour: bool = True) -> int:
    """Return the row of an item in a renewed list, or of what took its place.

    Parameters
    ----------
    before, now
        (k,) and (m,) int64: the items in the order they were shown and are shown, each at most once.
    item
        What was looked at.
    goes_on
        Whether something else may take its place: of what came after it the first that is still there, otherwise of
        what came before it the last.

    Returns
    -------
    int
        From 0; 0 where nothing took its place.

    """
    if len(rows := np.flatnonzero(now == item)):
        return int(rows[0])
    was = np.flatnonzero(before == item)
    stayed = np.flatnonzero(np.isin(before, now)) if uses_neighbour and len(was) else was[:0]
    if not len(stayed):
        return 0
    nearest = min(int(np.searchsorted(stayed, was[0])), len(stayed) - 1)
    return int(np.flatnonzero(now == before[stayed[nearest]])[0])
