"""The lines and marks of the plots: made when first needed, changed only where they have to be."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg

from digitpad.gui.train.curves.axes import SidewaysView
from digitpad.gui.train.curves.lines import LineOwner, Panel, PlotLine, panel_of
from digitpad.gui.train.curves.series import Figure, cut

_MARK_PX = 6
_Key = tuple[LineOwner, Figure]


class CurveLines:
    """Keeps what pyqtgraph draws in step with strands."""

    def __init__(self, views: Mapping[Panel, SidewaysView]) -> None:
        self._views = views
        self._items: dict[_Key, tuple[pg.PlotCurveItem, pg.ScatterPlotItem]] = {}
        self._drawn: dict[_Key, PlotLine] = {}
        self._ratio = 0.0

    def points(self, owner: LineOwner, figure: Figure) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the points (x, y) of a line as they are drawn; None where it is not."""
        found = self._items.get((owner, figure))
        if found is None:
            return None
        x, y = found[0].getData()
        return np.asarray(x), np.asarray(y)

    def draw(self, strands: Sequence[PlotLine], ratio: float, *, on_paper: bool) -> None:
        """Draw these strands and no others, at `ratio` pixels to the px.

        On paper nothing relies on the painter to clip, as Qt's SVG cannot.
        """
        if ratio != self._ratio:  # on another screen now
            self._ratio = ratio
            self._drawn.clear()
        for key in self._items.keys() - {(strand.owner, strand.figure) for strand in strands}:
            self._drawn.pop(key, None)
            for item in self._items.pop(key):
                self._views[panel_of(key[1])].removeItem(item)
        for strand in strands:
            key = strand.owner, strand.figure
            if not strand.looks_like(self._drawn.get(key)):
                self._draw(strand, on_paper=on_paper)
                self._drawn[key] = strand

    def _draw(self, strand: PlotLine, *, on_paper: bool) -> None:
        line, marks = self._items.get((strand.owner, strand.figure)) or self._added(strand)
        view = self._views[strand.panel]
        pen = strand.stroke.pen()
        # A cosmetic pen counts the pixels of the screen.
        pen.setWidthF(pen.widthF() * self._ratio)
        line.setPen(pen if strand.has_line else None)
        x, y = strand.x, strand.y
        marked = np.isfinite(y[strand.marks])
        if on_paper:
            (left, right), (low, high) = view.viewRange()
            mark_x, mark_y = x[strand.marks], y[strand.marks]
            marked &= (mark_x >= left) & (mark_x <= right) & (mark_y >= low) & (mark_y <= high)
            y, x = cut(y, x, left, right)
            x, y = cut(x, y, low, high)
        # Where lines stand so close that they fill an area, smooth edges would only cost time.
        is_smooth = strand.stroke.width > 1 or len(x) < view.width() or on_paper
        line.setData(x, y, connect="finite", antialias=is_smooth)
        seen = strand.marks[marked]
        colour = strand.stroke.colour
        marks.setData(
            strand.x[seen],
            strand.y[seen],
            pen=pg.mkPen(colour, width=1.5 * self._ratio),
            brush=colour if strand.has_line else None,
        )

    def _added(self, strand: PlotLine) -> tuple[pg.PlotCurveItem, pg.ScatterPlotItem]:
        line = pg.PlotCurveItem(antialias=True)
        # As one path, which joins its corners; segments would be quicker where lines are thick and very long.
        line.setSegmentedLineMode("off")
        # Drawn anew each time rather than from an atlas of pixels, so that an SVG gets circles.
        marks = pg.ScatterPlotItem(size=_MARK_PX, symbol="o", antialias=True, useCache=False)
        for item, higher in ((line, 0.0), (marks, 0.5)):
            item.setZValue(strand.depth + higher)
            self._views[strand.panel].addItem(item, ignoreBounds=True)
        self._items[strand.owner, strand.figure] = line, marks
        return line, marks
