"""From runs to the lines that are drawn, each in the units of its plot."""

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
# Whose line it is; "batches" and "average" are of this run's single batches.
LineOwner = Role | Literal["batches", "average"]
# Published figures fewer than this are points: a line would claim what was never printed.
_MIN_LINE_POINTS = 6
_MAX_MARKS = 16
_Z_VALUES: dict[LineOwner, int] = {"batches": -4, "average": -3, PUBLISHED: -2, LIVE: 2}


@dataclass(frozen=True, slots=True, eq=False)
class PlotLine:
    """A line to draw: its points (n,), y as the plot has it (NaN is a gap), and which of the points are marked."""

    owner: LineOwner
    metric: Metric
    x: np.ndarray
    y: np.ndarray
    marked: np.ndarray  # indices
    stroke: Stroke
    has_line: bool = True
    z_value: int = 0

    def draws_same_as(self, other: "PlotLine | None") -> bool:
        """Say whether drawing it after the other would change nothing."""
        return (
            other is not None
            and (self.stroke, self.has_line) == (other.stroke, other.has_line)
            and np.array_equal(self.x, other.x)
            and np.array_equal(self.y, other.y, equal_nan=True)
        )

    @property
    def panel(self) -> Panel:
        """Which plot it belongs to."""
        return panel_of(self.metric)


def panel_of(metric: Metric) -> Panel:
    """Return which plot a figure belongs to."""
    return "loss" if metric.endswith("loss") else "accuracy"


def plot_lines(
    content: CurveContent, options: CurveOptions, style: CurveStyle, span: tuple[float, float], max_points: int
) -> Iterator[PlotLine]:
    """Yield the lines seen in a span of epochs, none of more than about 2 `max_points` points."""
    if options.per_batch and content.steps.size:
        yield from _batches(content.steps, options, style, span, max_points)
    for role, curve in content.curves():
        for figure in METRICS:
            if len(curve.values(figure)):
                yield _line(role, curve, figure, options, style, span, max_points)


def _batches(
    steps: np.ndarray, options: CurveOptions, style: CurveStyle, span: tuple[float, float], max_points: int
) -> Iterator[PlotLine]:
    figures: list[tuple[Metric, np.ndarray]] = [("train_loss", steps[1]), ("train_accuracy", steps[2])]
    for figure, values in figures:
        lines: list[tuple[LineOwner, np.ndarray, Stroke]] = [
            ("batches", values, style.batches(behind=options.smoothing > 0))
        ]
        if options.smoothing:
            lines.append(("average", smooth(values, options.smoothing), style.average()))
        for owner, line, stroke in lines:
            x, y = decimate(steps[0], _finite(line, figure, options), span, max_points)
            nothing = np.empty(0, int)
            yield PlotLine(owner, figure, x, _scaled(y, figure, options), nothing, stroke, z_value=_Z_VALUES[owner])


def _line(
    role: Role, curve: RunCurve, figure: Metric, options: CurveOptions, style: CurveStyle,
    span: tuple[float, float], max_points: int,
) -> PlotLine:  # fmt: skip
    stroke = style.stroke(role, is_test=figure.startswith("test"))
    x, y = decimate(curve.epochs, _finite(curve.values(figure), figure, options), span, max_points)
    is_sparse = role == PUBLISHED and len(curve.epochs) < _MIN_LINE_POINTS
    depth = _Z_VALUES.get(role, 0) + figure.startswith("test")
    marks = _marks(len(x), all_of_them=is_sparse or len(x) == 1, some=stroke.has_marks)
    return PlotLine(role, figure, x, _scaled(y, figure, options), marks, stroke, has_line=not is_sparse, z_value=depth)


def _marks(count: int, *, all_of_them: bool, some: bool) -> np.ndarray:
    """Mark every point while they are few; later some, the last among them, so that the line is known by them."""
    if not count or not (all_of_them or some):
        return np.empty(0, int)
    return np.arange(count - 1, -1, -(1 if all_of_them else -(-count // _MAX_MARKS)))[::-1]


def _finite(values: np.ndarray, figure: Metric, options: CurveOptions) -> np.ndarray:
    """Turn what cannot be drawn, on a logarithmic axis zero and less too, into gaps."""
    shown = np.isfinite(values)
    if options.log_loss and figure.endswith("loss"):
        shown &= values > 0
    return values if shown.all() else np.where(shown, values, np.nan)


def _scaled(values: np.ndarray, figure: Metric, options: CurveOptions) -> np.ndarray:
    if figure.endswith("accuracy"):
        return values * 100
    return np.log10(values) if options.log_loss else values
