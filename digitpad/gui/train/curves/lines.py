"""Turns runs into the lines to draw, in the units of their plots."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from digitpad.gui.train.curves.series import (
    LIVE,
    METRICS,
    PUBLISHED,
    CurveContent,
    CurveOptions,
    Metric,
    Role,
    RunCurve,
    decimate,
    smooth,
)
from digitpad.gui.train.curves.style import CurveStyle, Stroke

Panel = Literal["loss", "accuracy"]
PANELS: tuple[Panel, ...] = ("loss", "accuracy")
# What a line belongs to: a run, or the batches of the live run ("average": smoothed).
LineOwner = Role | Literal["batches", "average"]
# Fewer published values than this are drawn as points: a line would suggest values that were never published.
_MIN_LINE_POINTS = 6
_MAX_MARKS = 16
_Z_VALUES: dict[LineOwner, int] = {"batches": -4, "average": -3, PUBLISHED: -2, LIVE: 2}


@dataclass(frozen=True, slots=True, eq=False)
class PlotLine:
    """A line to draw: its points (n,), with y in the plot's units (NaN is a gap), and the points with a mark."""

    owner: LineOwner
    metric: Metric
    x: np.ndarray
    y: np.ndarray
    marked: np.ndarray  # indices
    stroke: Stroke
    has_line: bool = True
    z_value: int = 0

    def draws_same_as(self, other: "PlotLine | None") -> bool:
        """Return whether it looks the same as another line."""
        return (
            other is not None
            and (self.stroke, self.has_line) == (other.stroke, other.has_line)
            and np.array_equal(self.x, other.x)
            and np.array_equal(self.y, other.y, equal_nan=True)
        )

    @property
    def panel(self) -> Panel:
        """The plot that the line belongs to."""
        return panel_of(self.metric)


def panel_of(metric: Metric) -> Panel:
    """Return the plot that a metric belongs to."""
    return "loss" if metric.endswith("loss") else "accuracy"


def plot_lines(
    content: CurveContent, options: CurveOptions, style: CurveStyle, span: tuple[float, float], max_points: int
) -> Iterator[PlotLine]:
    """Yield the lines in a span of epochs, each with at most about 2 `max_points` points."""
    if options.per_batch and content.steps.size:
        yield from _batches(content.steps, options, style, span, max_points)
    for role, curve in content.curves():
        for metric in METRICS:
            if len(curve.values(metric)):
                yield _line(role, curve, metric, options, style, span, max_points)


def _batches(
    steps: np.ndarray, options: CurveOptions, style: CurveStyle, span: tuple[float, float], max_points: int
) -> Iterator[PlotLine]:
    metrics: list[tuple[Metric, np.ndarray]] = [("train_loss", steps[1]), ("train_accuracy", steps[2])]
    for metric, values in metrics:
        lines: list[tuple[LineOwner, np.ndarray, Stroke]] = [
            ("batches", values, style.batches(behind=options.smoothing > 0))
        ]
        if options.smoothing:
            lines.append(("average", smooth(values, options.smoothing), style.average()))
        for owner, line, stroke in lines:
            x, y = decimate(steps[0], _finite(line, metric, options), span, max_points)
            nothing = np.empty(0, int)
            yield PlotLine(owner, metric, x, _scaled(y, metric, options), nothing, stroke, z_value=_Z_VALUES[owner])


def _line(
    role: Role, curve: RunCurve, metric: Metric, options: CurveOptions, style: CurveStyle,
    span: tuple[float, float], max_points: int,
) -> PlotLine:  # fmt: skip
    stroke = style.stroke(role, is_test=metric.startswith("test"))
    x, y = decimate(curve.epochs, _finite(curve.values(metric), metric, options), span, max_points)
    is_sparse = role == PUBLISHED and len(curve.epochs) < _MIN_LINE_POINTS
    depth = _Z_VALUES.get(role, 0) + metric.startswith("test")
    marks = _marks(len(x), all_of_them=is_sparse or len(x) == 1, some=stroke.has_marks)
    return PlotLine(role, metric, x, _scaled(y, metric, options), marks, stroke, has_line=not is_sparse, z_value=depth)


def _marks(count: int, *, all_of_them: bool, some: bool) -> np.ndarray:
    """Mark every point while there are few; of many, mark some, and always the last."""
    if not count or not (all_of_them or some):
        return np.empty(0, int)
    return np.arange(count - 1, -1, -(1 if all_of_them else -(-count // _MAX_MARKS)))[::-1]


def _finite(values: np.ndarray, metric: Metric, options: CurveOptions) -> np.ndarray:
    """Turn values that cannot be drawn into gaps; on a logarithmic axis also values up to 0."""
    shown = np.isfinite(values)
    if options.log_loss and metric.endswith("loss"):
        shown &= values > 0
    return values if shown.all() else np.where(shown, values, np.nan)


def _scaled(values: np.ndarray, metric: Metric, options: CurveOptions) -> np.ndarray:
    if metric.endswith("accuracy"):
        return values * 100
    return np.log10(values) if options.log_loss else values
