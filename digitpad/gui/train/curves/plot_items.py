"""The pyqtgraph items of the plots: created when first needed, and changed only if necessary."""

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg

from digitpad.gui.train.curves.axes import HorizontalViewBox
from digitpad.gui.train.curves.lines import LineOwner, PlotLine
from digitpad.gui.train.curves.reduction import clip_band, clip_line
from digitpad.gui.train.curves.series import Metric, Place
from digitpad.gui.train.curves.style import Stroke

_Key = tuple[LineOwner, Metric]


class PlotItems:
    """Creates, updates and removes the pyqtgraph items of the lines."""

    def __init__(self, view_of: Callable[[Place], HorizontalViewBox]) -> None:
        self._view_of = view_of
        self._items: dict[_Key, tuple[pg.PlotCurveItem, pg.ScatterPlotItem]] = {}
        self._places: dict[_Key, Place] = {}
        self._drawn: dict[_Key, PlotLine] = {}
        self._ratio = 0.0

    def line(self, owner: LineOwner, metric: Metric) -> PlotLine | None:
        """Return a line as drawn; None if it is not drawn."""
        return self._drawn.get((owner, metric))

    def draw(self, lines: Sequence[PlotLine], ratio: float, *, on_paper: bool) -> None:
        """Draw these lines and no others, at `ratio` pixels per px.

        On paper the lines are clipped here: Qt's SVG painter does not clip.
        """
        if ratio != self._ratio:  # moved to another screen
            self._ratio = ratio
            self._drawn.clear()
        places = {(line.owner, line.metric): line.place for line in lines}
        for key in [key for key, place in self._places.items() if places.get(key) != place]:
            self._drawn.pop(key, None)
            view = self._view_of(self._places.pop(key))
            for item in self._items.pop(key):
                view.removeItem(item)
        for line in lines:
            key = line.owner, line.metric
            if not line.draws_same_as(self._drawn.get(key)):
                self._draw(line, on_paper=on_paper)
                self._drawn[key] = line

    def _draw(self, line: PlotLine, *, on_paper: bool) -> None:
        curve, marks = self._items.get((line.owner, line.metric)) or self._add_items(line)
        if line.stroke.is_area:
            self._draw_area(curve, line, on_paper=on_paper)
            return
        view, stroke, x, y = self._view_of(line.place), line.stroke, line.x, line.y
        marked = np.isfinite(y[line.marked])
        if on_paper:
            (left, right), (low, high) = view.viewRange()
            mark_x, mark_y = x[line.marked], y[line.marked]
            marked &= (mark_x >= left) & (mark_x <= right) & (mark_y >= low) & (mark_y <= high)
            y, x = clip_line(y, x, left, right)
            x, y = clip_line(x, y, low, high)
        curve.setPen(self._pen(stroke) if stroke.width else None)
        curve.setData(x, y, connect="finite", antialias=True)
        visible = line.marked[marked]
        marks.setData(
            line.x[visible],
            line.y[visible],
            symbol=stroke.mark or "o",
            size=stroke.mark_size,
            pen=pg.mkPen(stroke.colour, width=1.5 * self._ratio) if stroke.is_hollow else None,
            brush=None if stroke.is_hollow else stroke.colour,
        )

    def _draw_area(self, item: pg.PlotCurveItem, line: PlotLine, *, on_paper: bool) -> None:
        assert line.lower is not None  # noqa: S101 - for the type checker
        x, low, high = line.x, line.lower, line.y
        if on_paper:
            x_span, y_span = self._view_of(line.place).viewRange()
            x, low, high = clip_band(x, low, high, tuple(x_span), tuple(y_span))
        outline_x, outline_y = np.concatenate([x, x[::-1]]), np.concatenate([high, low[::-1]])
        item.setData(
            outline_x, outline_y, pen=None, fillLevel="enclosed", brush=line.stroke.colour, antialias=True
        )  # fmt: skip

    def _pen(self, stroke: Stroke) -> object:
        pen = stroke.pen()
        # The width of a cosmetic pen is in pixels of the screen.
        pen.setWidthF(pen.widthF() * self._ratio)
        return pen

    def _add_items(self, line: PlotLine) -> tuple[pg.PlotCurveItem, pg.ScatterPlotItem]:
        curve = pg.PlotCurveItem(antialias=True)
        # One path has joined corners; segments would only be faster for thick and very long lines.
        curve.setSegmentedLineMode("off")
        # Without a cache of pixels, so that an SVG file gets circles.
        marks = pg.ScatterPlotItem(antialias=True, useCache=False)
        for item, higher in ((curve, 0.0), (marks, 0.5)):
            item.setZValue(line.z_value + higher)
            self._view_of(line.place).addItem(item, ignoreBounds=True)
        self._items[line.owner, line.metric], self._places[line.owner, line.metric] = (curve, marks), line.place
        return curve, marks
