"""Sets of samples, and the cache of evaluations."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.datasets.loading import load_digits
from digitpad.core.datasets.suspect_labels import new_mark, put_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation import result
from digitpad.core.evaluation.evaluator import EvaluationRequest, Evaluator, ModelProgress
from digitpad.core.evaluation.samples import ModelUnderTest, Samples, SampleSet, load_set, part_choices
from digitpad.core.images.idx_sets import PARTS, display_part_name
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.model_files import LoadedModel, ModelCard, find_model, load_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec
from tests.helpers.idx_files import set_files, write_files

SOFTMAX = ModelUnderTest("Softmax", find_model("softmax"))
CNN = ModelUnderTest("CNN", find_model("cnn"))


def evaluate(request: EvaluationRequest, evaluator: Evaluator | None = None) -> tuple[list[ModelProgress], Samples]:
    *progress, samples = (evaluator or Evaluator()).evaluate(request)
    assert isinstance(samples, Samples)
    return [each for each in progress if isinstance(each, ModelProgress)], samples


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


def test_pixels_up_to_255_change_what_the_model_reads_and_nothing_else() -> None:
    evaluator, which = Evaluator(), built_in()
    plain, raw = (
        evaluate(EvaluationRequest(replace(which, raw_pixels=is_raw), SOFTMAX), evaluator)[1]
        for is_raw in (False, True)
    )
    np.testing.assert_array_equal(raw[0].image, plain[0].image)
    assert raw[0].peak == 255
    assert plain.loaded_model is not None
    assert plain.evaluation is not None
    assert raw.evaluation is not None
    expected = predict_logits(plain.loaded_model.model, raw.digits.images.astype(np.float32))
    np.testing.assert_array_equal(raw.evaluation.logits, expected)
    assert raw.evaluation.confidences.mean() > plain.evaluation.confidences.mean()
    assert display_part_name(raw.digits.name) == "built-in digits test, pixels 0–255"
    again = evaluate(EvaluationRequest(which, SOFTMAX), evaluator)
    assert again[0] == []  # both results are kept
    assert again[1].evaluation is plain.evaluation


def test_only_pixels_that_are_stored_as_0_to_255_can_be_read_so() -> None:
    with pytest.raises(DigitpadError, match="no pixels from 0 to 255"):
        load_set(SampleSet("digits-8x8", "test", Path(), raw_pixels=True))


def test_the_first_samples_of_a_part_are_its_first() -> None:
    whole, few = load_set(built_in("train")), load_set(replace(built_in("train"), first=200))
    np.testing.assert_array_equal(few.digits.images, whole.digits.images[:200])
    assert (len(few.digits), few.training_count) == (200, 200)
    assert display_part_name(few.digits.name) == "built-in digits train (first 200)"


def test_a_set_with_two_equal_parts_offers_one() -> None:
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


def test_samples_have_the_predictions_of_both_models() -> None:
    progress, samples = evaluate(EvaluationRequest(built_in(), SOFTMAX, CNN))
    expected = result.evaluate(load_model(find_model("softmax")).model, samples.digits)
    assert samples.evaluation is not None
    np.testing.assert_allclose(samples.evaluation.logits, expected.logits, atol=1e-5)
    wrong = int(np.flatnonzero(~expected.is_right)[0])
    sample = samples[wrong]
    assert (sample.label, sample.predicted) == (expected.labels[wrong], expected.predicted[wrong])
    assert sample.loss == pytest.approx(expected.losses[wrong], abs=1e-5)
    assert not sample.is_right
    assert sample.second_predicted is not None
    assert {each.model for each in progress} == {"Softmax", "CNN"}
    assert progress[0].done == 0
    assert [each.done for each in progress if each.model == "CNN"][-1] == progress[-1].total == len(samples)


def test_a_model_is_evaluated_once_on_the_same_samples() -> None:
    evaluator = Evaluator()
    first = evaluate(EvaluationRequest(built_in(), SOFTMAX), evaluator)[1]
    progress, again = evaluate(EvaluationRequest(built_in(), SOFTMAX), evaluator)
    assert not progress
    assert again.evaluation is first.evaluation
    other, _ = evaluate(EvaluationRequest(built_in("train"), SOFTMAX), evaluator)
    assert other


def test_a_changed_model_file_is_evaluated_again(tmp_path: Path) -> None:
    evaluator, path = Evaluator(), tmp_path / "m.safetensors"
    path.write_bytes(find_model("softmax").read_bytes())
    first = evaluate(EvaluationRequest(built_in(), ModelUnderTest("m", path)), evaluator)[1]
    path.write_bytes(find_model("mlp").read_bytes())
    second = evaluate(EvaluationRequest(built_in(), ModelUnderTest("m", path)), evaluator)[1]
    assert first.evaluation is not None
    assert second.evaluation is not None
    assert first.evaluation.accuracy < second.evaluation.accuracy


def test_models_in_memory_are_distinguished() -> None:
    evaluator, accuracies = Evaluator(), set()
    for _ in range(5):
        model = LoadedModel(build(SoftmaxSpec()).eval(), ModelCard(name="x"))
        evaluation = evaluate(EvaluationRequest(built_in(), ModelUnderTest("x", model)), evaluator)[1].evaluation
        assert evaluation is not None
        accuracies.add(evaluation.losses.sum())
    assert len(accuracies) == 5


def test_after_a_cancel_only_the_unfinished_model_is_evaluated_again() -> None:
    evaluator = Evaluator()
    request = EvaluationRequest(built_in("train"), SOFTMAX, CNN)
    states = evaluator.evaluate(request)
    for state in states:
        if isinstance(state, ModelProgress) and state.model == "CNN" and state.done:
            break
    states.close()
    progress, samples = evaluate(request, evaluator)
    assert {each.model for each in progress} == {"CNN"}
    assert samples.second_evaluation is not None


def test_a_model_that_cannot_read_the_images_is_refused() -> None:
    with pytest.raises(DigitpadError, match="CNN cannot read images of 8x8 px"):
        evaluate(EvaluationRequest(SampleSet("digits-8x8", "test", Path()), CNN))
    small = LoadedModel(build(MLPSpec(inputs=(8, 8))).eval(), ModelCard(name="small"))
    assert evaluate(EvaluationRequest(built_in(), ModelUnderTest("small", small)))[1].evaluation is not None
    samples = evaluate(EvaluationRequest(SampleSet("digits-8x8", "test", Path()), ModelUnderTest("small", small)))[1]
    assert samples[0].image.max() == 15
    assert samples[0].full_scale.max() == round(15 * 255 / 16)


def test_a_diverged_model_is_refused() -> None:
    model = build(CNNSpec(channels=(2,), dense=4))
    model.linear_layers[-1].weight.data.fill_(float("nan"))
    with pytest.raises(DigitpadError, match="diverged"):
        evaluate(EvaluationRequest(built_in(), ModelUnderTest("x", LoadedModel(model.eval(), ModelCard(name="x")))))


def test_samples_have_marks_and_a_damaged_file_of_marks_is_reported(user_folder: Path) -> None:
    training = load_digits("digits", "train", Path())
    put_marks([new_mark(training, "digits", "train", 5, corrected=3, note="a three")])
    test = load_digits("digits", "test", Path())
    put_marks([new_mark(test, "digits", "test", 5)])
    _, samples = evaluate(EvaluationRequest(built_in("all")))
    assert set(samples.marks) == {5, len(training) + 5}
    mark = samples[5].mark
    assert mark is not None
    assert (mark.corrected, mark.note) == (3, "a three")
    assert samples.is_suspect.sum() == 2
    (path,) = user_folder.rglob("label-marks.json")
    path.write_text("{", encoding="utf-8")
    _, samples = evaluate(EvaluationRequest(built_in("all")))
    assert not samples.marks
    assert "label-marks.json" in samples.marks_problem


def test_both_parts_are_views_of_the_whole_and_changed_files_are_read_again(tmp_path: Path) -> None:
    write_files(tmp_path / "mnist", set_files())
    evaluator, which = Evaluator(), SampleSet("mnist", "all", tmp_path)
    before = evaluate(EvaluationRequest(which), evaluator)[1].loaded
    for part in PARTS:
        assert np.shares_memory(load_digits("mnist", part, tmp_path).images, before.digits.images)
    assert evaluate(EvaluationRequest(which), evaluator)[1].loaded is before
    name, content = next((name, content) for name, content in set_files().items() if name.startswith("t10k-images"))
    (tmp_path / "mnist" / name).write_bytes(content[:-1] + bytes([content[-1] ^ 255]))
    after = evaluate(EvaluationRequest(which), evaluator)[1].loaded
    assert after.digits.images[-1, -1, -1] == before.digits.images[-1, -1, -1] ^ 255
