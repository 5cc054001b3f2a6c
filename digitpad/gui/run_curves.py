"""A run's measured epochs as curves."""

import numpy as np

from digitpad.core.runs import Run
from digitpad.gui.curve_data import RunCurve


def run_curve(run: Run) -> RunCurve:
    """Return the curves of a run."""

    def values(figure: str) -> np.ndarray:
        return np.array([getattr(row, figure) for row in run.rows], float)

    return RunCurve(
        name=run.name,
        epochs=values("epoch"),
        train_loss=values("train_loss"),
        train_accuracy=values("train_accuracy"),
        test_loss=values("test_loss"),
        test_accuracy=values("test_accuracy"),
    )
