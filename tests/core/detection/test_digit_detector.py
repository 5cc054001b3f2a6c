"""Non-digits are refused, and digits are not."""

from pathlib import Path

import non_digits
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from train_detector import hiragana, letters
from writers import FILES, as_drawn, is_for_calibration

from digitpad.core.datasets.loading import load_digits
from digitpad.core.detection.digit_detector import THRESHOLD, digit_scores, recognises_digits
from digitpad.core.files.paths import ASSETS
from digitpad.core.images.digits import to_bytes
from digitpad.core.ink.drawing import EMPTY, Drawing, centre_ink
from digitpad.core.ink.strokes import Ink, digit_image
from digitpad.core.models.model_files import LoadedModel, ModelCard, find_model, load_model
from digitpad.core.recognition.prediction import Prediction, predict
from digitpad.core.recognition.recogniser import Answer, Question, Recogniser
from tests.helpers.drawings_by_writer import drawings_by_writer


def answer_to(strokes: list[np.ndarray], threshold: float = THRESHOLD) -> Answer:
    drawing = Drawing(ink=centre_ink(Ink.of(strokes))) if strokes else EMPTY
    return Recogniser().answer(Question(drawing, (find_model("cnn"),), threshold))


def prediction_of(strokes: list[np.ndarray], threshold: float = THRESHOLD) -> Prediction:
    (prediction,) = answer_to(strokes, threshold).predictions
    assert isinstance(prediction, Prediction)
    return prediction


def signature() -> list[np.ndarray]:
    """Loops and waves along a line, and a flourish under it."""
    time = np.linspace(0, 14 * np.pi, 400)
    name = np.stack([time * 9 + 14 * np.cos(time), 30 * np.sin(time) * (1 + 0.6 * np.sin(time / 5))], axis=1)
    flourish = np.stack([np.linspace(420, 0, 50), 70 + 14 * np.sin(np.linspace(0, 7, 50))], axis=1)
    return [name, flourish]


NON_DIGITS = {
    "a dot": [np.array([[140.0, 140.0]])],
    "a line that lies": [np.array([[40.0, 140.0], [140, 142], [240, 140]])],
    "a filled square": [np.array([[60.0, y] if way else [220.0, y]]) for y in range(60, 220, 4) for way in (0, 1)],
    "a signature": signature(),
    "a zigzag": [np.array([[20.0 * step, 60.0 + 120 * (step % 2)] for step in range(12)])],
}
NON_DIGITS["a filled square"] = [np.concatenate(NON_DIGITS["a filled square"])]


@pytest.mark.parametrize("name", NON_DIGITS)
def test_a_non_digit_gets_no_answer(name: str) -> None:
    prediction = prediction_of(NON_DIGITS[name])
    assert prediction.is_refused
    assert prediction.digit is None


def test_a_digit_is_not_refused(seven: list[np.ndarray]) -> None:
    prediction = prediction_of(seven)
    assert prediction.digit_score is not None
    assert prediction.digit_score > THRESHOLD
    assert prediction.digit == 7


def test_the_user_chooses_the_threshold() -> None:
    assert not prediction_of(NON_DIGITS["a zigzag"], threshold=0.0).is_refused
    assert prediction_of([np.array([[100.0, 0], [40, 160]])], threshold=1.0).is_refused


def test_a_blank_drawing_is_neither_refused_nor_answered() -> None:
    prediction = prediction_of([])
    assert prediction.is_blank
    assert not prediction.is_refused


def test_a_model_of_clothes_refuses_nothing() -> None:
    model = load_model(find_model("softmax"))
    clothes = LoadedModel(model.model, ModelCard(name="clothes", dataset="Fashion-MNIST test"))
    image = digit_image(Ink.of(signature()))
    scores = digit_scores(image.pixels[None])
    assert predict([image], model, scores=scores)[0].is_refused
    assert not predict([image], clothes, scores=scores)[0].is_refused


@pytest.mark.parametrize(
    ("dataset", "is_of"),
    [
        ("Fashion-MNIST test", False),
        ("Fashion-MNIST test (first 200)", False),
        ("fashion-mnist", False),
        ("KMNIST test", False),
        ("kmnist", False),
        ("mnist", True),
        ("MNIST test", True),
        ("my-digits", True),
        ("", True),
    ],
)
def test_a_models_data_set_is_recognised_by_key_and_title(dataset: str, is_of: bool) -> None:
    assert recognises_digits(ModelCard(name="any", dataset=dataset)) == is_of


def pixels(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32) / 255


@pytest.fixture(scope="module")
def strangers(shared_data: Path) -> np.ndarray:
    """Scores of digits by writers who chose nothing: (n,)."""
    images = [load_digits("mnist", "test", shared_data).images[:3000]]
    for file in FILES:
        _, others = drawings_by_writer(shared_data / "strokes" / file)
        images.append(as_drawn(file, [one for one in others if not is_for_calibration(one.writer)]).images)
    return digit_scores(pixels(np.concatenate(images)))


@pytest.mark.slow
def test_few_digits_of_unseen_writers_are_refused(strangers: np.ndarray) -> None:
    assert np.mean(strangers < THRESHOLD) <= 0.012


def area(strangers: np.ndarray, others: np.ndarray) -> float:
    is_digit = np.repeat([1, 0], [len(strangers), len(others)])
    return float(roc_auc_score(is_digit, np.concatenate([strangers, others])))


@pytest.mark.parametrize("kind", sorted(non_digits.MAKERS))
def test_synthetic_non_digits_are_refused(strangers: np.ndarray, kind: str) -> None:
    others = digit_scores(pixels(non_digits.made(kind, 200, seed=12345)))
    assert area(strangers, others) >= 0.985
    assert np.mean(others < THRESHOLD) >= 0.85


@pytest.mark.slow
def test_handwritten_letters_and_hiragana_are_refused(shared_data: Path, strangers: np.ndarray) -> None:
    drawn = [to_bytes(digit_image(sample.ink).pixels) for sample in letters(shared_data, held_out=True)]
    for images in (np.stack(drawn), hiragana(shared_data, held_out=True)):
        others = digit_scores(pixels(images))
        assert area(strangers, others) >= 0.99
        assert np.mean(others < THRESHOLD) >= 0.9


def test_the_detector_is_small() -> None:
    files = [*(ASSETS / "models").glob("*.safetensors"), *(ASSETS / "detector").glob("*.safetensors")]
    assert sum(file.stat().st_size for file in files) <= 12_000_000
