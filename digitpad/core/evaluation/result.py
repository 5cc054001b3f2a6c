"""What a model makes of digit images, and how often it is right."""

import os
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.metrics import Metrics, compute_metrics, confusion_matrix
from digitpad.core.images.digits import CLASSES, Digits
from digitpad.core.models.inference import (
    _batch,
    _logits,
    log_probabilities,
    probabilities_of,
)
from digitpad.core.models.networks import DigitModel, quick_copy
from digitpad.core.models.specs import Output, output_of


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What a model says of each of n labelled samples.

    Attributes
    ----------
    labels, predicted
        (n,) uint8 in 0–9: what they are, and what the model takes them for.
    logits
        (n, 10) float32.
    output
        What turns the logits into the model's outputs.
    confidences
        (n,) float64 in [0, 1]: the probability of what was predicted.
    losses
        (n,) float64: the cross-entropy, −log p of the label, nats; ranks samples by how badly they were missed.
    margins
        (n,) float64 in [0, 1]: by how much the best digit's probability is above the second best's.

    """

    labels: np.ndarray
    predicted: np.ndarray
    logits: np.ndarray
    output: Output
    confidences: np.ndarray
    losses: np.ndarray
    margins: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray, logits: np.ndarray, output: Output = "softmax") -> "Evaluation":
        """Work out the rest from labels (n,) and logits (n, 10)."""
        rows = np.arange(len(labels))
        predicted = logits.argmax(axis=1)
        shares = probabilities_of(logits, output)
        second, best = np.partition(shares, -2, axis=1)[:, -2:].T
        return cls(
            labels=labels.astype(np.uint8),
            predicted=predicted.astype(np.uint8),
            logits=logits,
            output=output,
            confidences=shares[rows, predicted],
            losses=-log_probabilities(logits, output)[rows, labels],
            margins=best - second,
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def is_right(self) -> np.ndarray:
        """(n,) bool: whether the prediction is the label."""
        return self.predicted == self.labels

    @property
    def accuracy(self) -> float:
        """The share that is right, in [0, 1]; NaN of no samples."""
        return float(self.is_right.mean()) if len(self) else float("nan")

    @property
    def confusion(self) -> np.ndarray:
        """(10, 10) int64: rows labels, columns predictions."""
        return confusion_matrix(self.labels, self.predicted)

    @property
    def per_digit(self) -> np.ndarray:
        """(10,) float64: of the samples of each digit the share that is right; NaN where there are none."""
        return self.metrics().recall

    def metrics(self, selection: np.ndarray | slice = slice(None)) -> Metrics:
        """Return the figures of some of the samples: indices, a mask (n,), or all."""
        return compute_metrics(
            self.labels[selection], self.predicted[selection], self.confidences[selection], self.losses[selection]
        )


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """How many samples have been looked at."""

    done: int
    total: int


def evaluate_with_progress(model: DigitModel, digits: Digits) -> Generator[EvaluationProgress | Evaluation, None, None]:
    """Let a model predict a whole data set, and yield progress, then the evaluation.

    Closing the generator cancels. All processors share the work; how many threads torch has is a matter of the thread
    that drains it.

    Raises
    ------
    DigitpadError
        Where the model's answers are no numbers.

    """
    torch.set_num_threads(os.cpu_count() or 1)
    quick, batch, pieces = quick_copy(model.eval()), _batch(model), []
    yield EvaluationProgress(0, len(digits))
    for start in range(0, len(digits), batch):
        pieces.append(_logits(quick, digits.images[start : start + batch], digits.peak))
        yield EvaluationProgress(min(start + batch, len(digits)), len(digits))
    logits = np.concatenate(pieces) if pieces else np.empty((0, CLASSES), np.float32)
    if not np.isfinite(logits).all():
        raise DigitpadError("the model's answers are no numbers: its training has diverged, try a lower learning rate")
    yield Evaluation.of(digits.labels, logits, output_of(model.spec))


def evaluate(model: DigitModel, digits: Digits) -> Evaluation:
    """Let a model predict a whole data set; see `evaluate_with_progress`."""
    *_, evaluation = evaluate_with_progress(model, digits)
    assert isinstance(evaluation, Evaluation)  # noqa: S101 - it is the last one
    return evaluation
