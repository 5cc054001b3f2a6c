"""Sets of samples, and evaluations that are done once."""

from pathlib import Path

import numpy as np
import pytest

from digitpad.core.datasets.loading import load_digits
from digitpad.core.datasets.suspect_labels import new_mark, put_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation import result
from digitpad.core.evaluation.evaluator import EvaluationRequest, Evaluator, ModelProgress
from digitpad.core.evaluation.samples import ModelUnderTest, Samples, SampleSet, load_set, part_choices
from digitpad.core.images.idx_sets import PARTS
from digitpad.core.models.model_files import LoadedModel, ModelCard, find_model, load_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec
from tests.helpers.idx_files import set_files, write_files

SOFTMAX = ModelUnderTest("Softmax", find_model("softmax"))
CNN = ModelUnderTest("CNN", find_model("cnn"))


def gathered(request: EvaluationRequest, evaluator: Evaluator | None = None) -> tuple[list[ModelProgress], Samples]:
    *looks, samples = (evaluator or Evaluator()).evaluate(request)
    assert isinstance(samples, Samples)
    return [look for look in looks if isinstance(look, ModelProgress)], samples


def built_in(part: str = "test") -> SampleSet:
    return SampleSet("digits", part, Path())  # type: ignore[arg-type]


def test_all_samples_are_the_training_part_and_then_the_test_part() -> None:
    training, test = (load_digits("digits", part, Path()) for part in ("train", "test"))
    loaded = load_set(built_in("all"))
    assert len(loaded.digits) == len(training) + len(test)
    assert loaded.digits.name == "built-in digits training and test"
    assert loaded.part_and_number(0) == ("train", 0)
    assert loaded.part_and_number(len(training) - 1) == ("train", len(training) - 1)
    assert loaded.part_and_number(len(training)) == ("test", 0)
    np.testing.assert_array_equal(loaded.part("train").images, training.images)
    np.testing.assert_array_equal(loaded.part("test").labels, test.labels)


def test_a_set_whose_parts_are_the_same_has_one() -> None:
    assert part_choices("digits-8x8") == part_choices("some.jsonl") == ("test",)
    assert part_choices("mnist") == ("test", "train", "all")


def test_a_set_in_use_is_not_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "mnist"
    write_files(folder, set_files())
    first = load_digits("mnist", "test", tmp_path)
    assert load_digits("mnist", "test", tmp_path) is first
    (path,) = folder.glob("t10k-labels*")
    content = bytearray(path.read_bytes())
    content[-1] = (content[-1] + 1) % 10
    path.write_bytes(bytes(content))
    assert load_digits("mnist", "test", tmp_path) is not first


def test_samples_hold_what_the_models_said_of_them() -> None:
    looks, samples = gathered(EvaluationRequest(built_in(), SOFTMAX, CNN))
    expected = result.evaluate(load_model(find_model("softmax")).model, samples.digits)
    assert samples.evaluation is not None
    np.testing.assert_allclose(samples.evaluation.logits, expected.logits, atol=1e-5)
    wrong = int(np.flatnonzero(~expected.is_right)[0])
    sample = samples[wrong]
    assert (sample.label, sample.predicted) == (expected.labels[wrong], expected.predicted[wrong])
    assert sample.loss == pytest.approx(expected.losses[wrong], abs=1e-5)
    assert not sample.is_right
    assert sample.rival_predicted is not None
    assert {look.model for look in looks} == {"Softmax", "CNN"}
    assert looks[0].done == 0
    assert [look.done for look in looks if look.model == "CNN"][-1] == looks[-1].total == len(samples)


def test_a_model_is_asked_once_about_the_same_samples() -> None:
    evaluator = Evaluator()
    first = gathered(EvaluationRequest(built_in(), SOFTMAX), evaluator)[1]
    looks, again = gathered(EvaluationRequest(built_in(), SOFTMAX), evaluator)
    assert not looks
    assert again.evaluation is first.evaluation
    other, _ = gathered(EvaluationRequest(built_in("train"), SOFTMAX), evaluator)
    assert other


