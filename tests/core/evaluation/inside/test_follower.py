"""What the view asks for: a unit in detail, what spoke for the answer, and the images that excite a unit."""

from pathlib import Path

import numpy as np
import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.inside.exciting_images import exciting_images, largest_values, training_images
from digitpad.core.evaluation.inside.follower import ExcitingRequest, InsideFollower, InsideRequest
from digitpad.core.evaluation.saliency import saliency_map
from digitpad.core.images.digits import Digits, to_floats
from digitpad.core.models.activations import activations_of
from digitpad.core.models.model_files import LoadedModel, ModelCard
from digitpad.core.models.specs import CNNSpec, MLPSpec
from digitpad.core.models.switched_off import Unit
from tests.core.models.test_activations import model_of


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(1).random((28, 28), dtype=np.float32)


def loaded(spec: CNNSpec | MLPSpec) -> LoadedModel:
    return LoadedModel(model_of(spec), ModelCard(name="test"))


def test_only_what_is_asked_for_is_computed(pixels: np.ndarray) -> None:
    model, follower = loaded(MLPSpec(hidden=(6,))), InsideFollower()
    view = follower.follow(InsideRequest(model, pixels))
    assert view.detail is None
    assert view.saliency is None
    opened = follower.follow(InsideRequest(model, pixels, opened=Unit(1, 2), explains="difference"))
    assert opened.detail is not None
    assert opened.detail.value == pytest.approx(float(view.activations.stages[1].values[2]), abs=1e-6)
    expected = saliency_map(model.model, pixels, view.activations.winner, view.runner_up)
    np.testing.assert_array_equal(opened.saliency, expected)
    # another model may have fewer layers
    assert follower.follow(InsideRequest(loaded(MLPSpec(hidden=())), pixels, opened=Unit(2, 2))).detail is None


def test_an_image_of_another_size_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(DigitpadError, match="28x28"):
        InsideFollower().follow(InsideRequest(loaded(CNNSpec(channels=(4,))), pixels[:8, :8]))


@pytest.mark.parametrize(
    "spec", [CNNSpec(channels=(4, 6), dense=10), MLPSpec(hidden=(6, 5), activation="tanh")], ids=str
)
def test_the_images_with_the_largest_values_are_found(spec: CNNSpec | MLPSpec) -> None:
    model = model_of(spec)
    images = np.random.default_rng(0).integers(0, 256, (130, 28, 28), dtype=np.uint8)
    digits, batches = Digits("test", images, np.arange(130, dtype=np.uint8) % 10), []
    values = largest_values(model, digits, 2, lambda: batches.append(1))
    assert len(batches) == 7
    own = [activations_of(model, to_floats(image)).stages[2].values[3].max() for image in images]
    np.testing.assert_allclose(values[:, 3], own, rtol=1e-4, atol=1e-5)
    found = exciting_images(values, digits, Unit(2, 3), count=4)
    order = np.argsort(own)[::-1][: len(found.images)]
    np.testing.assert_array_equal(found.images, images[order])
    np.testing.assert_array_equal(found.labels, order % 10)
    assert found.searched == ("test", 130)


def test_a_unit_that_is_never_active_excites_nothing() -> None:
    digits = Digits("test", np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8))
    assert len(exciting_images(np.zeros((3, 2), np.float32), digits, Unit(1, 1)).images) == 0


def test_without_mnist_the_built_in_digits_are_searched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DIGITPAD_DATA", str(tmp_path))
    digits = training_images()
    assert digits.size == (28, 28)
    assert len(digits) > 500
    model, calls = loaded(MLPSpec(hidden=(6,))), []
    follower = InsideFollower()
    first = follower.excite(ExcitingRequest(model, Unit(1, 0), lambda: calls.append(1)))
    searched = len(calls)
    other = follower.excite(ExcitingRequest(model, Unit(1, 5), lambda: calls.append(1)))
    assert searched > 0
    assert len(calls) == searched  # the values of the layer are known
    assert first.unit == Unit(1, 0)
    assert other.unit == Unit(1, 5)
    assert (np.diff(other.values) <= 0).all()
