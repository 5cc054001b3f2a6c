"""The time that the best recipe of each kind of model needs to 98.0, 98.5 and 99.0 % on MNIST's test images."""

from collections.abc import Iterator
from contextlib import closing

from benchmarks.figures import Figure, data_folder
from digitpad.core.datasets.loading import load_digits
from digitpad.core.images.digits import Digits
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe

_RECIPES = {"softmax": ("softmax",), "MLP": ("mlp-fast", "mlp-best"), "CNN": ("cnn-fast", "cnn-best")}
_THRESHOLDS = (0.98, 0.985, 0.99)


def to_accuracy() -> Iterator[Figure]:
    """Train each recipe until it has reached all thresholds, or is slower than another that has."""
    training, test = (load_digits("mnist", part, data_folder()) for part in ("train", "test"))
    for kind, recipes in _RECIPES.items():
        reached: dict[float, tuple[float, str]] = {}
        best = 0.0
        for recipe in recipes:
            best = max(best, _reach(recipe, training, test, reached))
        for threshold in _THRESHOLDS:
            if threshold in reached:
                seconds, recipe = reached[threshold]
                yield Figure(f"{kind}: training to {threshold:.1%} ({recipe})", seconds, None, "s")
        if len(reached) < len(_THRESHOLDS):
            yield Figure(f"{kind}: the most it reaches", 100 * best, None, "%")


def _reach(name: str, training: Digits, test: Digits, reached: dict[float, tuple[float, str]]) -> float:
    """Train a recipe and record when it first reaches each threshold; return its best accuracy."""
    from digitpad.core.training.loop import train

    recipe, passed, best = load_recipe(name), 0.0, 0.0
    with closing(train(recipe.model, recipe.training, training, test)) as events:  # type: ignore[type-var]
        for event in events:
            if not isinstance(event, EpochDone):
                continue
            passed += event.seconds
            best = max(best, event.test_accuracy)
            for threshold in _THRESHOLDS:
                if event.test_accuracy >= threshold and passed < reached.get(threshold, (passed + 1, ""))[0]:
                    reached[threshold] = passed, name
            if len(reached) == len(_THRESHOLDS) and passed >= reached[_THRESHOLDS[-1]][0]:
                break
    return best
