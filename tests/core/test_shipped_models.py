"""What is shipped is as good as it says."""

from pathlib import Path

import pytest

from digitpad.core.data import load_digits
from digitpad.core.evaluation import evaluate
from digitpad.core.folders import ASSETS
from digitpad.core.storage import load_model

LEAST = {"softmax": 0.923, "mlp": 0.986, "cnn": 0.994}


def model_file(name: str) -> Path:
    return ASSETS / "models" / f"{name}.safetensors"


@pytest.mark.parametrize("name", LEAST)
def test_accuracy_is_as_promised_and_as_the_card_says(shared_data: Path, name: str) -> None:
    loaded = load_model(model_file(name))
    measured = evaluate(loaded.model, load_digits("mnist", "test", shared_data))
    assert measured.accuracy >= LEAST[name]
    assert measured.accuracy == pytest.approx(loaded.card.test_accuracy, abs=2e-4)
    assert measured.confusion.sum() == 10_000
    assert measured.confusion.trace() / 10_000 == measured.accuracy


def test_the_files_are_small() -> None:
    assert sum(model_file(name).stat().st_size for name in LEAST) <= 10_000_000


@pytest.mark.parametrize(("name", "least"), [("softmax", 0.78), ("mlp", 0.94), ("cnn", 0.96)])
def test_strangers_pen_strokes_are_read(shared_data: Path, name: str, least: float) -> None:
    strokes = load_digits(str(shared_data / "strokes" / "pendigits-train.jsonl.gz"), "test", shared_data)
    assert evaluate(load_model(model_file(name)).model, strokes).accuracy >= least
