"""One plot: a heading, an axis of epochs, and on each side a y axis with its own view box."""

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
from PySide6.QtWidgets import QGraphicsWidget

from digitpad.core.evaluation.ticks import Tick, accuracy_range, extent, linear_ticks, log_range, log_ticks, loss_range
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.curves.axes import AXIS_WIDTH, Axis, Heading, HorizontalViewBox, OverlayViewBox
from digitpad.gui.train.curves.lines import PlotLine
from digitpad.gui.train.curves.series import Quantity, Side
from digitpad.gui.train.curves.style import CurveStyle

_BOTTOM_HEIGHT, _GAP = 40, 10
_SIDES: tuple[Side, Side] = ("left", "right")


class Plot:
    """The parts of a plot, for a layout."""

    def __init__(self) -> None:
        base = HorizontalViewBox()
        self.heading, self.bottom = Heading(), Axis("bottom", _epoch_ticks)
        self.views: dict[Side, HorizontalViewBox] = {"left": base, "right": OverlayViewBox(base)}
        self.axes: dict[Side, Axis] = {side: Axis(side, partial(self._ticks, side)) for side in _SIDES}
        self._scales: dict[Side, tuple[Quantity, bool]] = dict.fromkeys(_SIDES, ("loss", False))
        for side, axis in self.axes.items():
            axis.linkToView(self.views[side])
        self.axes["left"].setGrid(255)
        self.bottom.linkToView(base)
        self.show(shown=True, has_right=False)

    def show(self, *, shown: bool, has_right: bool) -> None:
        """Show or hide the plot; `has_right` is whether it has a right axis."""
        for part in (self.heading, self.axes["left"], self.views["left"], self.bottom):
            _show(part, shown=shown)
        for part in (self.axes["right"], self.views["right"]):
            _show(part, shown=shown and has_right)

    def set_style(self, style: CurveStyle) -> None:
        """Apply the colours and the font of a style, and the sizes of the zoom."""
        self.views["left"].setMinimumHeight(px(40))
        for axis in self.axes.values():
            axis.setWidth(px(AXIS_WIDTH))
        for part in (self.heading, self.bottom, *self.axes.values()):
            part.set_style(style)

    def set_scale(self, side: Side, quantity: Quantity, *, is_log: bool) -> None:
        """Choose what an axis shows; `is_log` is for losses."""
        scale = (quantity, is_log and quantity == "loss")
        if scale != self._scales[side]:
            self._scales[side] = scale
            self.axes[side].picture = None

    def is_log(self, side: Side) -> bool:
        """Return whether an axis is logarithmic."""
        return self._scales[side][1]

    def name_epochs(self, label: str, *, shown: bool) -> None:
        """Number and name the epochs below the plot, or leave a gap there."""
        self.bottom.setStyle(showValues=shown)
        self.bottom.setHeight(px(_BOTTOM_HEIGHT) if shown else px(_GAP))
        self.bottom.setLabel(label if shown else "")
        self.bottom.showLabel(shown)

    def fit(self, lines: Iterable[PlotLine]) -> None:
        """Fit the y axes to the lines of the plot."""
        fitted: dict[Side, list[np.ndarray]] = {side: [] for side in _SIDES}
        for line in lines:
            fitted[line.place.side].append(line.fitted)
        for side, view in self.views.items():
            low, high = self._range(side, fitted[side])
            if tuple(view.viewRange()[1]) != (low, high):
                view.setYRange(low, high, padding=0)

    def _range(self, side: Side, values: Sequence[np.ndarray]) -> tuple[float, float]:
        quantity, is_log = self._scales[side]
        fits = accuracy_range if quantity == "accuracy" else log_range if is_log else loss_range
        return fits(extent(list(values)))

    def _ticks(self, side: Side, low: float, high: float, length: float) -> list[Tick]:
        quantity, is_log = self._scales[side]
        if quantity == "accuracy":
            return [tick for tick in linear_ticks(low, high, length) if tick.position <= 100]
        return (log_ticks if is_log else linear_ticks)(low, high, length)


def _show(part: QGraphicsWidget, *, shown: bool) -> None:
    # Not setVisible: pyqtgraph's axes set their width in show and hide.
    if shown:
        part.show()
    else:
        part.hide()


def _epoch_ticks(low: float, high: float, length: float) -> list[Tick]:
    ticks = linear_ticks(low, high, length, spacing=72, integers=high - low > 2)
    return [tick for tick in ticks if tick.position >= 0]
