"""The values of each layer are those that PyTorch's own forward pass computes."""

import numpy as np
import pytest
import torch
from torch import nn

from digitpad.core.models.activations import activations_of
from digitpad.core.models.networks import DigitModel, build, quick_copy
from digitpad.core.models.specs import CNNSpec, MLPSpec, Normalisation, SoftmaxSpec, Spec

SPECS: list[Spec] = [
    SoftmaxSpec(),
    SoftmaxSpec(inputs=(8, 8), normalisation=Normalisation(mean=0.2, std=0.5)),
    MLPSpec(hidden=(12, 7), normalisation=Normalisation(mean=0.13, std=0.3)),
    MLPSpec(hidden=(9,), activation="sigmoid", output="linear", inputs=(14, 14)),
    MLPSpec(hidden=(9,), activation="tanh", output="sigmoid", dropout=0.5),
    MLPSpec(hidden=(), bias=False),
    CNNSpec(channels=(4, 6), dense=10, dropout=0.3),
    CNNSpec(channels=(4, 6, 3), convolutions="single", dense=10),
]


def model_of(spec: Spec) -> DigitModel:
    """Return a model with random weights, also in its batch norms."""
    torch.manual_seed(0)
    model = build(spec).eval().requires_grad_(requires_grad=False)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values in (layer.weight, layer.bias, layer.running_mean):
                assert values is not None
                values.normal_()
            assert layer.running_var is not None
            layer.running_var.uniform_(0.5, 2)
    return model


def hooked(model: DigitModel, pixels: np.ndarray) -> list[np.ndarray]:
    """Return what each layer puts out, with forward hooks."""
    outputs: list[np.ndarray] = []
    hooks = [
        layer.register_forward_hook(lambda _layer, _inputs, output: outputs.append(output[0].numpy().copy()))
        for layer in model.layers
    ]
    model(torch.from_numpy(pixels)[None])
    for hook in hooks:
        hook.remove()
    return outputs


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(1).random((28, 28), dtype=np.float32)


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_values_are_those_of_a_forward_hook(spec: Spec, pixels: np.ndarray) -> None:
    model = model_of(spec)
    found = activations_of(model, pixels)
    outputs = hooked(model, pixels)
    assert len(found.stages) == 1 + sum(isinstance(layer, (nn.Linear, nn.Conv2d)) for layer in model.layers)
    for stage in found.stages[1:]:
        same = [out for out in outputs if out.shape == stage.values.shape and np.array_equal(out, stage.values)]
        assert same, stage.kind
    np.testing.assert_array_equal(found.logits, model(torch.from_numpy(pixels)[None])[0].numpy())
    assert found.stages[-1].kind == "logits"
    assert all((stage.values >= 0).all() for stage in found.stages if stage.activation == "relu")


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_the_quick_copy_has_the_same_values(spec: Spec, pixels: np.ndarray) -> None:
    model = model_of(spec)
    for slow, quick in zip(
        activations_of(model, pixels).stages, activations_of(quick_copy(model), pixels).stages, strict=True
    ):
        np.testing.assert_allclose(quick.values, slow.values, rtol=1e-4, atol=1e-4)


def test_the_pixels_are_shown_before_normalisation(pixels: np.ndarray) -> None:
    found = activations_of(model_of(MLPSpec(normalisation=Normalisation(mean=0.13, std=0.3))), pixels)
    np.testing.assert_allclose(found.pixels, pixels, atol=1e-6)
    np.testing.assert_allclose(found.stages[0].values[0], (pixels - 0.13) / 0.3, rtol=1e-5)


def test_the_products_of_a_softmax_add_up_to_its_logits(pixels: np.ndarray) -> None:
    model = model_of(SoftmaxSpec(inputs=(14, 14)))
    found = activations_of(model, pixels)
    assert found.products is not None
    assert found.products.shape == (10, 14, 14)
    bias = model.linear_layers[0].bias.numpy()
    np.testing.assert_allclose(found.products.sum(axis=(1, 2)) + bias, found.logits, rtol=1e-4, atol=1e-5)
    assert activations_of(model_of(MLPSpec(hidden=(5,))), pixels).products is None


def test_a_diverged_model_has_a_winner(pixels: np.ndarray) -> None:
    model = model_of(SoftmaxSpec())
    model.linear_layers[0].weight.fill_(float("nan"))
    assert activations_of(model, pixels).winner == 0
