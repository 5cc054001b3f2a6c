"""What is known of the runs, as it comes in; nothing here knows Qt."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy.typing as npt

from digitpad.core.training.recipes import PublishedResults
from digitpad.gui.train.curves.series import PUBLISHED, Columns, CurveContent, RunCurve, StepColumns, published_curve


class CurveStore:
    """Collects a run while it trains, the figures published for it, and earlier runs."""

    def __init__(self) -> None:
        self._steps, self._epochs = StepColumns(), Columns(5)
        self._published: RunCurve | None = None
        self._runs: tuple[RunCurve, ...] = ()
        self._planned = 0
        self._is_started = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._is_started and not self._runs

    @property
    def epochs(self) -> float:
        """How far the axis of epochs has to go."""
        return max(self._planned, self._last_epoch(), *(run.epochs.max(initial=0) for run in self._other_runs()))

    def _last_epoch(self) -> float:
        ends = [columns.values[0, -1] for columns in (self._steps, self._epochs) if len(columns)]
        return float(max(ends, default=0.0))

    def _other_runs(self) -> list[RunCurve]:
        return [*self._runs, *([] if self._published is None else [self._published])]

    def start(self, epochs: int, published: PublishedResults | None) -> None:
        """Begin another run."""
        self.clear()
        self._planned, self._is_started = epochs, True
        if published is not None and published.epochs:
            self._published = published_curve(published, PUBLISHED)

    def clear(self) -> None:
        """Forget the run, but not the earlier ones."""
        self._steps, self._epochs = StepColumns(), Columns(5)
        self._published, self._planned, self._is_started = None, 0, False

    def add_steps(self, points: npt.ArrayLike | Iterable[Sequence[float]]) -> None:
        """Add steps, (n, 3): place on the epoch axis, loss, accuracy."""
        self._steps.append(points)

    def add_epochs(self, figures: npt.ArrayLike | Iterable[Sequence[float]]) -> None:
        """Add epochs, (n, 5): their numbers and their four figures."""
        self._epochs.append(figures)

    def show_runs(self, runs: Iterable[RunCurve]) -> None:
        """Replace the earlier runs."""
        self._runs = tuple(runs)

    def content(self, this_run: str, published: str) -> CurveContent:
        """Return all of it, good until something is added; the two runs without a name get one."""
        known = self._published
        return CurveContent(
            live=RunCurve(this_run, *self._epochs.values) if self._is_started else None,
            steps=self._steps.values,
            published=None if known is None else replace(known, name=published),
            runs=self._runs,
        )
