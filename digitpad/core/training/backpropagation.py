"""Backpropagation written out for softmax regression and MLPs of ReLU: quicker than by autograd."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

threshold_backward = torch.ops.aten.threshold_backward


def set_gradients(
    layers: Sequence[nn.Linear], inputs: Tensor, labels: Tensor, *, smoothing: float = 0.0, dropout: float = 0.0
) -> tuple[float, int]:
    """Set the gradients of linear layers, ReLU between them, to those of the mean cross-entropy of their softmax.

    With probabilities p and targets t, the gradient with respect to the logits is (p - t)/n (Bishop, Pattern
    Recognition and Machine Learning, eq. 4.109); from there it goes back by the chain rule (eq. 5.56).

    Parameters
    ----------
    layers
        From the first to the one that gives the logits.
    inputs
        (n, features) float32 or bfloat16: what the layers compute in. Softmax and gradients are float32.
    labels
        (n,) int64.
    smoothing
        The share of the target that is spread evenly over the classes.
    dropout
        The share of the units after each ReLU that is left out, drawn from torch's global generator.

    Returns
    -------
    tuple[float, int]
        The cross-entropy summed over the images, in nats, against the labels as they are, so that it can be compared
        with that of test images; and how many were right.

    """
    with torch.no_grad():
        weights = [layer.weight.to(inputs.dtype) for layer in layers]
        activations = [inputs]
        for layer, weight in zip(layers[:-1], weights, strict=False):
            hidden = _linear(layer, weight, activations[-1]).relu_()
            activations.append(functional.dropout(hidden, dropout, inplace=True) if dropout else hidden)
        logits = _classes_first(layers[-1], weights[-1], activations[-1])
        total, right, error = _cross_entropy(logits, labels, smoothing)
        _set_last(layers[-1], error, activations[-1])
        back = error.to(inputs.dtype).T
        for number in range(len(layers) - 1, 0, -1):
            # Nothing goes back through a unit that was off, or left out.
            back = threshold_backward(back @ weights[number], activations[number], 0)
            if dropout:
                back.div_(1 - dropout)
            _set(layers[number - 1], back, activations[number - 1])
    return total, right


def _linear(layer: nn.Linear, weight: Tensor, inputs: Tensor) -> Tensor:
    if layer.bias is None:
        return inputs @ weight.T
    return torch.addmm(layer.bias.to(inputs.dtype), inputs, weight.T)


def _classes_first(layer: nn.Linear, weight: Tensor, inputs: Tensor) -> Tensor:
    """Return logits (classes, n) float32: with few classes the products are twice as fast this way round."""
    if layer.bias is None:
        return (weight @ inputs.T).float()
    return torch.addmm(layer.bias.to(inputs.dtype)[:, None], weight, inputs.T).float()


def _cross_entropy(logits: Tensor, labels: Tensor, smoothing: float) -> tuple[float, int, Tensor]:
    """Return its sum against the labels as they are, how many are right, and its gradient for smoothed ones.

    The gradient is that of the mean, with respect to the logits (classes, n).
    """
    log_p = logits.log_softmax(0)
    classes, count = log_p.shape
    total = -log_p.gather(0, labels[None]).sum().item()
    right = int((logits.argmax(0) == labels).sum())
    error = log_p.exp_()
    error.scatter_add_(0, labels[None], torch.full((1, count), smoothing - 1, device=error.device))
    return total, right, error.sub_(smoothing / classes).div_(count)


def _set_last(layer: nn.Linear, error: Tensor, inputs: Tensor) -> None:
    layer.weight.grad = (error.to(inputs.dtype) @ inputs).float()
    if layer.bias is not None:
        layer.bias.grad = error.sum(1)


def _set(layer: nn.Linear, back: Tensor, inputs: Tensor) -> None:
    layer.weight.grad = (back.T @ inputs).float()
    if layer.bias is not None:
        layer.bias.grad = back.sum(0).float()
