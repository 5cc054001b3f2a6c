"""What a model makes of digit images, and how often it is right."""

from dataclasses import dataclass

import numpy as np
import torch

from digitpad.core.data import Digits, to_floats
from digitpad.core.models import DigitModel
from digitpad.core.specs import CLASSES, Spec, output_of

_BATCH = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How a model did on a data set; accuracies are fractions, NaN where there was no such digit."""

    accuracy: float
    per_digit: np.ndarray  # (10,) float64: of the samples of each digit, the share that was right
    confusion: np.ndarray  # (10, 10) int64: rows true, columns predicted


def predict_logits(model: DigitModel, images: np.ndarray, peak: int = 255) -> np.ndarray:
    """Return logits (n, 10) float32 of images (n, 28, 28), float32 in [0, 1] or uint8 in 0–`peak`."""
    if not len(images):
        return np.empty((0, CLASSES), np.float32)
    pieces = []
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(images), _BATCH):
            some = images[start : start + _BATCH]
            pixels = to_floats(some, peak) if some.dtype == np.uint8 else np.ascontiguousarray(some, np.float32)
            pieces.append(model(torch.from_numpy(pixels)).numpy())
    return np.concatenate(pieces)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn logits (…, 10) into probabilities of the same shape, float64, that sum to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def probabilities(logits: np.ndarray, spec: Spec) -> np.ndarray:
    """Return what a model's logits (…, 10) say of the ten digits: float64, each row sums to 1.

    Sigmoid outputs, and linear ones cut to [0, 1], are estimates each on its own: they are divided by their sum. Where
    all are 0 no digit is preferred.
    """
    output = output_of(spec)
    if output == "softmax":
        return softmax(logits)
    wide = logits.astype(np.float64)
    values = (1 + np.tanh(wide / 2)) / 2 if output == "sigmoid" else np.clip(wide, 0.0, 1.0)
    total = values.sum(axis=-1, keepdims=True)
    return np.divide(values, total, out=np.full_like(values, 1 / values.shape[-1]), where=total > 0)


def evaluate(model: DigitModel, digits: Digits) -> Evaluation:
    """Let a model predict a whole data set."""
    from sklearn.metrics import confusion_matrix

    predicted = predict_logits(model, digits.images, digits.peak).argmax(axis=1)
    confusion = confusion_matrix(digits.labels, predicted, labels=np.arange(CLASSES)).astype(np.int64)
    count = confusion.sum(axis=1)
    per_digit = np.divide(confusion.diagonal(), count, out=np.full(CLASSES, np.nan), where=count > 0)
    return Evaluation(accuracy=float(confusion.trace() / confusion.sum()), per_digit=per_digit, confusion=confusion)
