"""The shipped models are as good as their cards say."""

from functools import cache
from pathlib import Path

import pytest
from writers import FILES, as_drawn, is_for_calibration

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.result import evaluate
from digitpad.core.files.paths import ASSETS
from digitpad.core.images.digits import Digits
from digitpad.core.models.model_files import load_model
from tests.helpers.drawings_by_writer import drawings_by_writer

LEAST = {"softmax": 0.905, "mlp": 0.9925, "cnn": 0.996}


def model_file(name: str) -> Path:
    return ASSETS / "models" / f"{name}.safetensors"


@cache
def strangers(folder: Path) -> tuple[Digits, ...]:
    """Return what the others drew, one data set per file."""
    return tuple(as_drawn(file, drawings_by_writer(folder / file)[1]) for file in FILES)


@cache
def fresh(folder: Path) -> Digits:
    """Return what those of the others drew for whom no temperature was fitted."""
    samples = [sample for file in FILES for sample in drawings_by_writer(folder / file)[1]]
    return as_drawn("fresh", [sample for sample in samples if not is_for_calibration(sample.writer)])


@pytest.mark.parametrize("name", LEAST)
def test_accuracy_matches_the_card(shared_data: Path, name: str) -> None:
    loaded = load_model(model_file(name))
    measured = evaluate(loaded.model, load_digits("mnist", "test", shared_data))
    assert measured.accuracy >= LEAST[name]
    assert measured.accuracy == pytest.approx(loaded.card.test_accuracy, abs=2e-4)
    confusion = measured.metrics().confusion
    assert confusion.sum() == 10_000
    assert confusion.trace() / 10_000 == measured.accuracy


def test_the_files_are_small() -> None:
    assert sum(model_file(name).stat().st_size for name in LEAST) <= 12_000_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "least"), [("softmax", (0.90, 0.86)), ("mlp", (0.995, 0.988)), ("cnn", (0.996, 0.992))]
)
def test_strokes_of_held_out_writers_are_recognised(shared_data: Path, name: str, least: tuple[float, float]) -> None:
    model = load_model(model_file(name)).model
    for digits, promised in zip(strangers(shared_data / "strokes"), least, strict=True):
        assert evaluate(model, digits).accuracy >= promised


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_confidence_is_calibrated(shared_data: Path, name: str) -> None:
    model = load_model(model_file(name)).model
    assert evaluate(model, fresh(shared_data / "strokes")).metrics().calibration_error <= 0.01


@pytest.fixture(scope="module")
def learned(shared_data: Path) -> list[int]:
    """The number of drawings that the models were trained on, for each file of strokes."""
    return [len(drawings_by_writer(shared_data / "strokes" / file)[0]) for file in FILES]


@pytest.mark.parametrize("name", LEAST)
def test_the_card_has_training_data_and_accuracy(learned: list[int], name: str) -> None:
    text = (ASSETS / "models" / f"{name}.md").read_text(encoding="utf-8")
    for said in ("MNIST", "CC BY 4.0", "Known weaknesses", *(f"{count:,} drawings" for count in learned)):
        assert said in text
    accuracy = load_model(model_file(name)).card.test_accuracy
    assert f"| {name} | MNIST test | 10,000 | {accuracy:.2%} |" in text
