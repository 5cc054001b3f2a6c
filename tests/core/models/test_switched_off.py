"""A model with units switched off computes what the model with their values set to 0 computes."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from digitpad.core.models.networks import DigitModel
from digitpad.core.models.specs import CNNSpec, MLPSpec, Spec
from digitpad.core.models.switched_off import Unit, without_units
from tests.core.models.test_activations import model_of


def logits_with_zeros(model: DigitModel, images: Tensor, units: set[Unit]) -> np.ndarray:
    """Set the input of the next layer to 0 where it comes from a unit, with hooks."""
    layers = [layer for layer in model.layers if isinstance(layer, (nn.Linear, nn.Conv2d))]

    def hook(number: int):  # noqa: ANN202
        def cut(_layer: nn.Module, inputs: tuple[Tensor]) -> Tensor:
            before = layers[number - 1]
            count = before.out_channels if isinstance(before, nn.Conv2d) else before.out_features
            values = inputs[0].clone()
            flat = values.view(len(values), count, -1)
            flat[:, [unit.number for unit in units if unit.layer == number]] = 0
            return values

        return cut

    hooks = [
        layers[unit.layer].register_forward_pre_hook(hook(unit.layer)) for unit in {u.layer: u for u in units}.values()
    ]
    logits = model(images).numpy()
    for one in hooks:
        one.remove()
    return logits


@pytest.mark.parametrize(
    ("spec", "units"),
    [
        (MLPSpec(hidden=(8, 6), activation="sigmoid"), {Unit(1, 3), Unit(1, 0), Unit(2, 5)}),
        (MLPSpec(hidden=(8,), activation="tanh", output="sigmoid", dropout=0.2), {Unit(1, 7)}),
        (CNNSpec(channels=(4, 6), dense=10), {Unit(1, 2), Unit(2, 3), Unit(4, 5), Unit(5, 9)}),
        (CNNSpec(channels=(4, 6), convolutions="single", dense=10), {Unit(1, 2), Unit(2, 0)}),
    ],
    ids=str,
)
def test_it_equals_the_model_with_values_set_to_zero(spec: Spec, units: set[Unit]) -> None:
    model = model_of(spec)
    for weights in model.parameters():
        weights.mul_(3)  # otherwise the units hardly count
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    images = torch.rand((3, 28, 28), generator=torch.Generator().manual_seed(0))
    changed = without_units(model, frozenset(units))
    np.testing.assert_allclose(changed(images).numpy(), logits_with_zeros(model, images, units), rtol=1e-5, atol=1e-6)
    assert not np.allclose(changed(images).numpy(), model(images).numpy())
    assert all(torch.equal(weights, model.state_dict()[name]) for name, weights in before.items())


def test_outputs_cannot_be_switched_off() -> None:
    with pytest.raises(ValueError, match="no layer after it"):
        without_units(model_of(MLPSpec(hidden=(8,))), frozenset({Unit(2, 0)}))
