"""An exponential moving average of a model's weights (EMA), which is often more accurate than the last weights."""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from digitpad.core.models.networks import DigitModel

foreach_lerp_ = torch.ops.aten._foreach_lerp_  # all tensors at once
_PREFIX = "average."


class WeightAverage:
    """The average of a model's weights over the steps: Polyak averaging with exponentially decreasing weights.

    After step t, counted from 0, the average moves towards the weights by 1 - min(decay, (1 + t) / (10 + t)), as with
    the argument `num_updates` of TensorFlow's ExponentialMovingAverage: at first the average covers about the last
    ninth of the steps, so that it forgets the random weights of the start. The statistics of batch norm are averaged
    like weights.
    """

    def __init__(self, model: DigitModel, decay: float) -> None:
        """Average the weights of `model`; `decay` is in (0, 1)."""
        self._source, self._decay = model, decay
        self._steps = 0
        self.model = copy.deepcopy(model).eval().requires_grad_(requires_grad=False)  # with the averaged weights
        self._pairs = _float_tensors(self.model), _float_tensors(model)

    def update(self) -> None:
        """Move the average towards the weights; call it after each step."""
        averages, weights = self._pairs
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        with torch.no_grad():
            foreach_lerp_(averages, weights, 1 - decay)
        self._steps += 1

    def state_dict(self) -> tuple[dict[str, np.ndarray], dict[str, int]]:
        """Return copies of the averaged weights, and the number of steps."""
        arrays = {f"{_PREFIX}{name}": t.cpu().numpy().copy() for name, t in self.model.state_dict().items()}
        return arrays, {f"{_PREFIX}steps": self._steps}

    def load_state_dict(self, arrays: Mapping[str, np.ndarray], notes: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned; without it, start to average from the weights of the model.

        Raise RuntimeError, TypeError or ValueError if it does not fit.
        """
        saved = {k.removeprefix(_PREFIX): torch.tensor(v) for k, v in arrays.items() if k.startswith(_PREFIX)}
        self._steps = int(notes.get(f"{_PREFIX}steps", 0)) if saved else 0
        self.model.load_state_dict(saved or self._source.state_dict())


def _float_tensors(model: DigitModel) -> list[Tensor]:
    """Return the weights and the statistics of batch norm, without its counts of batches."""
    return [tensor for tensor in model.state_dict().values() if tensor.is_floating_point()]
