"""Recipes: training set-ups by name, read from TOML files, shipped ones and the user's own."""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.data import XOR, size_of
from digitpad.core.errors import DigitpadError
from digitpad.core.folders import ASSETS, user_recipes
from digitpad.core.reading import size_of_file
from digitpad.core.saving import write_atomically
from digitpad.core.specs import (
    SIDE,
    SPECS,
    CNNSpec,
    MLPSpec,
    ModelSpec,
    Normalisation,
    SoftmaxSpec,
    inputs_of,
    output_of,
)
from digitpad.core.train_config import Augmentation, TrainConfig
from digitpad.core.turns import in_turn

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
# What is allowed where pydantic says it less well than we can.
_ALLOWED = {
    "training.batch_size": "a whole number of 1 or more, or 'full'",
    "training.device": "'auto', 'cpu', 'mps', 'cuda', or 'cuda:1' and so on",
    "model": "its kind is one of 'softmax', 'mlp', 'cnn'",
}
FIGURES = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
_Values = tuple[Annotated[float, Field(allow_inf_nan=False)], ...]


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Published:
    """What the source of a recipe printed: for each of `epochs` one value of each figure it has."""

    note: Annotated[str, Field(max_length=2000)] = ""
    epochs: tuple[Annotated[int, Field(ge=0)], ...] = ()
    train_loss: _Values = ()
    train_accuracy: _Values = ()  # fractions, as everywhere
    test_loss: _Values = ()
    test_accuracy: _Values = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in FIGURES:
            if len(getattr(self, name)) not in (0, len(self.epochs)):
                raise ValueError(f"{name}: it needs one value for each of the {len(self.epochs)} epochs")
        return self


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Recipe:
    """A training set-up: data, model and settings, with words for people."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    explanation: Annotated[str, Field(max_length=4000)] = ""
    engine: Literal["torch", "numpy"] = "torch"
    dataset: Annotated[str, Field(min_length=1, max_length=1000)] = "mnist"
    train_first: Annotated[int, Field(ge=1)] | None = None  # only the first so many training images
    test_first: Annotated[int, Field(ge=1)] | None = None
    leave_out_suspects: bool = False  # samples of both parts whose label is marked as suspect
    model: ModelSpec
    training: TrainConfig = TrainConfig()
    published: Published = Published()

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_sizes(self)
        _check_loss(self)
        _check_engine(self)
        return self


def _check_sizes(recipe: Recipe) -> None:
    wanted = size_of(recipe.dataset)
    inputs = inputs_of(recipe.model)
    if inputs != wanted:
        size = " x ".join(map(str, wanted))
        raise ValueError(
            f"model.inputs: {recipe.dataset!r} has images of {size} px, the model reads {inputs[0]} x {inputs[1]}"
        )
    if recipe.training.augmentation and wanted != (SIDE, SIDE):
        raise ValueError(f"training.augmentation: it distorts images of {SIDE} x {SIDE} px, and these are others")
    outputs = recipe.model.outputs if isinstance(recipe.model, MLPSpec) else 10
    if (outputs == 1) != (recipe.dataset == XOR):
        raise ValueError(f"model.outputs: {recipe.dataset!r} needs {1 if recipe.dataset == XOR else 10}, not {outputs}")


def _check_loss(recipe: Recipe) -> None:
    output, loss = output_of(recipe.model), recipe.training.loss
    wanted = {"cross-entropy": "softmax", "binary-cross-entropy": "sigmoid"}.get(loss, output)
    if isinstance(recipe.model, MLPSpec) and recipe.model.outputs == 1 and output == "softmax":
        raise ValueError("model.output: softmax of a single output is always 1; set output = 'sigmoid'")
    if output != wanted:
        raise ValueError(f"training.loss: {loss} needs {wanted} outputs, the model has {output}; set model.output")


def _check_engine(recipe: Recipe) -> None:
    training, model = recipe.training, recipe.model
    if recipe.engine == "torch":
        if training.slips or training.stream != "seeded":
            raise ValueError("engine: only the NumPy engine has slips and the tutorials' stream; set engine = 'numpy'")
        return
    if isinstance(model, CNNSpec):
        raise ValueError("engine: the NumPy engine has no convolutions; set engine = 'torch' for a CNN")  # noqa: TRY004
    if isinstance(model, MLPSpec) and model.activation == "tanh":
        raise ValueError("model.activation: the NumPy engine has relu and sigmoid")
    unknown = {
        "optimizer": training.optimizer != "sgd",
        "momentum": bool(training.momentum),
        "schedule": training.schedule != "constant",
        "weight_decay": bool(training.weight_decay),
        "label_smoothing": bool(training.label_smoothing),
        "augmentation": bool(training.augmentation),
        "precision": training.precision == "bfloat16",
    }
    if names := [name for name, is_used in unknown.items() if is_used]:
        raise ValueError(f"training.{names[0]}: the NumPy engine has plain SGD at a constant rate alone")


@dataclass(frozen=True, slots=True)
class RecipeEntry:
    """A recipe file that can be chosen; `problem` says why one of the user's cannot."""

    name: str
    path: Path
    is_shipped: bool
    recipe: Recipe | None
    problem: str = ""


_ADAPTER = TypeAdapter(Recipe)


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
    raise DigitpadError(f"there is no recipe {name!r}: choose one of {', '.join(recipe_names())}")


