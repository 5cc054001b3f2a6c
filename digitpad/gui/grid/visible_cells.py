"""The samples of a grid that are in sight, ready to be painted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect

from digitpad.core.evaluation.sample_filter import sample_title
from digitpad.core.evaluation.samples import Samples

if TYPE_CHECKING:  # it would bring torch
    from digitpad.core.evaluation.result import Evaluation


@dataclass(frozen=True, slots=True, eq=False)
class VisibleCells:
    """The cells to paint, k in order.

    Attributes
    ----------
    samples, indices
        The set, and (k,) the places in it.
    lefts, tops, widths, height
        Where they are, px. Numbers, not QRects: hundreds of objects a frame would keep Python's garbage collector
        busy, which in a process as large as one with torch takes several frames' time.
    selected
        (k,) bool.
    current, hovered
        Which of the k, if any.
    has_focus, has_answers
        Whether keys go to the grid; whether there is more to tell than the label.

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
        """Return the place of one of the k."""
        return QRect(self.lefts[at], self.tops[at], self.widths[at], self.height)

    @property
    def labels(self) -> np.ndarray:
        """(k,) uint8: what they are."""
        return self.samples.digits.labels[self.indices]

    def titles(self) -> list[str]:
        """Return what each is called."""
        said = self.samples.evaluation
        if said is None or not self.has_answers:
            return [sample_title(label, None) for label in self.labels.tolist()]
        answers = said.predicted[self.indices].tolist()
        return [sample_title(label, answer) for label, answer in zip(self.labels.tolist(), answers, strict=True)]

    def captions(self, rival: str) -> list[list[tuple[bool | None, str]]]:
        """Return a line for the model and one for its rival, so named: of each cell if it is right, and words.

        None, and the cell stays without, where nothing was asked.
        """
        if not self.has_answers:
            return []
        said, other = self.samples.evaluation, self.samples.rival_evaluation
        lines: list[list[tuple[bool | None, str]]] = []
        if said is not None:
            lines.append([(is_right, f"{share} %") for is_right, _, share in self._answers(said)])
        if other is not None:
            lines.append([(right, rival_caption(rival, digit, share)) for right, digit, share in self._answers(other)])
        return lines

    def _answers(self, said: "Evaluation") -> list[tuple[bool, int, int]]:
        """Return whether a model is right, what it said, and with how many percent."""
        digits = said.predicted[self.indices]
        percents = np.rint(100 * said.confidences[self.indices]).astype(int)
        return list(zip((digits == self.labels).tolist(), digits.tolist(), percents.tolist(), strict=True))


def rival_caption(name: str, digit: int, percent: int) -> str:
    """Say what the model it is compared with takes a sample for."""
    return f"{name}: {digit}, {percent} %"
