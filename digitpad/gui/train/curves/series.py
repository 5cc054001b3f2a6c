"""The data of the learning curves as arrays; without Qt."""

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
MAX_POINTS = 1 << 17  # drawn within a few milliseconds; about a hundred per pixel
LIVE, PUBLISHED = "live", "published"
# The run that is shown live, the published results, or the number of another run.
Role = Literal["live", "published"] | int


def _no_values() -> np.ndarray:
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class RunCurve:
    """The metrics of one run at the end of its epochs.

    Attributes
    ----------
    name
        The name in the legend.
    epochs
        (n,) ascending.
    train_loss, train_accuracy, test_loss, test_accuracy
        (n,), accuracies 0 to 1; empty if the run does not have the metric. NaN is a gap.

    """

    name: str
    epochs: np.ndarray
    train_loss: np.ndarray = field(default_factory=_no_values)
    train_accuracy: np.ndarray = field(default_factory=_no_values)
    test_loss: np.ndarray = field(default_factory=_no_values)
    test_accuracy: np.ndarray = field(default_factory=_no_values)

    def values(self, name: Metric) -> np.ndarray:
        """Return the values of a metric."""
        return getattr(self, name)

    def at(self, epoch: float, name: Metric) -> float:
        """Return the value of a metric at an epoch; NaN if there is none."""
        values = self.values(name)
        index = int(np.searchsorted(self.epochs, epoch))
        exists = index < len(values) and self.epochs[index] == epoch
        return float(values[index]) if exists else float("nan")


def published_curve(published: PublishedResults, name: str) -> RunCurve:
    """Return the curve of a recipe's published results."""
    metrics = {metric: np.asarray(getattr(published, metric), float) for metric in METRICS}
    return RunCurve(name, np.asarray(published.epochs, float), **metrics)


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
    """The steps of a training in bounded memory: of very many steps, the means of a few at a time.

    A training of eight hours has millions of steps, which would take long to draw. The means are the values that
    larger batches would have had.
    """

    def __init__(self, max_points: int = MAX_POINTS) -> None:
        self._max_points = max_points
        self._points, self._waiting = Columns(3), np.empty((0, 3))
        self._steps_per_point = 1

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
        """Merge pairs of points, so that each is the mean of twice as many steps."""
        points, waiting = self._points.values.T, self._waiting
        pairs = len(points) // 2
        left_over = np.repeat(points[2 * pairs :], self._steps_per_point, axis=0)
        self._points = Columns(3)
        self._points.append(points[: 2 * pairs].reshape(pairs, 2, 3).mean(axis=1))
        self._steps_per_point *= 2
        self._append_means(np.concatenate([left_over, waiting]))


@dataclass(frozen=True, slots=True, eq=False)
class CurveContent:
    """All curves to show.

    Attributes
    ----------
    steps
        (3, n): for each training step its position on the epoch axis, and its batch's loss and accuracy; in a very
        long training, the means of a few steps at a time.

    """

    live: RunCurve | None = None
    steps: np.ndarray = field(default_factory=lambda: np.empty((3, 0)))
    published: RunCurve | None = None
    runs: tuple[RunCurve, ...] = ()

    def curves(self) -> list[tuple[Role, RunCurve]]:
        """Return all runs with their roles; the live run is first."""
        found: list[tuple[Role, RunCurve]] = []
        if self.live is not None:
            found.append((LIVE, self.live))
        if self.published is not None:
            found.append((PUBLISHED, self.published))
        return [*found, *enumerate(self.runs)]

    def epochs(self) -> np.ndarray:
        """Return all epochs for which a run has metrics, ascending."""
        return np.unique(np.concatenate([_no_values(), *(curve.epochs for _, curve in self.curves())]))


@dataclass(frozen=True, slots=True)
class CurveOptions:
    """How the curves are shown; `smoothing` is the weight of the former average, 0 to 0.99."""

    log_loss: bool = False
    smoothing: float = 0.0
    per_batch: bool = True


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Return the exponential moving average of values (n,), with the bias correction of Adam (Kingma and Ba, 2015).

    Values that are not finite become NaN and do not affect later values.
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
    # Within a block, sums over 1, 2, 4 … values are added; between blocks, one number is carried over.
    reach, decay = 1, weight
    while reach < _BLOCK:
        blocks[:, reach:] += decay * blocks[:, :-reach].copy()
        reach, decay = 2 * reach, decay * decay
    carried = [0.0]
    for last in blocks[:-1, -1].tolist():
        carried.append(carried[-1] * decay + last)
    blocks += np.outer(carried, weight ** np.arange(1, _BLOCK + 1))
    averages = blocks.ravel()[: len(values)]
    # After that, the correction is 1 in floating point.
    start = averages[: int(np.log(1e-17) / np.log(weight)) + 1]
    start /= 1 - weight ** np.arange(1, len(start) + 1)
    return averages


def decimate(x: np.ndarray, y: np.ndarray, span: tuple[float, float], max_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of a line in a span of x, with at most about 2 `max_points` points.

    If there are more, groups of neighbours are replaced by their minimum and maximum. The size of a group is a power
    of two, and groups are counted from the first point of the line, so that drawn points do not move while it grows.
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
    """Clip a line to a span of y: points are inserted where it leaves the span, and points outside become NaN."""
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
