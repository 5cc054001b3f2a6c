"""The details of one sample."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.inspection import Inspection, InspectionRequest, Inspector
from digitpad.core.evaluation.saliency import saliency_map
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.model_files import LoadedModel, ModelCard, find_model, load_model
from digitpad.core.models.networks import build, frozen_copy
from digitpad.core.models.specs import MLPSpec, SoftmaxSpec, Spec
from digitpad.core.recognition.prediction import Prediction
from tests.helpers.idx_files import gzipped, set_files, some_images, write_files

_SHIPPED = tuple((name, find_model(name)) for name in ("softmax", "mlp", "cnn"))


def live(spec: Spec, name: str = "live") -> LoadedModel:
    with torch.random.fork_rng():
        return LoadedModel(frozen_copy(build(spec)), ModelCard(name=name))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a small MNIST of 40 samples."""
    write_files(tmp_path / "mnist", gzipped(set_files(count=40)))
    return tmp_path


@pytest.fixture
def sample_request(folder: Path) -> InspectionRequest:
    """A test sample: a 3 that is predicted as 5."""
    return InspectionRequest(
        image=some_images(40)[3],
        peak=255,
        label=3,
        predicted=5,
        model=find_model("mlp"),
        others=_SHIPPED,
        dataset="mnist",
        folder=folder,
    )


def inspect(sample_request: InspectionRequest) -> Inspection:
    return Inspector().inspect(sample_request)


def test_all_models_read_the_same_pixels_and_neighbours_are_found_as_before(sample_request: InspectionRequest) -> None:
    plain, raw = inspect(sample_request), inspect(replace(sample_request, raw_pixels=True))
    for (_, path), entry in zip(_SHIPPED, raw.predictions, strict=True):
        assert entry.prediction is not None
        expected = predict_logits(load_model(path).model, sample_request.image[None].astype(np.float32))[0]
        np.testing.assert_array_equal(entry.prediction.logits, expected)
    np.testing.assert_array_equal(raw.neighbours[0].distances, plain.neighbours[0].distances)


def test_every_model_predicts_in_order(sample_request: InspectionRequest) -> None:
    predictions = inspect(sample_request).predictions
    assert [entry.name for entry in predictions] == ["softmax", "mlp", "cnn"]
    for entry in predictions:
        assert entry.problem == ""
        assert isinstance(entry.prediction, Prediction)
        assert entry.prediction.logits.shape == (10,)
        assert entry.prediction.probabilities.sum() == pytest.approx(1)


def test_all_shipped_models_recognise_a_real_image(shared_data: Path) -> None:
    test = load_digits("mnist", "test", shared_data)
    inspection = inspect(
        InspectionRequest(test.images[0], 255, 7, 7, find_model("cnn"), _SHIPPED, "mnist", shared_data)
    )
    assert [entry.prediction.best for entry in inspection.predictions if entry.prediction] == [7, 7, 7]
    assert [len(found) for found in inspection.neighbours] == [5]


