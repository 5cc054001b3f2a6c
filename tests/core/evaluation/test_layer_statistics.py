"""Statistics of layers: held to numbers worked by hand, and to torch's hooks and gradients."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from digitpad.core.evaluation.layer_statistics import LayerStatistics, network_statistics
from digitpad.core.images.digits import Digits
from digitpad.core.models.networks import DigitModel, build, frozen_copy
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, Spec
from digitpad.core.training.config import Loss
from digitpad.core.training.losses import objective


def made(spec: Spec, weights: Sequence[object] = (), seed: int = 1) -> DigitModel:
    """Return a model with these weights and biases, in order, or else random ones."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = build(spec)
    with torch.no_grad():
        for parameter, values in zip(model.parameters(), weights, strict=False):
            parameter.copy_(torch.tensor(values))
    return frozen_copy(model)


def sample(count: int = 12, size: tuple[int, int] = (28, 28)) -> Digits:
    images = np.random.default_rng(3).integers(0, 256, (count, *size), np.uint8)
    return Digits("sample", images, (np.arange(count) % 10).astype(np.uint8))


def gate() -> Digits:
    points = np.array([[[0, 0]], [[0, 1]], [[1, 0]], [[1, 1]]], np.uint8)
    return Digits("XOR", points, np.array([0, 1, 1, 0], np.uint8), peak=1)


def test_a_perceptron_is_measured_as_by_hand() -> None:
    """One sigmoid unit with weights 0 and bias 0: output 1/2, gradient of w = mean of (1/2 - label) x."""
    spec = MLPSpec(inputs=(1, 2), hidden=(), outputs=1, output="sigmoid")
    found = network_statistics(made(spec, [[[0.0, 0.0]], [0.0]]), gate(), "binary-cross-entropy")
    (layer,) = found.layers
    # Each input is 1 at two points, of which one has label 1: (-1/2 + 1/2) / 4 = 0.
    assert layer.gradient_size == 0
    assert layer.gradients.shares.sum() == 0
    assert found.loss == pytest.approx(math.log(2))
    assert (layer.units, layer.idle) == (1, 0)
    assert layer.lines is not None
    assert layer.lines.tolist() == [[0, 0]]
    assert layer.biases is not None
    assert layer.biases.tolist() == [0]


def test_units_that_are_0_for_every_image_never_fire() -> None:
    """Of four ReLU units, one is 1 for (1, 1) alone, one is always 0, one always below 0, one always above."""
    spec = MLPSpec(inputs=(1, 2), hidden=(4,), outputs=1, output="sigmoid")
    hidden = [[1.0, 1.0], [0.0, 0.0], [-1.0, -1.0], [1.0, 0.0]], [-1.0, 0.0, 0.0, 2.0]
    found = network_statistics(made(spec, [*hidden, [[2.0, 0.5, 0.5, -2.0]], [0.0]]), gate(), "binary-cross-entropy")
    first, last = found.layers
    assert (first.units, first.idle) == (4, 2)
    assert (first.activations.low, first.activations.high) == (0, 3)
    assert first.activations.shares.sum() == pytest.approx(1)
    # Squares of the eight weights: 1 + 1 + 0 + 0 + 1 + 1 + 1 + 0.
    assert first.weight_size == pytest.approx(math.sqrt(5 / 8))
    assert (first.weights.low, first.weights.high) == (-1, 1)
    assert last.activation == "none"
    assert last.idle == 0


@pytest.mark.parametrize(("activation", "weight", "idle"), [("sigmoid", 9.0, 1), ("tanh", 9.0, 1), ("tanh", 0.5, 0)])
def test_units_at_the_end_of_their_activation_are_saturated(activation: str, weight: float, idle: int) -> None:
    spec = MLPSpec(inputs=(1, 2), hidden=(2,), outputs=1, output="sigmoid", activation=activation)  # type: ignore[arg-type]
    hidden = [[0.0, 0.0], [0.1, 0.1]], [weight, 0.1]
    found = network_statistics(made(spec, [*hidden, [[1.0, 1.0]], [0.0]]), gate(), "binary-cross-entropy")
    assert found.layers[0].idle == idle


