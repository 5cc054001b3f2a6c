"""Optimisers and learning rate schedules. The state of an optimiser can be saved and restored.

On the CPU torch's fused kernels are called directly: the first step of `torch.optim` loads torch's compiler, which
takes more than a second and 150 MB.
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
    """What a training needs of an optimiser."""

    def zero_grad(self) -> None:
        """Clear the gradients."""

    def step(self) -> None:
        """Update the weights by their gradients."""

    def set_learning_rate(self, rate: float, momentum: float | None) -> None:
        """Set the learning rate, and the momentum or first beta unless it is None."""

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return copies of the state: momentum, moments, step counts."""
        ...

    def load_state_dict(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Restore what `state_dict` returned."""


def optimizer_of(model: nn.Module, config: TrainConfig) -> Optimizer:
    """Return an optimiser for a model on its device, the CPU or a graphics card."""
    parameters = list(model.parameters())
    on_processor = parameters[0].device.type == "cpu"
    return FusedOptimizer(parameters, config) if on_processor else TorchOptimizer(parameters, config)


class FusedOptimizer:
    """SGD, Adam and AdamW on the CPU, all weights in one pass; the same results as torch.optim, bit for bit."""

    def __init__(self, parameters: list[nn.Parameter], config: TrainConfig) -> None:
        self._parameters: list[Tensor] = [*parameters]
        self._config = config
        self._rate = config.learning_rate
        self._momentum = config.momentum if config.optimizer == "sgd" else _BETAS[0]
        self._state: dict[str, list[Tensor]] = {}

    def zero_grad(self) -> None:
        """Clear the gradients."""
        for parameter in self._parameters:
            parameter.grad = None

    def step(self) -> None:
        """Update the weights by their gradients."""
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
        """Return copies of the state: momentum, moments, step counts."""
        return {
            f"{_PREFIX}{number}.{name}": tensor.numpy().copy()
            for name, tensors in self._state.items()
            for number, tensor in enumerate(tensors)
        }

    def load_state_dict(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Restore what `state_dict` returned."""
        for name in {key.rpartition(".")[2] for key in arrays if key.startswith(_PREFIX)}:
            tensors = [torch.tensor(arrays[f"{_PREFIX}{number}.{name}"]) for number in range(len(self._parameters))]
            for tensor, parameter in zip(tensors, self._parameters, strict=True):
                if name != "step" and tensor.shape != parameter.shape:
                    raise ValueError(name)
            # The kernels need the memory order of the weights.
            self._state[name] = [
                tensor if name == "step" else torch.empty_like(parameter, requires_grad=False).copy_(tensor)
                for tensor, parameter in zip(tensors, self._parameters, strict=True)
            ]

    def _step_sgd(self, gradients: list[Tensor]) -> None:
        is_first = "momentum_buffer" not in self._state
        if self._momentum and is_first:
            self._state["momentum_buffer"] = [torch.empty_like(gradient) for gradient in gradients]
        aten._fused_sgd_(
            self._parameters,
            gradients,
            self._state.get("momentum_buffer", []),
            weight_decay=self._config.weight_decay,
            momentum=self._momentum,
            lr=self._rate,
            dampening=0.0,
            nesterov=self._config.nesterov,
            maximize=False,
            is_first_step=is_first,
        )

    def _step_adam(self, gradients: list[Tensor]) -> None:
        if not self._state:
            for name in ("exp_avg", "exp_avg_sq"):
                self._state[name] = [torch.zeros_like(parameter).detach() for parameter in self._parameters]
            self._state["step"] = [torch.zeros(()) for _ in self._parameters]
        for count in self._state["step"]:
            count.add_(1)
        # The kernels behind torch.optim.Adam(fused=True) and AdamW.
        kernel = aten._fused_adam_ if self._config.optimizer == "adam" else aten._fused_adamw_
        kernel(
            self._parameters,
            gradients,
            self._state["exp_avg"],
            self._state["exp_avg_sq"],
            [],
            self._state["step"],
            lr=self._rate,
            beta1=self._momentum,
            beta2=_BETAS[1],
            weight_decay=self._config.weight_decay,
            eps=_EPSILON,
            amsgrad=False,
            maximize=False,
        )


class TorchOptimizer:
    """The optimisers of torch.optim, for devices other than the CPU."""

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
        """Clear the gradients."""
        self._optimizer.zero_grad()

    def step(self) -> None:
        """Update the weights by their gradients."""
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
        """Return copies of the state: momentum, moments, step counts."""
        return {
            f"{_PREFIX}{number}.{name}": value.detach().cpu().numpy().copy()
            for number, values in self._optimizer.state_dict()["state"].items()
            for name, value in values.items()
            if isinstance(value, Tensor)
        }

    def load_state_dict(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Restore what `state_dict` returned."""
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in arrays.items():
            if key.startswith(_PREFIX):
                number, _, name = key.removeprefix(_PREFIX).partition(".")
                state.setdefault(int(number), {})[name] = torch.tensor(value)
        self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": state})


def schedule_learning_rate(optimizer: Optimizer, config: TrainConfig, step: int, steps: int) -> None:
    """Set the learning rate, and for one-cycle the momentum, of a step in [0, `steps`).

    They depend on the step alone, so a training can resume anywhere.
    """
    if config.schedule == "one-cycle":
        rate, momentum = one_cycle(step, steps)
        optimizer.set_learning_rate(rate * config.learning_rate, momentum)


def one_cycle(step: int, steps: int) -> tuple[float, float]:
    """Return the learning rate as a share of its peak, and the momentum, of a step in [0, `steps`)."""
    top = _WARM_UP * steps - 1
    if step <= top:
        return _between(_START, 1.0, step / max(top, 1)), _between(*_MOMENTUM, step / max(top, 1))
    progress = (step - top) / max(steps - 1 - top, 1)
    return _between(1.0, _END, progress), _between(_MOMENTUM[1], _MOMENTUM[0], progress)


def _between(start: float, end: float, progress: float) -> float:
    """Interpolate along half a cosine; progress is in [0, 1]."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * min(max(progress, 0.0), 1.0)))
