"""Temperature scaling: calibrate a model's confidence (Guo, Pleiss, Sun and Weinberger 2017)."""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from digitpad.core.models.networks import DigitModel, model_of

_MIN, _MAX = 0.05, 20.0


def temperature_of(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature T for which softmax(logits / T) has the lowest cross-entropy, in 0.05–20.

    Parameters
    ----------
    logits
        (n, 10) float, of samples that were not used for training; n >= 1.
    labels
        (n,) integers.

    """
    wide = np.asarray(logits, np.float64)

    def cross_entropy(logarithm: float) -> float:
        return -float(np.take_along_axis(log_softmax(wide / np.exp(logarithm), axis=1), labels[:, None], 1).mean())

    bounds = (np.log(_MIN), np.log(_MAX))
    best: Any = minimize_scalar(cross_entropy, bounds=bounds, method="bounded")
    return float(np.exp(best.x))


def with_logits(model: DigitModel, scale: float, shift: float = 0.0) -> DigitModel:
    """Return a copy whose logits are `scale` times the model's, plus `shift`: both go into its last layer.

    Raises
    ------
    ValueError
        If the last layer has no bias to shift.

    """
    weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    last = list(weights)[-1].rpartition(".")[0]
    weights[f"{last}.weight"] *= scale
    if f"{last}.bias" in weights:
        weights[f"{last}.bias"] = weights[f"{last}.bias"] * scale + shift
    elif shift:
        raise ValueError("the last layer has no bias to shift")
    return model_of(model.spec, weights)
