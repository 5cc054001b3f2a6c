"""Turns runs into the lines to draw, in the units of their plots."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Literal

import numpy as np

from digitpad.gui.train.curves.reduction import Span, band, decimate, smoothed_line
from digitpad.gui.train.curves.series import (
    LIVE,
    METRICS,
    PUBLISHED,
    QUANTITIES,
    CurveContent,
    CurveOptions,
    Metric,
    Place,
    Quantity,
    Role,
    RunCurve,
    quantity_of,
)
from digitpad.gui.train.curves.style import CurveStyle, Stroke

# What a line belongs to: a run, or of the live run the band of its batches, its tests on a sample, and its training
# metrics after each epoch.
LineOwner = Role | Literal["batches", "samples", "after"]
# Fewer published values than this are drawn as points: a line would suggest values that were never published.
_MIN_LINE_POINTS = 6
_MAX_MARKS = 16
# The share of a training that is its start.
_START_PER_EPOCH, _MAX_START = 0.04, 0.12
_AREA_SHARES = (0.2, 0.8)
_Z_VALUES: dict[LineOwner, int] = {"batches": -4, PUBLISHED: -2, "samples": 1, LIVE: 3, "after": 4}
_TRAINING: dict[Quantity, Metric] = {"loss": "train_loss", "accuracy": "train_accuracy"}
_TEST: dict[Quantity, Metric] = {"loss": "test_loss", "accuracy": "test_accuracy"}


def _nothing() -> np.ndarray:
    return np.empty(0, int)


@dataclass(frozen=True, slots=True, eq=False)
class PlotLine:
    """A line to draw.

    Attributes
    ----------
    place
        The axis it belongs to.
    x, y
        (n,) its points, in the plot's units; NaN is a gap.
    marked
        Indices of the points with a mark.
    lower
        (n,) the lower edge if it is an area; `y` is the upper one.
    fitted_from
        The axis fits all values from this position on; before it, the steep start may be outside.

    """

    owner: LineOwner
    metric: Metric
    place: Place
    x: np.ndarray
    y: np.ndarray
    stroke: Stroke
    marked: np.ndarray = field(default_factory=_nothing)
    lower: np.ndarray | None = None
    fitted_from: float = -inf

    @property
    def z_value(self) -> int:
        """The order of drawing: what is measured on test images is above the training."""
        return _Z_VALUES.get(self.owner, 0) + self.metric.startswith("test")

    def is_within(self, span: tuple[float, float]) -> bool:
        """Return whether a part of the line is in a span of x."""
        return bool(len(self.x)) and self.x[0] <= span[1] and self.x[-1] >= span[0]

    @property
    def fitted(self) -> np.ndarray:
        """The values that the axis fits; of an area not the most extreme ones."""
        later = self.x >= self.fitted_from
        if not later.any():
            later[:] = True
        if self.lower is None:
            return self.y[later]
        edges = self.lower[later], self.y[later]
        return np.array(
            [np.quantile(edge, share) for edge, share in zip(edges, _AREA_SHARES, strict=True) if len(edge)]
        )

    def draws_same_as(self, other: "PlotLine | None") -> bool:
        """Return whether it looks the same as another line."""
        return (
            other is not None
            and self.place == other.place
            and self.stroke == other.stroke
            and np.array_equal(self.x, other.x)
            and np.array_equal(self.y, other.y, equal_nan=True)
            and np.array_equal(self.marked, other.marked)
            and _same(self.lower, other.lower)
        )


def is_sparse(role: Role, curve: RunCurve) -> bool:
    """Return whether a curve has so few values that only its points are drawn."""
    return role == PUBLISHED and len(curve.epochs) < _MIN_LINE_POINTS


def draws_steps(curve: RunCurve, quantity: Quantity) -> bool:
    """Return whether the training line of a run is that of its steps, and not of its epochs."""
    return bool(curve.steps.size) and bool(np.isfinite(curve.step_means(quantity)).any())


def plot_lines(
    content: CurveContent, options: CurveOptions, style: CurveStyle, span: Span, max_points: int
) -> Iterator[PlotLine]:
    """Yield the lines in a span of epochs, each with at most about 2 `max_points` points."""
    view = _View(content, options, style, span, max_points)
    for role, curve in content.curves():
        for metric in METRICS:
            if metric.startswith("train") and draws_steps(curve, quantity_of(metric)):
                yield view.smoothed(role, curve, metric)
            elif len(curve.values(metric)):
                yield view.epochs(role, curve, metric)
        if role == LIVE:
            yield from view.details(curve)


@dataclass(frozen=True, slots=True)
class _View:
    """Makes lines for a span of epochs."""

    content: CurveContent
    options: CurveOptions
    style: CurveStyle
    span: Span
    max_points: int

    def details(self, curve: RunCurve) -> Iterator[PlotLine]:
        """Yield what is shown of the live run alone."""
        for quantity in QUANTITIES:
            if draws_steps(curve, quantity):
                if self.options.shows_band and curve.has_batches:
                    yield self._band(curve, quantity)
                if curve.is_after and len(curve.values(_TRAINING[quantity])):
                    yield self._after(curve, _TRAINING[quantity])
            if curve.samples.size and np.isfinite(curve.samples[1 + QUANTITIES.index(quantity)]).any():
                yield self._samples(curve, quantity)

    def smoothed(self, role: Role, curve: RunCurve, metric: Metric) -> PlotLine:
        values = self._finite(curve.step_means(quantity_of(metric)), metric)
        smoothing = self.options.smoothing if curve.has_batches else 0.0
        max_points = self.max_points // 2 if smoothing else self.max_points
        x, y = smoothed_line(curve.steps[0], values, smoothing, self.span, max_points)
        stroke = self.style.stroke(role, metric, is_by_part=self.content.is_by_part)
        marks = np.arange(1) if len(x) == 1 else _nothing()
        place, y = self.content.place(curve, metric), self._scaled(y, metric)
        return PlotLine(role, metric, place, x, y, stroke, marks, fitted_from=_start_end(curve))

    def epochs(self, role: Role, curve: RunCurve, metric: Metric) -> PlotLine:
        points_only = is_sparse(role, curve)
        stroke = self.style.stroke(role, metric, is_sparse=points_only, is_by_part=self.content.is_by_part)
        x, y = self._part(curve.epochs, curve.values(metric), metric)
        marks = _marks(len(x), all_of_them=points_only or len(x) == 1, some=bool(stroke.mark))
        return PlotLine(role, metric, self.content.place(curve, metric), x, y, stroke, marks)

    def _band(self, curve: RunCurve, quantity: Quantity) -> PlotLine:
        metric = _TRAINING[quantity]
        lowest, highest = (self._finite(values, metric) for values in curve.step_ends(quantity))
        x, low, high = band(curve.steps[0], lowest, highest, self.span, self.max_points // 4)
        low, high = self._scaled(low, metric), self._scaled(high, metric)
        place, stroke = self.content.place(curve, metric), self.style.band()
        return PlotLine("batches", metric, place, x, high, stroke, lower=low, fitted_from=_start_end(curve))

    def _after(self, curve: RunCurve, metric: Metric) -> PlotLine:
        x, y = self._part(curve.epochs, curve.values(metric), metric)
        marks = _marks(len(x), all_of_them=False, some=True)
        return PlotLine("after", metric, self.content.place(curve, metric), x, y, self.style.after_epoch(), marks)

    def _samples(self, curve: RunCurve, quantity: Quantity) -> PlotLine:
        metric = _TEST[quantity]
        x, y = self._part(curve.samples[0], curve.samples[1 + QUANTITIES.index(quantity)], metric)
        marks = _marks(len(x), all_of_them=False, some=True)
        place, start = self.content.place(curve, metric), _start_end(curve)
        return PlotLine("samples", metric, place, x, y, self.style.samples(), marks, fitted_from=start)

    def _part(self, x: np.ndarray, values: np.ndarray, metric: Metric) -> tuple[np.ndarray, np.ndarray]:
        x, y = decimate(x, self._finite(values, metric), self.span, self.max_points)
        return x, self._scaled(y, metric)

    def _finite(self, values: np.ndarray, metric: Metric) -> np.ndarray:
        """Turn values that cannot be drawn into gaps; on a logarithmic axis also values up to 0."""
        shown = np.isfinite(values)
        if self.options.log_loss and metric.endswith("loss"):
            shown &= values > 0
        return values if shown.all() else np.where(shown, values, np.nan)

    def _scaled(self, values: np.ndarray, metric: Metric) -> np.ndarray:
        if metric.endswith("accuracy"):
            return values * 100
        return np.log10(values) if self.options.log_loss else values


def _marks(count: int, *, all_of_them: bool, some: bool) -> np.ndarray:
    """Mark every point while there are few; of many, mark some, and always the last."""
    if not count or not (all_of_them or some):
        return _nothing()
    return np.arange(count - 1, -1, -(1 if all_of_them else -(-count // _MAX_MARKS)))[::-1]


def _start_end(curve: RunCurve) -> float:
    """Return where the steep start of a training ends.

    It grows with the training: at first the steep fall is in view, later the details.
    """
    return min(_START_PER_EPOCH * curve.end, _MAX_START) * curve.end


def _same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other, equal_nan=True)
