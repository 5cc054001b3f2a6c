"""Recipes: training set-ups by name, read from TOML files, shipped ones and the user's own."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.datasets.loading import XOR, size_of
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import SIDE
from digitpad.core.models.specs import (
    SPECS,
    CNNSpec,
    MLPSpec,
    ModelSpec,
    Normalisation,
    SoftmaxSpec,
    inputs_of,
    output_of,
)
from digitpad.core.training.config import Augmentation, TrainConfig

# What is allowed where pydantic says it less well than we can.
_ALLOWED = {
    "training.batch_size": "a whole number of 1 or more, or 'full'",
    "training.device": "'auto', 'cpu', 'mps', 'cuda', or 'cuda:1' and so on",
    "model": "its kind is one of 'softmax', 'mlp', 'cnn'",
}
FIGURES = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
_Values = tuple[Annotated[float, Field(allow_inf_nan=False)], ...]


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class PublishedResults:
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
    published: PublishedResults = PublishedResults()

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


_ADAPTER = TypeAdapter(Recipe)


def recipe_content(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as TOML and JSON hold it: without what is None, and without published figures it has not."""
    content = {key: value for key, value in asdict(recipe).items() if value is not None}
    content["published"] = {key: value for key, value in content["published"].items() if value}
    if not content["published"]:
        del content["published"]
    return content


def parse_recipe(content: Mapping[str, Any], source: str) -> Recipe:
    """Check a recipe's content; `source` is what an error names."""
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        # pydantic names the model's kind on the way to its keys.
        place = first["loc"]
        is_in_model = place[:1] == ("model",) and len(place) > 1 and place[1] in SPECS
        keys = tuple(map(str, (*place[:1], *place[2:]) if is_in_model else place))
        raise DigitpadError(
            "{where}: {sentence}", where=source, sentence=_sentence(keys, first["type"], first["msg"], content)
        ) from error


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
            raise DigitpadError("--set {setting}: write it as key=value, for example --set epochs=5", setting=setting)
        _set(content, key.strip(), _value(value.strip()))
    return parse_recipe(content, "--set")


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
    raise DigitpadError(
        "--set {key}: there is no such setting; choose one of {choices}", key=key, choices=", ".join(known)
    )


def _value(text: str) -> object:
    if re.fullmatch(r"\d+(,\d*)*,?", text) and "," in text:
        text = f"[{text}]"
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # among them a number of thousands of digits
        return text


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
        "published": PublishedResults,
    }
    return ", ".join(field.name for field in fields(kinds[section]))
