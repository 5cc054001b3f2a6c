"""The values that the crosshair shows at one epoch; without Qt."""

from dataclasses import dataclass
from math import isnan

import numpy as np

from digitpad.gui.train.curves.series import METRICS, CurveContent, Metric, Role
from digitpad.gui.train.curves.ticks import accuracy_text, loss_text


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """The metrics of one run; NaN if it has none at that epoch."""

    role: Role
    name: str
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
        return loss_text(value) if metric.endswith("loss") else accuracy_text(value)

    def has(self, panel: str) -> bool:
        """Return whether the run has a loss, or an accuracy."""
        return any(not isnan(self.value(metric)) for metric in METRICS if metric.endswith(panel))


@dataclass(frozen=True, slots=True)
class Reading:
    """The metrics of all runs at an epoch."""

    epoch: float
    rows: tuple[ReadingRow, ...]


def reading_at(content: CurveContent, epoch: float) -> Reading:
    """Return the metrics of all runs at an epoch, without runs that have none there."""
    rows = [
        ReadingRow(role, curve.name, **{metric: curve.at(epoch, metric) for metric in METRICS})
        for role, curve in content.curves()
    ]
    return Reading(epoch, tuple(row for row in rows if row.has("loss") or row.has("accuracy")))


def nearest_epoch(content: CurveContent, position: float, span: tuple[float, float]) -> float | None:
    """Return the epoch with metrics, within a span, that is nearest to a position on the axis."""
    epochs = content.epochs()
    visible = epochs[(epochs >= span[0]) & (epochs <= span[1])]
    return float(visible[np.argmin(np.abs(visible - position))]) if len(visible) else None


def neighbour_epoch(content: CurveContent, epoch: float | None, step: int, span: tuple[float, float]) -> float | None:
    """Return the epoch `step` measured epochs further, but not beyond the ends of a span."""
    epochs = content.epochs()
    visible = epochs[(epochs >= span[0]) & (epochs <= span[1])]
    if not len(visible):
        return None
    if epoch is None:
        return float(visible[-1] if step > 0 else visible[0])
    index = int(np.searchsorted(visible, epoch))
    return float(visible[np.clip(index + step, 0, len(visible) - 1)])
