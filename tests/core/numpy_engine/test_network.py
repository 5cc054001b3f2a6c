"""The NumPy engine's layers, losses and gradients, against torch.autograd."""

from typing import Literal

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from digitpad.core.errors import DigitpadError
from digitpad.core.models.specs import Activation, MLPSpec, Output, SoftmaxSpec
from digitpad.core.numpy_engine.layers import Dropout, ReLU, Sigmoid, Softmax
from digitpad.core.numpy_engine.losses import LOSSES
from digitpad.core.numpy_engine.network import Net, build_net, predicted_classes, target_outputs
from digitpad.core.training.config import Loss

ENDS: list[tuple[Loss, Output]] = [
    ("cross-entropy", "softmax"),
    ("binary-cross-entropy", "sigmoid"),
    ("mse", "sigmoid"),
    ("mse", "linear"),
    ("mse", "softmax"),
    ("sse", "linear"),
    ("sse", "sigmoid"),
]
SIZE = (2, 3)
IMAGES = 7


def images_and_labels() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    return rng.random((IMAGES, 6)), rng.integers(0, 10, IMAGES)


def gradients_of(net: Net, pixels: np.ndarray, targets: np.ndarray, seed: int | None) -> list[np.ndarray]:
    logits = net.forward(pixels, None if seed is None else np.random.default_rng(seed))
    net.backward(logits, targets, len(pixels))
    return [gradient for layer in net.linear_layers for gradient in layer.gradients or []]


def objective(logits: Tensor, targets: Tensor, loss: Loss, output: Output) -> Tensor:
    """Return the objective, a mean over the images, with torch."""
    if loss == "cross-entropy":
        return functional.cross_entropy(logits, targets)
    if loss == "binary-cross-entropy":
        return functional.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(targets)
    outputs = {"softmax": logits.softmax(1), "sigmoid": logits.sigmoid(), "linear": logits}[output]
    squares = functional.mse_loss(outputs, targets, reduction="sum") / len(targets)
    return squares / 2 if loss == "sse" else squares


def autograd(
    net: Net, spec: MLPSpec, loss: Loss, pixels: np.ndarray, targets: np.ndarray, seed: int
) -> list[np.ndarray]:
    """Return the gradients of the same network by torch, with the dropout drawn from this seed."""
    rng, parameters = np.random.default_rng(seed), []
    values = torch.tensor(pixels)
    for number, layer in enumerate(net.linear_layers):
        if number:
            values = {"relu": torch.relu, "sigmoid": torch.sigmoid}[spec.activation](values)
        if number and spec.dropout == 0.5:
            values = values * torch.tensor(rng.integers(0, 2, size=values.shape)) * 2
        elif number and spec.dropout:
            values = values * torch.tensor(rng.random(values.shape) >= spec.dropout) / (1 - spec.dropout)
        own = [torch.tensor(parameter, requires_grad=True) for parameter in layer.parameters]
        values = values @ own[0] + (own[1] if len(own) > 1 else 0)
        parameters += own
    objective(values, torch.tensor(targets), loss, spec.output).backward()
    return [parameter.grad.numpy() for parameter in parameters if parameter.grad is not None]


@pytest.mark.parametrize("dropout", [0.0, 0.5, 0.3])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize(
    ("loss", "output", "outputs"), [*((*end, 10) for end in ENDS), *((*end, 1) for end in ENDS if end[1] != "softmax")]
)
def test_gradients_are_those_of_autograd(
    loss: Loss, output: Output, activation: Activation, bias: bool, dropout: float, outputs: Literal[1, 10]
) -> None:
    spec = MLPSpec(
        inputs=SIZE, hidden=(5, 4), outputs=outputs, activation=activation, output=output, bias=bias, dropout=dropout
    )
    pixels, labels = images_and_labels()
    targets = target_outputs(labels % 2 if outputs == 1 else labels, outputs)
    net = build_net(spec, loss, (), np.random.default_rng(1))
    found = gradients_of(net, pixels, targets, seed=2)
    expected = autograd(net, spec, loss, pixels, targets, seed=2)
    # The published formula of binary cross-entropy has 1e-7 in its denominator.
    exactness = 1e-5 if loss == "binary-cross-entropy" else 1e-11
    assert len(found) == (6 if bias else 3)
    for ours, torchs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, torchs, rtol=exactness, atol=1e-13)