def save_recipe(name: str, recipe: Recipe, *, replace: bool = False) -> Path:
    """Write one of the user's own recipes and return its file.

    Raises
    ------
    DigitpadError
        Where the name is taken or no file name, or the folder cannot be written.

    """
    import tomli_w

    if not re.fullmatch(r"\w[\w .+-]{0,79}", name) or name.endswith((".", " ")):
        raise DigitpadError(f"{name!r} is no name for a recipe: use letters, figures, spaces, dots and dashes")
    if name.split(".", maxsplit=1)[0].upper() in _RESERVED:
        raise DigitpadError(f"{name!r} is a name that Windows keeps for itself: choose another")
    if name in _shipped_names() or name in _FORMER_NAMES:
        raise DigitpadError(f"{name!r} is the name of a recipe that ships with digitpad: choose another")
    path = user_recipes() / f"{name}{SUFFIX}"
    with in_turn(path, path.with_name(".lock")):  # both windows would find the name free
        if os.path.exists(path) and not replace:  # noqa: PTH110 - Path's raises where a name is too long
            raise DigitpadError(f"there is a recipe {name!r} already: choose another name, or replace it")
        write_atomically(path, tomli_w.dumps(content_of(recipe)).encode())
    return path


def content_of(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as TOML and JSON hold it: without what is None, and without published figures it has not."""
    content = {key: value for key, value in asdict(recipe).items() if value is not None}
    content["published"] = {key: value for key, value in content["published"].items() if value}
    if not content["published"]:
        del content["published"]
    return content


def recipe_of(content: Mapping[str, Any], where: str) -> Recipe:
    """Check a recipe's content; `where` is what an error names."""
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        # pydantic names the model's kind on the way to its keys.
        place = first["loc"]
        is_in_model = place[:1] == ("model",) and len(place) > 1 and place[1] in SPECS
        keys = tuple(map(str, (*place[:1], *place[2:]) if is_in_model else place))
        raise DigitpadError(f"{where}: {_sentence(keys, first['type'], first['msg'], content)}") from error


def with_settings(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """Change a recipe by ``key=value`` texts, as the command line takes them.

    A key is one of the model's, the training's or the augmentation's, or ``dataset``, ``engine``, ``train_first``,
    ``test_first``, ``leave_out_suspects``, or ``model`` for its kind; values are TOML, and a word needs no quotes.
    ``hidden=100,50`` is a list.
    """
    content = asdict(recipe)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise DigitpadError(f"--set {setting}: write it as key=value, for example --set epochs=5")
        _set(content, key.strip(), _value(value.strip()))
    return recipe_of(content, "--set")


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
    plain = ("dataset", "engine", "train_first", "test_first", "leave_out_suspects")
    if key in plain:
        content[key] = value
        return
    known = sorted({*plain, "model"}.union(*sections) - {"kind", "augmentation", "normalisation"})
    raise DigitpadError(f"--set {key}: there is no such setting; choose one of {', '.join(known)}")


def _value(text: str) -> object:
    if re.fullmatch(r"\d+(,\d*)*,?", text) and "," in text:
        text = f"[{text}]"
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # among them a number of thousands of digits
        return text


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
        if size_of_file(path) > _LONGEST_FILE:
            raise DigitpadError(f"{path} is too long for a recipe: check that it is the right file")
        text = path.read_text(encoding="utf-8")
        if sum(line.count(".") ** 2 for line in text.split("\n")) > _MOST_SQUARED_DOTS:
            raise DigitpadError(f"{path} has a line with too many dots: check that it is the right file")
        content = tomllib.loads(text)
    except FileNotFoundError as error:
        raise DigitpadError(f"{path} does not exist: check the name") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DigitpadError(f"{path} cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:  # among them a number of thousands of digits
        raise DigitpadError(f"{path} is not TOML: {error}") from error
    return recipe_of(content, str(path))


def _sentence(keys: tuple[str, ...], kind: str, message: str, content: Mapping[str, Any]) -> str:
    key = ".".join(keys)
    if kind == "unexpected_keyword_argument":
        section, unknown = ".".join(keys[:-1]), keys[-1]
        return f"unknown key {unknown!r}{f' in {section}' if section else ''}; allowed are {_allowed(section, content)}"
    if kind in ("missing", "union_tag_not_found"):
        return f"the key {key or 'model'!r} is missing" + (" its kind" if kind != "missing" else "")
    if kind == "value_error":  # a rule of ours, which names its own key
        sentence = message.removeprefix("Value error, ")
        return f"{key}.{sentence}" if key else sentence
    for known, allowed in _ALLOWED.items():
        if key == known or (key.startswith(f"{known}.") and known != "model"):
            return f"{known}: {allowed}"
    return f"{key}: {message[0].lower()}{message[1:]}"


def _allowed(section: str, content: Mapping[str, Any]) -> str:
    model = content.get("model")
    kind = str(model.get("kind")) if isinstance(model, Mapping) else ""
    kinds: dict[str, type] = {
        "": Recipe,
        "model": SPECS.get(kind, SoftmaxSpec),
        "model.normalisation": Normalisation,
        "training": TrainConfig,
        "training.augmentation": Augmentation,
        "published": Published,
    }
    return ", ".join(field.name for field in fields(kinds[section]))
