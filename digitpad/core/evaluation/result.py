"""The evaluation of a model on labelled images."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.metrics import Metrics, compute_metrics
from digitpad.core.evaluation.model_loss import ModelLoss
from digitpad.core.images.digits import CLASSES, Digits
from digitpad.core.models.inference import _batch, _logits, probabilities_of
from digitpad.core.models.networks import DigitModel, quick_copy
from digitpad.core.models.specs import Output, output_of
from digitpad.core.numpy_engine.network import predicted_classes
from digitpad.core.runtime.processors import processor_count


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The predictions of a model for n labelled samples.

    Attributes
    ----------
    labels, predicted
        (n,) uint8 in 0–9; 0 or 1 for a model with a single output.
    logits
        (n, 10) float32, or (n, 1) for a single output.
    output
        The activation that turns logits into outputs.
    loss
        The loss of the model's training.
    confidences
        (n,) float64 in [0, 1]: the probability of the predicted class; where the outputs are not a softmax, its share
        of their sum, see `digitpad.core.models.inference.probabilities_of`.
    losses
        (n,) float64: `loss` of each sample.
    margins
        (n,) float64 in [0, 1]: the highest probability minus the second highest.

    """

    labels: np.ndarray
    predicted: np.ndarray
    logits: np.ndarray
    output: Output
    loss: ModelLoss
    confidences: np.ndarray
    losses: np.ndarray
    margins: np.ndarray

    @classmethod
    def of(
        cls, labels: np.ndarray, logits: np.ndarray, output: Output = "softmax", loss: ModelLoss | None = None
    ) -> "Evaluation":
        """Compute an evaluation from labels (n,) and logits (n, 10) or (n, 1); without `loss`, the usual one."""
        loss = loss or ModelLoss.of(output)
        rows = np.arange(len(labels))
        predicted = predicted_classes(logits, output)
        probabilities = probabilities_of(logits, output)
        second, best = np.partition(probabilities, -2, axis=1)[:, -2:].T
        return cls(
            labels=labels.astype(np.uint8),
            predicted=predicted.astype(np.uint8),
            logits=logits,
            output=output,
            loss=loss,
            confidences=probabilities[rows, predicted],
            losses=loss.total(loss.terms(logits, labels, output)),
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
        """The fraction of correct predictions, in [0, 1]; NaN without samples."""
        return float(self.is_right.mean()) if len(self) else float("nan")

    def metrics(self, selection: np.ndarray | slice = slice(None)) -> Metrics:
        """Return the metrics of selected samples: indices, a mask (n,), or all."""
        return compute_metrics(
            self.labels[selection], self.predicted[selection], self.confidences[selection], self.losses[selection]
        )


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """The number of samples that are predicted."""

    done: int
    total: int


def evaluate_with_progress(
    model: DigitModel, digits: Digits, loss: ModelLoss | None = None
) -> Generator[EvaluationProgress | Evaluation, None, None]:
    """Let a model predict a data set; yield progress, then the evaluation. Closing the generator cancels.

    `loss` is that of the model's training, `ModelLoss.of`; None for the usual one.
    Sets torch's number of threads, for the calling thread, to that of the processors it may use.

    Raise DigitpadError if the model's outputs are not finite.
    """
    torch.set_num_threads(processor_count())
    quick, batch, parts = quick_copy(model.eval()), _batch(model), []
    yield EvaluationProgress(0, len(digits))
    for start in range(0, len(digits), batch):
        parts.append(_logits(quick, digits.images[start : start + batch], digits.peak))
        yield EvaluationProgress(min(start + batch, len(digits)), len(digits))
    logits = np.concatenate(parts) if parts else np.empty((0, CLASSES), np.float32)
    if not np.isfinite(logits).all():
        raise DigitpadError("the model's outputs are not numbers: its training diverged, try a lower learning rate")
    yield Evaluation.of(digits.labels, logits, output_of(model.spec), loss)


def evaluate(model: DigitModel, digits: Digits, loss: ModelLoss | None = None) -> Evaluation:
    """Let a model predict a data set; see `evaluate_with_progress`."""
    *_, evaluation = evaluate_with_progress(model, digits, loss)
    assert isinstance(evaluation, Evaluation)  # noqa: S101 - it is the last one
    return evaluation
