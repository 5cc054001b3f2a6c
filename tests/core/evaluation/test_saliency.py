"""Saliency maps."""

import copy
import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from digitpad.core.evaluation.saliency import pixel_gradient, saliency_map
from digitpad.core.models.model_files import find_model, load_model
from digitpad.core.models.networks import DigitModel, build, frozen_copy
from digitpad.core.models.specs import CNNSpec, MLPSpec, Normalisation, SoftmaxSpec, Spec, inputs_of

_MNIST = Normalisation(mean=0.1307, std=0.3081)


def model_of(spec: Spec, seed: int = 1) -> DigitModel:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = build(spec)
        for name, buffer in model.named_buffers():
            # As after a training.
            if "running_mean" in name:
                buffer.uniform_(-0.5, 0.5)
            elif "running_var" in name:
                buffer.uniform_(0.5, 1.5)
    return frozen_copy(model)


def picture(size: tuple[int, int] = (28, 28), seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).random(size, np.float32)


def logits_of(model: DigitModel, image: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return model(torch.from_numpy(image[None]))[0].numpy()


@pytest.mark.parametrize("spec", [SoftmaxSpec(normalisation=_MNIST), MLPSpec(hidden=(), normalisation=_MNIST)])
def test_a_linear_model_shows_its_weights(spec: Spec) -> None:
    model = model_of(spec)
    weights = model.linear_layers[-1].weight.numpy().reshape(10, 28, 28)
    for target, against, expected in ((4, None, weights[4]), (4, 9, weights[4] - weights[9])):
        found = saliency_map(model, picture(), target, against)
        np.testing.assert_allclose(found, expected / np.abs(expected).max(), atol=1e-5)


def test_the_gradient_of_a_linear_model_includes_the_normalisation() -> None:
    model = model_of(SoftmaxSpec(normalisation=_MNIST))
    weights = model.linear_layers[-1].weight.numpy()[4].reshape(28, 28)
    np.testing.assert_allclose(pixel_gradient(model, picture(), 4), weights / _MNIST.std, rtol=1e-5)


@given(
    seed=st.integers(0, 10_000),
    target=st.integers(0, 9),
    hidden=st.lists(st.integers(1, 20), min_size=1, max_size=3),
    std=st.sampled_from([1.0, 0.25]),
)
@settings(deadline=None)
def test_for_relu_layers_without_biases_the_contributions_sum_to_the_logit(
    *, seed: int, target: int, hidden: list[int], std: float
) -> None:
    spec = MLPSpec(hidden=tuple(hidden), bias=False, inputs=(8, 8), normalisation=Normalisation(std=std))
    model, image = model_of(spec, seed), picture((8, 8), seed)
    total = (pixel_gradient(model, image, target) * image).sum()
    assert total == pytest.approx(logits_of(model, image)[target], rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(
    "spec",
    [
        CNNSpec(channels=(4, 6), dense=24, normalisation=_MNIST),
        CNNSpec(channels=(3,), dense=16, dropout=0.5),
        MLPSpec(hidden=(30, 20), activation="tanh", output="sigmoid", normalisation=_MNIST),
        MLPSpec(hidden=(30,), inputs=(8, 8)),
    ],
)
@pytest.mark.parametrize("against", [None, 8])
def test_the_gradient_agrees_with_finite_differences(spec: Spec, against: int | None) -> None:
    model, image = model_of(spec), picture()
    gradient = pixel_gradient(model, image, 3, against)
    assert np.count_nonzero(gradient) > 100
    precise, step = copy.deepcopy(model).double(), 1e-6

    def height(pixels: np.ndarray) -> float:
        with torch.inference_mode():
            logits = precise(torch.from_numpy(pixels[None]))[0]
        return float(logits[3] if against is None else logits[3] - logits[against])

    for seed in range(5):
        way = np.random.default_rng(seed).standard_normal(image.shape)
        slope = (height(image + step * way) - height(image - step * way)) / (2 * step)
        assert (gradient * way).sum() == pytest.approx(slope, rel=2e-3, abs=2e-4)


def test_black_contributes_nothing_although_the_model_normalises_it() -> None:
    image = picture()
    image[:, :14] = 0
    values = saliency_map(load_model(find_model("cnn")).model, image, 5)
    assert not values[:, :14].any()
    assert values[:, 14:].any()


@given(seed=st.integers(0, 1000), target=st.integers(0, 9), against=st.none() | st.integers(0, 9))
@settings(deadline=None, max_examples=40)
def test_the_strongest_pixel_is_one(*, seed: int, target: int, against: int | None) -> None:
    found = saliency_map(model_of(MLPSpec(hidden=(8,), activation="tanh"), seed), picture(seed=seed), target, against)
    assert found.dtype == np.float32
    assert np.abs(found).max() == (0 if target == against else 1)


@pytest.mark.parametrize("spec", [MLPSpec(hidden=(8,)), CNNSpec(channels=(2,), dense=4)])
def test_a_blank_image_has_an_empty_map(spec: Spec) -> None:
    values = saliency_map(model_of(spec), np.zeros((28, 28), np.float32), 3)
    assert values.shape == (28, 28)
    assert not values.any()


@pytest.mark.parametrize("weight", [0.0, float("nan"), float("inf"), 3e38])
def test_zero_nan_and_infinite_weights_give_finite_maps(weight: float) -> None:
    model = model_of(SoftmaxSpec())
    model.linear_layers[-1].weight.fill_(weight)
    values = saliency_map(model, picture(), 3)
    assert np.isfinite(values).all()
    assert np.all(values == (1 if weight == 3e38 else 0))


@pytest.mark.parametrize("spec", [SoftmaxSpec(inputs=(8, 8)), MLPSpec(inputs=(8, 8), hidden=(9,))])
@pytest.mark.parametrize("size", [(28, 28), (8, 8)])
def test_a_model_of_small_images_has_a_map_of_the_images_size(spec: Spec, size: tuple[int, int]) -> None:
    values = saliency_map(model_of(spec), picture(size), 2)
    assert values.shape == size
    if size != inputs_of(spec):
        # Only the box that digits lie in is averaged down.
        assert not values[:4].any()
        assert values[4:24, 4:24].any()


def snapshot(model: DigitModel) -> tuple[object, ...]:
    modules = [module.training for module in model.modules()]
    flags = [(weights.requires_grad, weights.grad) for weights in model.parameters()]
    return modules, flags, torch.get_num_threads(), torch.is_grad_enabled(), torch.is_inference_mode_enabled()


@pytest.mark.parametrize("is_training", [False, True])
def test_a_saliency_map_changes_nothing_in_torch(*, is_training: bool) -> None:
    model = model_of(CNNSpec(channels=(3,), dense=16, dropout=0.5))
    quiet = saliency_map(model, picture(), 6, 0)
    assert quiet.any()
    model.train(is_training).requires_grad_(is_training)
    before, generator = snapshot(model), torch.get_rng_state()
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert np.array_equal(saliency_map(model, picture(), 6, 0), quiet)
    assert snapshot(model) == before
    assert torch.equal(torch.get_rng_state(), generator)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad])
