"""What the crosshair reads at one epoch; nothing here knows Qt."""

from dataclasses import dataclass
from math import isnan

import numpy as np

from digitpad.gui.train.curves.series import METRICS, CurveContent, Metric, Role
from digitpad.gui.train.curves.ticks import accuracy_text, loss_text


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One run's figures; NaN where it has none at that epoch."""

    role: Role
    name: str
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float

    def value(self, metric: Metric) -> float:
        """Return one of the figures."""
        return getattr(self, metric)

    def text(self, metric: Metric) -> str:
        """Write one of the figures; a dash where there is none."""
        value = self.value(metric)
        return loss_text(value) if metric.endswith("loss") else accuracy_text(value)

    def has(self, panel: str) -> bool:
        """Say whether there is any loss, or any accuracy."""
        return any(not isnan(self.value(figure)) for figure in METRICS if figure.endswith(panel))


@dataclass(frozen=True, slots=True)
class Reading:
    """All runs' figures at an epoch."""

    epoch: float
    rows: tuple[ReadingRow, ...]


def reading_at(content: CurveContent, epoch: float) -> Reading:
    """Read all runs at an epoch; those that have no figure there are left out."""
    rows = [
        ReadingRow(role, curve.name, **{figure: curve.at(epoch, figure) for figure in METRICS})
        for role, curve in content.curves()
    ]
    return Reading(epoch, tuple(row for row in rows if row.has("loss") or row.has("accuracy")))


def nearest_epoch(content: CurveContent, place: float, span: tuple[float, float]) -> float | None:
    """Return the epoch in a span, of those with figures, that lies nearest to a place on the axis."""
    epochs = content.epochs()
    seen = epochs[(epochs >= span[0]) & (epochs <= span[1])]
    return float(seen[np.argmin(np.abs(seen - place))]) if len(seen) else None


def neighbour_epoch(content: CurveContent, epoch: float | None, step: int, span: tuple[float, float]) -> float | None:
    """Return the epoch with figures `step` further than one, or at the end of the span that it would be past."""
    epochs = content.epochs()
    seen = epochs[(epochs >= span[0]) & (epochs <= span[1])]
    if not len(seen):
        return None
    if epoch is None:
        return float(seen[-1] if step > 0 else seen[0])
    here = int(np.searchsorted(seen, epoch))
    return float(seen[np.clip(here + step, 0, len(seen) - 1)])
