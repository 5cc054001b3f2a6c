"""The losses of the PyTorch engine: the objective, which is minimised, and the loss, which is reported."""

import torch
from torch import Tensor
from torch.nn import functional

from digitpad.core.models.networks import DigitModel
from digitpad.core.training.config import Loss


def objective(model: DigitModel, logits: Tensor, labels: Tensor, loss: Loss, smoothing: float = 0.0) -> Tensor:
    """Return the objective, summed over the images.

    It is summed over a model's outputs too, like the gradients of the published NumPy programs, so both engines take
    the same steps with the same learning rate.

    Parameters
    ----------
    model
        Turns logits into outputs.
    logits
        (n, outputs) float; the objective is float64 if they are, else float32.
    labels
        (n,) int64.
    loss
        "cross-entropy": -log softmax of the label's logit; "binary-cross-entropy": of each output separately;
        "mse": squared error against one-hot labels; "sse": half of that, so its gradient has no factor 2.
    smoothing
        Label smoothing: the share of cross-entropy's target that is spread evenly over the classes.

    """
    logits = logits if logits.dtype == torch.float64 else logits.float()
    if loss == "cross-entropy":
        return functional.cross_entropy(logits, labels, reduction="sum", label_smoothing=smoothing)
    expected = targets(labels, logits.shape[1]).to(logits.dtype)
    if loss == "binary-cross-entropy":
        return functional.binary_cross_entropy_with_logits(logits, expected, reduction="sum")
    squares = functional.mse_loss(model.outputs(logits), expected, reduction="sum")
    return squares / 2 if loss == "sse" else squares


def loss_scale(loss: Loss, outputs: int) -> float:
    """Return what turns an objective into the loss that is reported, as the recipes define it."""
    return {"mse": 1 / outputs, "sse": 2.0}.get(loss, 1.0)


def targets(labels: Tensor, outputs: int) -> Tensor:
    """Return the target outputs, (n, outputs) float: one-hot, or the label itself for a single output.

    A label of `outputs` or more is none of the classes: its targets are all 0.
    """
    if outputs == 1:
        return labels[:, None].float()
    return functional.one_hot(labels.clamp(max=outputs), outputs + 1)[:, :outputs].to(torch.float32)
