"""What differs between two recipes, in words, and the names of runs made of it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from digitpad.core.datasets.loading import GATES, KEYS
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import shortened
from digitpad.core.images.idx_sets import SETS, title_of
from digitpad.core.models.specs import summary
from digitpad.core.runs.run_folder import MAX_NAME, Run
from digitpad.core.training.recipe_files import find_recipe_file, load_recipe
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import tr, tr_noop

# The settings in the order to name them, with their short names; other ones follow with the name of their key.
_NAMES = {
    "model": tr_noop("model"),
    "model.hidden": tr_noop("hidden"),
    "model.channels": tr_noop("channels"),
    "model.convolutions": tr_noop("convolutions"),
    "model.dense": tr_noop("dense"),
    "model.activation": tr_noop("activation"),
    "model.output": tr_noop("output"),
    "model.dropout": tr_noop("dropout"),
    "model.bias": tr_noop("bias"),
    "model.initial": tr_noop("initial weights"),
    "dataset": tr_noop("data"),
    "train_first": tr_noop("training images"),
    "test_first": tr_noop("test images"),
    "leave_out_suspects": tr_noop("suspects left out"),
    "engine": tr_noop("engine"),
    "training.loss": tr_noop("loss"),
    "training.optimizer": tr_noop("optimiser"),
    "training.learning_rate": tr_noop("lr"),
    "training.schedule": tr_noop("schedule"),
    "training.epochs": tr_noop("epochs"),
    "training.batch_size": tr_noop("batch"),
    "training.momentum": tr_noop("momentum"),
    "training.nesterov": tr_noop("Nesterov"),
    "training.weight_decay": tr_noop("weight decay"),
    "training.label_smoothing": tr_noop("label smoothing"),
    "training.average": tr_noop("EMA"),
    "training.augmentation.rotation": tr_noop("rotation"),
    "training.augmentation.shear": tr_noop("shear"),
    "training.augmentation.scale": tr_noop("scale"),
    "training.augmentation.shift": tr_noop("shift"),
    "training.augmentation.thickness": tr_noop("thickness"),
    "training.shuffle": tr_noop("shuffle"),
    "training.drop_last": tr_noop("last batch left out"),
    "training.patience": tr_noop("patience"),
    "training.train_figures": tr_noop("training figures"),
    "training.report_every": tr_noop("measured every"),
    "training.precision": tr_noop("precision"),
    "training.device": tr_noop("device"),
    "training.seed": tr_noop("seed"),
    "training.slips": tr_noop("slips"),
    "training.stream": tr_noop("random numbers"),
}
_ORDER = {key: number for number, key in enumerate(_NAMES)}
_KINDS = {"softmax": "softmax", "mlp": "MLP", "cnn": "CNN"}
NO_RECIPE = "own"  # the recipe's name in a run that was trained with the settings of no recipe
_TEXTS = ("title", "explanation", "published")  # not settings
_NAMED = 3  # changes in the name of a run
_LONGEST_VALUE = 40  # characters


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that differs.

    Attributes
    ----------
    key
        Its place in a recipe: "training.learning_rate"; "model" if the kind of model differs.
    name
        Its short name: "lr".
    before, after
        Its values as text: "0.001" and "0.01".

    """

    key: str
    name: str
    before: str
    after: str


def changed_settings(recipe: Recipe, recipe_name: str) -> tuple[SettingChange, ...]:
    """Return what differs from the recipe of that name as it is now; nothing if there is none."""
    base = _recipe_named(recipe_name)
    return differences(base, recipe) if base else ()


def differences(first: Recipe, second: Recipe) -> tuple[SettingChange, ...]:
    """Return the settings that differ between two recipes, the most important first; their texts do not count."""
    return tuple(
        SettingChange(key, setting_name(key), setting_text(key, before), setting_text(key, after))
        for key, before, after in _changed_values(first, second)
    )


@lru_cache(maxsize=2000)  # a table of a thousand runs asks for each of them
def _changed_values(first: Recipe, second: Recipe) -> tuple[tuple[str, Any, Any], ...]:
    before, after = _settings(first), _settings(second)
    if first.model.kind != second.model.kind:
        before, after = (_with_model(found, recipe) for found, recipe in ((before, first), (after, second)))
    keys = sorted({**before, **after}, key=lambda key: (_ORDER.get(key, len(_ORDER)), key))
    values = [(key, before.get(key), after.get(key)) for key in keys]
    return tuple(value for value in values if not _is_same(*value))


def varied_settings(recipes: Sequence[Recipe]) -> dict[str, tuple[Any, ...]]:
    """Return the settings that are not the same in all recipes, the most important first.

    By the setting's place, "training.learning_rate", its value in each recipe; "model" if the kind of model differs.
    """
    settings = [_settings(recipe) for recipe in recipes]
    if len({recipe.model.kind for recipe in recipes}) > 1:
        settings = [_with_model(found, recipe) for found, recipe in zip(settings, recipes, strict=True)]
    keys = sorted(set().union(*settings), key=lambda key: (_ORDER.get(key, len(_ORDER)), key))
    values = {key: tuple(found.get(key) for found in settings) for key in keys}
    return {key: found for key, found in values.items() if any(value != found[0] for value in found)}


