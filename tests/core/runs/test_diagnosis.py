"""The diagnosis of a training: silent about healthy ones, right about those that went wrong."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DivergedError
from digitpad.core.runs.diagnosis import Finding, best_test_epoch, diagnose, has_learned, suggested_rate
from digitpad.core.runs.run_folder import EpochRow, epoch_row
from digitpad.core.training.events import EpochDone
from digitpad.core.training.loop import train
from digitpad.core.training.recipe_files import load_recipe, recipe_names
from digitpad.core.training.recipes import Recipe, with_settings

# Epoch, training loss and accuracy, test loss and accuracy of the shipped recipes, as `digitpad train NAME` gave them.
HEALTHY: dict[str, list[list[float]]] = json.loads((Path(__file__).parent / "healthy_curves.json").read_text())
PLAIN = [
    "dataset=digits",
    "schedule=constant",
    "label_smoothing=0",
    "weight_decay=0",
    "device=cpu",
    "precision=bfloat16",
]


def rows_of(*figures: Sequence[float]) -> list[EpochRow]:
    names = ("epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
    return [epoch_row({**dict(zip(names, row, strict=True)), "seconds": 1.0}) for row in figures]


def published(name: str) -> list[EpochRow]:
    known = load_recipe(name).published
    figures = (known.epochs, known.train_loss, known.train_accuracy, known.test_loss, known.test_accuracy)
    return rows_of(*zip(*figures, strict=True)) if all(figures) else []


def trained(name: str, *settings: str) -> tuple[list[EpochRow], Recipe]:
    recipe = with_settings(load_recipe(name), list(settings))
    parts = [load_digits(recipe.dataset, part, Path()) for part in ("train", "test")]
    training, test = parts[0].first(recipe.train_first), parts[1]
    events = train(recipe.model, recipe.training, training, test)
    return [epoch_row(event) for event in events if isinstance(event, EpochDone)], recipe


@pytest.mark.parametrize("name", HEALTHY)
def test_a_shipped_recipe_gets_no_hint(name: str) -> None:
    assert diagnose(rows_of(*HEALTHY[name]), load_recipe(name)) is Finding.NONE


@pytest.mark.parametrize("name", [name for name in recipe_names() if published(name)])
def test_the_published_curves_get_no_hint(name: str) -> None:
    rows = published(name)
    assert [diagnose(rows[:count], load_recipe(name)) for count in range(1, len(rows) + 1)] == [Finding.NONE] * len(
        rows
    )


@pytest.mark.parametrize("name", ["mlp-fast", "softmax", "digits-mlp", "softmax-sgd-100", "cnn-fast"])
def test_a_healthy_training_of_fewer_epochs_gets_no_hint(name: str) -> None:
    rows = rows_of(*HEALTHY[name])
    assert {diagnose(rows[:count], load_recipe(name)) for count in range(1, len(rows) + 1)} == {Finding.NONE}


@pytest.mark.parametrize(
    ("settings", "finding", "rate"),
    [
        (["optimizer=adamw", "learning_rate=1"], Finding.NOTHING_LEARNED, 0.001),
        (["optimizer=adamw", "learning_rate=0.1"], Finding.NOTHING_LEARNED, 0.001),
        (["optimizer=sgd", "learning_rate=3"], Finding.NOTHING_LEARNED, 0.1),
        (["optimizer=adamw", "learning_rate=1e-7"], Finding.TOO_SLOW, 1e-6),
        (["optimizer=sgd", "learning_rate=1e-4"], Finding.TOO_SLOW, 0.001),
        (["optimizer=adamw", "learning_rate=0.006", "loss=mse", "output=sigmoid"], Finding.NOTHING_LEARNED, 0.0006),
    ],
)
def test_a_rate_that_learns_nothing_is_found(settings: list[str], finding: Finding, rate: float) -> None:
    rows, recipe = trained("mlp-fast", *PLAIN, "epochs=4", "batch_size=200", *settings)
    assert diagnose(rows, recipe) is finding
    assert suggested_rate(finding, recipe) == rate
    assert not has_learned(rows, recipe)


def test_a_confident_model_that_is_often_wrong_is_worse_than_guessing() -> None:
    settings = ["optimizer=sgd", "learning_rate=100", "epochs=4"]
    rows, recipe = trained("softmax", *PLAIN, *settings)
    assert has_learned(rows, recipe)
    assert diagnose(rows, recipe) is Finding.WORSE_THAN_GUESSING


def test_a_small_training_set_is_learned_by_heart() -> None:
    settings = ["train_first=200", "batch_size=20", "epochs=60", "learning_rate=0.001"]
    rows, recipe = trained("mlp-fast", *PLAIN, *settings)
    assert diagnose(rows, recipe) is Finding.BY_HEART
    assert 1 < best_test_epoch(rows) < 60
    assert diagnose(rows[:4], recipe) is Finding.NONE


def test_a_loss_that_grows_again_is_found() -> None:
    rows = rows_of((1, 2.0, 0.3, 1.5, 0.6), (2, 0.3, 0.9, 0.3, 0.9), (3, 1.2, 0.5, 1.4, 0.5))
    assert diagnose(rows, load_recipe("mlp-fast")) is Finding.LOSS_GREW
    shaky = rows_of((1, 2.0, 0.3, 1.5, 0.6), (2, 0.001, 1.0, 0.1, 0.97), (3, 0.004, 1.0, 0.1, 0.97))
    assert diagnose(shaky, load_recipe("mlp-fast")) is Finding.NONE


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_test_loss_that_is_not_finite_is_found(loss: float) -> None:
    rows = rows_of((1, 1.0, 0.5, loss, 0.1))
    assert diagnose(rows, load_recipe("mlp-fast")) is Finding.NOT_A_NUMBER


def test_a_diverged_training_raises_an_error_of_its_own() -> None:
    with pytest.raises(DivergedError, match="lower the learning rate"):
        trained(
            "mlp-fast", *PLAIN, "optimizer=sgd", "learning_rate=100", "momentum=0.99", "hidden=64,64,64", "epochs=20"
        )


def test_xor_needs_time_or_a_hidden_layer() -> None:
    plateau = rows_of((1, 0.69, 0.5, 0.69, 0.5), (101, 0.69, 0.75, 0.69, 0.75))
    recipe = load_recipe("xor-mlp")
    assert diagnose(plateau, recipe) is Finding.TOO_SLOW
    assert suggested_rate(Finding.TOO_SLOW, recipe) == recipe.training.learning_rate
    assert diagnose(plateau, with_settings(recipe, ["hidden=[]"])) is Finding.NOT_SEPARABLE


def test_nothing_is_said_without_an_epoch() -> None:
    assert diagnose([], load_recipe("softmax")) is Finding.NONE
    assert not has_learned([], load_recipe("softmax"))


@pytest.mark.parametrize("rate", [5e-324, 1e-9, 0.00025, 100.0])
@pytest.mark.parametrize("finding", Finding)
def test_every_suggested_rate_is_allowed(rate: float, finding: Finding) -> None:
    recipe = with_settings(load_recipe("mlp-fast"), [f"learning_rate={rate}"])
    suggested = suggested_rate(finding, recipe)
    assert with_settings(recipe, [f"learning_rate={suggested}"]).training.learning_rate == suggested