def test_a_model_that_cannot_be_used_does_not_affect_the_others(
    sample_request: InspectionRequest, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing like it")
    xor = live(MLPSpec(inputs=(1, 2), hidden=(3,), outputs=1, output="sigmoid"))
    diverged = live(SoftmaxSpec())
    diverged.model.linear_layers[-1].weight.fill_(float("nan"))
    others = (("broken", broken), ("gone", tmp_path / "gone.safetensors"), ("gates", xor), ("wild", diverged))
    predictions = inspect(replace(sample_request, others=(*others, _SHIPPED[0]))).predictions
    sentences = ("not a model of digitpad", "does not exist", "recognises two classes", "training diverged")
    for entry, sentence in zip(predictions, sentences, strict=False):
        assert entry.prediction is None
        assert sentence in entry.problem
    assert predictions[-1].prediction is not None


def test_neighbours_are_of_the_predicted_digit_and_then_of_the_label(sample_request: InspectionRequest) -> None:
    inspection = inspect(sample_request)
    assert inspection.problem == ""
    assert inspection.training is not None
    assert [found.label for found in inspection.neighbours] == [5, 3]
    for found in inspection.neighbours:
        assert set(inspection.training.labels[found.indices]) == {found.label}
    # A test sample may be in the training part too, and the user should see that.
    assert inspection.neighbours[1].distances[0] == 0


@pytest.mark.parametrize("predicted", [None, 3])
def test_neighbours_are_of_one_digit_if_there_is_only_one(
    sample_request: InspectionRequest, predicted: int | None
) -> None:
    assert [found.label for found in inspect(replace(sample_request, predicted=predicted)).neighbours] == [3]


def test_a_training_sample_is_not_its_own_neighbour(sample_request: InspectionRequest) -> None:
    indices = inspect(replace(sample_request, training_index=3)).neighbours[1].indices
    assert len(indices) == 3
    assert 3 not in indices


@pytest.mark.parametrize("peak", [16, 255])
def test_if_both_parts_are_the_same_a_sample_is_not_its_own_neighbour(peak: int, tmp_path: Path) -> None:
    digits = load_digits("digits-8x8", "test", tmp_path)
    image = np.round(digits.images[20] * (peak / 16)).astype(np.uint8)
    label = int(digits.labels[20])
    inspection = inspect(InspectionRequest(image, peak, label, None, None, (), "digits-8x8", tmp_path))
    (found,) = inspection.neighbours
    assert 20 not in found.indices
    assert found.distances[0] > 0


def test_without_a_training_part_all_else_is_computed(sample_request: InspectionRequest, tmp_path: Path) -> None:
    inspection = inspect(replace(sample_request, folder=tmp_path / "elsewhere"))
    assert inspection.neighbours == ()
    assert inspection.training is None
    assert "MNIST is not installed" in inspection.problem
    assert len(inspection.predictions) == 3
    assert set(inspection.saliency_maps) == {"predicted", "label", "difference"}


def test_a_training_part_is_read_once_and_tried_again_if_it_was_missing(sample_request: InspectionRequest) -> None:
    inspector = Inspector()
    assert inspector.inspect(replace(sample_request, dataset="kmnist")).problem
    write_files(sample_request.folder / "kmnist", set_files("kmnist"))
    first = inspector.inspect(replace(sample_request, dataset="kmnist"))
    assert first.problem == ""
    assert inspector.inspect(replace(sample_request, dataset="kmnist", label=1)).training is first.training
    other = inspector.inspect(sample_request).training
    assert other is not None
    assert len(other) == 40


@pytest.mark.parametrize(
    ("predicted", "keys"),
    [(None, {"label"}), (3, {"predicted", "label"}), (5, {"predicted", "label", "difference"})],
)
def test_the_saliency_maps_depend_on_the_prediction(
    sample_request: InspectionRequest, predicted: int | None, keys: set[str]
) -> None:
    maps = inspect(replace(sample_request, predicted=predicted)).saliency_maps
    assert set(maps) == keys
    assert all(values.shape == (28, 28) for values in maps.values())


def test_the_difference_is_for_the_predicted_digit_and_against_the_label(sample_request: InspectionRequest) -> None:
    maps = inspect(replace(sample_request, model=find_model("softmax"))).saliency_maps
    model, pixels = load_model(find_model("softmax")).model, some_images(40)[3].astype(np.float32) / 255
    assert np.array_equal(maps["predicted"], saliency_map(model, pixels, 5))
    assert np.array_equal(maps["label"], saliency_map(model, pixels, 3))
    assert np.array_equal(maps["difference"], saliency_map(model, pixels, 5, 3))


def test_without_a_model_there_is_no_saliency_map_and_no_problem(sample_request: InspectionRequest) -> None:
    inspection = inspect(replace(sample_request, model=None))
    assert inspection.saliency_maps == {}
    assert inspection.model_problem == ""
    assert len(inspection.neighbours) == 2


def test_a_missing_model_is_named_and_all_else_is_computed(sample_request: InspectionRequest, tmp_path: Path) -> None:
    inspection = inspect(replace(sample_request, model=tmp_path / "gone.safetensors"))
    assert "gone.safetensors does not exist" in inspection.model_problem
    assert inspection.saliency_maps == {}
    assert inspection.problem == ""
    assert len(inspection.neighbours) == 2


def test_a_model_of_large_images_refuses_a_small_one(tmp_path: Path) -> None:
    image = load_digits("digits-8x8", "test", tmp_path).images[0]
    small = live(MLPSpec(inputs=(8, 8), hidden=(5,)), "small")
    inspection = inspect(
        InspectionRequest(image, 16, 0, 1, find_model("mlp"), (*_SHIPPED, ("small", small)), "digits-8x8", tmp_path)
    )
    *large, own = inspection.predictions
    assert all(entry.prediction is None for entry in large)
    assert large[1].problem == (
        "mlp reads images of 28x28 px, and this one has 8x8 px: choose a model for images of this size"
    )
    assert own.prediction is not None
    assert "28x28" in inspection.model_problem
    assert len(inspection.neighbours) == 2


def test_a_model_of_small_images_reads_a_large_one(sample_request: InspectionRequest) -> None:
    small = live(SoftmaxSpec(inputs=(8, 8)))
    inspection = inspect(replace(sample_request, model=small, others=(("small", small),)))
    assert inspection.predictions[0].prediction is not None
    assert inspection.saliency_maps["difference"].shape == (28, 28)
