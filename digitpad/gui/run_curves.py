"""A run's measured epochs as curves."""

import numpy as np

from digitpad.core.runs import Run
from digitpad.gui.curve_data import RunCurve


def figures_of(run: Run) -> np.ndarray:
    """Return (n, 5): for each measured epoch its number, training loss and accuracy, test loss and accuracy."""
    rows = [(r.epoch, r.train_loss, r.train_accuracy, r.test_loss, r.test_accuracy) for r in run.rows]
    return np.array(rows, float).reshape(-1, 5)


def run_curve(run: Run) -> RunCurve:
    """Return the curves of a run."""
    return RunCurve(run.name, *np.ascontiguousarray(figures_of(run).T))
