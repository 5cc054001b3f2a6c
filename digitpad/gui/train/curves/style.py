"""The look of the lines, in the plots and in the legend."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPen

from digitpad.gui.train.curves.series import LIVE, PUBLISHED, Role

RUN_COLOURS = 6
_DASHES = {"dashed": (5.0, 3.0), "dotted": (1.5, 2.5)}


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line: its colour, width in px, dashes, and whether its points have marks."""

    colour: QColor
    width: float = 2.0
    dash: str = ""  # "dashed" or "dotted"
    has_marks: bool = False

    def pen(self) -> QPen:
        """Return the pen; its width is in px at any scale of the plot."""
        pen = QPen(self.colour, self.width)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if self.dash else Qt.PenCapStyle.RoundCap)
        if self.dash:
            # Qt multiplies dash lengths by the width; here they are equal for all widths.
            pen.setDashPattern([length * 2 / self.width for length in _DASHES[self.dash]])
        return pen


@dataclass(frozen=True, slots=True)
class CurveStyle:
    """The colours and the small font of the plots."""

    colours: Mapping[str, QColor]
    font: QFont

    @property
    def background(self) -> QColor:
        """The background of the plots."""
        return self.colours["window"]

    @property
    def muted(self) -> QColor:
        """The colour of the text on the axes."""
        return self.colours["muted"]

    @property
    def line(self) -> QColor:
        """The colour of the grid."""
        return self.colours["line"]

    def stroke(self, role: Role, *, is_test: bool) -> Stroke:
        """Return the line of a run, for its training or test metrics."""
        if role == LIVE:
            return Stroke(self.colours["test" if is_test else "training"], has_marks=is_test)
        if role == PUBLISHED:
            return Stroke(self.colours["published"], 1.5, "dotted" if is_test else "dashed")
        colour = self.colours[f"run_{int(role) % RUN_COLOURS + 1}"]
        return Stroke(colour, 1.5, "dashed" if is_test else "")

    def batches(self, *, behind: bool) -> Stroke:
        """Return the faint line of single batches; fainter `behind` their average."""
        return Stroke(self._faint(0.18 if behind else 0.26), 1.0)

    def average(self) -> Stroke:
        """Return the line of the smoothed batches."""
        return Stroke(self._faint(0.8), 1.0)

    def _faint(self, share: float) -> QColor:
        colour = QColor(self.colours["training"])
        colour.setAlphaF(share)
        return colour
