"""Answers of the shipped models to distorted drawings."""

from pathlib import Path

import numpy as np
import pytest

from digitpad.core.ink.distortion import NEUTRAL, Distortion, Normalisation, model_pixels
from digitpad.core.ink.drawing import PEN_WIDTH, Drawing, digit_image
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.model_files import find_model, load_model
from digitpad.core.recognition.distorted_answers import DistortionReader, Subject
from digitpad.core.recognition.prediction import Prediction, predict
from digitpad.core.recognition.recogniser import Failure

MODELS = tuple(find_model(name) for name in ("softmax", "mlp", "cnn"))
SEVEN = Drawing(ink=Ink.of([[(80, 60), (200, 60), (130, 230)]], PEN_WIDTH))


def test_a_neutral_distortion_is_answered_as_the_drawing() -> None:
    answer = DistortionReader().answer(Subject(SEVEN, MODELS, reader=2), NEUTRAL)
    assert answer.drawing is SEVEN
    assert answer.wanted == 7
    for prediction, path in zip(answer.predictions, MODELS, strict=True):
        own = predict([digit_image(SEVEN)], load_model(path))[0]
        assert isinstance(prediction, Prediction)
        np.testing.assert_allclose(prediction.logits, own.logits, rtol=1e-4, atol=1e-4)


def test_normalisation_keeps_the_answer_and_without_it_a_moved_digit_is_lost() -> None:
    reader, subject = DistortionReader(), Subject(SEVEN, MODELS, reader=2)
    moved = Distortion(shift_x=6, shift_y=6, scale=0.5)
    for prediction in reader.answer(subject, moved).predictions:
        assert isinstance(prediction, Prediction)
        assert prediction.best == 7
    without = Distortion(shift_x=6, shift_y=6, scale=0.5, normalisation=Normalisation.SHRUNK)
    answers = reader.answer(subject, without).predictions
    assert any(isinstance(one, Prediction) and one.best != 7 for one in answers)


def test_a_curve_has_each_models_probability_of_the_wanted_digit() -> None:
    reader, settings = DistortionReader(), Distortion(blur=0.5, noise=0.1)
    curve = reader.curve(Subject(SEVEN, MODELS, reader=2), settings, "rotation")
    assert curve is not None
    assert (curve.wanted, curve.values[0], curve.values[-1], curve.shares.shape) == (7, -90, 90, (3, 31))
    at = curve.values.index(30)
    pixels = model_pixels(SEVEN, settings.with_value("rotation", 30))
    answer = reader.answer(Subject(SEVEN, MODELS, reader=2), settings.with_value("rotation", 30))
    np.testing.assert_array_equal(answer.pixels, pixels)
    for row, prediction in zip(curve.shares, answer.predictions, strict=True):
        assert isinstance(prediction, Prediction)
        assert row[at] == pytest.approx(prediction.probabilities[7], abs=1e-4)
    assert curve.shares[2, curve.values.index(0)] > 0.9


def test_the_label_is_the_wanted_digit() -> None:
    subject = Subject(SEVEN, MODELS, reader=2, label=1)
    assert DistortionReader().answer(subject, NEUTRAL).wanted == 1
    curve = DistortionReader().curve(subject, NEUTRAL, "inverted")
    assert curve is not None
    assert (curve.wanted, curve.values) == (1, (0, 1))


def test_a_model_that_cannot_be_used_does_not_stop_the_others(tmp_path: Path) -> None:
    models = (tmp_path / "missing.safetensors", MODELS[1])
    reader = DistortionReader()
    answer = reader.answer(Subject(SEVEN, models, reader=1), NEUTRAL)
    assert isinstance(answer.predictions[0], Failure)
    assert isinstance(answer.predictions[1], Prediction)
    curve = reader.curve(Subject(SEVEN, models, reader=1), NEUTRAL, "noise")
    assert curve is not None
    assert np.isnan(curve.shares[0]).all()
    assert reader.answer(Subject(SEVEN, models, reader=0), NEUTRAL).wanted is None
    assert reader.curve(Subject(SEVEN, models, reader=0), NEUTRAL, "noise") is None


def test_a_curve_that_is_not_needed_any_more_is_not_finished() -> None:
    asked = []

    def is_needed() -> bool:
        asked.append(True)
        return len(asked) < 3

    assert DistortionReader().curve(Subject(SEVEN, MODELS, reader=2), NEUTRAL, "scale", is_needed) is None
    assert len(asked) == 3
