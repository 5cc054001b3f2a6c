"""The pyqtgraph items of the plots: created when first needed, and changed only if necessary."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg

from digitpad.gui.train.curves.axes import HorizontalViewBox
from digitpad.gui.train.curves.lines import LineOwner, Panel, PlotLine, panel_of
from digitpad.gui.train.curves.series import Metric, clip_line

_MARK_PX = 6
_Key = tuple[LineOwner, Metric]


class PlotItems:
    """Creates, updates and removes the pyqtgraph items of the lines."""

    def __init__(self, views: Mapping[Panel, HorizontalViewBox]) -> None:
        self._views = views
        self._items: dict[_Key, tuple[pg.PlotCurveItem, pg.ScatterPlotItem]] = {}
        self._drawn: dict[_Key, PlotLine] = {}
        self._ratio = 0.0

    def points(self, owner: LineOwner, metric: Metric) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the points (x, y) of a line as drawn; None if it is not drawn."""
        found = self._items.get((owner, metric))
        if found is None:
            return None
        x, y = found[0].getData()
        return np.asarray(x), np.asarray(y)

    def draw(self, lines: Sequence[PlotLine], ratio: float, *, on_paper: bool) -> None:
        """Draw these lines and no others, at `ratio` pixels per px.

        On paper the lines are clipped here: Qt's SVG painter does not clip.
        """
        if ratio != self._ratio:  # moved to another screen
            self._ratio = ratio
            self._drawn.clear()
        for key in self._items.keys() - {(line.owner, line.metric) for line in lines}:
            self._drawn.pop(key, None)
            for item in self._items.pop(key):
                self._views[panel_of(key[1])].removeItem(item)
        for line in lines:
            key = line.owner, line.metric
            if not line.draws_same_as(self._drawn.get(key)):
                self._draw(line, on_paper=on_paper)
                self._drawn[key] = line

    def _draw(self, plot_line: PlotLine, *, on_paper: bool) -> None:
        line, marks = self._items.get((plot_line.owner, plot_line.metric)) or self._add_items(plot_line)
        view = self._views[plot_line.panel]
        pen = plot_line.stroke.pen()
        # The width of a cosmetic pen is in pixels of the screen.
        pen.setWidthF(pen.widthF() * self._ratio)
        line.setPen(pen if plot_line.has_line else None)
        x, y = plot_line.x, plot_line.y
        marked = np.isfinite(y[plot_line.marked])
        if on_paper:
            (left, right), (low, high) = view.viewRange()
            mark_x, mark_y = x[plot_line.marked], y[plot_line.marked]
            marked &= (mark_x >= left) & (mark_x <= right) & (mark_y >= low) & (mark_y <= high)
            y, x = clip_line(y, x, left, right)
            x, y = clip_line(x, y, low, high)
        # Where lines are so dense that they fill an area, antialiasing would only cost time.
        is_smooth = plot_line.stroke.width > 1 or len(x) < view.width() or on_paper
        line.setData(x, y, connect="finite", antialias=is_smooth)
        visible = plot_line.marked[marked]
        colour = plot_line.stroke.colour
        marks.setData(
            plot_line.x[visible],
            plot_line.y[visible],
            pen=pg.mkPen(colour, width=1.5 * self._ratio),
            brush=colour if plot_line.has_line else None,
        )

    def _add_items(self, plot_line: PlotLine) -> tuple[pg.PlotCurveItem, pg.ScatterPlotItem]:
        line = pg.PlotCurveItem(antialias=True)
        # One path has joined corners; segments would only be faster for thick and very long lines.
        line.setSegmentedLineMode("off")
        # Without a cache of pixels, so that an SVG file gets circles.
        marks = pg.ScatterPlotItem(size=_MARK_PX, symbol="o", antialias=True, useCache=False)
        for item, higher in ((line, 0.0), (marks, 0.5)):
            item.setZValue(plot_line.z_value + higher)
            self._views[plot_line.panel].addItem(item, ignoreBounds=True)
        self._items[plot_line.owner, plot_line.metric] = line, marks
        return line, marks
