"""From the training form's values to a recipe, and what is wrong with them where there is none. No Qt."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from digitpad.core.datasets.loading import XOR, size_of
from digitpad.core.errors import DigitpadError
from digitpad.core.models.specs import SPECS, ModelSpec, Spec
from digitpad.core.training.recipe_files import RecipeEntry
from digitpad.core.training.recipes import Recipe, parse_recipe
from digitpad.gui.train.form.linked_fields import initial_values
from digitpad.gui.train.form.rules import is_used
from digitpad.gui.train.form.values import AUGMENTATION, FIELDS, SLIP_KEYS, SLIPS, Values, parse_value

WHOLE_FORM = ""
_SPEC = TypeAdapter[Spec](ModelSpec)


@dataclass(frozen=True, slots=True)
class FormResult:
    """The recipe that values make, or for each wrong field a sentence that follows its name.

    What is wrong with no field in particular is under `WHOLE_FORM`.
    """

    recipe: Recipe | None
    problems: Mapping[str, str]


def validate(values: Values, base: Recipe) -> FormResult:
    """Make a recipe of a form's values; title and explanation are those of the recipe that was opened."""
    content, problems = _content(values, base)
    try:
        recipe = parse_recipe(content, "form")
    except DigitpadError as error:
        return FormResult(None, problems | dict(_problems_of(error)))
    if problems:
        return FormResult(None, problems)
    # Nothing is lost of a recipe that nobody has changed: neither the order of slips nor settings without effect.
    return FormResult(recipe if changed_keys(values, base) else base, {})


def spec_of(values: Values) -> Spec | None:
    """Return the model alone, whatever is wrong with the training; None where the model is wrong."""
    model, problems = _model(values)
    try:
        return None if problems else _SPEC.validate_python(model)
    except ValidationError:
        return None


def changed_keys(values: Values, base: Recipe) -> list[str]:
    """Name the fields in use that differ from the recipe that was opened, in the form's order."""
    former = initial_values(base)
    return [key for key in FIELDS if is_used(key, values) and _parsed(key, values) != _parsed(key, former)]


def find_entry(recipe: Recipe, name: str, entries: Iterable[RecipeEntry]) -> RecipeEntry | None:
    """Find where a recipe comes from: what has that name, or without one the same recipe, or at least its title."""
    known = [entry for entry in entries if entry.recipe is not None]
    same = [entry for entry in known if entry.name == name] or [entry for entry in known if entry.recipe == recipe]
    alike = [entry for entry in known if not name and entry.recipe and entry.recipe.title == recipe.title]
    return next(iter([*same, *alike]), None)


def _parsed(key: str, values: Values) -> object:
    try:
        return parse_value(key, values[key])
    except ValueError:
        return values


def _content(values: Values, base: Recipe) -> tuple[dict[str, Any], dict[str, str]]:
    model, problems = _model(values)
    training, training_problems = _section("training", values)
    distortions, distortion_problems = _section(AUGMENTATION, values)
    top, top_problems = _section("", values)
    slips = [slip for key, slip in zip(SLIP_KEYS, SLIPS, strict=True) if is_used(key, values) and values[key]]
    content = top | {"title": base.title, "explanation": base.explanation, "model": model}
    content["training"] = training | {"augmentation": distortions, "slips": slips}
    if _is_comparable(values, base):
        content["published"] = asdict(base.published)
    return content, top_problems | problems | training_problems | distortion_problems


def _model(values: Values) -> tuple[dict[str, Any], dict[str, str]]:
    model, problems = _section("model", values)
    normalisation, normalisation_problems = _section("model.normalisation", values)
    dataset = str(values["dataset"])
    if model["kind"] != "cnn":
        model["inputs"] = size_of(dataset)
    if model["kind"] == "mlp":
        model["outputs"] = 1 if dataset == XOR else 10
    return model | {"normalisation": normalisation}, problems | normalisation_problems


def _section(section: str, values: Values) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the fields of one section of a recipe; what cannot be read is left out and told."""
    content, problems = {}, {}
    for key, field in FIELDS.items():
        place, _, name = key.rpartition(".")
        if place != section or key == AUGMENTATION or not is_used(key, values):
            continue
        try:
            content[name] = parse_value(key, values[key])
        except ValueError:
            problems[key] = field.allowed
    return content, problems


def _is_comparable(values: Values, base: Recipe) -> bool:
    """Tell whether published figures measure the same thing: the same loss on the same images."""
    former = initial_values(base)
    keys = ("dataset", "train_first", "test_first", "leave_out_suspects", "training.loss")
    return all(_parsed(key, values) == _parsed(key, former) for key in keys)


def _problems_of(error: DigitpadError) -> Iterator[tuple[str, str]]:
    """Put each of the errors that `parse_recipe` found to its field."""
    if not isinstance(error.__cause__, ValidationError):
        yield WHOLE_FORM, str(error)
        return
    for found in error.__cause__.errors():
        path = [str(part) for part in found["loc"] if part not in SPECS]
        if found["type"] != "value_error":
            key = _field_at(path)
            yield key, FIELDS[key].allowed or found["msg"] if key else f"{'.'.join(path)}: {found['msg']}"
            continue
        # A rule of core's own, whose sentence names the key within its section.
        rule = found["msg"].removeprefix("Value error, ")
        name, _, sentence = rule.partition(": ")
        key = _field_at([*path, *name.split(".")])
        yield key, sentence if key else rule


def _field_at(path: list[str]) -> str:
    """Return the field that a place in a recipe belongs to; a list's numbers belong to the list."""
    places = (".".join(path[:end]) for end in range(len(path), 0, -1))
    return next((place for place in places if place in FIELDS), WHOLE_FORM)
