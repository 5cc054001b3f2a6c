"""Metrics of predictions: accuracy, loss, calibration, confusion matrix, precision, recall and F1."""

from dataclasses import dataclass

import numpy as np

from digitpad.core.images.digits import CLASSES

_BINS = 15


@dataclass(frozen=True, slots=True, eq=False)
class Metrics:
    """The metrics of some samples; NaN where the divisor is 0.

    Attributes
    ----------
    count
        The number of samples.
    accuracy
        The fraction of correct predictions, in [0, 1].
    loss
        The mean loss, of the kind that the losses are.
    calibration_error
        See `calibration_error`.
    confusion
        (10, 10) int64: rows are labels, columns predictions.
    precision, recall, f1
        (10,) float64 in [0, 1]: the correct fraction of the samples predicted as a digit; the correct fraction of the
        samples with that label; their harmonic mean.

    """

    count: int
    accuracy: float
    loss: float
    calibration_error: float
    confusion: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray

    @property
    def wrong(self) -> int:
        """The number of wrong predictions."""
        return self.count - int(self.confusion.trace())


def compute_metrics(labels: np.ndarray, predicted: np.ndarray, confidences: np.ndarray, losses: np.ndarray) -> Metrics:
    """Compute the metrics of n samples: labels and predictions (n,) in 0–9, confidences (n,) in [0, 1], losses (n,).

    Raise ValueError if labels and predictions differ in number.
    """
    confusion = confusion_matrix(labels, predicted)
    count, correct = len(labels), np.diagonal(confusion)
    per_label, per_prediction = confusion.sum(axis=1), confusion.sum(axis=0)
    return Metrics(
        count=count,
        accuracy=float(correct.sum() / count) if count else float("nan"),
        loss=float(losses.mean()) if count else float("nan"),
        calibration_error=calibration_error(confidences, labels == predicted),
        confusion=confusion,
        precision=_ratio(correct, per_prediction),
        recall=_ratio(correct, per_label),
        f1=_ratio(2 * correct, per_label + per_prediction),
    )


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Count the pairs of label and prediction: (10, 10) int64, rows are labels, columns are predictions.

    Both are (n,) integers in 0–9. Raises ValueError if their lengths differ.
    """
    if len(labels) != len(predicted):
        raise ValueError(f"there are {len(labels)} labels and {len(predicted)} predictions")
    cells = labels.astype(np.int64) * CLASSES + predicted
    return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES).astype(np.int64)


def _ratio(counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Divide, as float64; NaN where the total is 0."""
    return np.divide(counts, totals, out=np.full(len(totals), np.nan), where=totals > 0)


def calibration_error(confidences: np.ndarray, is_right: np.ndarray, bins: int = _BINS) -> float:
    """Return the expected calibration error, in [0, 1]; NaN without samples.

    The mean gap between confidence and accuracy in `bins` equal intervals (a, b] of confidence, weighted by their
    number of samples. Equation 3 of Guo et al., On Calibration of Modern Neural Networks (ICML 2017); 15 bins as there.

    Parameters
    ----------
    confidences
        (n,) float in [0, 1]: the probability of the predicted digit.
    is_right
        (n,) bool: whether the prediction is the label.
    bins
        The number of intervals.

    """
    if not len(confidences):
        return float("nan")
    places = np.clip(np.ceil(confidences * bins).astype(int) - 1, 0, bins - 1)
    surplus = np.bincount(places, confidences, bins) - np.bincount(places, is_right, bins)
    return float(np.abs(surplus).sum() / len(confidences))
