"""The visible cells of a grid, ready to be painted."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect

from digitpad.core.evaluation.samples import Samples


@dataclass(frozen=True, slots=True, eq=False)
class VisibleCells:
    """The k cells to paint, in order.

    Attributes
    ----------
    samples, indices
        The set, and (k,) int64 places in it.
    lefts, tops, widths, height
        Places of the cells, px. Numbers, not QRects: hundreds of objects per frame trigger Python's garbage collector,
        which takes several frames in a process with torch.
    selected
        (k,) bool.
    current, hovered
        Which of the k, if any.
    has_focus, has_answers
        Whether the grid has the keyboard focus; whether predictions are shown beside labels.

    """

    samples: Samples
    indices: np.ndarray
    lefts: list[int]
    tops: list[int]
    widths: list[int]
    height: int
    selected: np.ndarray
    current: int | None
    hovered: int | None
    has_focus: bool
    has_answers: bool

    def rect(self, at: int) -> QRect:
        """Return the place of one of the k cells."""
        return QRect(self.lefts[at], self.tops[at], self.widths[at], self.height)

    @property
    def labels(self) -> list[int]:
        """The k labels."""
        return self.samples.digits.labels[self.indices].tolist()