def all_settings(recipe: Recipe) -> tuple[SettingChange, ...]:
    """Return all settings of a recipe, the most important first; `before` is empty."""
    found = sorted(_settings(recipe).items(), key=lambda item: (_ORDER.get(item[0], len(_ORDER)), item[0]))
    return tuple(SettingChange(key, setting_name(key), "", setting_text(key, value)) for key, value in found)


def changes_text(changes: Collection[SettingChange]) -> str:
    """Return changes in a line: "lr 0.01, epochs 20"."""
    return ", ".join(f"{change.name} {change.after}" for change in changes)


def run_name(recipe: Recipe, recipe_name: str, base: Recipe | None = None, *, most: int = _NAMED) -> str:
    """Name a run by its recipe, and what differs from it, at most so many settings: "mlp-fast · lr 0.01".

    `base` is the recipe if it is not the one of that name now. A run of no recipe is named by its title.
    """
    changes = changed_settings(recipe, recipe_name) if base is None else differences(base, recipe)
    name = shortened(recipe_name or tr(recipe.title), MAX_NAME // 2)
    return _with_changes(name, changes, most)


def name_of_longer(run: Run, recipe: Recipe) -> str:
    """Name the run that continues another one: by its differences, or by the name that the user gave."""
    usual = run_name(run.recipe, run.info.recipe_name)
    if re.fullmatch(rf"{re.escape(usual)}( \d+)?", run.name):
        return run_name(recipe, run.info.recipe_name)
    epochs = re.escape(tr(_NAMES["training.epochs"]))
    name = re.sub(rf" · {epochs} \d+( \d+)?$", "", run.name)
    return _with_changes(shortened(name, MAX_NAME - 25), differences(run.recipe, recipe))


def unused_name(name: str, used: Collection[str]) -> str:
    """Return a name, with a number after it if that name is in use."""
    if name not in used:
        return name
    numbers = range(2, len(used) + 3)
    names = (f"{shortened(name, MAX_NAME - 8)} {number}" for number in numbers)
    return next(free for free in names if free not in used)


def _with_changes(name: str, changes: Collection[SettingChange], most: int = _NAMED) -> str:
    """Append the first changes that have room to a name."""
    if not changes:
        return name
    for count in range(min(most, len(changes)), 0, -1):
        more = ", …" if count < len(changes) else ""
        text = f"{name} · {changes_text(list(changes)[:count])}{more}"
        if len(text) <= MAX_NAME:
            return text
    return shortened(f"{name} · {changes_text(changes)}", MAX_NAME)


def _recipe_named(name: str) -> Recipe | None:
    try:
        path = find_recipe_file(name)
        if path is None:
            return None
        status = path.stat()
        return _load(path, status.st_mtime_ns, status.st_size)
    except (DigitpadError, OSError, ValueError):
        return None


@lru_cache(maxsize=64)
def _load(path: Path, _changed: int, _size: int) -> Recipe:
    return load_recipe(str(path))


def _settings(recipe: Recipe) -> dict[str, Any]:
    """Return the settings by their place; those of a model's kind are under "model."."""
    content = asdict(recipe)
    return _flat({key: value for key, value in content.items() if key not in _TEXTS})


def _flat(section: Mapping[str, Any], start: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in section.items():
        found |= _flat(value, f"{start}{key}.") if isinstance(value, Mapping) else {f"{start}{key}": value}
    found.pop("model.kind", None)
    return found


def _with_model(settings: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """Return settings with the whole model as one of them."""
    others = {key: value for key, value in settings.items() if not key.startswith("model.")}
    return {**others, "model": f"{_KINDS[recipe.model.kind]} {summary(recipe.model)}"}


def _is_same(key: str, before: object, after: object) -> bool:
    if key != "dataset" or not isinstance(before, str) or not isinstance(after, str):
        return before == after
    # A run keeps the full path of a data set that its recipe gives as a relative one.
    first, second = Path(before).parts, Path(after).parts
    return before == after or (len(first) > 1 and not Path(before).is_absolute() and second[-len(first) :] == first)


def setting_name(key: str) -> str:
    """Return the short name of a setting by its place in a recipe: "lr"."""
    return tr(_NAMES.get(key) or key.rpartition(".")[2].replace("_", " "))


def setting_text(key: str, value: object) -> str:
    """Return the value of a setting as text: "0.001", "64-32"."""
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if value is None:
        return tr("all") if key in ("train_first", "test_first") else "–"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or tr("none")
    text = str(value)
    if key == "dataset":  # "MNIST", "XOR"; the built-in digits keep their short name
        text = text.upper() if text in GATES else text if text in KEYS and text not in SETS else title_of(text)
    return shortened(text, _LONGEST_VALUE)
