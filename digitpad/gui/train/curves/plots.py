"""Two plots, loss above accuracy, over one axis of epochs, drawn by pyqtgraph.

Only this module, `axes` and `plot_items` import pyqtgraph, which takes a quarter of a second: import them late.
"""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from digitpad.gui.train.curves.axes import AXIS_WIDTH, Axis, Heading, HorizontalViewBox
from digitpad.gui.train.curves.lines import PANELS, LineOwner, Panel, PlotLine, plot_lines
from digitpad.gui.train.curves.plot_items import PlotItems
from digitpad.gui.train.curves.series import CurveContent, CurveOptions, Metric
from digitpad.gui.train.curves.style import CurveStyle
from digitpad.gui.train.curves.ticks import Tick, accuracy_range, extent, linear_ticks, log_range, log_ticks, loss_range

_MARGIN = 14
# Room for half a mark at both ends of the axis, as a share of the epochs.
_END_ROOM = 0.015


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
        self.setBackground(None)
        # pyqtgraph caches the background, which would keep the colour of the former theme.
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self._style = style
        self._options = CurveOptions()
        self._epochs = 1.0
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

        self._lay_out()

        self.set_style(style)

        for view in self._views.values():
            view.sigXRangeChanged.connect(self._on_x_range_changed)
            view.range_changed_manually.connect(self.range_changed_manually)

    def _lay_out(self) -> None:
        """Loss above accuracy; each with a heading, a side axis and a bottom axis."""
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 0, _MARGIN, 0)
        layout.setSpacing(0)
        for row, panel in enumerate(PANELS):
            view, side, bottom = self._views[panel], self._sides[panel], self._bottoms[panel]
            layout.addItem(self._headings[panel], 3 * row, 0, colspan=2)
            layout.addItem(side, 3 * row + 1, 0)
            layout.addItem(view, 3 * row + 1, 1)
            layout.addItem(bottom, 3 * row + 2, 1)
            side.linkToView(view)
            side.setGrid(255)
            side.setWidth(AXIS_WIDTH)
            bottom.linkToView(view)
            view.setMinimumHeight(40)
        self._bottoms["loss"].setStyle(showValues=False)
        self._bottoms["loss"].setHeight(10)
        self._bottoms["accuracy"].setHeight(40)
        self.setCentralItem(layout)

    @property
    def x_range(self) -> tuple[float, float]:
        """The epochs in view."""
        low, high = self._views["loss"].viewRange()[0]
        return low, high

    def show_epochs(self, epochs: float) -> None:
        """Set the length of the axis, and show all of it."""
        self._epochs = max(epochs, 1.0)
        self._set_limits()
        self.show_full_range()

    def extend_epochs(self, epochs: float) -> None:
        """Extend the axis if necessary; the full range stays in view if it was."""
        if epochs > self._epochs:
            showed_full_range = self.shows_full_range()
            self._epochs = epochs
            self._set_limits()
            if showed_full_range:
                self.show_full_range()

    def show_full_range(self) -> None:
        """Show the whole axis."""
        self.set_x_range(*self._full_range())

    def set_x_range(self, low: float, high: float) -> None:
        """Show the epochs from `low` to `high`."""
        self._views["loss"].setXRange(low, high, padding=0)

    def shows_full_range(self) -> bool:
        """Return whether the whole axis is in view."""
        low, high = self._full_range()
        visible = self.x_range
        return visible[0] <= low + 1e-9 and visible[1] >= high - 1e-9

    def set_headings(self, loss: str, accuracy: str, epoch: str) -> None:
        """Name the axes."""
        self._headings["loss"].set_text(loss)
        self._headings["accuracy"].set_text(accuracy)
        self._bottoms["accuracy"].setLabel(epoch)

    def set_style(self, style: CurveStyle) -> None:
        """Apply the colours and the font of a style; lines are recoloured when they are drawn next."""
        self._style = style
        for part in (*self._sides.values(), *self._bottoms.values(), *self._headings.values()):
            part.set_style(style)

    def show_content(self, content: CurveContent, options: CurveOptions) -> None:
        """Draw all lines, and fit the y axes to them."""
        if options.log_loss != self._options.log_loss:
            self._sides["loss"].picture = None
        self._options = options
        max_points = max(int(self.panel_rect("loss").width()), 100)
        drawn = list(plot_lines(content, options, self._style, self.x_range, max_points))
        self._fit_y_ranges(drawn)
        self._items.draw(drawn, self._paper_ratio or self.devicePixelRatioF(), on_paper=self._paper_ratio is not None)

    def points(self, owner: LineOwner, metric: Metric) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the points (x, y) of a line as drawn, in the units of the axes; None if it is not drawn."""
        return self._items.points(owner, metric)

    def panel_rect(self, panel: Panel) -> QRectF:
        """Return the rectangle of a plot without its axes, in px of this widget."""
        return self._views[panel].sceneBoundingRect()

    def to_pixel(self, panel: Panel, x: float, y: float) -> QPointF:
        """Return the position of a point of a plot, in px of this widget."""
        return self._views[panel].mapViewToScene(QPointF(x, y))

    def epoch_at(self, pixel: float) -> float:
        """Return the position on the epoch axis at an x coordinate of this widget."""
        return self._views["loss"].mapSceneToView(QPointF(pixel, 0)).x()

    def resizeEvent(self, ev: QResizeEvent | None) -> None:
        super().resizeEvent(ev)
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

    def _set_limits(self) -> None:
        low, high = self._full_range()
        for view in self._views.values():
            view.setLimits(xMin=low, xMax=high, minXRange=min(0.2, high - low))

    def _full_range(self) -> tuple[float, float]:
        return -_END_ROOM * self._epochs, (1 + _END_ROOM) * self._epochs

    def _loss_ticks(self, low: float, high: float, length: float) -> list[Tick]:
        return (log_ticks if self._options.log_loss else linear_ticks)(low, high, length)

    @Slot(object, object)
    def _on_x_range_changed(self, changed: HorizontalViewBox, span: tuple[float, float]) -> None:
        # The link of pyqtgraph aligns px, which is wrong while the views have no size yet.
        for view in self._views.values():
            if view is not changed and tuple(view.viewRange()[0]) != tuple(span):
                view.setXRange(*span, padding=0)

    def _fit_y_ranges(self, drawn: list[PlotLine]) -> None:
        fits = {"loss": log_range if self._options.log_loss else loss_range, "accuracy": accuracy_range}
        for panel, view in self._views.items():
            lines = [line for line in drawn if line.panel == panel]
            epochs = [line.y for line in lines if line.owner not in ("batches", "average")]
            batches = [line.y for line in lines if line.owner in ("batches", "average")]
            low, high = fits[panel](extent(epochs, batches))
            if tuple(view.viewRange()[1]) != (low, high):
                view.setYRange(low, high, padding=0)


def _accuracy_ticks(low: float, high: float, length: float) -> list[Tick]:
    return [tick for tick in linear_ticks(low, high, length) if tick.position <= 100]


def _epoch_ticks(low: float, high: float, length: float) -> list[Tick]:
    ticks = linear_ticks(low, high, length, spacing=56, integers=high - low > 2)
    return [tick for tick in ticks if tick.position >= 0]
