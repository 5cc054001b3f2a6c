"""The losses by hand: how far a network's outputs are from its targets, and which way to go.

``value(outputs, targets)`` is the figure that is told, a mean over the images. ``gradient(outputs, targets, batch)``
says how it changes with the outputs, (n, units) float64 as they are, where the images are of a batch of `batch`: a
batch that is worked on in parts has the sum of their gradients.

The factors are the published programs'. In two places their gradient is not that of their value: "mse" tells the mean
over all elements, but descends the sum over an image's outputs; "sse" descends half of what it tells.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digitpad.core.numpy_engine.layers import Array, Softmax
from digitpad.core.training.config import Loss

# Keeps a logarithm from log 0, and a quotient from 0 / 0.
_TINY = 1e-7


@dataclass(frozen=True, slots=True)
class LossFunction:
    """A loss with its gradient."""

    value: Callable[[Array, Array], float]
    gradient: Callable[[Array, Array, int], Array]


def cross_entropy(logits: Array, targets: Array) -> float:
    """Return ``-sum t log softmax(z)`` an image, in nats; the outputs are the logits themselves."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -float((targets * log_softmax).sum()) / len(targets)


def cross_entropy_gradient(logits: Array, targets: Array, batch: int) -> Array:
    """Return ``(softmax(z) - t) / batch``: the softmax's own derivative cancels against the logarithm's."""
    return (Softmax().forward(logits) - targets) / batch


def mean_squared_error(outputs: Array, targets: Array) -> float:
    """Return the mean of ``(y - t)^2`` over all elements."""
    return float(np.mean((outputs - targets) ** 2))


def mean_squared_error_gradient(outputs: Array, targets: Array, batch: int) -> Array:
    """Return ``2 (y - t) / batch``."""
    return 2 * (outputs - targets) / batch


def binary_cross_entropy(outputs: Array, targets: Array) -> float:
    """Return ``-sum [t log y + (1 - t) log(1 - y)]`` an image, each output on its own, in nats."""
    likelihood = targets * np.log(outputs + _TINY) + (1 - targets) * np.log(1 - outputs + _TINY)
    return -float(likelihood.sum()) / len(targets)


def binary_cross_entropy_gradient(outputs: Array, targets: Array, batch: int) -> Array:
    """Return ``(y - t) / (batch y (1 - y))``."""
    return (outputs - targets) / (batch * (1 - outputs) * outputs + _TINY)


def summed_squared_error(outputs: Array, targets: Array) -> float:
    """Return ``sum (t - y)^2`` an image."""
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
