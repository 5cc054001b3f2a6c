"""What learning curves show, as arrays; nothing here knows Qt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from digitpad.core.runs.run_folder import Run
from digitpad.core.training.recipes import PublishedResults

Metric = Literal["train_loss", "train_accuracy", "test_loss", "test_accuracy"]
METRICS: tuple[Metric, ...] = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
_BLOCK = 64
MAX_POINTS = 1 << 17  # drawn within a few milliseconds, and a hundred to each pixel
LIVE, PUBLISHED = "live", "published"
# Whose figures: the run that is shown live, the published ones, or the number of an earlier run.
Role = Literal["live", "published"] | int


def _no_values() -> np.ndarray:
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class RunCurve:
    """The figures of one run at the end of epochs.

    Attributes
    ----------
    name
        What the legend says.
    epochs
        (n,) ascending.
    train_loss, train_accuracy, test_loss, test_accuracy
        (n,), accuracies as fractions; empty where the run has no such figure. Not a number is a gap.

    """

    name: str
    epochs: np.ndarray
    train_loss: np.ndarray = field(default_factory=_no_values)
    train_accuracy: np.ndarray = field(default_factory=_no_values)
    test_loss: np.ndarray = field(default_factory=_no_values)
    test_accuracy: np.ndarray = field(default_factory=_no_values)

    def values(self, name: Metric) -> np.ndarray:
        """Return one figure's values."""
        return getattr(self, name)

    def at(self, epoch: float, name: Metric) -> float:
        """Return a figure's value at an epoch, NaN where there is none."""
        values = self.values(name)
        number = int(np.searchsorted(self.epochs, epoch))
        there_is = number < len(values) and self.epochs[number] == epoch
        return float(values[number]) if there_is else float("nan")


def published_curve(published: PublishedResults, name: str) -> RunCurve:
    """Turn a recipe's published figures into a curve."""
    figures = {name: np.asarray(getattr(published, name), float) for name in METRICS}
    return RunCurve(name, np.asarray(published.epochs, float), **figures)


class Columns:
    """Columns of numbers that grow at their ends; an append is cheap, however long they are."""

    def __init__(self, count: int) -> None:
        self._buffer = np.empty((count, 256))
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> np.ndarray:
        """(columns, length) float64; a view, good until the next append."""
        return self._buffer[:, : self._length]

    def append(self, rows: npt.ArrayLike | Iterable[Sequence[float]]) -> None:
        """Append rows, (n, columns)."""
        new = rows if isinstance(rows, np.ndarray) else np.array(list(rows), float)  # pyright: ignore[reportArgumentType]
        new = new.reshape(-1, len(self._buffer))
        end = self._length + len(new)
        if end > self._buffer.shape[1]:
            grown = np.empty((len(self._buffer), max(end, 2 * self._buffer.shape[1])))
            grown[:, : self._length] = self.values
            self._buffer = grown
        self._buffer[:, self._length : end] = new.T
        self._length = end


class StepColumns:
    """A training's steps, or where there are very many the means of a few at a time: they take a bounded place.

    A training of eight hours has millions, which would take as long to draw as they are many. The means are what
    larger batches would have had.
    """

    def __init__(self, max_points: int = MAX_POINTS) -> None:
        self._max_points = max_points
        self._points, self._waiting = Columns(3), np.empty((0, 3))
        self._steps_per_point = 1  # steps that one point stands for

    def __len__(self) -> int:
        return len(self._points)

    @property
    def values(self) -> np.ndarray:
        """(3, length) float64; a view, good until the next append."""
        return self._points.values

    def append(self, rows: npt.ArrayLike | Iterable[Sequence[float]]) -> None:
        """Append steps, (n, 3)."""
        new = rows if isinstance(rows, np.ndarray) else np.array(list(rows), float)  # pyright: ignore[reportArgumentType]
        self._append_means(np.concatenate([self._waiting, new.reshape(-1, 3)]))
        while len(self._points) > self._max_points:
            self._halve()

    def _append_means(self, steps: np.ndarray) -> None:
        whole = len(steps) - len(steps) % self._steps_per_point
        self._points.append(steps[:whole].reshape(-1, self._steps_per_point, 3).mean(axis=1))
        self._waiting = steps[whole:]

    def _halve(self) -> None:
        """Have each point stand for twice as many steps."""
        points, waiting = self._points.values.T, self._waiting
        pairs = len(points) // 2
        left_over = np.repeat(points[2 * pairs :], self._steps_per_point, axis=0)
        self._points = Columns(3)
        self._points.append(points[: 2 * pairs].reshape(pairs, 2, 3).mean(axis=1))
        self._steps_per_point *= 2
        self._append_means(np.concatenate([left_over, waiting]))


