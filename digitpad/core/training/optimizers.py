"""Optimisers and the learning rate's schedule; both can be put back to where they were.

On the processor torch's own kernels are called directly: `torch.optim` loads torch's compiler with the first step,
which takes more than a second and 150 MB that nothing here needs.
"""

import math
from collections.abc import Mapping
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from digitpad.core.training.config import TrainConfig

aten = torch.ops.aten
# Smith and Topin's one-cycle policy with the constants of torch's OneCycleLR.
_WARM_UP = 0.3
_START, _END = 1 / 25, 1 / 25 / 1e4
_MOMENTUM = (0.95, 0.85)
_BETAS, _EPSILON = (0.9, 0.999), 1e-8  # torch's defaults
_PREFIX = "optimizer."


class Optimizer(Protocol):
    """What an epoch needs of an optimiser."""

    def zero_grad(self) -> None:
        """Forget the gradients."""

    def step(self) -> None:
        """Change the weights by their gradients."""

    def set_learning_rate(self, rate: float, momentum: float | None) -> None:
        """Set the learning rate, and the momentum or first beta unless it is None."""

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return copies of what is remembered: momentum, moments, steps."""
        ...

    def load_state_dict(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take what `state_dict` returned."""


def optimizer_of(model: nn.Module, config: TrainConfig) -> Optimizer:
    """Make the optimiser for a model where it is: on the processor, or on a graphics card."""
    parameters = list(model.parameters())
    on_processor = parameters[0].device.type == "cpu"
    return FusedOptimizer(parameters, config) if on_processor else TorchOptimizer(parameters, config)


class FusedOptimizer:
    """SGD, Adam and AdamW on the processor, all weights in one pass; the same figures as torch.optim's, bit for bit."""

    def __init__(self, parameters: list[nn.Parameter], config: TrainConfig) -> None:
        self._parameters: list[Tensor] = [*parameters]
        self._config = config
        self._rate = config.learning_rate
        self._momentum = config.momentum if config.optimizer == "sgd" else _BETAS[0]
        self._memory: dict[str, list[Tensor]] = {}

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self._parameters:
            parameter.grad = None

    def step(self) -> None:
        """Change the weights by their gradients."""
        gradients = [parameter.grad for parameter in self._parameters if parameter.grad is not None]
        with torch.no_grad():
            if self._config.optimizer == "sgd":
                self._step_sgd(gradients)
            else:
                self._step_adam(gradients)

    def set_learning_rate(self, rate: float, momentum: float | None) -> None:
        """Set the learning rate, and the momentum or first beta unless it is None."""
        self._rate = rate
        if momentum is not None and (self._config.optimizer != "sgd" or self._config.momentum):
            self._momentum = momentum

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return copies of what is remembered: momentum, moments, steps."""
        return {
            f"{_PREFIX}{number}.{name}": tensor.numpy().copy()
            for name, tensors in self._memory.items()
            for number, tensor in enumerate(tensors)
        }

    def load_state_dict(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take what `state_dict` returned."""
        for name in {key.rpartition(".")[2] for key in arrays if key.startswith(_PREFIX)}:
            kept = [torch.tensor(arrays[f"{_PREFIX}{number}.{name}"]) for number in range(len(self._parameters))]
            for tensor, parameter in zip(kept, self._parameters, strict=True):
                if name != "step" and tensor.shape != parameter.shape:
                    raise ValueError(name)
            # In the same order in memory as the weights, which the kernels go through side by side.
            layout = [
                tensor if name == "step" else torch.empty_like(parameter, requires_grad=False).copy_(tensor)
                for tensor, parameter in zip(kept, self._parameters, strict=True)
            ]
            self._memory[name] = layout

    def _step_sgd(self, gradients: list[Tensor]) -> None:
        is_first = "momentum_buffer" not in self._memory
        if self._momentum and is_first:
            self._memory["momentum_buffer"] = [torch.empty_like(gradient) for gradient in gradients]
        aten._fused_sgd_(
            self._parameters,
            gradients,
            self._memory.get("momentum_buffer", []),
            weight_decay=self._config.weight_decay,
            momentum=self._momentum,
            lr=self._rate,
            dampening=0.0,
            nesterov=self._config.nesterov,
            maximize=False,
            is_first_step=is_first,
        )

    def _step_adam(self, gradients: list[Tensor]) -> None:
        if not self._memory:
            for name in ("exp_avg", "exp_avg_sq"):
                self._memory[name] = [torch.zeros_like(parameter).detach() for parameter in self._parameters]
            self._memory["step"] = [torch.zeros(()) for _ in self._parameters]
        for count in self._memory["step"]:
            count.add_(1)
        # The kernels behind torch.optim.Adam(fused=True) and AdamW.
        kernel = aten._fused_adam_ if self._config.optimizer == "adam" else aten._fused_adamw_
        kernel(
            self._parameters,
            gradients,
            self._memory["exp_avg"],
            self._memory["exp_avg_sq"],
            [],
            self._memory["step"],
            lr=self._rate,
            beta1=self._momentum,
            beta2=_BETAS[1],
            weight_decay=self._config.weight_decay,
            eps=_EPSILON,
            amsgrad=False,
            maximize=False,
        )


class TorchOptimizer:
    """torch.optim's, for devices that have their own kernels."""

    def __init__(self, parameters: list[nn.Parameter], config: TrainConfig) -> None:
        rate, decay = config.learning_rate, config.weight_decay
        self._optimizer: torch.optim.Optimizer
        match config.optimizer:
            case "sgd":
                momentum, nesterov = config.momentum, config.nesterov
                self._optimizer = torch.optim.SGD(parameters, rate, momentum, weight_decay=decay, nesterov=nesterov)
            case "adam":
                self._optimizer = torch.optim.Adam(parameters, rate, weight_decay=decay)
            case "adamw":
                self._optimizer = torch.optim.AdamW(parameters, rate, weight_decay=decay)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        self._optimizer.zero_grad()

    def step(self) -> None:
        """Change the weights by their gradients."""
        self._optimizer.step()

    def set_learning_rate(self, rate: float, momentum: float | None) -> None:
        """Set the learning rate, and the momentum or first beta unless it is None."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate
            if momentum is not None and "betas" in group:
                group["betas"] = (momentum, group["betas"][1])
            elif momentum is not None and group.get("momentum"):
                group["momentum"] = momentum

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return copies of what is remembered: momentum, moments, steps."""
        return {
            f"{_PREFIX}{number}.{name}": value.detach().cpu().numpy().copy()
            for number, remembered in self._optimizer.state_dict()["state"].items()
            for name, value in remembered.items()
            if isinstance(value, Tensor)
        }

    def load_state_dict(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take what `state_dict` returned."""
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in arrays.items():
            if key.startswith(_PREFIX):
                number, _, name = key.removeprefix(_PREFIX).partition(".")
                state.setdefault(int(number), {})[name] = torch.tensor(value)
        self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": state})


def schedule_learning_rate(optimizer: Optimizer, config: TrainConfig, step: int, steps: int) -> None:
    """Set the learning rate, and with one-cycle the momentum, of a step from 0 of `steps`.

    A function of the step alone, so that a training can go on anywhere.
    """
    if config.schedule == "one-cycle":
        rate, momentum = one_cycle(step, steps)
        optimizer.set_learning_rate(rate * config.learning_rate, momentum)


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