def test_softmax_regression_has_the_gradients_of_autograd() -> None:
    pixels, labels = images_and_labels()
    net = build_net(SoftmaxSpec(inputs=SIZE), "cross-entropy", (), np.random.default_rng(1))
    found = gradients_of(net, pixels, target_outputs(labels, 10), seed=None)
    weights, bias = (torch.tensor(array, requires_grad=True) for array in net.linear_layers[0].parameters)
    functional.cross_entropy(torch.tensor(pixels) @ weights + bias, torch.tensor(labels)).backward()
    assert weights.grad is not None
    np.testing.assert_allclose(found[0], weights.grad.numpy(), rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("loss", "output"), ENDS)
def test_the_value_of_a_loss_equals_that_of_torch(loss: Loss, output: Output) -> None:
    pixels, labels = images_and_labels()
    targets = target_outputs(labels, 10)
    net = build_net(MLPSpec(inputs=SIZE, hidden=(), output=output), loss, (), np.random.default_rng(1))
    logits = net.forward(pixels)
    # "mse" reports the mean over the outputs too, and "sse" twice its objective.
    factor = {"mse": 0.1, "sse": 2.0}.get(loss, 1.0)
    expected = factor * objective(torch.tensor(logits), torch.tensor(targets), loss, output).item()
    assert net.loss_of(logits, targets) == pytest.approx(expected, rel=1e-5 if loss[0] == "b" else 1e-12)


