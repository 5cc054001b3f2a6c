"""The raw values of the training form's fields, and how they are parsed; without Qt."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

from digitpad.core.models.specs import CNNSpec, MLPSpec
from digitpad.core.training.config import Slip
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import tr_noop

# By field: the text, the key of the chosen item, or whether the box is ticked.
Values = Mapping[str, str | bool]
# "limit" is a count that may be empty, which means no limit.
FieldKind = Literal["choice", "flag", "number", "count", "limit", "batch", "widths"]

AUGMENTATION = "training.augmentation"
DISTORTIONS = tuple(f"{AUGMENTATION}.{name}" for name in ("rotation", "shear", "scale", "shift", "thickness"))
SLIPS: tuple[Slip, ...] = get_args(Slip)
SLIP_KEYS = tuple(f"slips.{slip}" for slip in SLIPS)


@dataclass(frozen=True, slots=True)
class Field:
    """The kind of a field; `allowed` completes a sentence that begins with the field's label."""

    kind: FieldKind
    allowed: str = ""


_ALL = tr_noop("a whole number from 1, or empty for all")
# A key with dots is the path of the value in a recipe.
FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "dataset": Field("choice"),
        "train_first": Field("limit", _ALL),
        "test_first": Field("limit", _ALL),
        "leave_out_suspects": Field("flag"),
        "engine": Field("choice"),
        "model.kind": Field("choice"),
        "model.hidden": Field("widths", tr_noop("up to eight whole numbers from 1 to 8192, for example 512, 256")),
        "model.channels": Field("widths", tr_noop("one to three whole numbers from 1 to 512, for example 32, 64")),
        "model.convolutions": Field("choice"),
        "model.dense": Field("count", tr_noop("a whole number from 1 to 8192, for example 128")),
        "model.activation": Field("choice"),
        "model.output": Field("choice"),
        "model.initial": Field("choice"),
        "model.bias": Field("flag"),
        "model.dropout": Field("number", tr_noop("a number from 0 to below 1, for example 0.2")),
        "model.normalisation.mean": Field("number", tr_noop("a number from -10 to 10, for example 0.1307")),
        "model.normalisation.std": Field("number", tr_noop("a number above 0.001 and up to 10, for example 0.3081")),
        "training.loss": Field("choice"),
        "training.optimizer": Field("choice"),
        "training.learning_rate": Field("number", tr_noop("a number above 0 and up to 100, for example 0.001")),
        "training.batch_size": Field("batch", tr_noop("a whole number from 1, or full, for example 128")),
        "training.epochs": Field("count", tr_noop("a whole number from 1 to 1000000, for example 10")),
        "training.schedule": Field("choice"),
        "training.momentum": Field("number", tr_noop("a number from 0 to below 1, for example 0.9")),
        "training.nesterov": Field("flag"),
        "training.weight_decay": Field("number", tr_noop("a number from 0 to 10, for example 0.01")),
        "training.label_smoothing": Field("number", tr_noop("a number from 0 to below 1, for example 0.1")),
        "training.average": Field("number", tr_noop("a number from 0 to below 1, for example 0.99")),
        "training.shuffle": Field("flag"),
        "training.drop_last": Field("flag"),
        "training.patience": Field("limit", tr_noop("a whole number from 1, or empty for never")),
        "training.train_figures": Field("choice"),
        "training.report_every": Field("count", tr_noop("a whole number from 1, for example 1")),
        "training.precision": Field("choice"),
        "training.device": Field("choice"),
        "training.seed": Field("count", tr_noop("a whole number from 0 to 2147483647, for example 777")),
        "training.stream": Field("choice"),
        AUGMENTATION: Field("flag"),
        DISTORTIONS[0]: Field("number", tr_noop("degrees from 0 to 90, for example 10")),
        DISTORTIONS[1]: Field("number", tr_noop("a number from 0 to 1, for example 0.2")),
        DISTORTIONS[2]: Field("number", tr_noop("a number from 0 to below 1, for example 0.12")),
        DISTORTIONS[3]: Field("number", tr_noop("pixels from 0 to 14, for example 1")),
        DISTORTIONS[4]: Field("number", tr_noop("a probability from 0 to 1, for example 0.5")),
        **dict.fromkeys(SLIP_KEYS, Field("flag")),
    }
)


def values_of(recipe: Recipe) -> dict[str, str | bool]:
    """Return the raw values of a recipe; fields of other models get the defaults of those models."""
    content = asdict(recipe)
    content["model"] = asdict(CNNSpec()) | asdict(MLPSpec()) | content["model"]
    values = {key: _shown(field.kind, _at(content, key)) for key, field in FIELDS.items() if key not in _VIRTUAL}
    values[AUGMENTATION] = bool(recipe.training.augmentation)
    return values | {key: slip in recipe.training.slips for key, slip in zip(SLIP_KEYS, SLIPS, strict=True)}


def parse_value(key: str, value: str | bool) -> object:
    """Return the value of a field as it is in a recipe.

    Raises
    ------
    ValueError
        If the text is not a number, or not a list of numbers. Ranges are checked by `parse_recipe`.

    """
    kind = FIELDS[key].kind
    if kind in ("choice", "flag"):
        return value
    text = str(value).strip()
    if kind == "number":
        return _number(text)
    if kind == "limit":
        return _count(text) if text else (0 if key == "training.patience" else None)
    if kind == "batch":
        return "full" if text.lower() == "full" else _count(text)
    if kind == "widths":
        return tuple(int(part) for part in re.split(r"[\s,;]+", text.strip(" ,;")) if part)
    return _count(text)


def number_text(value: float) -> str:
    """Return the shortest text that parses to the same number: 0.001, 3, 1e-5."""
    return re.sub(r"e([+-])0+", r"e\1", repr(float(value)).removesuffix(".0")).replace("e+", "e")


_VIRTUAL = (AUGMENTATION, *SLIP_KEYS)


def _at(content: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - any value of a recipe
    for part in key.split("."):
        content = content[part]
    return content


def _shown(kind: FieldKind, value: Any) -> str | bool:  # noqa: ANN401 - any value of a recipe
    if kind == "flag":
        return bool(value)
    if kind == "number":
        return number_text(value)
    if kind == "limit":
        return str(value) if value else ""
    return ", ".join(map(str, value)) if kind == "widths" else str(value)


def _number(text: str) -> float:
    """Parse a number with a decimal point or a decimal comma, independent of the locale."""
    number = float(text.replace(",", "."))
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _count(text: str) -> int:
    grouped = re.fullmatch(r"\d{1,3}(,\d{3})+", text)
    return int(text.replace(",", "") if grouped else text)