@dataclass(frozen=True, slots=True, eq=False)
class CurveContent:
    """All that is to be seen.

    Attributes
    ----------
    steps
        (3, n): for each training step its place on the epoch axis, its batch's loss and accuracy; in a very long
        training, for a few steps at a time the means of these.

    """

    live: RunCurve | None = None
    steps: np.ndarray = field(default_factory=lambda: np.empty((3, 0)))
    published: RunCurve | None = None
    runs: tuple[RunCurve, ...] = ()

    def curves(self) -> list[tuple[Role, RunCurve]]:
        """Return all runs with their roles, this run first."""
        found: list[tuple[Role, RunCurve]] = []
        if self.live is not None:
            found.append((LIVE, self.live))
        if self.published is not None:
            found.append((PUBLISHED, self.published))
        return [*found, *enumerate(self.runs)]

    def epochs(self) -> np.ndarray:
        """Return every epoch that some run has a figure for, ascending."""
        return np.unique(np.concatenate([_no_values(), *(curve.epochs for _, curve in self.curves())]))


@dataclass(frozen=True, slots=True)
class CurveOptions:
    """How the curves are shown; `smoothing` is the weight of the past, 0 to 0.99."""

    log_loss: bool = False
    smoothing: float = 0.0
    per_batch: bool = True


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Return the exponential moving average of values (n,), corrected for its start as Adam's moments are.

    What is not finite is passed over: it keeps its place as NaN and leaves no mark on what follows.
    """
    is_finite = np.isfinite(values)
    if not is_finite.all():
        result = np.full(len(values), np.nan)
        result[is_finite] = smooth(values[is_finite], weight)
        return result
    if weight <= 0 or not len(values):
        return values
    blocks = np.zeros((-(-len(values) // _BLOCK), _BLOCK))
    blocks.ravel()[: len(values)] = values * (1 - weight)
    # Within a block the sums over 1, 2, 4 … values are added up; between blocks one number is carried.
    reach, decay = 1, weight
    while reach < _BLOCK:
        blocks[:, reach:] += decay * blocks[:, :-reach].copy()
        reach, decay = 2 * reach, decay * decay
    carried = [0.0]
    for last in blocks[:-1, -1].tolist():
        carried.append(carried[-1] * decay + last)
    blocks += np.outer(carried, weight ** np.arange(1, _BLOCK + 1))
    averages = blocks.ravel()[: len(values)]
    # Further on the correction is 1, to the last bit.
    start = averages[: int(np.log(1e-17) / np.log(weight)) + 1]
    start /= 1 - weight ** np.arange(1, len(start) + 1)
    return averages


def decimate(x: np.ndarray, y: np.ndarray, span: tuple[float, float], max_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what of a line is seen in a span of x, no more than about 2 `max_points` points of it.

    Where there are more, neighbours are put together and stand as their lowest and highest. How many is a power of
    two, counted from the first of all points, so that what is drawn stays where it is while the line grows.
    """
    first = max(int(np.searchsorted(x, span[0])) - 1, 0)
    last = int(np.searchsorted(x, span[1], side="right")) + 1
    count = len(x[first:last])
    if count <= 2 * max_points:
        return x[first:last], y[first:last]
    size = 1 << int(np.ceil(np.log2(count / max_points)))
    first -= first % size
    x, y = x[first:last], y[first:last]
    starts = np.arange(0, len(x), size)
    ends = np.stack([np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)], axis=1)
    return np.repeat(x[starts], 2), ends.ravel()


def clip_line(x: np.ndarray, y: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Cut a line off where y leaves a span: points are put in at its ends, and what lies beyond becomes gaps."""
    for level in (low, high):
        before, after = y[:-1] - level, y[1:] - level
        crossing = np.flatnonzero(before * after < 0)
        share = before[crossing] / (before[crossing] - after[crossing])
        x_there = x[crossing] + share * (x[crossing + 1] - x[crossing])
        x, y = np.insert(x, crossing + 1, x_there), np.insert(y, crossing + 1, level)
    is_inside = (y >= low) & (y <= high)
    return x, np.where(is_inside, y, np.nan)


def metrics_of(run: Run) -> np.ndarray:
    """Return (n, 5): for each measured epoch its number, training loss and accuracy, test loss and accuracy."""
    rows = [(r.epoch, r.train_loss, r.train_accuracy, r.test_loss, r.test_accuracy) for r in run.rows]
    return np.array(rows, float).reshape(-1, 5)


def run_curve(run: Run) -> RunCurve:
    """Return the curves of a run."""
    return RunCurve(run.name, *np.ascontiguousarray(metrics_of(run).T))
