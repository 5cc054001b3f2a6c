"""How each run's lines look, in the plots and in their legend."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPen

from digitpad.gui.train.curves.series import LIVE, PUBLISHED, Role

RUN_COLOURS = 6
_DASHES = {"dashed": (5.0, 3.0), "dotted": (1.5, 2.5)}


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line: its colour, width in px, whether it is broken, and whether its points are marked."""

    colour: QColor
    width: float = 2.0
    dash: str = ""  # "dashed" or "dotted"
    has_marks: bool = False

    def pen(self) -> QPen:
        """Return the pen; its width is in px whatever the scale."""
        pen = QPen(self.colour, self.width)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if self.dash else Qt.PenCapStyle.RoundCap)
        if self.dash:
            # Qt counts dashes in widths of the pen; they are to look alike in all widths.
            pen.setDashPattern([length * 2 / self.width for length in _DASHES[self.dash]])
        return pen


@dataclass(frozen=True, slots=True)
class CurveStyle:
    """The colours and the small font of the plots."""

    colours: Mapping[str, QColor]
    font: QFont

    @property
    def background(self) -> QColor:
        """What the plots lie on."""
        return self.colours["window"]

    @property
    def muted(self) -> QColor:
        """Of the words on the axes."""
        return self.colours["muted"]

    @property
    def line(self) -> QColor:
        """Of the grid."""
        return self.colours["line"]

    def stroke(self, role: Role, *, is_test: bool) -> Stroke:
        """Return the look of a run's training or test line."""
        if role == LIVE:
            return Stroke(self.colours["test" if is_test else "training"], has_marks=is_test)
        if role == PUBLISHED:
            return Stroke(self.colours["published"], 1.5, "dotted" if is_test else "dashed")
        colour = self.colours[f"run_{int(role) % RUN_COLOURS + 1}"]
        return Stroke(colour, 1.5, "dashed" if is_test else "")

    def batches(self, *, behind: bool) -> Stroke:
        """Return the faint line of single batches; fainter `behind` its own average."""
        return Stroke(self._faint(0.18 if behind else 0.26), 1.0)

    def average(self) -> Stroke:
        """Return the line of the smoothed batches."""
        return Stroke(self._faint(0.8), 1.0)

    def _faint(self, share: float) -> QColor:
        colour = QColor(self.colours["training"])
        colour.setAlphaF(share)
        return colour
