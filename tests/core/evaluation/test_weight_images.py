"""Images of what a model has learned."""

import numpy as np
import pytest
import torch

from digitpad.core.datasets.loading import POINTS
from digitpad.core.evaluation.weight_images import PLANE, weight_images
from digitpad.core.models.networks import DigitModel, build, predicted_classes
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec


def weights_of(model: DigitModel) -> torch.Tensor:
    return next(weights for weights in model.layers.parameters() if weights.dim() > 1)


def test_softmax_has_a_template_for_each_digit() -> None:
    shown = weight_images(build(SoftmaxSpec()))
    assert shown.kind == "templates"
    assert shown.images.shape == (10, 28, 28)
    assert shown.images.dtype == np.float32
    assert shown.titles == tuple("0123456789")


def test_all_images_have_one_scale_and_zero_is_neutral() -> None:
    model = build(SoftmaxSpec())
    with torch.no_grad():
        weights_of(model).fill_(0)
        weights_of(model)[3] = 2.0
        weights_of(model)[4] = -1.0
    images = weight_images(model).images
    assert np.all(images[3] == 1)
    assert np.all(images[4] == -0.5)
    assert not images[5].any()


def test_an_mlp_shows_its_first_units() -> None:
    model = build(MLPSpec(hidden=(50, 20)))
    with torch.no_grad():
        weights_of(model)[[41, 7, 19]] *= 30
    shown = weight_images(model, limit=3)
    assert shown.kind == "units"
    assert shown.titles == ("0", "1", "2")
    assert "3 of 50" in shown.note


def test_an_mlp_without_a_hidden_layer_has_templates() -> None:
    assert weight_images(build(MLPSpec(hidden=(), inputs=(8, 8)))).images.shape == (10, 8, 8)


def test_a_cnn_shows_its_first_filters() -> None:
    shown = weight_images(build(CNNSpec(channels=(12, 4))), limit=40)
    assert shown.kind == "filters"
    assert shown.images.shape == (12, 3, 3)
    assert shown.titles[-1] == "11"
    wide = weight_images(build(CNNSpec(channels=(12, 4), convolutions="single")))
    assert wide.images.shape == (12, 5, 5)
    assert wide.note == "12 of 12 filters, 5x5 pixels"


def test_xor_has_a_surface_with_its_second_number_upwards() -> None:
    model = build(MLPSpec(inputs=(1, 2), hidden=(), outputs=1, output="sigmoid"))
    with torch.no_grad():
        # The output is 1 if the second input is above 0.5.
        weights_of(model).copy_(torch.tensor([[0.0, 50.0]]))
        list(model.layers.parameters())[1].fill_(-25.0)
    model.train()
    shown = weight_images(model)
    assert shown.kind == "surface"
    assert shown.images.shape == (1, 64, 64)
    assert np.all(shown.images[0, :24] > 0.9)
    assert np.all(shown.images[0, -24:] < -0.9)
    assert model.training
    assert PLANE == (-0.25, 1.25)


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_zero_nan_and_infinite_weights_are_neutral(value: float) -> None:
    model = build(SoftmaxSpec())
    with torch.no_grad():
        weights_of(model).fill_(value)
    assert not weight_images(model).images.any()


def test_showing_a_model_changes_nothing_in_it() -> None:
    model = build(MLPSpec(inputs=(1, 2), hidden=(3,), outputs=1, output="sigmoid"))
    before = [parameter.clone() for parameter in model.parameters()]
    shown = weight_images(model)
    with torch.no_grad():
        weights_of(model).add_(1)
    assert np.isfinite(shown.images).all()
    assert torch.equal(before[1], list(model.parameters())[1])


def test_the_outputs_of_a_surface_are_those_of_the_model_at_the_four_points() -> None:
    model = build(MLPSpec(inputs=(1, 2), hidden=(10, 10, 10), activation="sigmoid", outputs=1, output="sigmoid"))
    with torch.no_grad():
        expected = model.outputs(model(torch.tensor(POINTS, dtype=torch.float32).reshape(-1, 1, 2)))
    assert weight_images(model).outputs == tuple(expected[:, 0].tolist())
    assert weight_images(build(SoftmaxSpec())).outputs == ()


@pytest.mark.parametrize("bias", [1e-9, -1e-9])
def test_an_output_that_rounds_to_a_half_is_on_the_side_that_the_model_predicts(bias: float) -> None:
    model = build(MLPSpec(inputs=(1, 2), hidden=(), outputs=1, output="sigmoid"))
    for parameter, value in zip(model.parameters(), (0.0, bias), strict=True):
        parameter.data.fill_(value)
    logits = model(torch.tensor(POINTS, dtype=torch.float32).reshape(-1, 1, 2)).detach()
    outputs = np.array(weight_images(model).outputs, np.float32)
    assert outputs == pytest.approx(0.5)
    assert (outputs > 0.5).tolist() == predicted_classes(logits, "sigmoid").bool().tolist()
