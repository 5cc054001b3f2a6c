"""The figures of runs by epoch, as rows and columns; without Qt."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

import numpy as np

from digitpad.gui.train.curves.figures import accuracy_text
from digitpad.gui.train.curves.series import LIVE, METRICS, PUBLISHED, CurveContent, Metric, Role, RunCurve


@dataclass(frozen=True, slots=True)
class Column:
    """What a column shows: a metric of a run, or the published one beside it."""

    role: Role
    name: str  # of the run
    metric: Metric


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Which epochs are shown: the first of each `every`, counted from `first_epoch` (0 or 1)."""

    every: int = 1
    first_epoch: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class EpochTable:
    """Figures of runs by epoch.

    Attributes
    ----------
    epochs
        (n,) ascending, counted from 1.
    first_epoch
        The number under which the first epoch is shown, 0 or 1.
    columns, curves
        What each column shows, and the curve with its figures.

    """

    epochs: np.ndarray
    first_epoch: int
    columns: tuple[Column, ...]
    curves: tuple[RunCurve, ...]

    def number(self, row: int) -> int:
        """Return the number of a row's epoch, as it is shown."""
        return int(self.epochs[row]) - 1 + self.first_epoch

    def value(self, row: int, column: int) -> float:
        """Return a figure, accuracies 0 to 1; NaN if there is none."""
        return self.curves[column].at(self.epochs[row], self.columns[column].metric)

    def text(self, row: int, column: int) -> str:
        """Return a figure as its source prints it, an accuracy in percent; empty if the epoch was not measured."""
        value, curve = self.value(row, column), self.curves[column]
        if isnan(value):
            return "NaN" if self.epochs[row] in curve.epochs else ""
        if self.columns[column].metric.endswith("accuracy"):
            return accuracy_text(value).rstrip(" %")
        return curve.figures.loss(value)


def epoch_table(content: CurveContent, options: TableOptions) -> EpochTable:
    """Return the figures of all runs, with the published ones beside those of the run in front.

    Losses of all runs are included, also those that cannot be compared.
    """
    found = list(_columns(content))
    curves = tuple(curve for _, curve in found)
    epochs = np.unique(np.concatenate([np.empty(0), *(curve.epochs for curve in curves)]))
    groups = (epochs - 1 + options.first_epoch) // options.every
    epochs = epochs[np.diff(groups, prepend=-1) > 0]
    return EpochTable(epochs, options.first_epoch, tuple(column for column, _ in found), curves)


def _columns(content: CurveContent) -> Iterator[tuple[Column, RunCurve]]:
    live, published = content.live, content.published
    for metric in METRICS:
        if live is not None:
            yield Column(LIVE, live.name, metric), live
        if published is not None and len(published.values(metric)):
            yield Column(PUBLISHED, "", metric), published
    for role, curve in enumerate(content.runs):
        for metric in METRICS:
            if len(curve.values(metric)):
                yield Column(role, curve.name, metric), curve
