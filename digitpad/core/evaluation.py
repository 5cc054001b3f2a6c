"""What a model makes of digit images, and how often it is right."""

import os
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch

from digitpad.core.data import Digits, to_floats
from digitpad.core.errors import DigitpadError
from digitpad.core.metrics import Metrics, confusion_of, measure
from digitpad.core.models import DigitModel, quick_copy
from digitpad.core.specs import CLASSES, CNNSpec, Output, Spec, output_of

# What fits into a processor's cache: of a CNN, whose layers are the larger, fewer images; it takes twice as long else.
_BATCH, _CNN_BATCH = 1000, 64
# A probability of 0 counts as the smallest number there is, so that every loss is finite: 708 nats at the most.
_LEAST = float(np.finfo(np.float64).tiny)


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
        return confusion_of(self.labels, self.predicted)

    @property
    def per_digit(self) -> np.ndarray:
        """(10,) float64: of the samples of each digit the share that is right; NaN where there are none."""
        return self.measured().recall

    def measured(self, chosen: np.ndarray | slice = slice(None)) -> Metrics:
        """Return the figures of some of the samples: indices, a mask (n,), or all."""
        return measure(self.labels[chosen], self.predicted[chosen], self.confidences[chosen], self.losses[chosen])


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """How many samples have been looked at."""

    done: int
    total: int


def predict_logits(model: DigitModel, images: np.ndarray, peak: int = 255) -> np.ndarray:
    """Return logits (n, 10) float32 of images (n, 28, 28), float32 in [0, 1] or uint8 in 0–`peak`."""
    if not len(images):
        return np.empty((0, CLASSES), np.float32)
    model.eval()
    batch = _batch(model)
    return np.concatenate([_logits(model, images[at : at + batch], peak) for at in range(0, len(images), batch)])


def _batch(model: DigitModel) -> int:
    return _CNN_BATCH if isinstance(model.spec, CNNSpec) else _BATCH


def _logits(model: DigitModel, images: np.ndarray, peak: int) -> np.ndarray:
    pixels = to_floats(images, peak) if images.dtype == np.uint8 else np.ascontiguousarray(images, np.float32)
    with torch.inference_mode():
        return model(torch.from_numpy(pixels)).numpy()


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn logits (…, 10) into probabilities of the same shape, float64, that sum to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def probabilities(logits: np.ndarray, spec: Spec) -> np.ndarray:
    """Return what a model's logits (…, 10) say of the ten digits: float64, each row sums to 1."""
    return probabilities_of(logits, output_of(spec))


def probabilities_of(logits: np.ndarray, output: Output) -> np.ndarray:
    """Return what logits (…, 10) say of the ten digits where `output` follows them: float64, each row sums to 1.

    Sigmoid outputs, and linear ones cut to [0, 1], are estimates each on its own: they are divided by their sum. Where
    all are 0 no digit is preferred.
    """
    if output == "softmax":
        return softmax(logits)
    wide = logits.astype(np.float64)
    values = (1 + np.tanh(wide / 2)) / 2 if output == "sigmoid" else np.clip(wide, 0.0, 1.0)
    total = values.sum(axis=-1, keepdims=True)
    return np.divide(values, total, out=np.full_like(values, 1 / values.shape[-1]), where=total > 0)


def log_probabilities(logits: np.ndarray, output: Output) -> np.ndarray:
    """Return the natural logarithms of `probabilities_of`, (…, 10) float64, all finite.

    Of a softmax they are taken as z − log Σ exp z, which is exact however small a probability is; elsewhere one of 0
    counts as the smallest positive number.
    """
    if output != "softmax":
        return np.log(np.maximum(probabilities_of(logits, output), _LEAST))
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def evaluating(model: DigitModel, digits: Digits) -> Generator[EvaluationProgress | Evaluation, None, None]:
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
    """Let a model predict a whole data set; see `evaluating`."""
    *_, evaluation = evaluating(model, digits)
    assert isinstance(evaluation, Evaluation)  # noqa: S101 - it is the last one
    return evaluation
