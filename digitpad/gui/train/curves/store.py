"""Collects the data of the learning curves; without Qt."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy.typing as npt

from digitpad.core.training.recipes import PublishedResults
from digitpad.gui.train.curves.series import PUBLISHED, Columns, CurveContent, RunCurve, StepColumns, published_curve


class CurveStore:
    """Collects a run while it trains, the results published for its recipe, and other runs."""

    def __init__(self) -> None:
        self._steps, self._epochs = StepColumns(), Columns(5)
        self._published: RunCurve | None = None
        self._runs: tuple[RunCurve, ...] = ()
        self._planned = 0
        self._is_started = False

    @property
    def is_empty(self) -> bool:
        """Whether there is no run to show."""
        return not self._is_started and not self._runs

    @property
    def epochs(self) -> float:
        """The length of the epoch axis."""
        return max(self._planned, self._last_epoch(), *(run.epochs.max(initial=0) for run in self._other_runs()))

    def _last_epoch(self) -> float:
        ends = [columns.values[0, -1] for columns in (self._steps, self._epochs) if len(columns)]
        return float(max(ends, default=0.0))

    def _other_runs(self) -> list[RunCurve]:
        return [*self._runs, *([] if self._published is None else [self._published])]

    def start(self, epochs: int, published: PublishedResults | None) -> None:
        """Start another run; the other runs stay."""
        self._steps, self._epochs = StepColumns(), Columns(5)
        self._planned, self._is_started = epochs, True
        self._published = published_curve(published, PUBLISHED) if published and published.epochs else None

    def add_steps(self, points: npt.ArrayLike | Iterable[Sequence[float]]) -> None:
        """Add steps, (n, 3): position on the epoch axis, loss, accuracy."""
        self._steps.append(points)

    def add_epochs(self, rows: npt.ArrayLike | Iterable[Sequence[float]]) -> None:
        """Add epochs, (n, 5): number, training loss and accuracy, test loss and accuracy."""
        self._epochs.append(rows)

    def show_runs(self, runs: Iterable[RunCurve]) -> None:
        """Replace the other runs."""
        self._runs = tuple(runs)

    def content(self, this_run: str, published: str) -> CurveContent:
        """Return all curves, valid until data is added; the names are for the two runs without one."""
        return CurveContent(
            live=RunCurve(this_run, *self._epochs.values) if self._is_started else None,
            steps=self._steps.values,
            published=self._published and replace(self._published, name=published),
            runs=self._runs,
        )
