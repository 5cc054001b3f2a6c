"""Figures of how often, and how surely, a model is right."""

from dataclasses import dataclass

import numpy as np

from digitpad.core.images.digits import CLASSES

_BINS = 15


@dataclass(frozen=True, slots=True, eq=False)
class Metrics:
    """What is told of some samples; NaN where there is nothing to divide by.

    Attributes
    ----------
    count
        How many samples there are.
    accuracy
        The share that is right, in [0, 1].
    loss
        The mean cross-entropy, nats.
    calibration_error
        See `calibration_error`.
    confusion
        (10, 10) int64: rows are labels, columns predictions.
    precision, recall, f1
        (10,) float64 in [0, 1]: of the samples predicted as a digit the share that is one; of the samples of a digit
        the share predicted as it; their harmonic mean.

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
        """How many samples are wrong."""
        return self.count - int(self.confusion.trace())


def measure(labels: np.ndarray, predicted: np.ndarray, confidences: np.ndarray, losses: np.ndarray) -> Metrics:
    """Return the figures of n samples: labels and predictions (n,) in 0–9, confidences (n,) in [0, 1], losses (n,)."""
    from sklearn.metrics import precision_recall_fscore_support

    confusion = confusion_of(labels, predicted)
    # A hundred weighted pairs say the same as the samples, and are counted at once.
    digits = np.arange(CLASSES)
    count, precision, recall, f1 = len(labels), *np.full((3, CLASSES), np.nan)
    if count:
        precision, recall, f1, _ = precision_recall_fscore_support(
            np.repeat(digits, CLASSES),
            np.tile(digits, CLASSES),
            labels=digits,
            sample_weight=confusion.ravel(),
            zero_division=np.nan,  # pyright: ignore[reportArgumentType] - the stubs know of numbers alone
        )
    return Metrics(
        count=count,
        accuracy=float(confusion.trace() / count) if count else float("nan"),
        loss=float(losses.mean()) if count else float("nan"),
        calibration_error=calibration_error(confidences, labels == predicted),
        confusion=confusion,
        precision=np.asarray(precision),
        recall=np.asarray(recall),
        f1=np.asarray(f1),
    )


def confusion_of(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Count pairs of label and prediction: (10, 10) int64, rows labels, columns predictions."""
    from sklearn.metrics import confusion_matrix

    if not len(labels):
        return np.zeros((CLASSES, CLASSES), np.int64)
    return confusion_matrix(labels, predicted, labels=np.arange(CLASSES)).astype(np.int64)


def calibration_error(confidences: np.ndarray, is_right: np.ndarray, bins: int = _BINS) -> float:
    """Return the expected calibration error, in [0, 1]; NaN of no samples.

    Samples fall into `bins` equal intervals (a, b] of confidence; of each the gap between its mean confidence and its
    accuracy counts by its share of the samples. Equation 3 of Guo et al., On Calibration of Modern Neural Networks
    (ICML 2017), with their 15 bins; scikit-learn has the curve but not the figure.

    Parameters
    ----------
    confidences
        (n,) float in [0, 1]: the probability of what was predicted.
    is_right
        (n,) bool.
    bins
        How many intervals there are.

    """
    if not len(confidences):
        return float("nan")
    places = np.clip(np.ceil(confidences * bins).astype(int) - 1, 0, bins - 1)
    surplus = np.bincount(places, confidences, bins) - np.bincount(places, is_right, bins)
    return float(np.abs(surplus).sum() / len(confidences))
