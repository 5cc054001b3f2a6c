"""Manual backpropagation for softmax regression and MLPs with ReLU; faster than autograd."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

threshold_backward = torch.ops.aten.threshold_backward


def set_gradients(
    layers: Sequence[nn.Linear], inputs: Tensor, labels: Tensor, *, smoothing: float = 0.0, dropout: float = 0.0
) -> tuple[float, int]:
    """Set the gradients of the mean cross-entropy, for linear layers with ReLU between them and softmax at the end.

    With probabilities p and targets t, the gradient with respect to the logits is (p - t)/n (Bishop, Pattern
    Recognition and Machine Learning, eq. 4.109); the chain rule gives the others (eq. 5.56).

    Parameters
    ----------
    layers
        From the first to the one whose outputs are the logits.
    inputs
        (n, features) float32 or bfloat16, the precision of the layers. Softmax and gradients are float32.
    labels
        (n,) int64.
    smoothing
        Label smoothing: the share of the target that is spread evenly over the classes.
    dropout
        The share of units dropped after each ReLU, drawn from torch's global generator.

    Returns
    -------
    tuple[float, int]
        The cross-entropy summed over the images, in nats, without label smoothing, so that it is comparable with that
        of test images; and how many images were right.

    """
    with torch.no_grad():
        weights = [layer.weight.to(inputs.dtype) for layer in layers]
        activations = [inputs]
        for layer, weight in zip(layers[:-1], weights, strict=False):
            hidden = _linear(layer, weight, activations[-1]).relu_()
            activations.append(functional.dropout(hidden, dropout, inplace=True) if dropout else hidden)
        logits = _logits(layers[-1], weights[-1], activations[-1])
        total, right, error = _cross_entropy(logits, labels, smoothing)
        _set_last_gradients(layers[-1], error, activations[-1])
        gradient = error.to(inputs.dtype).T
        for number in range(len(layers) - 1, 0, -1):
            # No gradient passes through a unit that was inactive or dropped.
            gradient = threshold_backward(gradient @ weights[number], activations[number], 0)
            if dropout:
                gradient.div_(1 - dropout)
            _set_gradients(layers[number - 1], gradient, activations[number - 1])
    return total, right


def _linear(layer: nn.Linear, weight: Tensor, inputs: Tensor) -> Tensor:
    if layer.bias is None:
        return inputs @ weight.T
    return torch.addmm(layer.bias.to(inputs.dtype), inputs, weight.T)


def _logits(layer: nn.Linear, weight: Tensor, inputs: Tensor) -> Tensor:
    """Return logits (classes, n) float32; with few classes this order is twice as fast."""
    if layer.bias is None:
        return (weight @ inputs.T).float()
    return torch.addmm(layer.bias.to(inputs.dtype)[:, None], weight, inputs.T).float()


def _cross_entropy(logits: Tensor, labels: Tensor, smoothing: float) -> tuple[float, int, Tensor]:
    """Return the sum without label smoothing, how many are right, and the gradient with label smoothing.

    The gradient is that of the mean, with respect to the logits (classes, n).
    """
    log_p = logits.log_softmax(0)
    classes, count = log_p.shape
    total = -log_p.gather(0, labels[None]).sum().item()
    right = int((logits.argmax(0) == labels).sum())
    error = log_p.exp_()
    error.scatter_add_(0, labels[None], torch.full((1, count), smoothing - 1, device=error.device))
    return total, right, error.sub_(smoothing / classes).div_(count)


def _set_last_gradients(layer: nn.Linear, error: Tensor, inputs: Tensor) -> None:
    layer.weight.grad = (error.to(inputs.dtype) @ inputs).float()
    if layer.bias is not None:
        layer.bias.grad = error.sum(1)


def _set_gradients(layer: nn.Linear, gradient: Tensor, inputs: Tensor) -> None:
    layer.weight.grad = (gradient.T @ inputs).float()
    if layer.bias is not None:
        layer.bias.grad = gradient.sum(0).float()
