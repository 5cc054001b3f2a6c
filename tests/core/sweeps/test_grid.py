"""What a sweep trains."""

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.sweeps.grid import make_sweep, parse_grid, split_values
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings

BASE = load_recipe("digits-mlp")
GRID = {"learning_rate": ("0.1", "0.01"), "hidden": ("64", "32,16")}


@pytest.mark.parametrize(
    ("key", "text", "values"),
    [
        ("learning_rate", "0.1,0.01, 0.001", ("0.1", "0.01", "0.001")),
        ("learning_rate", "0.1 | 0.01", ("0.1", "0.01")),
        ("hidden", "64;512", ("64", "512")),
        ("hidden", "64 | 512, 256", ("64", "512,256")),
        ("hidden", "64", ("64",)),
        ("optimizer", "sgd,adam", ("sgd", "adam")),
    ],
)
def test_values_are_separated_by_commas_and_lists_by_semicolons(key: str, text: str, values: tuple[str, ...]) -> None:
    assert split_values(key, text) == values
    assert parse_grid([f"{key} = {text}"]) == {key: values}


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (["learning_rate"], "is no list of values"),
        (["=1,2"], "is no list of values"),
        (["learning_rate="], "has an empty value"),
        (["learning_rate=0.1,,0.2"], "has an empty value"),
        (["epochs=1,2", "epochs=3"], "given twice"),
        (["hidden=64,512"], "separate values by semicolons, for example 64;512"),
    ],
)
def test_what_is_no_list_of_values_is_explained(texts: list[str], problem: str) -> None:
    with pytest.raises(DigitpadError, match=problem):
        parse_grid(texts)


def test_all_combinations_are_trained_with_all_seeds_and_first_each_once() -> None:
    sweep = make_sweep(BASE, "digits-mlp", GRID, seeds=2)
    settings = [(r.training.learning_rate, getattr(r.model, "hidden", None)) for r in sweep.recipes]
    assert settings[:4] == settings[4:] == [(0.1, (64,)), (0.1, (32, 16)), (0.01, (64,)), (0.01, (32, 16))]
    first = BASE.training.seed
    assert [recipe.training.seed for recipe in sweep.recipes] == [first] * 4 + [first + 1] * 4
    assert sweep.settings == 4


def test_runs_are_named_by_what_differs() -> None:
    sweep = make_sweep(with_settings(BASE, ["epochs=2"]), "digits-mlp", GRID, seeds=2)
    assert sweep.name_of(sweep.recipes[0]) == "digits-mlp · hidden 64, lr 0.1"
    assert sweep.name_of(sweep.recipes[-1]) == "digits-mlp · hidden 32-16, lr 0.01, seed 778"


def test_equal_values_are_trained_once() -> None:
    assert len(make_sweep(BASE, "digits-mlp", {"learning_rate": ("0.1", "0.10", "1e-1")}).recipes) == 1


def test_more_values_and_seeds_belong_to_the_same_sweep_and_other_settings_do_not() -> None:
    sweep = make_sweep(BASE, "digits-mlp", GRID)
    assert make_sweep(BASE, "digits-mlp", {"hidden": ("8",), "learning_rate": ("0.5",)}, seeds=3).id == sweep.id
    assert make_sweep(with_settings(BASE, ["seed=5"]), "digits-mlp", GRID).id == sweep.id
    assert make_sweep(with_settings(BASE, ["epochs=3"]), "digits-mlp", GRID).id != sweep.id
    assert make_sweep(BASE, "digits-mlp", {"learning_rate": ("0.1", "0.01")}).id != sweep.id


@pytest.mark.parametrize(
    ("grid", "seeds", "problem"),
    [
        ({}, 1, "at least one setting"),
        ({"seed": ("1", "2")}, 1, "seeds are not compared"),
        ({"learning_rate": ("0.1",)}, 0, "from 1 to 100"),
        ({"lr": ("0.1",)}, 1, "no setting “lr”"),
        ({"learning_rate": ("-1", "0.1")}, 1, "learning_rate=-1: must be more than 0"),
        ({"epochs": tuple(map(str, range(1, 40))), "batch_size": tuple(map(str, range(1, 40)))}, 1, "1,521 trainings"),
    ],
)
def test_a_sweep_that_cannot_be_trained_is_explained(grid: dict, seeds: int, problem: str) -> None:
    with pytest.raises(DigitpadError, match=problem):
        make_sweep(BASE, "digits-mlp", grid, seeds)
