"""The look of the lines, in the plots and in the legend."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPen

from digitpad.gui.train.curves.series import LIVE, PUBLISHED, Metric, Role
from digitpad.gui.widgets.colour_scale import scale_colour

RUN_COLOURS = 6
_DASHES = {"dashed": (5.0, 3.0), "dotted": (1.5, 2.5)}
_MARK, _SMALL_MARK = 6.0, 4.5
# The shape of the marks on the tests of other runs, and whether they are outlines.
_RUN_MARKS: tuple[tuple[Literal["", "o", "s"], bool], ...] = (("s", False), ("o", True), ("s", True), ("", False))


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line is drawn.

    Attributes
    ----------
    width
        Of the line in px; 0 if only its points are drawn.
    dash
        "dashed", "dotted", or empty.
    mark, mark_size
        The mark on points: "o" is a circle, "s" a square, empty is none. Its size is in px.
    is_hollow
        Whether marks are outlines.
    is_area
        Whether it is the filled area between two lines.

    """

    colour: QColor
    width: float = 2.0
    dash: str = ""
    mark: Literal["", "o", "s"] = ""
    mark_size: float = _MARK
    is_hollow: bool = False
    is_area: bool = False

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
    """The colours, the small font and the scale of the line widths of the plots."""

    colours: Mapping[str, QColor]
    font: QFont
    scale: float = 1.0
    shares: tuple[float, ...] = ()  # the place of each other run in one colour scale, 0 to 1, if they are in one

    @property
    def background(self) -> QColor:
        """The background of the plots."""
        return self.colours["surface"]

    @property
    def muted(self) -> QColor:
        """The colour of the text on the axes."""
        return self.colours["muted"]

    @property
    def line(self) -> QColor:
        """The colour of the grid."""
        return self.colours["grid"]

    def stroke(self, role: Role, metric: Metric, *, is_by_part: bool, is_sparse: bool = False) -> Stroke:
        """Return the line of a metric of a run; of `is_sparse` values only the points.

        Two lines of a run in one plot differ in their dashes: training and test, or by part accuracy and loss.
        """
        is_test, is_loss = metric.startswith("test"), metric.endswith("loss")
        is_second = is_loss if is_by_part else is_test
        if role == LIVE:
            dash = "dashed" if is_by_part and is_loss else ""
            colour = self.colours["test" if is_test else "training"]
            return self._scaled(Stroke(colour, dash=dash, mark="o" if is_test else ""))
        if role == PUBLISHED:
            colour, shape = self.colours["published"], ("s" if is_second else "o")
            if is_sparse:
                return self._scaled(Stroke(colour, 0, mark=shape, is_hollow=True))
            return self._scaled(Stroke(colour, 1.5, "dotted" if is_second else "dashed"))
        number = int(role)
        stroke = Stroke(self._run_colour(number), 1.5, "dashed" if is_second else "")
        if is_test and not self.shares:  # not by the colour alone
            mark, is_hollow = _RUN_MARKS[number % len(_RUN_MARKS)]
            stroke = replace(stroke, mark=mark, mark_size=_SMALL_MARK, is_hollow=is_hollow)
        return self._scaled(stroke)

    def samples(self) -> Stroke:
        """Return the light marks and the thin line of tests on a sample."""
        return self._scaled(Stroke(_faint(self.colours["test"], 0.55), 1.0, mark="o", mark_size=_SMALL_MARK))

    def after_epoch(self) -> Stroke:
        """Return the marks of training metrics that are measured after an epoch."""
        return self._scaled(Stroke(self.colours["training"], 0, mark="o", is_hollow=True))

    def band(self) -> Stroke:
        """Return the light area from the lowest to the highest of neighbouring batches."""
        return Stroke(_faint(self.colours["training"], 0.2), 0, is_area=True)

    def _run_colour(self, number: int) -> QColor:
        if number < len(self.shares):
            return scale_colour(self.colours, self.shares[number])
        return self.colours[f"run_{number % RUN_COLOURS + 1}"]

    def _scaled(self, stroke: Stroke) -> Stroke:
        return replace(stroke, width=stroke.width * self.scale, mark_size=stroke.mark_size * self.scale)


def _faint(colour: QColor, share: float) -> QColor:
    faint = QColor(colour)
    faint.setAlphaF(share)
    return faint