def test_a_batch_in_two_parts_has_the_gradients_of_the_whole() -> None:
    pixels, labels = images_and_labels()
    targets = target_outputs(labels, 10)
    net = build_net(MLPSpec(inputs=SIZE, hidden=(5,)), "cross-entropy", (), np.random.default_rng(1))
    whole = gradients_of(net, pixels, targets, seed=None)
    net.step(0.0)
    for part in (slice(0, 3), slice(3, None)):
        net.backward(net.forward(pixels[part]), targets[part], IMAGES)
    for own, expected in zip(net.linear_layers, (whole[:2], whole[2:]), strict=True):
        for a, b in zip(own.gradients or [], expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


def test_a_step_descends_the_gradient_and_clears_it() -> None:
    pixels, labels = images_and_labels()
    net = build_net(MLPSpec(inputs=SIZE, hidden=(5,)), "cross-entropy", (), np.random.default_rng(1))
    before = net.state_dict()
    first = gradients_of(net, pixels, target_outputs(labels, 10), seed=None)[0]
    net.step(0.25)
    np.testing.assert_array_equal(net.state_dict()["weights.0"], before["weights.0"] - 0.25 * first)
    assert all(layer.gradients is None for layer in net.linear_layers)


def test_relus_derivative_is_1_above_0_and_with_the_slip_everywhere() -> None:
    inputs, gradient = np.array([[-2.0, 0.0, 3.0]]), np.array([[5.0, 6.0, 7.0]])
    true, slipped = ReLU(), ReLU(has_slip=True)
    assert true.forward(inputs).tolist() == slipped.forward(inputs).tolist() == [[0, 0, 3]]
    assert true.backward(gradient).tolist() == [[0, 0, 7]]
    assert slipped.backward(gradient).tolist() == [[5, 6, 7]]


def test_dropout_scales_its_gradient_and_with_the_slip_only_masks_it() -> None:
    inputs = np.ones((4, 8))
    true, slipped = Dropout(0.5), Dropout(0.5, has_slip=True)
    mask = np.random.default_rng(3).integers(0, 2, size=(4, 8))
    for layer in (true, slipped):
        np.testing.assert_array_equal(layer.forward(inputs, np.random.default_rng(3)), 2 * mask)
    np.testing.assert_array_equal(true.backward(inputs), 2 * mask)
    np.testing.assert_array_equal(slipped.backward(inputs), mask)


@pytest.mark.parametrize("slip", ["relu-derivative", "dropout-backward"])
def test_only_a_slip_changes_the_gradients_of_autograd(slip: str) -> None:
    spec = MLPSpec(inputs=SIZE, hidden=(20,), output="linear", bias=False, dropout=0.5)
    pixels, labels = images_and_labels()
    targets = target_outputs(labels, 10)
    true = build_net(spec, "sse", (), np.random.default_rng(1))
    slipped = build_net(spec, "sse", (slip,), np.random.default_rng(1))  # pyright: ignore[reportArgumentType]
    expected = autograd(true, spec, "sse", pixels, targets, seed=2)
    first, last = gradients_of(slipped, pixels, targets, seed=2)
    assert not np.allclose(first, expected[0])
    np.testing.assert_allclose(last, expected[1], rtol=1e-11, atol=1e-14)
    mask = np.random.default_rng(2).integers(0, 2, size=(IMAGES, 20))
    # The line of the published programs.
    hidden = np.maximum(pixels @ true.linear_layers[0].weights, 0) * mask * 2
    delta = (hidden @ true.linear_layers[1].weights - targets) / IMAGES @ true.linear_layers[1].weights.T
    line = delta * 2 * mask if slip == "relu-derivative" else delta * (hidden > 0) * mask
    np.testing.assert_allclose(first, pixels.T @ line, rtol=1e-11, atol=1e-14)


def test_dropout_drops_its_share_and_keeps_the_mean() -> None:
    dropped = Dropout(0.2).forward(np.ones((200, 500)), np.random.default_rng(0))
    assert (dropped == 0).mean() == pytest.approx(0.2, abs=0.01)
    assert dropped.mean() == pytest.approx(1, abs=0.01)


def test_nothing_is_dropped_without_a_random_generator() -> None:
    layer, inputs = Dropout(0.5), np.ones((2, 3))
    np.testing.assert_array_equal(layer.forward(inputs), inputs)
    np.testing.assert_array_equal(layer.backward(inputs), inputs)


def test_the_legacy_generator_draws_the_mask_as_integers() -> None:
    legacy = np.random.RandomState(4)
    mask = Dropout(0.5).forward(np.ones((3, 5)), legacy) / 2
    np.testing.assert_array_equal(mask, np.random.RandomState(4).randint(0, 2, size=(3, 5)))


def test_extreme_logits_do_not_overflow() -> None:
    far = np.array([[-1e4, 0.0, 1e4]])
    np.testing.assert_allclose(Sigmoid().forward(far), [[0, 0.5, 1]], atol=1e-300)
    np.testing.assert_array_equal(Softmax().forward(far), [[0, 0, 1]])
    assert LOSSES["cross-entropy"].value(far, np.array([[1.0, 0.0, 0.0]])) == 2e4


def test_weights_are_drawn_layer_by_layer_weights_before_bias() -> None:
    spec = MLPSpec(inputs=SIZE, hidden=(4,), initial="normal")
    rng = np.random.default_rng(9)
    expected = [rng.standard_normal(shape) for shape in ((6, 4), (4,), (4, 10), (10,))]
    net = build_net(spec, "mse", (), np.random.default_rng(9))
    drawn = [array for layer in net.linear_layers for array in layer.parameters]
    for own, other in zip(drawn, expected, strict=True):
        np.testing.assert_array_equal(own, other)


@pytest.mark.parametrize(("initial", "bound"), [("uniform", 0.1), ("torch", 1 / np.sqrt(784))])
def test_uniform_weights_fill_their_range(initial: str, bound: float) -> None:
    spec = MLPSpec(hidden=(50,), initial=initial)  # pyright: ignore[reportArgumentType]
    weights = build_net(spec, "mse", (), np.random.default_rng(0)).linear_layers[0].weights
    assert 0.99 * bound < np.abs(weights).max() <= bound
    assert weights.std() == pytest.approx(bound / np.sqrt(3), rel=0.02)


def test_a_single_output_is_compared_with_the_label_itself() -> None:
    assert target_outputs(np.array([0, 1]), 1).tolist() == [[0], [1]]
    assert target_outputs(np.array([2]), 10).tolist() == [[0, 0, 1, 0, 0, 0, 0, 0, 0, 0]]
    assert predicted_classes(np.array([[-1.0], [0.3], [1.0]]), "sigmoid").tolist() == [0, 1, 1]
    assert predicted_classes(np.array([[-1.0], [0.3], [1.0]]), "linear").tolist() == [0, 0, 1]
    assert predicted_classes(np.array([[0.0, 3.0, 1.0]]), "linear").tolist() == [1]


def test_a_network_refuses_the_weights_of_another() -> None:
    small, large = (build_net(MLPSpec(hidden=(n,)), "mse", (), np.random.default_rng(0)) for n in (4, 5))
    with pytest.raises(ValueError, match="shape"):
        small.load_state_dict(large.state_dict())


def test_tanh_raises_a_readable_error() -> None:
    with pytest.raises(DigitpadError, match="no tanh"):
        build_net(MLPSpec(activation="tanh"), "mse", (), np.random.default_rng(0))
