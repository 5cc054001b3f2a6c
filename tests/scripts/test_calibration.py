"""Temperature scaling."""

import numpy as np
import pytest
import torch
from calibration import temperature_of, with_logits

from digitpad.core.models.inference import predict_logits, softmax
from digitpad.core.models.networks import build
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, Spec


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_the_temperature_that_was_applied_is_found(temperature: float) -> None:
    draw = np.random.default_rng(3)
    logits = draw.normal(0, 3, (20_000, 10))
    shares = softmax(logits)
    labels = np.array([draw.choice(10, p=row) for row in shares])
    assert temperature_of(logits * temperature, labels) == pytest.approx(temperature, rel=0.05)


@pytest.mark.parametrize("spec", [SoftmaxSpec(), MLPSpec(hidden=(8,)), CNNSpec(channels=(2,), dense=4)])
def test_the_last_layer_takes_scale_and_shift(spec: Spec) -> None:
    torch.manual_seed(1)
    model = build(spec).eval()
    images = np.random.default_rng(0).random((5, 28, 28), np.float32)
    before = predict_logits(model, images)
    np.testing.assert_allclose(predict_logits(with_logits(model, 0.5, 2.0), images), before * 0.5 + 2, atol=1e-5)
    np.testing.assert_array_equal(predict_logits(model, images), before)


def test_without_a_bias_there_is_no_shift() -> None:
    model = build(MLPSpec(hidden=(8,), bias=False))
    with_logits(model, 2.0)
    with pytest.raises(ValueError, match="bias"):
        with_logits(model, 2.0, 1.0)
