"""Collects the data of the learning curves; without Qt."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from digitpad.gui.train.curves.series import STEP_ROWS, CurveContent, RunCurve

MAX_POINTS = 1 << 16  # drawn within a few milliseconds; about fifty per pixel
Rows = npt.ArrayLike | Iterable[Sequence[float]]


class Columns:
    """Columns of numbers that grow; an append is fast, however long they are."""

    def __init__(self, count: int) -> None:
        self._buffer = np.empty((count, 256))
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> np.ndarray:
        """(columns, length) float64; a view, good until the next append."""
        return self._buffer[:, : self._length]

    def append(self, rows: Rows) -> None:
        """Append rows, (n, columns)."""
        new = _rows(rows, len(self._buffer))
        end = self._length + len(new)
        if end > self._buffer.shape[1]:
            grown = np.empty((len(self._buffer), max(end, 2 * self._buffer.shape[1])))
            grown[:, : self._length] = self.values
            self._buffer = grown
        self._buffer[:, self._length : end] = new.T
        self._length = end


class StepColumns:
    """The steps of a training in bounded memory: of very many steps, a few at a time.

    A training of eight hours has millions of steps, which would take long to draw. Of a few steps together the means
    are the values that a larger batch would have had; the lowest and the highest values are kept too.
    """

    def __init__(self, max_points: int = MAX_POINTS) -> None:
        self._max_points = max_points
        self._points, self._waiting = Columns(STEP_ROWS), np.empty((0, STEP_ROWS))
        self._steps_per_point = 1

    def __len__(self) -> int:
        return len(self._points)

    @property
    def values(self) -> np.ndarray:
        """(7, length) as in `RunCurve.steps`; a view, good until the next append."""
        return self._points.values

    def append(self, rows: Rows) -> None:
        """Append steps, (n, 3): position, loss, accuracy."""
        self._append_groups(np.concatenate([self._waiting, _rows(rows, 3)[:, [0, 1, 1, 1, 2, 2, 2]]]))
        while len(self._points) > self._max_points:
            self._halve()

    def begin_with(self, points: np.ndarray) -> None:
        """Put the points of earlier steps, (7, n), before the first one."""
        self._points = _joined(points, self._points)

    def _append_groups(self, steps: np.ndarray) -> None:
        whole = len(steps) - len(steps) % self._steps_per_point
        self._points.append(_grouped(steps[:whole].reshape(-1, self._steps_per_point, STEP_ROWS)))
        self._waiting = steps[whole:]

    def _halve(self) -> None:
        """Merge pairs of points, so that each stands for twice as many steps."""
        points, waiting = self._points.values.T, self._waiting
        pairs = len(points) // 2
        left_over = np.repeat(points[2 * pairs :], self._steps_per_point, axis=0)
        self._points = Columns(STEP_ROWS)
        self._points.append(_grouped(points[: 2 * pairs].reshape(pairs, 2, STEP_ROWS)))
        self._steps_per_point *= 2
        self._append_groups(np.concatenate([left_over, waiting]))


class CurveStore:
    """Collects the run in front while it trains, the results published for its recipe, and other runs."""

    def __init__(self) -> None:
        self.clear()
        self._runs: tuple[RunCurve, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is no run to show."""
        return self._run is None and not self._runs

    @property
    def end(self) -> float:
        """The last position of the run in front."""
        live = self._live()
        return 0.0 if live is None else live.end

    @property
    def runs_end(self) -> float:
        """The last position of any run."""
        return max(self.end, *(curve.end for curve in self._runs), 0.0)

    @property
    def published_end(self) -> float:
        """The last position of the published results."""
        return 0.0 if self._published is None else self._published.end

    def clear(self) -> None:
        """Show no run in front; the other runs stay."""
        self._run: RunCurve | None = None
        self._published: RunCurve | None = None
        self._steps, self._epochs, self._samples = StepColumns(), Columns(5), Columns(3)

    def start(self, run: RunCurve, published: RunCurve | None) -> None:
        """Show another run in front; the other runs stay."""
        self.clear()
        self._run, self._published = run, published
        self._epochs.append(_columns(run))
        self.begin_with(run.steps, run.samples)

    def rename(self, name: str) -> None:
        """Rename the run in front."""
        if self._run is not None:
            self._run = replace(self._run, name=name)

    def begin_with(self, steps: np.ndarray, samples: np.ndarray, sample_size: int = 0) -> None:
        """Add the steps, (7, n), and the tests on a sample, (3, m), before those that are there."""
        self._steps.begin_with(steps)
        self._samples = _joined(samples, self._samples)
        self._set_sample_size(sample_size)

    def add_steps(self, points: Rows) -> None:
        """Add steps, (n, 3): position on the epoch axis, loss, accuracy."""
        self._steps.append(points)

    def add_epochs(self, rows: Rows) -> None:
        """Add epochs, (n, 5): number, training loss and accuracy, test loss and accuracy."""
        self._epochs.append(rows)

    def add_samples(self, rows: Rows, size: int) -> None:
        """Add tests on a sample of `size` test images, (n, 3): position on the epoch axis, loss, accuracy."""
        self._samples.append(rows)
        self._set_sample_size(size)

    def show_runs(self, runs: Iterable[RunCurve]) -> None:
        """Replace the other runs."""
        self._runs = tuple(runs)

    def content(self) -> CurveContent:
        """Return all curves, valid until data is added."""
        return CurveContent(self._live(), self._published, self._runs)

    def _live(self) -> RunCurve | None:
        if self._run is None:
            return None
        epochs, *metrics = self._epochs.values
        names = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
        return replace(
            self._run,
            epochs=epochs,
            **dict(zip(names, metrics, strict=True)),
            steps=self._steps.values,
            samples=self._samples.values,
        )

    def _set_sample_size(self, size: int) -> None:
        if self._run is not None and size:
            self._run = replace(self._run, sample_size=size)


def _rows(rows: Rows, count: int) -> np.ndarray:
    new = rows if isinstance(rows, np.ndarray) else np.array(list(rows), float)  # pyright: ignore[reportArgumentType]
    return new.reshape(-1, count)


def _columns(run: RunCurve) -> np.ndarray:
    """Return (n, 5): the measured epochs of a run; a metric that it does not have is NaN."""
    missing = np.full(len(run.epochs), np.nan)
    parts = (run.train_loss, run.train_accuracy, run.test_loss, run.test_accuracy)
    return np.stack([run.epochs, *(part if len(part) else missing for part in parts)], axis=1)


def _joined(earlier: np.ndarray, later: Columns) -> Columns:
    """Return columns that begin with those of `earlier`, (columns, n), that are before the first of `later`."""
    new = earlier[:, earlier[0] < later.values[0, 0]] if len(later) else earlier
    if not new.size:
        return later
    joined = Columns(len(new))
    joined.append(new.T)
    joined.append(later.values.T)
    return joined


def _grouped(points: np.ndarray) -> np.ndarray:
    """Replace groups of points, (groups, points, 7), by one point each."""
    means, low, high = points.mean(axis=1), points.min(axis=1), points.max(axis=1)
    means[:, [2, 5]], means[:, [3, 6]] = low[:, [2, 5]], high[:, [3, 6]]
    return means
