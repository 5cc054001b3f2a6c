"""Recipes by name: the shipped ones and the user's TOML files."""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.locks import exclusive_lock
from digitpad.core.files.paths import ASSETS, user_recipes
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.training.recipes import Recipe, parse_recipe, recipe_content

SUFFIX = ".toml"

# From the simplest to the most accurate; then the tutorials'.
_ORDER = (
    *("softmax", "mlp-fast", "mlp-best", "cnn-fast", "cnn-best", "xor-mlp", "digits-mlp-adam"),
    *("softmax-sgd-100", "softmax-sgd-1000", "sigmoid-mlp-mse", "sigmoid-mlp-ce"),
    *("relu-dropout-sgd", "relu-dropout-sgd-correct"),
)

# What earlier versions called them.
_FORMER_NAMES = {"mlp": "mlp-best", "cnn": "cnn-best"}

_LONGEST_FILE = 1 << 18

# Of a key a.b.c… tomllib's time grows by the square of its parts, which are on one line: this many take a second.
_MOST_SQUARED_DOTS = 10_000_000

_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}


@dataclass(frozen=True, slots=True)
class RecipeEntry:
    """A recipe file that can be chosen; `problem` says why one of the user's cannot."""

    name: str
    path: Path
    is_shipped: bool
    recipe: Recipe | None
    problem: str = ""


def recipe_names() -> list[str]:
    """Name the shipped recipes, simplest model first, then the user's."""
    return [*_shipped_names(), *(path.stem for path in _own_files())]


def list_recipes() -> list[RecipeEntry]:
    """Read every recipe, in the order of `recipe_names`; the user's broken ones are there with their problem."""
    shipped = [(path.stem, path, True) for path in map(_shipped_path, _shipped_names())]
    own = [(path.stem, path, False) for path in _own_files()]
    return [_entry(*found) for found in [*shipped, *own]]


def load_recipe(name: str) -> Recipe:
    """Load a recipe by its name, or from a file that ends in .toml.

    Raises
    ------
    DigitpadError
        Naming what there is, or the file, the key and what is allowed.

    """
    if name.endswith(SUFFIX):
        return _read(Path(name))
    known = _FORMER_NAMES.get(name, name)
    if known in _shipped_names():
        return _read(_shipped_path(known))
    if known in (path.stem for path in _own_files()):
        return _read(user_recipes() / f"{known}{SUFFIX}")
    raise DigitpadError(
        "there is no recipe {name!r}: choose one of {choices}", name=name, choices=", ".join(recipe_names())
    )


def save_recipe(name: str, recipe: Recipe, *, replace: bool = False) -> Path:
    """Write one of the user's own recipes and return its file.

    Raises
    ------
    DigitpadError
        Where the name is taken or no file name, or the folder cannot be written.

    """
    import tomli_w

    if not re.fullmatch(r"\w[\w .+-]{0,79}", name) or name.endswith((".", " ")):
        raise DigitpadError(
            "{name!r} is no name for a recipe: use letters, figures, spaces, dots and dashes", name=name
        )
    if name.split(".", maxsplit=1)[0].upper() in _RESERVED:
        raise DigitpadError("{name!r} is a name that Windows keeps for itself: choose another", name=name)
    if name in _shipped_names() or name in _FORMER_NAMES:
        raise DigitpadError("{name!r} is the name of a recipe that ships with digitpad: choose another", name=name)
    path = user_recipes() / f"{name}{SUFFIX}"
    with exclusive_lock(path, path.with_name(".lock")):  # both windows would find the name free
        if os.path.exists(path) and not replace:  # noqa: PTH110 - Path's raises where a name is too long
            raise DigitpadError("there is a recipe {name!r} already: choose another name, or replace it", name=name)
        write_atomically(path, tomli_w.dumps(recipe_content(recipe)).encode())
    return path


def _shipped_names() -> list[str]:
    order = {name: number for number, name in enumerate(_ORDER)}
    names = [path.stem for path in (ASSETS / "recipes").glob(f"*{SUFFIX}")]
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def _shipped_path(name: str) -> Path:
    return ASSETS / "recipes" / f"{name}{SUFFIX}"


def _own_files() -> list[Path]:
    """List the user's recipe files, less those whose name a shipped recipe has."""
    try:
        return sorted(p for p in user_recipes().glob(f"*{SUFFIX}") if not _shipped_path(p.stem).exists())
    except OSError:
        return []


def _entry(name: str, path: Path, is_shipped: bool) -> RecipeEntry:
    try:
        return RecipeEntry(name, path, is_shipped, _read(path))
    except DigitpadError as error:
        return RecipeEntry(name, path, is_shipped, None, str(error))


def _read(path: Path) -> Recipe:
    try:
        if regular_file_size(path) > _LONGEST_FILE:
            raise DigitpadError("{path} is too long for a recipe: check that it is the right file", path=path)
        text = path.read_text(encoding="utf-8")
        if sum(line.count(".") ** 2 for line in text.split("\n")) > _MOST_SQUARED_DOTS:
            raise DigitpadError("{path} has a line with too many dots: check that it is the right file", path=path)
        content = tomllib.loads(text)
    except FileNotFoundError as error:
        raise DigitpadError("{path} does not exist: check the name", path=path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DigitpadError("{path} cannot be read: {error}", path=path, error=error) from error
    except (ValueError, RecursionError) as error:  # among them a number of thousands of digits
        raise DigitpadError("{path} is not TOML: {error}", path=path, error=error) from error
    return parse_recipe(content, str(path))
