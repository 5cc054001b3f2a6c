"""The three models."""

from typing import Literal

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from digitpad.core.models.networks import build, frozen_copy, quick_copy
from digitpad.core.models.specs import CNNSpec, MLPSpec, Normalisation, SoftmaxSpec, parameter_count, summary

SPECS = [
    SoftmaxSpec(),
    MLPSpec(),
    MLPSpec(hidden=(), dropout=0.5),
    MLPSpec(hidden=(64, 16), activation="tanh"),
    CNNSpec(),
    CNNSpec(convolutions="single"),
    CNNSpec(channels=(1, 1, 3), convolutions="single", dense=5, dropout=0.1),
]


@pytest.mark.parametrize("spec", SPECS)
def test_every_model_returns_ten_logits(spec: SoftmaxSpec | MLPSpec | CNNSpec) -> None:
    logits = build(spec).eval()(torch.rand(3, 28, 28))
    assert logits.shape == (3, 10)


@pytest.mark.parametrize("spec", SPECS)
def test_the_parameters_are_counted_without_building_the_model(spec: SoftmaxSpec | MLPSpec | CNNSpec) -> None:
    assert parameter_count(spec) == build(spec).parameter_count()


def test_parameters_are_counted() -> None:
    assert build(SoftmaxSpec()).parameter_count() == 7850
    assert build(MLPSpec(hidden=(512, 256))).parameter_count() == 535_818
    assert summary(MLPSpec(hidden=(512, 256))) == "784-512-256-10"


def test_softmax_is_w_x_plus_b() -> None:
    model = build(SoftmaxSpec(normalisation=Normalisation(mean=0.5, std=0.25)))
    image = torch.rand(1, 28, 28)
    weight, bias = model.layers[1].weight, model.layers[1].bias
    expected = ((image.reshape(1, 784) - 0.5) / 0.25) @ weight.T + bias  # type: ignore[operator]
    torch.testing.assert_close(model(image), expected)


def test_a_frozen_copy_does_not_follow_the_model() -> None:
    model = build(CNNSpec(channels=(4,), dense=8))
    copy = frozen_copy(model)
    image = torch.rand(2, 28, 28)
    before = copy(image)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    torch.testing.assert_close(copy(image), before)
    assert not any(parameter.requires_grad for parameter in copy.parameters())
    assert not copy.training


@pytest.mark.parametrize("initial", ["torch", "normal", "uniform"])
def test_a_copy_draws_no_random_weights(
    initial: Literal["torch", "normal", "uniform"], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the device "meta" the normal distribution makes torch import its compiler, which takes seconds."""
    model = build(MLPSpec(hidden=(8,), initial=initial))
    state = torch.get_rng_state()
    monkeypatch.delattr(nn.init, "normal_")
    torch.testing.assert_close(frozen_copy(model).state_dict(), model.state_dict())
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    "bad", [{"hidden": (0,)}, {"hidden": (9000,)}, {"hidden": (1,) * 9}, {"dropout": 1.0}, {"width": 3}]
)
def test_absurd_specs_are_refused(bad: dict) -> None:
    with pytest.raises(ValidationError):
        MLPSpec(**bad)


def test_pooling_before_relu_gives_the_values_and_gradients_of_relu_before_pooling() -> None:
    model = build(CNNSpec(channels=(4,), dense=8))
    *first, pool, relu = model.layers[:7]
    assert (type(pool), type(relu)) == (nn.MaxPool2d, nn.ReLU)
    usual = nn.Sequential(*first, relu, pool)
    images = torch.rand(9, 1, 28, 28)
    gradients = []
    for layers in (model.layers[:7], usual):
        model.zero_grad()
        values = layers(images)
        values.square().sum().backward()
        gradients.append([values, *(parameter.grad for parameter in usual.parameters() if parameter.grad is not None)])
    assert len(gradients[0]) == 7
    assert all((ours == theirs).all() for ours, theirs in zip(*gradients, strict=True))


@pytest.mark.parametrize("convolutions", ["pairs", "single"])
def test_a_quick_copy_has_the_same_logits_and_does_not_change_the_model(
    convolutions: Literal["pairs", "single"],
) -> None:
    model = build(CNNSpec(channels=(4, 6), convolutions=convolutions, dense=8, dropout=0.3)).eval()
    for layer in model.layers:
        if isinstance(layer, nn.BatchNorm2d):  # as after a training
            for tensor in filter(torch.is_floating_point, layer.state_dict().values()):
                nn.init.uniform_(tensor, 0.5, 2)
                tensor[::2] *= -1 if tensor is layer.weight.data else 1
    images = torch.rand(7, 28, 28)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    expected = model(images)
    torch.testing.assert_close(quick_copy(model)(images), expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(model(images), expected)
    assert all((before[name] == tensor).all() for name, tensor in model.state_dict().items())
    assert all(parameter.requires_grad for parameter in model.parameters())
    plain = build(MLPSpec()).eval()
    assert quick_copy(plain) is plain
