"""The worked sum of a unit ends at the value that PyTorch's own forward pass has, whatever the model."""

import numpy as np
import pytest
import torch

from digitpad.core.evaluation.inside.unit_detail import unit_detail
from digitpad.core.evaluation.saliency import pixel_gradient
from digitpad.core.models.activations import activations_of
from digitpad.core.models.networks import build
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, Spec
from digitpad.core.models.switched_off import Unit
from tests.core.models.test_activations import SPECS, model_of


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(1).random((28, 28), dtype=np.float32)


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_the_steps_end_at_the_models_own_value(spec: Spec, pixels: np.ndarray) -> None:
    model = model_of(spec)
    stages = activations_of(model, pixels).stages
    rng = np.random.default_rng(0)
    for number, stage in enumerate(stages[1:], 1):
        for unit in range(min(stage.units, 3)):
            own = stage.values[unit]
            positions = (
                [None] if own.ndim == 0 else [None, *((int(r), int(c)) for r, c in rng.integers(0, len(own), (5, 2)))]
            )
            for position in positions:
                detail = unit_detail(model, pixels, Unit(number, unit), position)
                wanted = own if own.ndim == 0 else own.max() if position is None else own[position]
                assert detail.value == pytest.approx(float(wanted), rel=1e-4, abs=1e-5)
                assert detail.weights.shape == detail.inputs.shape
                assert detail.parts.sum() == pytest.approx(detail.steps[0].value, rel=1e-6, abs=1e-9)
                assert _followed(detail.steps) == pytest.approx(detail.value, rel=1e-4, abs=1e-4)


def _followed(steps: tuple) -> float:
    """Compute the value again from the numbers of the steps."""
    value = steps[0].value
    for step in steps[1:]:
        match step.kind:
            case "bias":
                value += step.numbers[0]
            case "norm":
                value = step.numbers[0] * value + step.numbers[1]
            case "pool":
                assert value == pytest.approx(max(step.numbers), rel=1e-4, abs=1e-4)
            case "relu":
                value = max(value, 0)
            case "sigmoid":
                value = 1 / (1 + np.exp(-value))
            case "tanh":
                value = np.tanh(value)
    return value


def test_a_convolution_worked_by_hand() -> None:
    model = build(CNNSpec(channels=(1,), convolutions="single", dense=1)).eval().requires_grad_(requires_grad=False)
    kernel = torch.zeros(1, 1, 5, 5)
    kernel[0, 0, 2, 2], kernel[0, 0, 2, 3] = 2, -1
    model.layers[0].weight.copy_(kernel)  # pyright: ignore[reportCallIssue]
    image = np.zeros((28, 28), np.float32)
    image[4, 6], image[4, 7] = 0.5, 0.25
    detail = unit_detail(model, image, Unit(1, 0), (2, 3))  # stride 2: the kernel's middle is on row 4, column 6
    assert detail.steps[0].value == pytest.approx(2 * 0.5 - 0.25)
    np.testing.assert_array_equal(detail.inputs[0, 2], [0, 0, 0.5, 0.25, 0])
    assert detail.steps[0].kind == "sum"
    assert [step.kind for step in detail.steps[1:]] == ["norm", "relu"]
    assert detail.position == (2, 3)
    assert unit_detail(model, image, Unit(1, 0), (99, -5)).position == (13, 0)


def test_a_unit_fires_where_pixels_raise_its_sum(pixels: np.ndarray) -> None:
    model = model_of(MLPSpec(hidden=(6, 5)))
    detail = unit_detail(model, pixels, Unit(3, 4))
    np.testing.assert_allclose(detail.fired, pixel_gradient(model, pixels, 4) * pixels, rtol=1e-4, atol=1e-6)
    softmax = model_of(SoftmaxSpec())
    own = unit_detail(softmax, pixels, Unit(1, 3))
    np.testing.assert_allclose(own.fired, own.weights[0] * pixels, rtol=1e-5, atol=1e-7)
