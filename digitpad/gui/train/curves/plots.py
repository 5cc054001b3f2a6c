"""Two plots, loss and accuracy, over one range of epochs, drawn by pyqtgraph.

Only this module, `axes` and `plot_items` import pyqtgraph, which takes a quarter of a second: import them late.
"""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsGridLayout, QWidget

from digitpad.gui.train.curves.axes import AXIS_WIDTH, Axis, Heading, HorizontalViewBox
from digitpad.gui.train.curves.lines import LineOwner, PlotLine, plot_lines
from digitpad.gui.train.curves.plot_items import PlotItems
from digitpad.gui.train.curves.series import PANELS, CurveContent, CurveOptions, Metric, Panel
from digitpad.gui.train.curves.style import CurveStyle
from digitpad.gui.train.curves.ticks import Tick, accuracy_range, extent, linear_ticks, log_range, log_ticks, loss_range

_MARGIN = 14
# Room for half a mark at both ends of the axis, as a share of the epochs.
_END_ROOM = 0.015
_SHORTEST_AXIS = 1e-3
_BOTTOM_HEIGHT, _GAP = 40, 10
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
        self._options = CurveOptions()
        self._epochs = self._limit = 0.0
        self._epoch_label = ""
        self._follows = True  # whether the whole axis stays in view while it grows
        self._visible_panels: tuple[Panel, ...] = PANELS
        self._is_wide = False
        self._views: dict[Panel, HorizontalViewBox] = {panel: HorizontalViewBox() for panel in PANELS}
        self._headings: dict[Panel, Heading] = {panel: Heading() for panel in PANELS}
        self._sides: dict[Panel, Axis] = {
            "loss": Axis("left", self._loss_ticks),
            "accuracy": Axis("left", _accuracy_ticks),
        }
        self._bottoms: dict[Panel, Axis] = {panel: Axis("bottom", _epoch_ticks) for panel in PANELS}
        self._items = PlotItems(self._views)
        # The chart around it has the focus and handles the keys.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

        self._set_up()
        self.set_style(style)

        for view in self._views.values():
            view.sigXRangeChanged.connect(self._on_x_range_changed)
            view.range_changed_manually.connect(self._on_range_changed_manually)

    def _set_up(self) -> None:
        """Join each plot with its axes."""
        layout = pg.GraphicsLayout()
        self._grid: QGraphicsGridLayout = layout.layout  # pyright: ignore[reportAttributeAccessIssue]
        layout.setContentsMargins(0, 0, _MARGIN, 0)
        layout.setSpacing(0)
        for panel, view in self._views.items():
            self._sides[panel].linkToView(view)
            self._sides[panel].setGrid(255)
            self._sides[panel].setWidth(AXIS_WIDTH)
            self._bottoms[panel].linkToView(view)
            view.setMinimumHeight(40)
        self.setCentralItem(layout)
        self._lay_out()

    def _lay_out(self) -> None:
        """Put loss above accuracy, or left of it where there is more width than height."""
        while self._grid.count():
            self._grid.removeAt(0)
        for number, panel in enumerate(PANELS):
            row, column = (0, 2 * number) if self._is_wide else (3 * number, 0)
            self._grid.addItem(self._headings[panel], row, column, 1, 2)
            self._grid.addItem(self._sides[panel], row + 1, column)
            self._grid.addItem(self._views[panel], row + 1, column + 1)
            self._grid.addItem(self._bottoms[panel], row + 2, column + 1)
        self._name_bottoms()
        self._grid.activate()  # now: what is drawn next needs the new sizes

    @property
    def x_range(self) -> tuple[float, float]:
        """The epochs in view."""
        low, high = self._views["loss"].viewRange()[0]
        return low, high

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The plots that are shown: one without values is hidden if the other has some."""
        return self._visible_panels

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
    def headings(self) -> tuple[str, str, str]:
        """The names of the loss, the accuracy and the epoch axis."""
        return self._headings["loss"].text, self._headings["accuracy"].text, self._epoch_label

    def set_headings(self, loss: str, accuracy: str, epoch: str) -> None:
        """Name the axes."""
        if (loss, accuracy, epoch) == self.headings:
            return
        self._headings["loss"].set_text(loss)
        self._headings["accuracy"].set_text(accuracy)
        self._epoch_label = epoch
        self._name_bottoms()

    def set_style(self, style: CurveStyle) -> None:
        """Apply the colours and the font of a style; lines are recoloured when they are drawn next."""
        self._style = style
        self.setBackground(style.background)
        for part in (*self._sides.values(), *self._bottoms.values(), *self._headings.values()):
            part.set_style(style)

    def show_content(self, content: CurveContent, options: CurveOptions) -> None:
        """Draw all lines, and fit the y axes to them."""
        if options.log_loss != self._options.log_loss:
            self._sides["loss"].picture = None
        self._options = options
        max_points = max(int(self.panel_rect(self._visible_panels[0]).width()), 100)
        drawn = list(plot_lines(content, options, self._style, self.x_range, max_points))
        self._show_panels(drawn)
        self._fit_y_ranges(drawn)
        self._items.draw(drawn, self._paper_ratio or self.devicePixelRatioF(), on_paper=self._paper_ratio is not None)

    def line(self, owner: LineOwner, metric: Metric) -> PlotLine | None:
        """Return a line as drawn, in the units of the axes; None if it is not drawn."""
        return self._items.line(owner, metric)

    def panel_rect(self, panel: Panel) -> QRectF:
        """Return the rectangle of a plot without its axes, in px of this widget."""
        return self._views[panel].sceneBoundingRect()

    def to_pixel(self, panel: Panel, x: float, y: float) -> QPointF:
        """Return the position of a point of a plot, in px of this widget."""
        return self._views[panel].mapViewToScene(QPointF(x, y))

    def epoch_at(self, panel: Panel, pixel: float) -> float:
        """Return the position on the epoch axis of a plot at an x coordinate of this widget."""
        return self._views[panel].mapSceneToView(QPointF(pixel, 0)).x()

    def line_value(self, owner: LineOwner, metric: Metric, epoch: float) -> float:
        """Return the loss or accuracy (0 to 1) of a drawn line between its points; NaN outside of the line."""
        line = self.line(owner, metric)
        if line is None or not len(line.x):
            return float("nan")
        value = float(np.interp(epoch, line.x, line.y, left=np.nan, right=np.nan))
        if line.panel == "accuracy":
            return value / 100
        return 10**value if self._options.log_loss else value

    def resizeEvent(self, ev: QResizeEvent | None) -> None:
        super().resizeEvent(ev)
        if ev is None:  # pyqtgraph calls it while the view is made
            return
        is_wide = self.width() >= max(_LEAST_WIDE, _WIDE_RATIO * self.height())
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

    def value_on_axis(self, panel: Panel, value: float) -> float:
        """Convert a loss or an accuracy to the units of its plot; NaN if it cannot be drawn."""
        if panel == "accuracy":
            return value * 100
        if self._options.log_loss:
            return float(np.log10(value)) if value > 0 else float("nan")
        return value

    def _set_x_range(self, low: float, high: float) -> None:
        self._views["loss"].setXRange(low, high, padding=0)

    def _set_limits(self) -> None:
        low, high = self._full_range(self._limit)
        for view in self._views.values():
            view.setLimits(xMin=low, xMax=high, minXRange=min(0.05, high - low))

    def _full_range(self, end: float) -> tuple[float, float]:
        return -_END_ROOM * end, (1 + _END_ROOM) * end

    def _show_panels(self, drawn: list[PlotLine]) -> None:
        """Hide a plot that has nothing to show, if the other one has something."""
        filled = {line.panel for line in drawn if np.isfinite(line.y).any()}
        panels: tuple[Panel, ...] = tuple(panel for panel in PANELS if not filled or panel in filled)
        if panels != self._visible_panels:
            self._visible_panels = panels
            for panel in PANELS:
                for part in (self._headings[panel], self._sides[panel], self._views[panel], self._bottoms[panel]):
                    part.setVisible(panel in panels)
            self._name_bottoms()
            self._grid.activate()

    def _name_bottoms(self) -> None:
        """Number and name the epochs below each plot that has none below it."""
        for panel, bottom in self._bottoms.items():
            is_named = self._is_wide or panel == self._visible_panels[-1]
            bottom.setStyle(showValues=is_named)
            bottom.setHeight(_BOTTOM_HEIGHT if is_named else _GAP)
            bottom.setLabel(self._epoch_label if is_named else "")
            bottom.showLabel(is_named)

    def _loss_ticks(self, low: float, high: float, length: float) -> list[Tick]:
        return (log_ticks if self._options.log_loss else linear_ticks)(low, high, length)

    @Slot(object, object)
    def _on_x_range_changed(self, changed: HorizontalViewBox, span: tuple[float, float]) -> None:
        # The link of pyqtgraph aligns px, which is wrong while the views have no size yet.
        for view in self._views.values():
            if view is not changed and tuple(view.viewRange()[0]) != tuple(span):
                view.setXRange(*span, padding=0)

    @Slot()
    def _on_range_changed_manually(self) -> None:
        self._follows = bool(np.allclose(self.x_range, self._full_range(self._epochs)))
        self.range_changed_manually.emit()

    def _fit_y_ranges(self, drawn: list[PlotLine]) -> None:
        fits = {"loss": log_range if self._options.log_loss else loss_range, "accuracy": accuracy_range}
        for panel, view in self._views.items():
            low, high = fits[panel](extent([line.fitted for line in drawn if line.panel == panel]))
            if tuple(view.viewRange()[1]) != (low, high):
                view.setYRange(low, high, padding=0)


def _accuracy_ticks(low: float, high: float, length: float) -> list[Tick]:
    return [tick for tick in linear_ticks(low, high, length) if tick.position <= 100]


def _epoch_ticks(low: float, high: float, length: float) -> list[Tick]:
    ticks = linear_ticks(low, high, length, spacing=72, integers=high - low > 2)
    return [tick for tick in ticks if tick.position >= 0]
