"""From runs to the lines that are drawn, each in the units of its plot."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from digitpad.gui.train.curves.series import (
    FIGURES,
    LIVE,
    PUBLISHED,
    CurveContent,
    CurveOptions,
    Figure,
    Role,
    RunCurve,
    decimated,
    smoothed,
)
from digitpad.gui.train.curves.style import CurveStyle, Stroke

Panel = Literal["loss", "accuracy"]
PANELS: tuple[Panel, ...] = ("loss", "accuracy")
# Whose line it is; "batches" and "average" are of this run's single batches.
LineOwner = Role | Literal["batches", "average"]
# Published figures fewer than this are points: a line would claim what was never printed.
_FEW = 6
_MOST_MARKS = 16
_DEPTHS: dict[LineOwner, int] = {"batches": -4, "average": -3, PUBLISHED: -2, LIVE: 2}


@dataclass(frozen=True, slots=True, eq=False)
class PlotLine:
    """A line to draw: its points (n,), y as the plot has it (NaN is a gap), and which of the points are marked."""

    owner: LineOwner
    figure: Figure
    x: np.ndarray
    y: np.ndarray
    marks: np.ndarray  # indices
    stroke: Stroke
    has_line: bool = True
    depth: int = 0

    def looks_like(self, other: "PlotLine | None") -> bool:
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
        return panel_of(self.figure)


def panel_of(figure: Figure) -> Panel:
    """Return which plot a figure belongs to."""
    return "loss" if figure.endswith("loss") else "accuracy"


def plot_lines(
    content: CurveContent, options: CurveOptions, style: CurveStyle, span: tuple[float, float], most: int
) -> Iterator[PlotLine]:
    """Yield the lines seen in a span of epochs, none of more than about 2 `most` points."""
    if options.per_batch and content.steps.size:
        yield from _batches(content.steps, options, style, span, most)
    for role, curve in content.curves():
        for figure in FIGURES:
            if len(curve.figure(figure)):
                yield _line(role, curve, figure, options, style, span, most)


def _batches(
    steps: np.ndarray, options: CurveOptions, style: CurveStyle, span: tuple[float, float], most: int
) -> Iterator[PlotLine]:
    figures: list[tuple[Figure, np.ndarray]] = [("train_loss", steps[1]), ("train_accuracy", steps[2])]
    for figure, values in figures:
        lines: list[tuple[LineOwner, np.ndarray, Stroke]] = [
            ("batches", values, style.batches(behind=options.smoothing > 0))
        ]
        if options.smoothing:
            lines.append(("average", smoothed(values, options.smoothing), style.average()))
        for owner, line, stroke in lines:
            x, y = decimated(steps[0], _finite(line, figure, options), span, most)
            nothing = np.empty(0, int)
            yield PlotLine(owner, figure, x, _scaled(y, figure, options), nothing, stroke, depth=_DEPTHS[owner])


def _line(
    role: Role, curve: RunCurve, figure: Figure, options: CurveOptions, style: CurveStyle,
    span: tuple[float, float], most: int,
) -> PlotLine:  # fmt: skip
    stroke = style.stroke(role, is_test=figure.startswith("test"))
    x, y = decimated(curve.epochs, _finite(curve.figure(figure), figure, options), span, most)
    is_sparse = role == PUBLISHED and len(curve.epochs) < _FEW
    depth = _DEPTHS.get(role, 0) + figure.startswith("test")
    marks = _marks(len(x), all_of_them=is_sparse or len(x) == 1, some=stroke.marked)
    return PlotLine(role, figure, x, _scaled(y, figure, options), marks, stroke, has_line=not is_sparse, depth=depth)


def _marks(count: int, *, all_of_them: bool, some: bool) -> np.ndarray:
    """Mark every point while they are few; later some, the last among them, so that the line is known by them."""
    if not count or not (all_of_them or some):
        return np.empty(0, int)
    return np.arange(count - 1, -1, -(1 if all_of_them else -(-count // _MOST_MARKS)))[::-1]


def _finite(values: np.ndarray, figure: Figure, options: CurveOptions) -> np.ndarray:
    """Turn what cannot be drawn, on a logarithmic axis zero and less too, into gaps."""
    shown = np.isfinite(values)
    if options.log_loss and figure.endswith("loss"):
        shown &= values > 0
    return values if shown.all() else np.where(shown, values, np.nan)


def _scaled(values: np.ndarray, figure: Figure, options: CurveOptions) -> np.ndarray:
    if figure.endswith("accuracy"):
        return values * 100
    return np.log10(values) if options.log_loss else values
