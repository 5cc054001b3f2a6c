"""All that can be said of one sample."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.inspection import Inspection, InspectionRequest, Inspector
from digitpad.core.models.model_files import LoadedModel, ModelCard, find_model
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
def question(folder: Path) -> InspectionRequest:
    """A test sample: a 3 that is taken for a 5."""
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


def asked(question: InspectionRequest) -> Inspection:
    return Inspector().inspect(question)


def test_every_model_has_its_opinion_in_order(question: InspectionRequest) -> None:
    opinions = asked(question).opinions
    assert [opinion.name for opinion in opinions] == ["softmax", "mlp", "cnn"]
    for opinion in opinions:
        assert opinion.problem == ""
        assert isinstance(opinion.prediction, Prediction)
        assert opinion.prediction.logits.shape == (10,)
        assert opinion.prediction.probabilities.sum() == pytest.approx(1)


def test_models_agree_with_what_a_real_image_shows(shared_data: Path) -> None:
    test = load_digits("mnist", "test", shared_data)
    inspection = asked(InspectionRequest(test.images[0], 255, 7, 7, find_model("cnn"), _SHIPPED, "mnist", shared_data))
    assert [opinion.prediction.best for opinion in inspection.opinions if opinion.prediction] == [7, 7, 7]
    assert [len(found) for found in inspection.neighbours] == [5]


def test_a_model_that_cannot_be_used_says_so_alone(question: InspectionRequest, tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing like it")
    xor = live(MLPSpec(inputs=(1, 2), hidden=(3,), outputs=1, output="sigmoid"))
    diverged = live(SoftmaxSpec())
    diverged.model.linear_layers[-1].weight.fill_(float("nan"))
    others = (("broken", broken), ("gone", tmp_path / "gone.safetensors"), ("gates", xor), ("wild", diverged))
    opinions = asked(replace(question, others=(*others, _SHIPPED[0]))).opinions
    sentences = ("no model of digitpad's", "does not exist", "two classes apart", "has diverged")
    for opinion, sentence in zip(opinions, sentences, strict=False):
        assert opinion.prediction is None
        assert sentence in opinion.problem
    assert opinions[-1].prediction is not None


def test_neighbours_are_of_the_predicted_digit_and_then_of_the_true_one(question: InspectionRequest) -> None:
    inspection = asked(question)
    assert inspection.problem == ""
    assert inspection.training is not None
    assert [found.label for found in inspection.neighbours] == [5, 3]
    for found in inspection.neighbours:
        assert set(inspection.training.labels[found.indices]) == {found.label}
    # A test sample may well be in the training part too, and that is worth seeing.
    assert inspection.neighbours[1].distances[0] == 0


@pytest.mark.parametrize("predicted", [None, 3])
def test_neighbours_are_of_one_digit_where_there_is_only_one(
    question: InspectionRequest, predicted: int | None
) -> None:
    assert [found.label for found in asked(replace(question, predicted=predicted)).neighbours] == [3]


def test_a_training_sample_is_not_its_own_neighbour(question: InspectionRequest) -> None:
    indices = asked(replace(question, training_index=3)).neighbours[1].indices
    assert len(indices) == 3
    assert 3 not in indices


@pytest.mark.parametrize("peak", [16, 255])
def test_where_both_parts_are_the_same_samples_a_sample_is_not_its_own_neighbour(peak: int, tmp_path: Path) -> None:
    digits = load_digits("digits-8x8", "test", tmp_path)
    image = np.round(digits.images[20] * (peak / 16)).astype(np.uint8)
    label = int(digits.labels[20])
    inspection = asked(InspectionRequest(image, peak, label, None, None, (), "digits-8x8", tmp_path))
    (found,) = inspection.neighbours
    assert 20 not in found.indices
    assert found.distances[0] > 0


def test_without_a_training_part_the_rest_is_still_said(question: InspectionRequest, tmp_path: Path) -> None:
    inspection = asked(replace(question, folder=tmp_path / "elsewhere"))
    assert inspection.neighbours == ()
    assert inspection.training is None
    assert "MNIST's train files are not in" in inspection.problem
    assert len(inspection.opinions) == 3
    assert set(inspection.explanations) == {"predicted", "label", "difference"}


def test_a_training_part_is_read_once_and_asked_for_again_where_it_was_missing(question: InspectionRequest) -> None:
    inspector = Inspector()
    assert inspector.inspect(replace(question, dataset="kmnist")).problem
    write_files(question.folder / "kmnist", set_files("kmnist"))
    first = inspector.inspect(replace(question, dataset="kmnist"))
    assert first.problem == ""
    assert inspector.inspect(replace(question, dataset="kmnist", label=1)).training is first.training
    other = inspector.inspect(question).training
    assert other is not None
    assert len(other) == 40


@pytest.mark.parametrize(
    ("predicted", "keys"),
    [(None, {"label"}), (3, {"predicted", "label"}), (5, {"predicted", "label", "difference"})],
)
def test_what_is_explained_depends_on_what_was_predicted(
    question: InspectionRequest, predicted: int | None, keys: set[str]
) -> None:
    explanations = asked(replace(question, predicted=predicted)).explanations
    assert set(explanations) == keys
    assert all(explained.values.shape == (28, 28) for explained in explanations.values())


def test_the_difference_is_the_predicted_digits_rather_than_the_true_ones(question: InspectionRequest) -> None:
    explanations = asked(replace(question, model=find_model("softmax"))).explanations
    assert explanations["predicted"].note == "the weights of 5"
    assert explanations["label"].note == "the weights of 3"
    assert explanations["difference"].note == "the weights of 5 less those of 3"


def test_without_a_model_nothing_is_explained_and_nothing_is_wrong(question: InspectionRequest) -> None:
    inspection = asked(replace(question, model=None))
    assert inspection.explanations == {}
    assert inspection.model_problem == ""
    assert len(inspection.neighbours) == 2


def test_a_model_that_is_gone_is_named_and_the_rest_is_said(question: InspectionRequest, tmp_path: Path) -> None:
    inspection = asked(replace(question, model=tmp_path / "gone.safetensors"))
    assert "gone.safetensors does not exist" in inspection.model_problem
    assert inspection.explanations == {}
    assert inspection.problem == ""
    assert len(inspection.neighbours) == 2


def test_a_model_of_large_images_refuses_a_small_one(tmp_path: Path) -> None:
    image = load_digits("digits-8x8", "test", tmp_path).images[0]
    small = live(MLPSpec(inputs=(8, 8), hidden=(5,)), "small")
    inspection = asked(
        InspectionRequest(image, 16, 0, 1, find_model("mlp"), (*_SHIPPED, ("small", small)), "digits-8x8", tmp_path)
    )
    *large, own = inspection.opinions
    assert all(opinion.prediction is None for opinion in large)
    assert large[1].problem == (
        "mlp reads images of 28 x 28 px and this one has 8 x 8: choose a model trained on such images"
    )
    assert own.prediction is not None
    assert "28 x 28" in inspection.model_problem
    assert len(inspection.neighbours) == 2


def test_a_model_of_small_images_reads_a_large_one(question: InspectionRequest) -> None:
    small = live(SoftmaxSpec(inputs=(8, 8)))
    inspection = asked(replace(question, model=small, others=(("small", small),)))
    assert inspection.opinions[0].prediction is not None
    assert inspection.explanations["difference"].values.shape == (28, 28)
