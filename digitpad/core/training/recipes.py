"""Recipes: data, model and settings of a training, as TOML files hold them."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.datasets.loading import outputs_of, size_of
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES, SIDE
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
from digitpad.core.training.config import Augmentation, RuleError, TrainConfig
from digitpad.core.translation import tr, tr_noop

# What is allowed, by key or by pydantic's type of error; each follows the key.
_BY_KEY = {
    "training.batch_size": tr_noop("must be 'full' or a whole number from 1 to 1000000"),
    "training.device": tr_noop("must be 'auto', 'cpu', 'mps', 'cuda', or 'cuda:1' and so on"),
    "model": tr_noop("its kind must be 'softmax', 'mlp' or 'cnn'"),
}
_WHOLE_NUMBER, _NUMBER = tr_noop("must be a whole number"), tr_noop("must be a number")
_TRUE_OR_FALSE, _TEXT = tr_noop("must be true or false"), tr_noop("must be text")
_BY_TYPE = {
    "greater_than_equal": tr_noop("must be {ge} or more"),
    "greater_than": tr_noop("must be more than {gt}"),
    "less_than_equal": tr_noop("must be {le} or less"),
    "less_than": tr_noop("must be less than {lt}"),
    "literal_error": tr_noop("must be one of {expected}"),
    "finite_number": tr_noop("must be a finite number"),
    "too_short": tr_noop("needs at least {min_length} values"),
    "too_long": tr_noop("can have at most {max_length} values"),
    **dict.fromkeys(("string_too_short", "string_pattern_mismatch"), tr_noop("must not be empty")),
    "string_too_long": tr_noop("can have at most {max_length} characters"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE_NUMBER),
    **dict.fromkeys(("float_type", "float_parsing"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _TRUE_OR_FALSE),
    "string_type": _TEXT,
    "string_unicode": tr_noop("is not valid text: choose another name"),
    "tuple_type": tr_noop("must be a list"),
}
_OTHER = tr_noop("has a value of the wrong kind")
_METRICS = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
_Values = tuple[Annotated[float, Field(allow_inf_nan=False)], ...]


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class PublishedResults:
    """The results that the source of a recipe printed: for each metric one value per epoch, or none.

    Epochs are counted from 1 here, also where the source counts them from 0.
    """

    note: Annotated[str, Field(max_length=2000)] = ""
    counts_from_zero: bool = False  # whether the source numbers its first epoch 0
    cut_after: Annotated[int, Field(ge=0, le=20)] = 0  # a printed loss has this many characters, cut off; 0: rounded
    epochs: tuple[Annotated[int, Field(ge=0)], ...] = ()
    train_loss: _Values = ()
    train_accuracy: _Values = ()  # fractions, as everywhere
    test_loss: _Values = ()
    test_accuracy: _Values = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in _METRICS:
            if len(getattr(self, name)) not in (0, len(self.epochs)):
                raise RuleError(name, tr_noop("needs one value for each of the {count} epochs"), count=len(self.epochs))
        return self

    @property
    def loss_decimals(self) -> int | None:
        """The decimals of a printed loss: the most that one of them has; None if there is no loss."""
        exponents = [Decimal(repr(loss)).as_tuple().exponent for loss in (*self.train_loss, *self.test_loss)]
        return -min(0, *(exponent for exponent in exponents if isinstance(exponent, int))) if exponents else None


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Recipe:
    """Data, model and settings of a training, with a title and an explanation for the user."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    explanation: Annotated[str, Field(max_length=4000)] = ""
    engine: Literal["torch", "numpy"] = "torch"
    dataset: Annotated[str, Field(min_length=1, max_length=4096)] = "mnist"
    train_first: Annotated[int, Field(ge=1)] | None = None  # use only the first n training images
    test_first: Annotated[int, Field(ge=1)] | None = None
    leave_out_suspects: bool = False  # of both parts
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
    size = size_of(recipe.dataset)
    if (inputs := inputs_of(recipe.model)) != size:
        expected, actual = ("x".join(map(str, pixels)) for pixels in (size, inputs))
        sentence = tr_noop("“{dataset}” has images of {expected} px, but the model reads {actual} px")
        raise RuleError("model.inputs", sentence, dataset=recipe.dataset, expected=expected, actual=actual)
    if recipe.training.augmentation and size != (SIDE, SIDE):
        raise RuleError("training.augmentation", tr_noop("only images of 28x28 px can be distorted"))
    outputs = recipe.model.outputs if isinstance(recipe.model, MLPSpec) else CLASSES
    expected = outputs_of(recipe.dataset)
    if outputs != expected:
        sentence = tr_noop("“{dataset}” needs {expected} outputs, not {outputs}")
        raise RuleError("model.outputs", sentence, dataset=recipe.dataset, expected=expected, outputs=outputs)


def _check_loss(recipe: Recipe) -> None:
    output, loss = output_of(recipe.model), recipe.training.loss
    expected = {"cross-entropy": "softmax", "binary-cross-entropy": "sigmoid"}.get(loss, output)
    if isinstance(recipe.model, MLPSpec) and recipe.model.outputs == 1 and output == "softmax":
        raise RuleError("model.output", tr_noop("softmax of a single output is always 1: choose 'sigmoid'"))
    if output != expected:
        sentence = tr_noop("{loss} needs {expected} outputs, but the model has {output} outputs: change its output")
        raise RuleError("training.loss", sentence, loss=loss, expected=expected, output=output)


