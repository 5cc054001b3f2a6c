"""Models with some units switched off, to see what they are good for."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel


class Unit(NamedTuple):
    """A feature map or a unit: the number of its layer with weights, 1 for the first one, and its own, from 0."""

    layer: int
    number: int


def without_units(model: "DigitModel", units: frozenset[Unit]) -> "DigitModel":
    """Return a model, in evaluation mode, in which the values of some units count as 0.

    The weights that lead out of them are 0; other weights are shared with `model`. Raise ValueError for a unit of the
    last layer, which leads nowhere.
    """
    from torch import nn

    from digitpad.core.models.networks import model_of

    layers = [
        (f"layers.{name}.weight", layer)
        for name, layer in model.layers.named_children()
        if isinstance(layer, (nn.Conv2d, nn.Linear))
    ]
    weights = {name: tensor.detach() for name, tensor in model.state_dict().items()}
    for number in sorted({unit.layer for unit in units}):
        if not 1 <= number < len(layers):
            raise ValueError(f"layer {number} has no layer after it")
        off = [unit.number for unit in units if unit.layer == number]
        name, (_, layer) = layers[number][0], layers[number - 1]
        changed = weights[name].clone()
        # After a convolution, each feature map has several inputs of the next layer.
        maps = layer.out_channels if isinstance(layer, nn.Conv2d) else layer.out_features
        changed.view(len(changed), maps, -1)[:, off] = 0
        weights[name] = changed
    return model_of(model.spec, weights)
