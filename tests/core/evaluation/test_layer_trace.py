"""Layer by layer: the values and gradients of one image, by autograd, by the NumPy engine and by hand."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from digitpad.core.evaluation.layer_trace import LayerTrace, trace, trace_numpy
from digitpad.core.models.networks import DigitModel, build, frozen_copy
from digitpad.core.models.specs import CNNSpec, MLPSpec, Normalisation, SoftmaxSpec, Spec
from digitpad.core.training.config import Loss

RNG = np.random.default_rng(3)
PIXELS = RNG.random((28, 28)).astype(np.float32)
MLP = MLPSpec(hidden=(12, 7), activation="relu")


def _model(spec: Spec) -> DigitModel:
    torch.manual_seed(1)
    return frozen_copy(build(spec))


def _layer(traced: LayerTrace, name: str, number: int = 0) -> Any:
    return [layer for layer in traced.layers if layer.name == name][number]


def test_softmax_regression_agrees_with_the_formulas_by_hand() -> None:
    model = _model(SoftmaxSpec(inputs=(1, 2)))
    weight, bias = (np.asarray(tensor.double()) for tensor in model.linear_layers[0].parameters())
    traced = trace(model, np.array([[0.5, 1.0]]), 3, "cross-entropy")
    x = np.array([0.5, 1.0])
    z = weight @ x + bias
    p = np.exp(z) / np.exp(z).sum()
    t = np.eye(10)[3]
    assert [layer.name for layer in traced.layers] == ["Input", "Linear", "Softmax"]
    linear = _layer(traced, "Linear")
    np.testing.assert_allclose(traced.layers[0].output, x)
    np.testing.assert_allclose(linear.output, z)
    np.testing.assert_allclose(traced.outputs, p)
    np.testing.assert_allclose(linear.gradient, p - t)
    np.testing.assert_allclose(linear.gradients["weight"], np.outer(p - t, x))
    np.testing.assert_allclose(linear.gradients["bias"], p - t)
    np.testing.assert_allclose(_layer(traced, "Input").gradient, weight.T @ (p - t))
    np.testing.assert_allclose(traced.target, t)
    assert traced.objective == pytest.approx(-np.log(p[3]))


@pytest.mark.parametrize(
    ("spec", "loss"),
    [
        (SoftmaxSpec(), "cross-entropy"),
        (MLP, "cross-entropy"),
        (MLPSpec(hidden=(12, 7), activation="sigmoid", output="sigmoid"), "mse"),
        (MLPSpec(hidden=(12, 7), activation="sigmoid", output="sigmoid"), "binary-cross-entropy"),
        (MLPSpec(hidden=(9,), output="linear", bias=False, normalisation=Normalisation(mean=0.1, std=0.3)), "sse"),
        (MLPSpec(hidden=(9,), output="softmax"), "mse"),
    ],
)
def test_the_numpy_engine_and_autograd_have_the_same_values_and_gradients(spec: Spec, loss: Loss) -> None:
    model = _model(spec)
    by_torch, by_numpy = trace(model, PIXELS, 4, loss), trace_numpy(model, PIXELS, 4, loss)
    assert [layer.name for layer in by_numpy.layers] == [layer.name for layer in by_torch.layers]
    assert by_numpy.objective == pytest.approx(by_torch.objective, abs=1e-5)
    np.testing.assert_allclose(by_numpy.outputs, by_torch.outputs, atol=1e-12)
    for ours, theirs in zip(by_numpy.layers, by_torch.layers, strict=True):
        assert ours.output.shape == theirs.output.shape
        np.testing.assert_allclose(ours.output, theirs.output, atol=1e-9)
        if theirs.gradient is not None:
            np.testing.assert_allclose(np.asarray(ours.gradient), np.asarray(theirs.gradient), atol=1e-5)
        assert ours.gradients.keys() == theirs.gradients.keys()
        for key, gradient in theirs.gradients.items():
            assert ours.parameters[key].shape == gradient.shape
            np.testing.assert_allclose(ours.parameters[key], theirs.parameters[key])
            np.testing.assert_allclose(ours.gradients[key], gradient, atol=1e-5)


def test_the_slips_of_a_published_program_change_its_gradients() -> None:
    model = _model(MLPSpec(hidden=(9,), output="linear", bias=False, dropout=0.5))
    right = trace_numpy(model, PIXELS, 4, "sse", dropout_seed=5)
    slipped = trace_numpy(model, PIXELS, 4, "sse", slips=("relu-derivative", "dropout-backward"), dropout_seed=5)
    mask = _layer(right, "Dropout").mask
    assert set(mask) == {0.0, 1.0}
    np.testing.assert_allclose(_layer(right, "Dropout").output, _layer(right, "ReLU").output * mask * 2)
    np.testing.assert_allclose(_layer(right, "ReLU").gradient, _layer(right, "Dropout").gradient * mask * 2)
    np.testing.assert_allclose(_layer(slipped, "ReLU").gradient, _layer(slipped, "Dropout").gradient * mask)
    inactive = _layer(right, "ReLU").output == 0
    assert inactive.any()
    np.testing.assert_array_equal(_layer(right, "Linear").gradient[inactive], 0)
    np.testing.assert_array_equal(_layer(slipped, "Linear").gradient, _layer(slipped, "ReLU").gradient)


def test_a_cnn_has_the_values_that_hooks_see_and_the_gradients_of_autograd() -> None:
    model = _model(CNNSpec(channels=(3, 4), dense=5, dropout=0.2))
    seen: list[torch.Tensor] = []
    for layer in model.layers:
        layer.register_forward_hook(lambda *values: seen.append(values[2]))
    traced = trace(model, PIXELS, 4, "cross-entropy")
    logits = model(torch.from_numpy(PIXELS)[None])
    assert [layer.name for layer in traced.layers[1:-1]] == [type(layer).__name__ for layer in model.layers]
    for layer, output in zip(traced.layers[1:-1], seen, strict=True):
        np.testing.assert_allclose(layer.output, output[0].numpy(), atol=1e-4)
    copy = build(model.spec)
    copy.load_state_dict(model.state_dict())
    copy.eval()
    nn.functional.cross_entropy(copy(torch.from_numpy(PIXELS)[None]), torch.tensor([4])).backward()
    wanted = dict(copy.layers.named_parameters())
    found = {
        f"{number}.{key}": gradient
        for number, layer in enumerate(traced.layers[1:-1])
        for key, gradient in layer.gradients.items()
    }
    assert found.keys() == wanted.keys()
    for key, parameter in wanted.items():
        np.testing.assert_allclose(found[key], np.asarray(parameter.grad), atol=1e-4)
    np.testing.assert_allclose(traced.outputs, logits.softmax(1)[0].numpy(), atol=1e-5)


def test_dropout_drops_nothing_without_a_seed_and_the_same_units_with_the_same_seed() -> None:
    model = _model(MLPSpec(hidden=(40,), dropout=0.5))
    still = trace(model, PIXELS, 4, "cross-entropy")
    assert _layer(still, "Dropout").mask is None
    np.testing.assert_array_equal(_layer(still, "Dropout").output, _layer(still, "ReLU").output)
    first, again = (trace(model, PIXELS, 4, "cross-entropy", dropout_seed=9) for _ in range(2))
    np.testing.assert_array_equal(_layer(first, "Dropout").mask, _layer(again, "Dropout").mask)
    assert 0 < _layer(first, "Dropout").mask.sum() < 40


def test_xor_has_one_output_and_its_label_as_the_target() -> None:
    model = _model(MLPSpec(inputs=(1, 2), hidden=(4,), outputs=1, activation="sigmoid", output="sigmoid"))
    traced = trace(model, np.array([[0.0, 1.0]]), 1, "binary-cross-entropy")
    y = traced.outputs[0]
    np.testing.assert_array_equal(traced.target, [1.0])
    assert traced.objective == pytest.approx(-np.log(y))
    np.testing.assert_allclose(_layer(traced, "Linear", 1).gradient, [y - 1])


def test_tracing_changes_neither_the_model_nor_the_random_numbers_of_a_training() -> None:
    model = _model(MLPSpec(hidden=(12,), dropout=0.5))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    trace(model, PIXELS, 4, "cross-entropy", dropout_seed=2)
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert not any(parameter.requires_grad for parameter in model.parameters())
