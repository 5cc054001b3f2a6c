"""The losses in NumPy, each with its gradient.

``value(outputs, targets)`` is the reported loss, a mean over the images. ``gradient(outputs, targets, batch)`` is the
gradient with respect to the outputs, (n, units) float64, of images in a batch of `batch`: if a batch is computed in
parts, the sum of their gradients is the gradient of the batch.

The factors are those of the published programs. For two losses the gradient is not that of the value: "mse" reports the
mean over all elements, but minimises the sum over an image's outputs; "sse" minimises half of what it reports.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digitpad.core.numpy_engine.layers import Array, Softmax
from digitpad.core.training.config import Loss

# Avoids log 0 and 0 / 0, in values and gradients.
TINY = 1e-7


@dataclass(frozen=True, slots=True)
class LossFunction:
    """A loss with its gradient."""

    value: Callable[[Array, Array], float]
    gradient: Callable[[Array, Array, int], Array]


def cross_entropy(logits: Array, targets: Array) -> float:
    """Return ``-sum t log softmax(z)`` per image, in nats, from logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -float((targets * log_softmax).sum()) / len(targets)


def cross_entropy_gradient(logits: Array, targets: Array, batch: int) -> Array:
    """Return ``(softmax(z) - t) / batch``: the derivatives of softmax and logarithm cancel."""
    return (Softmax().forward(logits) - targets) / batch


def mean_squared_error(outputs: Array, targets: Array) -> float:
    """Return the mean of ``(y - t)^2`` over all elements."""
    return float(np.mean((outputs - targets) ** 2))


def mean_squared_error_gradient(outputs: Array, targets: Array, batch: int) -> Array:
    """Return ``2 (y - t) / batch``."""
    return 2 * (outputs - targets) / batch


def binary_cross_entropy(outputs: Array, targets: Array) -> float:
    """Return ``-sum [t log y + (1 - t) log(1 - y)]`` per image, in nats."""
    likelihood = targets * np.log(outputs + TINY) + (1 - targets) * np.log(1 - outputs + TINY)
    return -float(likelihood.sum()) / len(targets)


def binary_cross_entropy_gradient(outputs: Array, targets: Array, batch: int) -> Array:
    """Return ``(y - t) / (batch y (1 - y))``."""
    return (outputs - targets) / (batch * (1 - outputs) * outputs + TINY)


def summed_squared_error(outputs: Array, targets: Array) -> float:
    """Return ``sum (t - y)^2`` per image."""
    return float(((targets - outputs) ** 2).sum()) / len(targets)


def summed_squared_error_gradient(outputs: Array, targets: Array, batch: int) -> Array:
    """Return ``(y - t) / batch``."""
    return (outputs - targets) / batch


LOSSES: dict[Loss, LossFunction] = {
    "cross-entropy": LossFunction(cross_entropy, cross_entropy_gradient),
    "mse": LossFunction(mean_squared_error, mean_squared_error_gradient),
    "binary-cross-entropy": LossFunction(binary_cross_entropy, binary_cross_entropy_gradient),
    "sse": LossFunction(summed_squared_error, summed_squared_error_gradient),
}