def test_another_file_in_the_same_place_is_asked_again(tmp_path: Path) -> None:
    evaluator, path = Evaluator(), tmp_path / "m.safetensors"
    path.write_bytes(find_model("softmax").read_bytes())
    first = gathered(EvaluationRequest(built_in(), ModelUnderTest("m", path)), evaluator)[1]
    path.write_bytes(find_model("mlp").read_bytes())
    second = gathered(EvaluationRequest(built_in(), ModelUnderTest("m", path)), evaluator)[1]
    assert first.evaluation is not None
    assert second.evaluation is not None
    assert first.evaluation.accuracy < second.evaluation.accuracy


def test_models_in_memory_are_told_apart() -> None:
    evaluator, accuracies = Evaluator(), set()
    for _ in range(5):
        model = LoadedModel(build(SoftmaxSpec()).eval(), ModelCard(name="x"))
        said = gathered(EvaluationRequest(built_in(), ModelUnderTest("x", model)), evaluator)[1].evaluation
        assert said is not None
        accuracies.add(said.losses.sum())
    assert len(accuracies) == 5


def test_what_was_cancelled_is_asked_again_and_what_was_finished_is_kept() -> None:
    evaluator = Evaluator()
    request = EvaluationRequest(built_in("train"), SOFTMAX, CNN)
    states = evaluator.evaluate(request)
    for state in states:
        if isinstance(state, ModelProgress) and state.model == "CNN" and state.done:
            break
    states.close()
    looks, samples = gathered(request, evaluator)
    assert {look.model for look in looks} == {"CNN"}
    assert samples.rival_evaluation is not None


def test_a_model_is_not_asked_about_images_that_it_cannot_read() -> None:
    with pytest.raises(DigitpadError, match="CNN cannot read images of 8 x 8 px"):
        gathered(EvaluationRequest(SampleSet("digits-8x8", "test", Path()), CNN))
    small = LoadedModel(build(MLPSpec(inputs=(8, 8))).eval(), ModelCard(name="small"))
    assert gathered(EvaluationRequest(built_in(), ModelUnderTest("small", small)))[1].evaluation is not None
    samples = gathered(EvaluationRequest(SampleSet("digits-8x8", "test", Path()), ModelUnderTest("small", small)))[1]
    assert samples[0].image.max() == 15
    assert samples[0].full_scale.max() == round(15 * 255 / 16)


def test_a_model_whose_answers_are_no_numbers_is_refused_in_a_sentence() -> None:
    model = build(CNNSpec(channels=(2,), dense=4))
    model.linear_layers[-1].weight.data.fill_(float("nan"))
    with pytest.raises(DigitpadError, match="diverged"):
        gathered(EvaluationRequest(built_in(), ModelUnderTest("x", LoadedModel(model.eval(), ModelCard(name="x")))))


def test_marks_come_with_the_samples_and_damaged_ones_do_not_keep_them_away(user_folder: Path) -> None:
    training = load_digits("digits", "train", Path())
    put_marks([new_mark(training, "digits", "train", 5, corrected=3, note="a three")])
    test = load_digits("digits", "test", Path())
    put_marks([new_mark(test, "digits", "test", 5)])
    _, samples = gathered(EvaluationRequest(built_in("all")))
    assert set(samples.marks) == {5, len(training) + 5}
    mark = samples[5].mark
    assert mark is not None
    assert (mark.corrected, mark.note) == (3, "a three")
    assert samples.is_suspect.sum() == 2
    (path,) = user_folder.rglob("label-marks.json")
    path.write_text("{", encoding="utf-8")
    _, samples = gathered(EvaluationRequest(built_in("all")))
    assert not samples.marks
    assert "label-marks.json" in samples.marks_problem


def test_both_parts_are_views_of_the_whole_and_new_files_are_seen(tmp_path: Path) -> None:
    write_files(tmp_path / "mnist", set_files())
    evaluator, which = Evaluator(), SampleSet("mnist", "all", tmp_path)
    before = gathered(EvaluationRequest(which), evaluator)[1].loaded
    for part in PARTS:
        assert np.shares_memory(load_digits("mnist", part, tmp_path).images, before.digits.images)
    assert gathered(EvaluationRequest(which), evaluator)[1].loaded is before
    name, content = next((name, content) for name, content in set_files().items() if name.startswith("t10k-images"))
    (tmp_path / "mnist" / name).write_bytes(content[:-1] + bytes([content[-1] ^ 255]))
    after = gathered(EvaluationRequest(which), evaluator)[1].loaded
    assert after.digits.images[-1, -1, -1] == before.digits.images[-1, -1, -1] ^ 255
