"""Recipes: training set-ups by name, read from TOML files."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from digitpad.core.errors import DigitpadError
from digitpad.core.folders import ASSETS
from digitpad.core.models import CNNSpec, MLPSpec, ModelSpec, SoftmaxSpec
from digitpad.core.training import TrainConfig


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Recipe:
    """A training set-up: data, model and settings, with words for people."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    explanation: Annotated[str, Field(max_length=4000)] = ""
    dataset: Annotated[str, Field(min_length=1, max_length=1000)] = "mnist"
    model: ModelSpec
    training: TrainConfig = TrainConfig()


_ADAPTER = TypeAdapter(Recipe)
_SPECS: dict[str, type] = {"softmax": SoftmaxSpec, "mlp": MLPSpec, "cnn": CNNSpec}


def recipe_names() -> list[str]:
    """Name the shipped recipes, simplest model first."""
    order = {name: number for number, name in enumerate(_SPECS)}
    names = [path.stem for path in (ASSETS / "recipes").glob("*.toml")]
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def load_recipe(name: str) -> Recipe:
    """Load a recipe by its name, or from a file that ends in .toml.

    Raises
    ------
    DigitpadError
        Naming what there is, or the file, the key and what is allowed.

    """
    path = Path(name) if name.endswith(".toml") else ASSETS / "recipes" / f"{name}.toml"
    if not name.endswith(".toml") and name not in recipe_names():
        raise DigitpadError(f"there is no recipe {name!r}: choose one of {', '.join(recipe_names())}")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DigitpadError(f"{path} does not exist: check the name") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DigitpadError(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise DigitpadError(f"{path} is not TOML: {error}") from error
    return _checked(content, str(path))


def with_settings(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """Change a recipe by ``key=value`` texts, as the command line takes them.

    A key is one of the model's, the training's or the augmentation's, or ``dataset``, or ``model`` for its kind; values
    are TOML, and a word needs no quotes. ``hidden=100,50`` is a list.
    """
    content = asdict(recipe)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise DigitpadError(f"--set {setting}: write it as key=value, for example --set epochs=5")
        _set(content, key.strip(), _value(value.strip()))
    return _checked(content, "--set")


def _set(content: dict[str, Any], key: str, value: object) -> None:
    if key == "model":
        content["model"] = {"kind": value}
        return
    sections: list[dict[str, Any]] = [
        content["model"],
        content["training"],
        content["training"]["augmentation"],
    ]
    for section in sections:
        if key in section and not isinstance(section[key], Mapping):
            takes_list = isinstance(section[key], Sequence) and not isinstance(section[key], str)
            section[key] = [value] if takes_list and not isinstance(value, list) else value
            return
    if key == "dataset":
        content["dataset"] = value
        return
    known = sorted({"dataset", "model"}.union(*sections) - {"kind", "augmentation", "normalisation"})
    raise DigitpadError(f"--set {key}: there is no such setting; choose one of {', '.join(known)}")


def _value(text: str) -> object:
    if re.fullmatch(r"\d+(,\d*)*,?", text) and "," in text:
        text = f"[{text}]"
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _checked(content: Mapping[str, Any], where: str) -> Recipe:
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"] if part not in _SPECS)
        raise DigitpadError(f"{where}: {_sentence(key, first['type'], first['msg'], content)}") from error


def _sentence(key: str, kind: str, message: str, content: Mapping[str, Any]) -> str:
    if kind == "unexpected_keyword_argument":
        section, _, unknown = key.rpartition(".")
        return f"unknown key {unknown!r}{f' in {section}' if section else ''}; allowed are {_allowed(section, content)}"
    if kind in ("missing", "union_tag_not_found"):
        return f"the key {key or 'model'!r} is missing" + (" its kind" if kind != "missing" else "")
    return f"{key}: {message[0].lower()}{message[1:]}"


def _allowed(section: str, content: Mapping[str, Any]) -> str:
    from digitpad.core.augmentation import Augmentation
    from digitpad.core.models import Normalisation

    kinds: dict[str, type] = {
        "": Recipe,
        "model": _SPECS.get(str(content.get("model", {}).get("kind")), SoftmaxSpec),
        "model.normalisation": Normalisation,
        "training": TrainConfig,
        "training.augmentation": Augmentation,
    }
    return ", ".join(kinds[section].__dataclass_fields__)
