"""The losses of the torch engine: what is minimised, and what is reported."""

import torch
from torch import Tensor
from torch.nn import functional

from digitpad.core.models.networks import DigitModel
from digitpad.core.training.config import Loss


def objective(model: DigitModel, logits: Tensor, labels: Tensor, loss: Loss, smoothing: float = 0.0) -> Tensor:
    """Return what is minimised, summed over the images.

    It is summed over a model's outputs too, as the gradients of the published NumPy programs are: so both engines
    take the same steps with the same learning rate.

    Parameters
    ----------
    model
        Whose outputs the logits become.
    logits
        (n, outputs) float.
    labels
        (n,) int64.
    loss
        "cross-entropy": -log softmax of the label's logit; "binary-cross-entropy": of each output on its own; "mse":
        squared errors of the outputs against one-hot labels; "sse": half of that, whose gradient has no factor 2.
    smoothing
        The share of cross-entropy's target that is spread evenly over the classes.

    """
    logits = logits.float()
    if loss == "cross-entropy":
        return functional.cross_entropy(logits, labels, reduction="sum", label_smoothing=smoothing)
    wanted = targets(labels, logits.shape[1])
    if loss == "binary-cross-entropy":
        return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
    squares = functional.mse_loss(model.outputs(logits), wanted, reduction="sum")
    return squares / 2 if loss == "sse" else squares


def reported_loss(total: float, loss: Loss, outputs: int, images: int) -> float:
    """Turn an objective summed over images into the figure that is reported: the loss as the recipes define it."""
    factor = {"mse": 1 / outputs, "sse": 2.0}.get(loss, 1.0)
    return total * factor / images


def targets(labels: Tensor, outputs: int) -> Tensor:
    """Return what the outputs should be, (n, outputs) float: one-hot, or the label itself for a single output.

    A label that no output stands for wants all of them at 0: it is none of the classes.
    """
    if outputs == 1:
        return labels[:, None].float()
    return functional.one_hot(labels.clamp(max=outputs), outputs + 1)[:, :outputs].to(torch.float32)
