"""The curves of a run as a figure, without a window."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from digitpad.core.evaluation.figures import Figure, Polyline, Shape, Text
from digitpad.core.evaluation.ticks import accuracy_range, extent, linear_ticks, loss_range
from digitpad.core.runs.run_folder import EpochRow, Run
from digitpad.core.translation import tr

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 340, 220, 56, 48, 64
_TRAINING, _TEST, _GRID, _MUTED = "#0072b2", "#d55e00", "#dddddd", "#555555"


def curve_figure(run: Run) -> Figure:
    """Return loss and accuracy of the training and test images over the measured epochs; infinite ones are left out."""
    shapes: list[Shape] = [
        Text(_LEFT, 16, run.name[:90], 13, "start"),
        Text(_LEFT, 34, tr("training"), 11, "start", _TRAINING),
        Text(_LEFT + 80, 34, tr("test"), 11, "start", _TEST),
    ]
    charts: tuple[tuple[str, Callable[[EpochRow], float], Callable[[EpochRow], float], bool], ...] = (
        (tr("loss"), lambda row: row.train_loss, lambda row: row.test_loss, False),
        (tr("accuracy"), lambda row: row.train_accuracy, lambda row: row.test_accuracy, True),
    )
    for number, (title, training, test, is_share) in enumerate(charts):
        left = _LEFT + number * (_WIDTH + _GAP)
        series = [[(row.epoch, get(row)) for row in run.rows] for get in (training, test)]
        shapes += _chart(left, title, series, is_share=is_share)
    return Figure(
        tr("Curves of {run}").format(run=run.name), _LEFT + 2 * _WIDTH + _GAP + 24, _TOP + _HEIGHT + 44, shapes
    )


def _chart(left: float, title: str, series: Sequence[Sequence[tuple[int, float]]], *, is_share: bool) -> list[Shape]:
    scale, unit = (100, tr("{} %").format("")) if is_share else (1, "")
    finite = [[(x, scale * y) for x, y in points if math.isfinite(y)] for points in series]
    epochs = [x for points in finite for x, _ in points]
    values = extent([np.array([y for points in finite for _, y in points])])
    low, high = accuracy_range(values) if is_share else loss_range(values)
    first, last = (min(epochs), max(epochs)) if epochs else (0, 1)
    last = max(last, first + 1)

    def place(epoch: float, value: float) -> tuple[float, float]:
        return (
            left + (epoch - first) / (last - first) * _WIDTH,
            _TOP + _HEIGHT - (value - low) / (high - low) * _HEIGHT,
        )

    shapes: list[Shape] = []
    for tick in linear_ticks(low, high, _HEIGHT):
        y = place(first, tick.position)[1]
        shapes.append(Polyline(((left, y), (left + _WIDTH, y)), _GRID))
        shapes.append(Text(left - 6, y, tick.text + unit, 10, "end", _MUTED))
    shapes += [
        Text(left + _WIDTH / 2, _TOP + _HEIGHT + 32, tr("{metric} by epoch").format(metric=title), 11, colour=_MUTED),
        *(
            Text(place(tick.position, low)[0], _TOP + _HEIGHT + 14, tick.text, 10, colour=_MUTED)
            for tick in linear_ticks(first, last, _WIDTH, spacing=48, integers=True)
        ),
    ]
    for points, colour in zip(finite, (_TRAINING, _TEST), strict=True):
        line = tuple(place(x, y) for x, y in points)
        if len(line) == 1:
            line = (line[0], (line[0][0] + 2, line[0][1]))
        if line:
            shapes.append(Polyline(line, colour, 2))
    return shapes
