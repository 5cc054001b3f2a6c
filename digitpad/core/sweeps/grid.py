"""A sweep: all combinations of some values of settings, each trained with one or several seeds."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from digitpad.core.errors import DigitpadError
from digitpad.core.runs.differences import run_name
from digitpad.core.runs.training_data import with_full_path
from digitpad.core.training.recipes import Recipe, recipe_content, with_settings

MAX_TRAININGS = 1000
MAX_SEEDS = 100
_LISTS = ("hidden", "channels", "slips")  # settings whose values are lists, so that a comma does not separate values
_TEXTS = ("title", "explanation", "published")  # of a recipe; they change no result
_LONGEST_ID = 60  # characters

Grid = Mapping[str, Sequence[str]]  # the values of each setting, as `with_settings` takes them


@dataclass(frozen=True, slots=True)
class Sweep:
    """What to train.

    Attributes
    ----------
    id
        The recipe's name and a digest of the recipe and of the names of the settings. More values or seeds of the same
        settings have the same id, so they are added to the same sweep.
    recipe_name
        The name of the recipe, for the runs.
    base
        The recipe that the settings change.
    recipes
        What to train: all settings with the first seed, then all with the second.

    """

    id: str
    recipe_name: str
    base: Recipe
    recipes: tuple[Recipe, ...]

    @property
    def settings(self) -> int:
        """The number of combinations of values."""
        return len({settings_key(recipe, with_seed=False) for recipe in self.recipes})

    def name_of(self, recipe: Recipe) -> str:
        """Return the name of a run: what differs from the base, "digits-mlp · lr 0.01, seed 778"."""
        return run_name(recipe, self.recipe_name, self.base, most=10)


def parse_grid(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Parse texts such as ``learning_rate=0.1,0.01`` and ``hidden=64;512``.

    A comma separates values, except of settings that are lists themselves: ``hidden=64,32;512``. A semicolon or ``|``
    separates the values of any setting.

    Raise DigitpadError if a text is no such list, or names a setting twice.
    """
    grid: dict[str, tuple[str, ...]] = {}
    for text in texts:
        key, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not key:
            raise DigitpadError(
                "“{text}” is no list of values: write setting=value,value, for example learning_rate=0.1,0.01",
                text=text,
            )
        if key in grid:
            raise DigitpadError("the setting “{key}” is given twice: write all its values in one list", key=key)
        grid[key] = split_values(key, values)
    return grid


def split_values(key: str, text: str) -> tuple[str, ...]:
    """Return the values in a text, see `parse_grid`; raise DigitpadError if there are none, or an empty one."""
    separator = r"[;|]" if re.search(r"[;|]", text) or key in _LISTS else ","
    values = tuple(value.strip() for value in re.split(separator, text))
    if not all(values):
        raise DigitpadError("“{key}” has an empty value: write values with commas between them", key=key)
    if key in _LISTS and len(values) == 1 and "," in text:
        example = text.replace(" ", "").replace(",", ";")
        raise DigitpadError(
            "“{text}” is a single value of “{key}”, a list: separate values by semicolons, for example {example}",
            text=text,
            key=key,
            example=example,
        )
    return _without_spaces(values) if key in _LISTS else values


def _without_spaces(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return lists as `with_settings` takes them: "512,256" for "512, 256"."""
    return tuple(re.sub(r"\s*,\s*", ",", value) for value in values)


def make_sweep(base: Recipe, recipe_name: str, grid: Grid, seeds: int = 1) -> Sweep:
    """Combine all values; the seeds follow that of the recipe: 777, 778, ….

    Raise DigitpadError if there is nothing to compare, a combination is not a valid recipe, or there are too many.
    """
    if "seed" in grid:
        raise DigitpadError("seeds are not compared, but averaged: give their number", hint="--seeds 3")
    if not grid:
        raise DigitpadError("give at least one setting to compare", hint="--grid learning_rate=0.1,0.01")
    if not 1 <= seeds <= MAX_SEEDS:
        raise DigitpadError("the number of seeds must be from 1 to {most}", most=MAX_SEEDS)
    count = seeds
    for values in grid.values():
        count *= len(values)
    if count > MAX_TRAININGS:
        raise DigitpadError(
            "these are {count:,} trainings, and {most:,} at most are possible: give fewer values or seeds",
            count=count,
            most=MAX_TRAININGS,
        )
    base = with_full_path(base)
    combinations = [
        [f"{key}={value}" for key, value in zip(grid, values, strict=True)] for values in product(*grid.values())
    ]
    settings = [with_settings(base, combination) for combination in combinations]
    different = {settings_key(recipe): with_full_path(recipe) for recipe in settings}  # "0.1" and "0.10" are the same
    recipes = [
        _with_seed(recipe, base.training.seed + number) for number in range(seeds) for recipe in different.values()
    ]
    return Sweep(_id(base, recipe_name, grid), recipe_name, base, tuple(recipes))


def settings_key(recipe: Recipe, *, with_seed: bool = True) -> str:
    """Return a text that is the same for recipes with the same settings."""
    return json.dumps(_content(recipe, with_seed=with_seed), sort_keys=True)


def _content(recipe: Recipe, *, with_seed: bool) -> dict[str, object]:
    content = {key: value for key, value in recipe_content(recipe).items() if key not in _TEXTS}
    if not with_seed:
        content["training"] = {key: value for key, value in content["training"].items() if key != "seed"}
    return content


def _with_seed(recipe: Recipe, seed: int) -> Recipe:
    return replace(recipe, training=replace(recipe.training, seed=seed % 2**31))


def _id(base: Recipe, recipe_name: str, grid: Grid) -> str:
    """Return the id: without the values that are compared and the seed, which do not make another sweep."""
    content = _content(base, with_seed=False)
    model, training = (section for name in ("model", "training") if isinstance(section := content[name], dict))
    for key in grid:
        for section in (content, model, training, training["augmentation"]):
            section.pop(key, None)
    text = json.dumps([content, sorted(grid)], sort_keys=True)
    name = re.sub(r"[^\w.+-]", "-", recipe_name)[:_LONGEST_ID] or "sweep"
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