def _check_engine(recipe: Recipe) -> None:
    training, model = recipe.training, recipe.model
    if recipe.engine == "torch":
        if training.slips or training.stream not in ("seeded", "torch-loader"):
            raise RuleError("engine", tr_noop("only the NumPy engine has slips and the tutorials' random streams"))
        return
    if training.stream == "torch-loader":
        raise RuleError("training.stream", tr_noop("the NumPy engine has no DataLoader: choose another stream"))
    if isinstance(model, CNNSpec):
        raise RuleError("engine", tr_noop("the NumPy engine has no convolutions: choose PyTorch for a CNN"))
    if isinstance(model, MLPSpec) and model.activation == "tanh":
        raise RuleError("model.activation", tr_noop("the NumPy engine has no tanh: choose ReLU or sigmoid"))
    unsupported = {
        "optimizer": training.optimizer != "sgd",
        "momentum": bool(training.momentum),
        "schedule": training.schedule != "constant",
        "weight_decay": bool(training.weight_decay),
        "label_smoothing": bool(training.label_smoothing),
        "average": bool(training.average),
        "augmentation": bool(training.augmentation),
        "precision": training.precision == "bfloat16",
    }
    if names := [name for name, is_used in unsupported.items() if is_used]:
        sentence = tr_noop("the NumPy engine has only plain SGD with a constant learning rate")
        raise RuleError(f"training.{names[0]}", sentence)


_ADAPTER = TypeAdapter(Recipe)


def recipe_content(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as TOML and JSON hold it, without values that are None and without empty published results."""
    content = {key: value for key, value in asdict(recipe).items() if value is not None}
    content["published"] = {key: value for key, value in content["published"].items() if value}
    if not content["published"]:
        del content["published"]
    return content


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """Something wrong in a recipe: the place of its key, or of its section, and a sentence that follows the key."""

    path: tuple[str, ...]
    sentence: str
    is_rule: bool = False  # whether the value alone is allowed, but not with the others

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.sentence}" if self.path else self.sentence


class RecipeError(DigitpadError):
    """A recipe has settings that are not allowed; the message names the first."""

    def __init__(self, source: str, problems: Sequence[SettingProblem]) -> None:
        super().__init__("{source}: {problem}", source=source, problem=problems[0])
        self.problems = tuple(problems)


def parse_recipe(content: Mapping[str, Any], source: str) -> Recipe:
    """Validate a recipe's content; raise RecipeError, which names `source`, if it is not a recipe."""
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        raise RecipeError(source, [_problem_of(found, content) for found in error.errors()]) from error


def with_settings(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """Change a recipe by texts such as ``epochs=5``.

    A key is one of the model's, the training's or the augmentation's settings, or ``dataset``, ``engine``,
    ``train_first``, ``test_first``, ``leave_out_suspects``, or ``model`` for its kind. Values are TOML, but text needs
    no quotes and ``hidden=100,50`` is a list.
    """
    content = asdict(recipe)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise DigitpadError("“{setting}” is not a setting: write key=value, for example epochs=5", setting=setting)
        _set(content, key.strip(), _value(value.strip()))
    try:
        return parse_recipe(content, ", ".join(settings))
    except RecipeError as error:
        raise _error_of_setting(error, settings) from error


def _error_of_setting(error: RecipeError, settings: Sequence[str]) -> RecipeError:
    """Return an error that names the setting to correct, instead of all settings and the place in the recipe."""
    key_of = {setting.partition("=")[0].strip(): setting for setting in settings}  # the last of a key counts
    for problem in error.problems:
        if found := [key for key in problem.path if key in key_of]:
            others = [other for other in error.problems if other is not problem]
            return RecipeError(key_of[found[-1]], [replace(problem, path=()), *others])
    return error


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
    raise DigitpadError("there is no setting “{key}”: choose one of {choices}", key=key, choices=", ".join(known))


def _value(text: str) -> object:
    if re.fullmatch(r"\d+(,\d*)*,?", text) and "," in text:
        text = f"[{text}]"
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # ValueError: also a number of thousands of digits
        return text


def _problem_of(found: Mapping[str, Any], content: Mapping[str, Any]) -> SettingProblem:
    """Describe one of pydantic's errors in our own words."""
    kind, values, place = found["type"], found.get("ctx", {}), found["loc"]
    # pydantic puts the model's kind before its keys.
    is_in_model = place[:1] == ("model",) and len(place) > 1 and place[1] in SPECS
    path = tuple(map(str, (*place[:1], *place[2:]) if is_in_model else place))
    if isinstance(rule := values.get("error"), RuleError):
        return SettingProblem((*path, *rule.key.split(".")), rule.sentence, is_rule=True)
    if kind == "unexpected_keyword_argument":
        sentence, choices = tr("there is no key “{key}”: the keys are {choices}"), _keys_of(path[:-1], content)
        return SettingProblem(path[:-1], sentence.format(key=path[-1], choices=choices))
    if kind == "missing":
        return SettingProblem(path[:-1], tr("the key “{key}” is missing").format(key=path[-1]))
    key = ".".join(path)
    for known, template in _BY_KEY.items():
        if key == known or (key.startswith(f"{known}.") and known != "model"):
            return SettingProblem(tuple(known.split(".")), tr(template))
    return SettingProblem(path, value_problem(kind, values))


def value_problem(kind: str, values: Mapping[str, Any]) -> str:
    """Describe one of pydantic's errors about a value, of this type and context; the sentence follows the key."""
    if "expected" in values:
        values = {"expected": values["expected"].replace(" or ", ", ")}
    return tr(_BY_TYPE.get(kind, _OTHER)).format(**values)


def _keys_of(section: tuple[str, ...], content: Mapping[str, Any]) -> str:
    """List the keys of a section of a recipe."""
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
    return ", ".join(field.name for field in fields(kinds[".".join(section)]))
