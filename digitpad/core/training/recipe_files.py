"""Recipes by name: the shipped ones and the user's TOML files."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.locks import exclusive_lock
from digitpad.core.files.paths import ASSETS, user_recipes
from digitpad.core.files.toml_files import SUFFIX, read_toml
from digitpad.core.training.recipes import Recipe, parse_recipe, recipe_content
from digitpad.core.translation import tr

# From the simplest to the most accurate, then those of the tutorials.
_ORDER = (
    *("softmax", "mlp-fast", "mlp-best", "cnn-fast", "cnn-best", "digits-mlp", "xor-mlp", "digits-mlp-adam"),
    *("softmax-sgd-100", "softmax-sgd-1000", "sigmoid-mlp-mse", "sigmoid-mlp-ce"),
    *("relu-dropout-sgd", "relu-dropout-sgd-correct"),
)

# Names in earlier versions.
_FORMER_NAMES = {"mlp": "mlp-best", "cnn": "cnn-best"}

_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}


@dataclass(frozen=True, slots=True)
class RecipeEntry:
    """A recipe file; if it cannot be used, `recipe` is None and `problem` is the reason."""

    name: str
    path: Path
    is_shipped: bool
    recipe: Recipe | None
    problem: str = ""


def recipe_names() -> list[str]:
    """Return the names of the shipped recipes, simplest model first, then the user's."""
    return [*_shipped_names(), *(path.stem for path in _user_files() if not _is_taken(path.stem))]


def list_recipes() -> list[RecipeEntry]:
    """Read every recipe, in the order of `recipe_names`.

    Those of the user that are broken, or have the name of a shipped one, are included with their problem.
    """
    shipped = [(path.stem, path, True) for path in map(_shipped_path, _shipped_names())]
    user = [(path.stem, path, False) for path in _user_files()]
    return [_entry(*place) for place in [*shipped, *user]]


def load_recipe(name: str) -> Recipe:
    """Load a recipe by its name, or from a file that ends in .toml.

    Raise DigitpadError if there is no such recipe, or the file is not a valid recipe.
    """
    if name.endswith(SUFFIX):
        return _read(Path(name))
    if path := find_recipe_file(name):
        return _read(path)
    raise DigitpadError(
        "there is no recipe “{name}”: choose one of {choices}", name=name, choices=", ".join(recipe_names())
    )


def find_recipe_file(name: str) -> Path | None:
    """Return the file of the recipe of a name, shipped or the user's; None if there is none."""
    known = f"{_FORMER_NAMES.get(name, name)}{SUFFIX}"
    if Path(known).name != known:
        return None
    paths = (ASSETS / "recipes" / known, user_recipes() / known)
    return next((path for path in paths if os.path.isfile(path)), None)  # noqa: PTH113 - Path's raises if access is denied


def name_problem(name: str) -> str:
    """Return why the user's recipe of a name is not the one that the name leads to; "" if there is no such recipe."""
    path = user_recipes() / f"{name}{SUFFIX}"
    if not _is_taken(name) or not os.path.isfile(path):  # noqa: PTH113 - see above
        return ""
    template = tr("{path} has the name of a recipe that ships with digitpad, which is used instead: rename the file")
    return template.format(path=path)


def save_recipe(name: str, recipe: Recipe, *, replace: bool = False) -> Path:
    """Save a recipe of the user and return its file.

    Raise DigitpadError if the name is taken or is not a file name, or the folder cannot be written.
    """
    import tomli_w

    if not re.fullmatch(r"\w[\w .+-]{0,79}", name) or name.endswith((".", " ")):
        raise DigitpadError(
            "“{name}” cannot be the name of a recipe: use letters, digits, spaces, dots and dashes", name=name
        )
    if name.split(".", maxsplit=1)[0].upper() in _RESERVED:
        raise DigitpadError("“{name}” is a reserved name on Windows: choose another", name=name)
    if _is_taken(name):
        raise DigitpadError("“{name}” is a recipe that ships with digitpad: choose another name", name=name)
    path = user_recipes() / f"{name}{SUFFIX}"
    with exclusive_lock(path, path.with_name(".lock")):  # or two windows could use one name
        if os.path.exists(path) and not replace:  # noqa: PTH110 - Path.exists raises if a name is too long
            raise DigitpadError("there is already a recipe “{name}”: choose another name, or replace it", name=name)
        write_atomically(path, tomli_w.dumps(recipe_content(recipe)).encode())
    return path


def _shipped_names() -> list[str]:
    order = {name: number for number, name in enumerate(_ORDER)}
    names = [path.stem for path in (ASSETS / "recipes").glob(f"*{SUFFIX}")]
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def _shipped_path(name: str) -> Path:
    return ASSETS / "recipes" / f"{name}{SUFFIX}"


def _user_files() -> list[Path]:
    try:
        return sorted(user_recipes().glob(f"*{SUFFIX}"))
    except OSError:
        return []


def _is_taken(name: str) -> bool:
    """Return whether a recipe that ships, or shipped once, has this name; runs refer to their recipes by name."""
    return name in _FORMER_NAMES or os.path.exists(_shipped_path(name))  # noqa: PTH110 - Path.exists raises if it is too long


def _entry(name: str, path: Path, is_shipped: bool) -> RecipeEntry:
    if not is_shipped and (problem := name_problem(name)):
        return RecipeEntry(name, path, is_shipped, None, problem)
    try:
        return RecipeEntry(name, path, is_shipped, _read(path))
    except DigitpadError as error:
        return RecipeEntry(name, path, is_shipped, None, str(error))


def _read(path: Path) -> Recipe:
    return parse_recipe(read_toml(path), str(path))