def test_a_saliency_map_can_be_computed_where_gradients_are_off(
    mode: type[torch.no_grad] | type[torch.inference_mode],
) -> None:
    model = model_of(CNNSpec(channels=(3,), dense=16))
    expected = saliency_map(model, picture(), 1)
    with mode():
        assert np.array_equal(saliency_map(model, picture(), 1), expected)
        made_here = frozen_copy(model)
    assert np.array_equal(saliency_map(made_here, picture(), 1), expected)


def test_another_thread_can_compute_a_map_while_this_one_is_in_inference_mode() -> None:
    model, found = model_of(MLPSpec(hidden=(9,))), list[np.ndarray]()
    with torch.inference_mode():
        thread = threading.Thread(target=lambda: found.append(saliency_map(model, picture(), 1)))
        thread.start()
        thread.join()
    assert np.array_equal(found[0], saliency_map(model, picture(), 1))


@pytest.mark.parametrize(("target", "against"), [(10, None), (-1, None), (1, 10)])
def test_a_digit_without_an_output_is_refused(target: int, against: int | None) -> None:
    with pytest.raises(ValueError, match="10 outputs"):
        saliency_map(model_of(SoftmaxSpec()), picture(), target, against)
    with pytest.raises(ValueError, match="1 outputs"):
        saliency_map(model_of(MLPSpec(inputs=(1, 2), hidden=(3,), outputs=1)), picture((1, 2)), 1)
