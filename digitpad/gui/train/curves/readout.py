"""The values that the crosshair shows at one position of the epoch axis; without Qt."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from digitpad.gui.train.curves.figures import SHORT, FigureFormat, accuracy_text
from digitpad.gui.train.curves.series import LIVE, METRICS, QUANTITIES, CurveContent, Metric, Role, RunCurve

# Returns the value of a run's smoothed training line at a position.
LineValue = Callable[[Role, Metric, float], float]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """The metrics of one run at a position; NaN if it has none there."""

    role: Role
    name: str
    figures: FigureFormat
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float

    def value(self, metric: Metric) -> float:
        """Return the value of a metric."""
        return getattr(self, metric)

    def text(self, metric: Metric) -> str:
        """Return a metric as text; a dash if there is none."""
        value = self.value(metric)
        return self.figures.loss(value) if metric.endswith("loss") else accuracy_text(value)

    def has_any(self, metrics: Iterable[Metric]) -> bool:
        """Return whether the run has one of these metrics."""
        return any(not isnan(self.value(metric)) for metric in metrics)


@dataclass(frozen=True, slots=True)
class Reading:
    """The metrics of all runs at a position.

    Within an epoch, training values are those of the smoothed line, and a test is on `sample_size` test images.
    """

    position: float
    rows: tuple[ReadingRow, ...]
    is_within_epoch: bool = False
    sample_size: int = 0


def reading_at(content: CurveContent, position: float, line_value: LineValue) -> Reading:
    """Return the metrics of all runs at a position, without runs that have none there."""
    if position in _epochs(content):
        found = [
            ReadingRow(role, curve.name, curve.figures, **{metric: curve.at(position, metric) for metric in METRICS})
            for role, curve in content.curves()
        ]
        return Reading(position, _with_values(found))
    rows = []
    for role, curve in content.curves():
        training = [line_value(role, metric, position) if curve.steps.size else nan for metric in _TRAINING]
        test = [curve.sample_at(position, quantity) if role == LIVE else nan for quantity in QUANTITIES]
        rows.append(ReadingRow(role, curve.name, SHORT, *training, *test))
    size = 0 if content.live is None else content.live.sample_size
    return Reading(position, _with_values(rows), is_within_epoch=True, sample_size=size)


def nearest_position(content: CurveContent, pointed: float, span: Span, reach: float) -> float | None:
    """Return the position to read, within a span, for a position that is pointed at.

    That is the nearest one with a test within `reach`, or else a step, or else the nearest one with a test.
    """
    tested = _within(content.positions(), span)
    nearest = float(tested[np.argmin(np.abs(tested - pointed))]) if len(tested) else None
    if nearest is not None and abs(nearest - pointed) <= reach:
        return nearest
    steps = [curve.steps[0] for curve in _runs(content) if curve.steps.size]
    is_trained = any(positions[0] <= pointed <= positions[-1] for positions in steps)
    return pointed if is_trained else nearest


def neighbour_position(content: CurveContent, position: float | None, step: int, span: Span) -> float | None:
    """Return the position `step` tests further, but not beyond the ends of a span."""
    visible = _within(content.positions(), span)
    if not len(visible):
        return None
    if position is None:
        return float(visible[-1] if step > 0 else visible[0])
    index = int(np.searchsorted(visible, position)) + step
    if step > 0 and position not in visible:
        index -= 1
    return float(visible[np.clip(index, 0, len(visible) - 1)])


_TRAINING: tuple[Metric, Metric] = ("train_loss", "train_accuracy")


def _epochs(content: CurveContent) -> np.ndarray:
    return np.concatenate([np.empty(0), *(curve.epochs for _, curve in content.curves())])


def _runs(content: CurveContent) -> tuple[RunCurve, ...]:
    return content.runs if content.live is None else (content.live, *content.runs)


def _within(positions: np.ndarray, span: Span) -> np.ndarray:
    return positions[(positions >= span[0]) & (positions <= span[1])]


def _with_values(rows: list[ReadingRow]) -> tuple[ReadingRow, ...]:
    return tuple(row for row in rows if row.has_any(METRICS))
