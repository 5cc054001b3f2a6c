"""The mistakes of a run's best model: which, how many, in which order."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.data import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.jobs import RunClosed, TrainingJob, run_job
from digitpad.core.mistakes import find_mistakes
from digitpad.core.recipes import load_recipe, with_settings
from digitpad.core.runs import Run
from digitpad.core.storage import BEST

from .idx_writing import set_files, write_files


def trained(*settings: str, recipe: str = "softmax", data: Path | None = None) -> Run:
    quick = ["epochs=2", *settings]
    if recipe == "softmax":
        quick = ["dataset=digits", "train_first=200", *quick]
    closed = list(run_job(TrainingJob(with_settings(load_recipe(recipe), quick), recipe, data=data)))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


def test_there_are_as_many_as_the_best_accuracy_says() -> None:
    run = trained()
    found = find_mistakes(run)
    assert run.best is not None
    assert found.total == 360
    assert 0 < len(found) == round((1 - run.best.test_accuracy) * found.total)
    assert found.accuracy == pytest.approx(run.best.test_accuracy)
    assert found.dataset == "built-in digits test"
    assert found.run is run


def test_each_is_an_image_of_the_test_part_with_a_wrong_answer() -> None:
    found = find_mistakes(trained())
    test = load_digits("digits", "test", Path())
    assert found.images.dtype == np.uint8
    assert (found.images == test.images[found.indices]).all()
    assert (found.labels == test.labels[found.indices]).all()
    assert (found.labels != found.predicted).all()
    first = next(iter(found))
    assert (first.image == found.images[0]).all()
    assert (first.label, first.predicted, first.index) == (found.labels[0], found.predicted[0], found.indices[0])
    assert first.confidence == found.confidences[0]


def test_the_surest_mistake_comes_first() -> None:
    confidences = find_mistakes(trained()).confidences
    assert (np.diff(confidences) <= 0).all()
    # The wrong answer was the likeliest of ten.
    assert ((confidences > 0.1) & (confidences <= 1)).all()


def test_only_the_images_that_the_run_was_measured_on_are_asked_about() -> None:
    found = find_mistakes(trained("test_first=50"))
    assert found.total == 50
    assert found.indices.max() < 50
    assert found.dataset == "built-in digits test (first 50)"


def test_images_of_another_scale_come_in_255() -> None:
    found = find_mistakes(trained(recipe="digits-mlp-adam"))
    assert found.images.shape[1:] == (8, 8)
    assert found.images.max() == 255


def test_a_model_that_is_always_right_has_none() -> None:
    found = find_mistakes(trained("test_first=3", "epochs=20"))
    assert len(found) == 0
    assert list(found) == []
    assert found.images.shape == (0, 28, 28)
    assert found.accuracy == 1


def test_a_data_set_that_is_gone_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_files(data / "mnist", set_files())
    run = trained("dataset=mnist", data=data)
    assert find_mistakes(run).total == 12
    shutil.rmtree(data)
    with pytest.raises(DigitpadError, match="test files are not in"):
        find_mistakes(run)


def test_a_model_that_is_gone_is_named() -> None:
    run = trained()
    (run.folder / BEST).unlink()
    with pytest.raises(DigitpadError, match="does not exist"):
        find_mistakes(run)


def test_a_model_of_other_than_digits_is_refused() -> None:
    run = trained(recipe="xor-mlp")
    with pytest.raises(DigitpadError, match="not ten digits"):
        find_mistakes(run)
