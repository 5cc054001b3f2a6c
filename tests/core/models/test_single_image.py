"""A model for one image at a time says what PyTorch says."""

from pathlib import Path

import numpy as np
import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.models import onnx_layers
from digitpad.core.models.activations import activations_of
from digitpad.core.models.exchange.onnx_export import write_onnx
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.model_files import LoadedModel, ModelCard
from digitpad.core.models.networks import quick_copy
from digitpad.core.models.single_image import SingleImageModel
from digitpad.core.models.specs import MLPSpec, Spec, inputs_of
from tests.core.models.test_activations import SPECS, model_of


@pytest.fixture(params=[(28, 28), None], ids=["28x28", "own size"])
def images(request: pytest.FixtureRequest, spec: Spec) -> np.ndarray:
    """Return images of the size that a drawing has, and of the one that the model reads."""
    return np.random.default_rng(2).random((3, *(request.param or inputs_of(spec))), np.float32)


@pytest.mark.parametrize("spec", SPECS, ids=str)
@pytest.mark.parametrize("is_quick", [False, True])
def test_logits_and_values_are_those_of_pytorch(spec: Spec, is_quick: bool, images: np.ndarray) -> None:
    model = model_of(spec)
    single = SingleImageModel(quick_copy(model) if is_quick else model)
    for image, expected in zip(images, predict_logits(model, images), strict=True):
        np.testing.assert_allclose(single.logits(image), expected, rtol=1e-4, atol=1e-4)
        found, wanted = single.activations(image), activations_of(model, image)
        np.testing.assert_allclose(found.pixels, wanted.pixels, atol=1e-6)
        for one, other in zip(found.stages, wanted.stages, strict=True):
            assert (one.kind, one.activation, one.values.shape) == (other.kind, other.activation, other.values.shape)
            np.testing.assert_allclose(one.values, other.values, rtol=1e-4, atol=1e-4)
            if not is_quick and one.weights is not None and other.weights is not None:
                np.testing.assert_array_equal(one.weights, other.weights)


def test_large_weights_are_not_copied_into_the_model() -> None:
    arrays: dict[str, np.ndarray] = {}
    model = model_of(MLPSpec(hidden=(64,)))
    content = onnx_layers.onnx_model(model, external=arrays).SerializeToString()
    assert sum(array.nbytes for array in arrays.values()) > 200_000 > 100 * len(content)
    assert np.shares_memory(arrays["layers.1.weight"], model.linear_layers[0].weight.numpy())


def test_values_that_are_no_numbers_are_not_hidden() -> None:
    model, image = model_of(MLPSpec(hidden=(6, 6))), np.ones((28, 28), np.float32)
    first, second, _ = model.linear_layers
    first.weight.fill_(3e20)
    second.weight.fill_(3e20)
    second.weight[:, ::2] *= -1  # infinity minus infinity, which ONNX Runtime's ReLU makes 0
    assert not np.isfinite(predict_logits(model, image[None])).any()
    single = SingleImageModel(model)
    assert not np.isfinite(single.logits(image)).any()
    assert not np.isfinite(single.activations(image).logits).any()


def test_a_model_too_large_for_onnx_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(onnx_layers, "_LARGEST", 1000)
    with pytest.raises(DigitpadError, match="more than 2 GB"):
        write_onnx(tmp_path / "a.onnx", LoadedModel(model_of(SPECS[0]), ModelCard(name="a")))
