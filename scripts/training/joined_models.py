"""Join MLPs into one whose logits are the mean of theirs: an ensemble in an ordinary model file."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from digitpad.core.models.networks import DigitModel, model_of
from digitpad.core.models.specs import MLPSpec


def joined_mlp(models: Sequence[DigitModel]) -> DigitModel:
    """Put the layers of MLPs side by side: a unit has weights 0 to the units of another model.

    The models have biases, the same number of layers, and the first one's activation, normalisation and outputs.
    """
    specs = [model.spec for model in models if isinstance(model.spec, MLPSpec)]
    hidden = tuple(sum(widths) for widths in zip(*(spec.hidden for spec in specs), strict=True))
    names, tensors = list(models[0].state_dict()), zip(*(model.state_dict().values() for model in models), strict=True)
    weights = {name: _joined(list(some), name, names) for name, some in zip(names, tensors, strict=True)}
    return model_of(replace(specs[0], hidden=hidden), weights)


def _joined(tensors: list[Tensor], name: str, names: list[str]) -> Tensor:
    """Join the weights or biases of one layer; the first layer has the same inputs, the last the same outputs."""
    *_, last_weight, last_bias = names
    if name == last_bias:
        return torch.stack(tensors).mean(0)
    if name == last_weight:
        return torch.cat(tensors, dim=1) / len(tensors)
    # Biases and the first layer's weights are below one another.
    return torch.cat(tensors) if tensors[0].dim() == 1 or name == names[0] else torch.block_diag(*tensors)
