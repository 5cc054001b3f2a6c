"""Answers to drawings."""

from pathlib import Path

import numpy as np
import pytest

from digitpad.core.drawing import EMPTY, Drawing, placed_ink
from digitpad.core.ink import Ink
from digitpad.core.models import build
from digitpad.core.recognition import Failure, Prediction, Question, Recogniser
from digitpad.core.specs import SoftmaxSpec
from digitpad.core.storage import ModelCard, find_model, save_model


def drawn(strokes: list[np.ndarray]) -> Drawing:
    return Drawing(ink=placed_ink(Ink.of(strokes)))


def test_a_seven_is_a_seven_to_every_model(seven: list[np.ndarray]) -> None:
    paths = tuple(find_model(name) for name in ("softmax", "mlp", "cnn"))
    answer = Recogniser().answer(Question(drawn(seven), paths))
    predictions = [prediction for prediction in answer.predictions if isinstance(prediction, Prediction)]
    assert [prediction.digit for prediction in predictions] == [7, 7, 7]
    assert all(prediction.probabilities.sum() == pytest.approx(1) for prediction in predictions)
    assert answer.milliseconds > 0


def test_nothing_is_claimed_for_an_empty_pad() -> None:
    (prediction,) = Recogniser().answer(Question(EMPTY, (find_model("cnn"),))).predictions
    assert isinstance(prediction, Prediction)
    assert prediction.is_blank
    assert prediction.digit is None
    assert prediction.confidence == 0.0
    np.testing.assert_allclose(prediction.probabilities, 0.1)


def test_no_digit_is_claimed_without_a_majority() -> None:
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


def test_a_model_that_is_gone_fails_alone(tmp_path: Path, seven: list[np.ndarray]) -> None:
    gone = tmp_path / "gone.safetensors"
    first, second = Recogniser().answer(Question(drawn(seven), (gone, find_model("mlp")))).predictions
    assert isinstance(first, Failure)
    assert "gone.safetensors does not exist" in first.sentence
    assert isinstance(second, Prediction)
    assert second.digit == 7
