"""Logits and probabilities of many images."""

import numpy as np
import torch

from digitpad.core.images.digits import CLASSES, to_floats
from digitpad.core.models.networks import DigitModel
from digitpad.core.models.specs import CNNSpec, Output, Spec, output_of

# Batches that fit into the processor's cache; a CNN has larger layers, and takes twice as long with larger batches.
_BATCH, _CNN_BATCH = 1000, 64
# A probability of 0 counts as the smallest positive number, so that every loss is finite: at most 708 nats.
_TINY = float(np.finfo(np.float64).tiny)


def predict_logits(model: DigitModel, images: np.ndarray, peak: int = 255) -> np.ndarray:
    """Return logits (n, 10) float32 of images (n, 28, 28), float32 in [0, 1] or uint8 in 0–`peak`."""
    if not len(images):
        return np.empty((0, CLASSES), np.float32)
    if model.training:  # eval() goes through all layers, which takes a tenth of the time of one image
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
    """Convert logits (…, 10) to probabilities of the same shape, float64, that sum to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def probabilities(logits: np.ndarray, spec: Spec) -> np.ndarray:
    """Convert a model's logits (…, 10) to probabilities of the ten digits, float64, each row sums to 1."""
    return probabilities_of(logits, output_of(spec))


def outputs_of(logits: np.ndarray, output: Output) -> np.ndarray:
    """Convert the logits (…, outputs) of a model to its outputs, float64 of the same shape, as the loss uses them."""
    if output == "softmax":
        return softmax(logits)
    wide = logits.astype(np.float64)
    # Neither overflows nor rounds a small output to 0.
    return np.exp(-np.logaddexp(0.0, -wide)) if output == "sigmoid" else wide


def probabilities_of(logits: np.ndarray, output: Output) -> np.ndarray:
    """Convert the logits (…, 10) of a model with this output to probabilities, float64, each row sums to 1.

    Sigmoid outputs, and linear ones clipped to [0, 1], are divided by their sum; if all are 0, all digits are equal.
    A single output (…, 1) is the probability of class 1: the result has the two classes, (…, 2).
    """
    values = outputs_of(logits, output)
    if output == "softmax":
        return values
    values = np.clip(values, 0.0, 1.0)
    if values.shape[-1] == 1:
        return np.concatenate([1 - values, values], axis=-1)
    total = values.sum(axis=-1, keepdims=True)
    return np.divide(values, total, out=np.full_like(values, 1 / values.shape[-1]), where=total > 0)


def log_probabilities(logits: np.ndarray, output: Output) -> np.ndarray:
    """Return the natural logarithms of `probabilities_of`, (…, 10) float64, all finite.

    For softmax: z − log Σ exp z, which is exact for any small probability; for other outputs a probability of 0 counts
    as the smallest positive number.
    """
    if output != "softmax":
        return np.log(np.maximum(probabilities_of(logits, output), _TINY))
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