@pytest.mark.parametrize(
    ("spec", "loss", "blocks"),
    [
        (SoftmaxSpec(), "cross-entropy", [1]),
        (MLPSpec(hidden=(20, 15), dropout=0.5), "cross-entropy", [1, 1, 1]),
        (MLPSpec(hidden=(20,), activation="sigmoid", output="sigmoid"), "mse", [1, 1]),
        (MLPSpec(hidden=(20,), activation="tanh", output="linear"), "sse", [1, 1]),
        (MLPSpec(hidden=(20,), output="sigmoid", bias=False), "binary-cross-entropy", [1, 1]),
        (CNNSpec(channels=(3, 4), dense=9), "cross-entropy", [2, 2, 1, 1]),
        (CNNSpec(channels=(3, 4), dense=9, convolutions="single"), "cross-entropy", [1, 1, 1, 1]),
    ],
)
def test_sizes_are_those_of_torch(spec: Spec, loss: Loss, blocks: list[int]) -> None:
    model, data = made(spec), sample()
    found = network_statistics(model, data, loss)
    copy = frozen_copy(model).requires_grad_()
    logits = copy(torch.from_numpy(data.images / np.float32(255)))
    total = objective(copy, logits, torch.from_numpy(data.labels.astype(np.int64)), loss) / len(data)
    total.backward()
    weights = iter([part for part in copy.parameters() if part.dim() > 1])
    assert [layer.units for layer in found.layers[-2:]][-1] == 10
    assert found.loss == pytest.approx(total.item(), rel=1e-5)
    for layer, count in zip(found.layers, blocks, strict=True):
        parts = [next(weights) for _ in range(count)]
        gradients = torch.cat([part.grad.flatten() for part in parts if part.grad is not None])
        assert layer.gradient_size == pytest.approx(gradients.square().mean().sqrt().item(), rel=1e-4)
        size = torch.cat([part.detach().flatten() for part in parts]).square().mean().sqrt().item()
        assert layer.weight_size == pytest.approx(size, rel=1e-4)


def test_dead_maps_of_a_block_are_those_that_a_hook_sees() -> None:
    model, data = made(CNNSpec(channels=(4,), dense=6)), sample()
    with torch.no_grad():
        norms = [layer for layer in model.layers if isinstance(layer, torch.nn.BatchNorm2d)]
        norms[0].bias[:2] = -100
        norms[1].bias[1] = -100
    seen: list[torch.Tensor] = []
    relus = [layer for layer in model.layers if isinstance(layer, torch.nn.ReLU)][:2]
    hooks = [
        layer.register_forward_hook(lambda _layer, _inputs, values: seen.append(values.clone())) for layer in relus
    ]
    model(torch.from_numpy(data.images / np.float32(255)))
    for hook in hooks:
        hook.remove()
    dead = sum(int((values.amax(dim=(0, 2, 3)) == 0).sum()) for values in seen)
    found = network_statistics(model, data, "cross-entropy").layers[0]
    assert (found.units, found.idle) == (8, dead)
    assert dead >= 3


def test_a_model_is_not_changed_and_no_random_numbers_are_drawn() -> None:
    model = made(MLPSpec(hidden=(6,), dropout=0.5))
    before, state = {name: part.clone() for name, part in model.state_dict().items()}, torch.get_rng_state()
    with torch.inference_mode():
        network_statistics(model, sample(), "cross-entropy")
    assert all(torch.equal(part, before[name]) for name, part in model.state_dict().items())
    assert not any(part.requires_grad or part.grad is not None for part in model.parameters())
    assert torch.equal(torch.get_rng_state(), state)


def test_a_model_that_diverged_is_measured_without_an_error() -> None:
    spec = MLPSpec(inputs=(1, 2), hidden=(2,), outputs=1, output="sigmoid")
    model = made(spec, [[[math.nan, 1.0], [math.inf, 1.0]]])
    first: LayerStatistics = network_statistics(model, gate(), "binary-cross-entropy").layers[0]
    assert not first.is_finite
    assert first.idle == 0
    assert np.isfinite(first.weights.shares).all()


def test_a_large_layer_has_no_lines() -> None:
    assert network_statistics(made(SoftmaxSpec()), sample(), "cross-entropy").layers[0].lines is None


def test_the_ends_of_a_histogram_are_the_ends_of_all_values() -> None:
    weights = np.zeros((300, 784), np.float32)  # more than a histogram is of
    weights[0, :20] = np.arange(20)
    hidden = network_statistics(made(MLPSpec(hidden=(300,)), [weights]), sample(), "cross-entropy").layers[0]
    assert (hidden.weights.low, hidden.weights.high) == (-19, 19)


def test_the_ends_of_a_histogram_of_zeros_are_0_and_without_numbers_there_are_none() -> None:
    weights, biases, spec = np.zeros((3, 784), np.float32), [-1.0, -1.0, -1.0], MLPSpec(hidden=(3,))
    hidden = network_statistics(made(spec, [weights, biases]), sample(), "cross-entropy").layers[0]
    assert (hidden.weights.high, hidden.activations.low, hidden.activations.high) == (0, 0, 0)
    assert hidden.activations.shares.sum() == pytest.approx(1)
    hidden = network_statistics(made(spec, [weights * math.nan]), sample(), "cross-entropy").layers[0]
    assert math.isnan(hidden.weights.high)
    assert math.isnan(hidden.activations.high)
