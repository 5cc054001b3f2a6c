"""Two plots over one range of epochs, drawn by pyqtgraph: loss and accuracy, or training and test.

Only this module, `plot`, `axes` and `plot_items` import pyqtgraph, which takes a quarter of a second: import them late.
"""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsGridLayout, QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.train.curves.axes import HorizontalViewBox
from digitpad.gui.train.curves.lines import LineOwner, PlotLine, plot_lines
from digitpad.gui.train.curves.plot import Plot
from digitpad.gui.train.curves.plot_items import PlotItems
from digitpad.gui.train.curves.series import CurveContent, CurveOptions, Headings, Metric, Panel, Place
from digitpad.gui.train.curves.style import CurveStyle

_MARGIN, _BETWEEN = 14, 16
# Room for half a mark at both ends of the axis, as a share of the epochs.
_END_ROOM = 0.015
_SHORTEST_AXIS = 1e-3
# From this width, px, and ratio of width and height on, the plots are side by side.
_LEAST_WIDE, _WIDE_RATIO = 600, 1.9


class CurvePlots(pg.GraphicsView):
    """Draws a `CurveContent`; independent of timers, themes and controls."""

    range_changed_manually = Signal()  # zoomed or panned with the mouse
    reset_requested = Signal()
    resized = Signal()
    pointer_moved = Signal(QPointF)  # in px of this widget
    pointer_left = Signal()

    def __init__(self, style: CurveStyle, parent: QWidget | None = None, *, paper_ratio: float | None = None) -> None:
        """Make the plots for the screen, or for paper with `paper_ratio` pixels per px.

        On paper the lines are clipped before they are painted: Qt's SVG painter does not clip.
        """
        super().__init__(parent)
        self._paper_ratio = paper_ratio
        # pyqtgraph caches the background, which would keep the colour of the former theme.
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self._style = style
        self._content = CurveContent()
        self._epochs = self._limit = 0.0
        self._epoch_label = ""
        self._follows = True  # whether the whole axis stays in view while it grows
        self._visible: tuple[Panel, ...] = self._content.panels
        self._rights = (False, False)  # whether each plot has a right axis
        self._is_wide = False
        self._plots = (Plot(), Plot())
        self._items = PlotItems(self._view)
        # The chart around it has the focus and handles the keys.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

        self._set_up()
        self.set_style(style)

        for view in self._views():
            view.sigXRangeChanged.connect(self._on_x_range_changed)
            view.range_changed_manually.connect(self._on_range_changed_manually)

    def _set_up(self) -> None:
        """Join each plot with its axes."""
        layout = pg.GraphicsLayout()
        self._grid: QGraphicsGridLayout = layout.layout  # pyright: ignore[reportAttributeAccessIssue]
        layout.setSpacing(0)
        self.setCentralItem(layout)
        for plot in self._plots:
            plot.views["right"].setParentItem(layout)
        self._lay_out()

    def _lay_out(self) -> None:
        """Put the first plot above the second, or left of it where there is more width than height."""
        while self._grid.count():
            self._grid.removeAt(0)
        for number, plot in enumerate(self._plots):
            row, column = (0, 3 * number) if self._is_wide else (3 * number, 0)
            self._grid.addItem(plot.heading, row, column, 1, 3)
            self._grid.addItem(plot.axes["left"], row + 1, column)
            self._grid.addItem(plot.views["left"], row + 1, column + 1)
            self._grid.addItem(plot.axes["right"], row + 1, column + 2)
            self._grid.addItem(plot.bottom, row + 2, column + 1)
        self._space_columns()
        self._name_bottoms()
        self._grid.activate()  # now: what is drawn next needs the new sizes

    @property
    def x_range(self) -> tuple[float, float]:
        """The epochs in view."""
        low, high = self._plots[0].views["left"].viewRange()[0]
        return low, high

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The plots that are shown: one without values is hidden if the other has some."""
        return self._visible

    def set_axis(self, end: float, limit: float) -> None:
        """Set the end of the axis, and how far the user can zoom out. The whole axis stays in view if it was."""
        end, limit = max(end, _SHORTEST_AXIS), max(end, limit, _SHORTEST_AXIS)
        if (end, limit) != (self._epochs, self._limit):
            self._epochs, self._limit = end, limit
            self._set_limits()
            if self._follows:
                self.show_full_range()

    def show_full_range(self) -> None:
        """Show the whole axis, also when it grows."""
        self._follows = True
        self._set_x_range(*self._full_range(self._epochs))

    def set_x_range(self, low: float, high: float) -> None:
        """Show the epochs from `low` to `high`, also when the axis grows."""
        self._follows = False
        self._set_x_range(low, high)

    @property
    def follows(self) -> bool:
        """Whether the whole axis is in view, and stays so while it grows."""
        return self._follows

    @property
    def headings(self) -> Headings:
        """The names of the axes."""
        first, second = (plot.heading.texts for plot in self._plots)
        return Headings(first, second, self._epoch_label)

    def set_headings(self, headings: Headings) -> None:
        """Name the axes."""
        if headings == self.headings:
            return
        for plot, texts in zip(self._plots, (headings.first, headings.second), strict=True):
            plot.heading.set_texts(*texts)
        self._epoch_label = headings.epoch
        self._name_bottoms()

    def set_style(self, style: CurveStyle) -> None:
        """Apply the colours and the font of a style; lines are recoloured when they are drawn next."""
        self._style = style
        self.setBackground(style.background)
        for plot in self._plots:
            plot.set_style(style)
        self._grid.setContentsMargins(0, 0, px(_MARGIN), 0)
        self._space_columns()
        self._name_bottoms()

    def show_content(self, content: CurveContent, options: CurveOptions) -> None:
        """Draw all lines, and fit the y axes to them."""
        self._content = content
        for panel, plot in zip(content.panels, self._plots, strict=True):
            for side in plot.axes:
                plot.set_scale(side, content.quantity(Place(panel, side)), is_log=options.log_loss)
        max_points = max(int(self._plots[0].views["left"].width()), int(self._plots[1].views["left"].width()), 100)
        drawn = list(plot_lines(content, options, self._style, self.x_range, max_points))
        self._show_panels(drawn)
        visible = [line for line in drawn if line.is_within(self.x_range)]
        for panel, plot in zip(content.panels, self._plots, strict=True):
            plot.fit(line for line in visible if line.place.panel == panel)
        self._items.draw(drawn, self._paper_ratio or self.devicePixelRatioF(), on_paper=self._paper_ratio is not None)

    def line(self, owner: LineOwner, metric: Metric) -> PlotLine | None:
        """Return a line as drawn, in the units of the axes; None if it is not drawn."""
        return self._items.line(owner, metric)

    def panel_rect(self, panel: Panel) -> QRectF:
        """Return the rectangle of a plot without its axes, in px of this widget."""
        return self._plot(panel).views["left"].sceneBoundingRect()

    def to_pixel(self, place: Place | Panel, x: float, y: float) -> QPointF:
        """Return the position of a point of a plot, on its left axis or a given one, in px of this widget."""
        return self._view(place if isinstance(place, Place) else Place(place)).mapViewToScene(QPointF(x, y))

    def epoch_at(self, panel: Panel, pixel: float) -> float:
        """Return the position on the epoch axis of a plot at an x coordinate of this widget."""
        return self._plot(panel).views["left"].mapSceneToView(QPointF(pixel, 0)).x()

    def line_value(self, owner: LineOwner, metric: Metric, epoch: float) -> float:
        """Return the loss or accuracy (0 to 1) of a drawn line between its points; NaN outside of the line."""
        line = self.line(owner, metric)
        if line is None or not len(line.x):
            return float("nan")
        value = float(np.interp(epoch, line.x, line.y, left=np.nan, right=np.nan))
        if metric.endswith("accuracy"):
            return value / 100
        return 10**value if self._is_log(line.place) else value

    def resizeEvent(self, ev: QResizeEvent | None) -> None:
        super().resizeEvent(ev)
        if ev is None:  # pyqtgraph calls it while the view is made
            return
        is_wide = self.width() >= max(px(_LEAST_WIDE), _WIDE_RATIO * self.height())
        if is_wide != self._is_wide:
            self._is_wide = is_wide
            self._lay_out()
        self.resized.emit()

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        super().mouseMoveEvent(ev)
        self.pointer_moved.emit(ev.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.reset_requested.emit()

    def leaveEvent(self, ev: QEvent) -> None:
        super().leaveEvent(ev)
        self.pointer_left.emit()

    def value_on_axis(self, place: Place, value: float) -> float:
        """Convert a loss or an accuracy to the units of its axis; NaN if it cannot be drawn."""
        if self._content.quantity(place) == "accuracy":
            return value * 100
        if self._is_log(place):
            return float(np.log10(value)) if value > 0 else float("nan")
        return value

    def _plot(self, panel: Panel) -> Plot:
        return self._plots[panel in ("accuracy", "test")]

    def _view(self, place: Place) -> HorizontalViewBox:
        return self._plot(place.panel).views[place.side]

    def _views(self) -> list[HorizontalViewBox]:
        return [view for plot in self._plots for view in plot.views.values()]

    def _is_log(self, place: Place) -> bool:
        return self._plot(place.panel).is_log(place.side)

    def _set_x_range(self, low: float, high: float) -> None:
        self._plots[0].views["left"].setXRange(low, high, padding=0)

    def _set_limits(self) -> None:
        low, high = self._full_range(self._limit)
        for view in self._views():
            view.setLimits(xMin=low, xMax=high, minXRange=min(0.05, high - low))

    def _full_range(self, end: float) -> tuple[float, float]:
        return -_END_ROOM * end, (1 + _END_ROOM) * end

    def _show_panels(self, drawn: list[PlotLine]) -> None:
        """Hide a plot that has nothing to show, if the other one has something; and a right axis without lines."""
        filled = {line.place for line in drawn if np.isfinite(line.y).any()}
        panels = {place.panel for place in filled} or set(self._content.panels)
        visible: tuple[Panel, ...] = tuple(panel for panel in self._content.panels if panel in panels)
        rights = tuple(Place(panel, "right") in filled for panel in self._content.panels)
        if (visible, rights) == (self._visible, self._rights):
            return
        self._visible, self._rights = visible, rights
        for panel, plot, has_right in zip(self._content.panels, self._plots, rights, strict=True):
            plot.show(shown=panel in visible, has_right=has_right)
        self._name_bottoms()
        self._grid.activate()

    def _space_columns(self) -> None:
        self._grid.setColumnSpacing(2, px(_BETWEEN) if self._is_wide else 0)

    def _name_bottoms(self) -> None:
        """Number and name the epochs below each plot that has none below it."""
        for panel, plot in zip(self._content.panels, self._plots, strict=True):
            plot.name_epochs(self._epoch_label, shown=self._is_wide or panel == self._visible[-1])

    @Slot(object, object)
    def _on_x_range_changed(self, changed: HorizontalViewBox, span: tuple[float, float]) -> None:
        # The link of pyqtgraph aligns px, which is wrong while the views have no size yet.
        for view in self._views():
            if view is not changed and tuple(view.viewRange()[0]) != tuple(span):
                view.setXRange(*span, padding=0)

    @Slot()
    def _on_range_changed_manually(self) -> None:
        self._follows = bool(np.allclose(self.x_range, self._full_range(self._epochs)))
        self.range_changed_manually.emit()
