"""Optimisers and the learning rate's schedule; both can be put back to where they were."""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch.optim import SGD, Adam, AdamW, Optimizer

from digitpad.core.models import DigitModel
from digitpad.core.train_config import TrainConfig

# Smith and Topin's one-cycle policy with the constants of torch's OneCycleLR.
_WARM_UP = 0.3
_START, _END = 1 / 25, 1 / 25 / 1e4
_MOMENTUM = (0.95, 0.85)
_PREFIX = "optimizer."


def optimizer_of(model: DigitModel, config: TrainConfig) -> Optimizer:
    """Make the optimiser; fused, which takes all weights in one pass, where torch has it."""
    parameters, rate, decay = list(model.parameters()), config.learning_rate, config.weight_decay
    fused = parameters[0].device.type in ("cpu", "cuda")
    match config.optimizer:
        case "sgd":
            momentum, nesterov = config.momentum, config.nesterov
            return SGD(parameters, rate, momentum, weight_decay=decay, nesterov=nesterov, fused=fused)
        case "adam":
            return Adam(parameters, rate, weight_decay=decay, fused=fused)
        case "adamw":
            return AdamW(parameters, rate, weight_decay=decay, fused=fused)


def set_pace(optimizer: Optimizer, config: TrainConfig, step: int, steps: int) -> None:
    """Set the learning rate, and with one-cycle the momentum, of a step from 0 of `steps`.

    A function of the step alone, so that a training can go on anywhere.
    """
    if config.schedule == "constant":
        return
    rate, momentum = one_cycle(step, steps)
    for group in optimizer.param_groups:
        group["lr"] = rate * config.learning_rate
        if "betas" in group:
            group["betas"] = (momentum, group["betas"][1])
        elif config.momentum:
            group["momentum"] = momentum


def one_cycle(step: int, steps: int) -> tuple[float, float]:
    """Return the learning rate as a share of its peak, and the momentum, of a step from 0 of `steps`."""
    top = _WARM_UP * steps - 1
    if step <= top:
        return _between(_START, 1.0, step / max(top, 1)), _between(*_MOMENTUM, step / max(top, 1))
    way = (step - top) / max(steps - 1 - top, 1)
    return _between(1.0, _END, way), _between(_MOMENTUM[1], _MOMENTUM[0], way)


def _between(start: float, end: float, way: float) -> float:
    """Go from start to end along half a cosine."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * min(max(way, 0.0), 1.0)))


def memory_of(optimizer: Optimizer) -> dict[str, np.ndarray]:
    """Return copies of what the optimiser remembers: momentum, moments, steps."""
    return {
        f"{_PREFIX}{number}.{name}": value.detach().cpu().numpy().copy()
        for number, remembered in optimizer.state_dict()["state"].items()
        for name, value in remembered.items()
        if isinstance(value, torch.Tensor)
    }


def remember(optimizer: Optimizer, arrays: Mapping[str, np.ndarray]) -> None:
    """Give an optimiser the memory that `memory_of` returned."""
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in arrays.items():
        if key.startswith(_PREFIX):
            number, _, name = key.removeprefix(_PREFIX).partition(".")
            state.setdefault(int(number), {})[name] = torch.tensor(value)
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
