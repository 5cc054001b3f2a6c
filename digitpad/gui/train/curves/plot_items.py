"""The lines and marks of the plots: made when first needed, changed only where they have to be."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg

from digitpad.gui.train.curves.axes import HorizontalViewBox
from digitpad.gui.train.curves.lines import LineOwner, Panel, PlotLine, panel_of
from digitpad.gui.train.curves.series import Metric, clip_line

_MARK_PX = 6
_Key = tuple[LineOwner, Metric]


class PlotItems:
    """Keeps what pyqtgraph draws in step with strands."""

    def __init__(self, views: Mapping[Panel, HorizontalViewBox]) -> None:
        self._views = views
        self._items: dict[_Key, tuple[pg.PlotCurveItem, pg.ScatterPlotItem]] = {}
        self._drawn: dict[_Key, PlotLine] = {}
        self._ratio = 0.0

    def points(self, owner: LineOwner, metric: Metric) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the points (x, y) of a line as they are drawn; None where it is not."""
        found = self._items.get((owner, metric))
        if found is None:
            return None
        x, y = found[0].getData()
        return np.asarray(x), np.asarray(y)

    def draw(self, lines: Sequence[PlotLine], ratio: float, *, on_paper: bool) -> None:
        """Draw these strands and no others, at `ratio` pixels to the px.

        On paper nothing relies on the painter to clip, as Qt's SVG cannot.
        """
        if ratio != self._ratio:  # on another screen now
            self._ratio = ratio
            self._drawn.clear()
        for key in self._items.keys() - {(strand.owner, strand.metric) for strand in lines}:
            self._drawn.pop(key, None)
            for item in self._items.pop(key):
                self._views[panel_of(key[1])].removeItem(item)
        for strand in lines:
            key = strand.owner, strand.metric
            if not strand.draws_same_as(self._drawn.get(key)):
                self._draw(strand, on_paper=on_paper)
                self._drawn[key] = strand

    def _draw(self, plot_line: PlotLine, *, on_paper: bool) -> None:
        line, marks = self._items.get((plot_line.owner, plot_line.metric)) or self._add_items(plot_line)
        view = self._views[plot_line.panel]
        pen = plot_line.stroke.pen()
        # A cosmetic pen counts the pixels of the screen.
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
        # Where lines stand so close that they fill an area, smooth edges would only cost time.
        is_smooth = plot_line.stroke.width > 1 or len(x) < view.width() or on_paper
        line.setData(x, y, connect="finite", antialias=is_smooth)
        seen = plot_line.marked[marked]
        colour = plot_line.stroke.colour
        marks.setData(
            plot_line.x[seen],
            plot_line.y[seen],
            pen=pg.mkPen(colour, width=1.5 * self._ratio),
            brush=colour if plot_line.has_line else None,
        )

    def _add_items(self, plot_line: PlotLine) -> tuple[pg.PlotCurveItem, pg.ScatterPlotItem]:
        line = pg.PlotCurveItem(antialias=True)
        # As one path, which joins its corners; segments would be quicker where lines are thick and very long.
        line.setSegmentedLineMode("off")
        # Drawn anew each time rather than from an atlas of pixels, so that an SVG gets circles.
        marks = pg.ScatterPlotItem(size=_MARK_PX, symbol="o", antialias=True, useCache=False)
        for item, higher in ((line, 0.0), (marks, 0.5)):
            item.setZValue(plot_line.z_value + higher)
            self._views[plot_line.panel].addItem(item, ignoreBounds=True)
        self._items[plot_line.owner, plot_line.metric] = line, marks
        return line, marks
