"""Answers for drawings."""

import gc
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.ink.drawing import EMPTY, Drawing, centre_ink
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.activations import activations_of
from digitpad.core.models.model_files import LoadedModel, ModelCard, find_model, load_model, save_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import SoftmaxSpec
from digitpad.core.models.switched_off import Unit, without_units
from digitpad.core.recognition.prediction import WIDEST_PROBABILITY, Prediction, probability_text
from digitpad.core.recognition.recogniser import Failure, Question, Recogniser


def drawn(strokes: list[np.ndarray]) -> Drawing:
    return Drawing(ink=centre_ink(Ink.of(strokes)))


def test_every_model_recognises_a_seven(seven: list[np.ndarray]) -> None:
    paths = tuple(find_model(name) for name in ("softmax", "mlp", "cnn"))
    answer = Recogniser().answer(Question(drawn(seven), paths))
    predictions = [prediction for prediction in answer.predictions if isinstance(prediction, Prediction)]
    assert [prediction.digit for prediction in predictions] == [7, 7, 7]
    assert all(prediction.probabilities.sum() == pytest.approx(1) for prediction in predictions)
    assert answer.milliseconds > 0


def test_as_many_models_as_are_compared_are_prepared_once(
    seven: list[np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[object] = []
    monkeypatch.setattr("digitpad.core.models.single_image._may_overflow", prepared.append)
    other = tmp_path / "other.safetensors"
    other.write_bytes(find_model("softmax").read_bytes())
    recogniser, paths = Recogniser(), (*(find_model(name) for name in ("softmax", "mlp", "cnn")), other)
    recogniser.answer(Question(drawn(seven), paths))  # the detector is kept for all recognisers
    first = len(prepared)
    for _ in range(3):
        recogniser.answer(Question(drawn(seven), paths))
    assert first >= len(paths)
    assert len(prepared) == first


def test_the_model_of_an_earlier_epoch_is_forgotten(seven: list[np.ndarray]) -> None:
    recogniser, models = Recogniser(), []
    for _ in range(3):
        loaded = LoadedModel(build(SoftmaxSpec()), ModelCard(name="in training"))
        models.append(weakref.ref(loaded.model))
        recogniser.answer(Question(drawn(seven), (loaded,)))
        del loaded
    gc.collect()
    assert [model() is None for model in models] == [True, True, False]


def test_a_blank_pad_gets_no_answer() -> None:
    (prediction,) = Recogniser().answer(Question(EMPTY, (find_model("cnn"),))).predictions
    assert isinstance(prediction, Prediction)
    assert prediction.is_blank
    assert prediction.digit is None
    assert prediction.confidence == 0.0
    np.testing.assert_allclose(prediction.probabilities, 0.1)


def test_there_is_no_answer_below_half_the_probability() -> None:
    probabilities = np.array([0.49, 0.48, 0.03, 0, 0, 0, 0, 0, 0, 0])
    prediction = Prediction(logits=np.log(probabilities + 1e-9), probabilities=probabilities)
    assert prediction.best == 0
    assert prediction.digit is None
    assert prediction.confidence == 0.49


def test_a_model_file_that_changed_is_loaded_again(tmp_path: Path, seven: list[np.ndarray]) -> None:
    import os

    path = tmp_path / "mine.safetensors"
    recogniser, question = Recogniser(), Question(drawn(seven), (path,))
    answers = []
    for moment in (1, 2):
        save_model(path, build(SoftmaxSpec()), ModelCard(name="mine"))
        os.utime(path, (moment, moment))
        (prediction,) = recogniser.answer(question).predictions
        assert isinstance(prediction, Prediction)
        answers.append(prediction.logits)
    assert not np.allclose(*answers)


def test_a_missing_model_does_not_affect_the_others(tmp_path: Path, seven: list[np.ndarray]) -> None:
    gone = tmp_path / "gone.safetensors"
    first, second = Recogniser().answer(Question(drawn(seven), (gone, find_model("mlp")))).predictions
    assert isinstance(first, Failure)
    assert "gone.safetensors does not exist" in first.sentence
    assert isinstance(second, Prediction)
    assert second.digit == 7


def test_each_model_reads_a_number_if_requested(seven: list[np.ndarray], tmp_path: Path) -> None:
    beside = [stroke + np.array([140, 0]) for stroke in seven]
    drawing, models = drawn([*seven, *beside]), (find_model("cnn"), tmp_path / "gone.safetensors", find_model("mlp"))
    first, gone, second = Recogniser().answer(Question(drawing, models, as_number=True)).readings
    assert gone is None
    assert first is not None
    assert second is not None
    assert [first.number, second.number] == ["77", "77"]
    assert first.digits[0].box[2] <= first.digits[1].box[0]
    assert Recogniser().answer(Question(drawing, models)).readings == ()


def test_a_blank_pad_has_an_empty_reading() -> None:
    (reading,) = Recogniser().answer(Question(EMPTY, (find_model("cnn"),), as_number=True)).readings
    assert reading is not None
    assert reading.digits == ()
    assert reading.is_refused


def test_the_detector_refuses_non_digits_in_a_number(seven: list[np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.core.recognition.number.digit_scores", lambda images: np.zeros(len(images)))
    question = Question(drawn(seven), (find_model("cnn"),), as_number=True)
    (reading,) = Recogniser().answer(question).readings
    assert reading is not None
    assert reading.is_refused
    assert reading.number is None
    assert reading.digits[0].prediction.best == 7
    assert reading.digits[0].prediction.probabilities.sum() == pytest.approx(1)


def test_an_answer_that_looks_inside_has_the_layers_of_the_chosen_model(seven: list[np.ndarray]) -> None:
    mlp, cnn = find_model("mlp"), find_model("cnn")
    recogniser, off = Recogniser(), frozenset({Unit(1, 5)})
    question = Question(drawn(seven), (mlp, cnn), chosen=cnn, switched_off=off, looks_inside=True)
    answer, plain = recogniser.answer(question), recogniser.answer(replace(question, looks_inside=False))
    assert plain.activations is None
    assert answer.activations is not None
    own = activations_of(without_units(load_model(cnn).model, off), answer.image.pixels)
    for stage, expected in zip(answer.activations.stages, own.stages, strict=True):
        np.testing.assert_allclose(stage.values, expected.values, rtol=1e-4, atol=1e-4)
    logits = []
    for seen, unseen in zip(answer.predictions, plain.predictions, strict=True):
        assert isinstance(seen, Prediction)
        assert isinstance(unseen, Prediction)
        np.testing.assert_allclose(seen.logits, unseen.logits, rtol=1e-5, atol=1e-5)
        logits.append(seen.logits.tolist())
    assert logits[1] == answer.activations.logits.tolist()


@pytest.mark.parametrize(
    ("probability", "tenths", "whole"),
    [
        (0.0, "0.0 %", "0 %"),
        (0.9984, "99.8 %", ">99 %"),
        (0.9998, WIDEST_PROBABILITY, ">99 %"),
        (1 - 1e-12, WIDEST_PROBABILITY, ">99 %"),
        (0.9949, "99.5 %", "99 %"),
        (1.0, "100.0 %", "100 %"),
    ],
)
def test_only_a_probability_of_1_is_100_percent(probability: float, tenths: str, whole: str) -> None:
    assert (probability_text(probability), probability_text(probability, 0)) == (tenths, whole)
