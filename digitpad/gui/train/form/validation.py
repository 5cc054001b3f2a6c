"""Turns the values of the training form into a recipe, or into a list of problems. Without Qt."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from digitpad.core.datasets.loading import outputs_of, size_of
from digitpad.core.models.specs import ModelSpec, Spec
from digitpad.core.training.recipe_files import RecipeEntry
from digitpad.core.training.recipes import Recipe, RecipeError, parse_recipe
from digitpad.core.translation import tr
from digitpad.gui.train.form.linked_fields import initial_values
from digitpad.gui.train.form.rules import is_used
from digitpad.gui.train.form.values import AUGMENTATION, FIELDS, SLIP_KEYS, SLIPS, Values, parse_value

WHOLE_FORM = ""
_SPEC = TypeAdapter[Spec](ModelSpec)


@dataclass(frozen=True, slots=True)
class FormResult:
    """A recipe, or for each invalid field a sentence that follows its label.

    Problems of no particular field are under `WHOLE_FORM`.
    """

    recipe: Recipe | None
    problems: Mapping[str, str]


def validate(values: Values, base: Recipe) -> FormResult:
    """Make a recipe from the values of the form, with the title and explanation of the `base` recipe."""
    content, problems = _content(values, base)
    try:
        recipe = parse_recipe(content, "form")
    except RecipeError as error:
        return FormResult(None, problems | dict(_problems_of(error)))
    if problems:
        return FormResult(None, problems)
    # An unchanged recipe stays exactly as it is: the order of slips, and settings without effect.
    return FormResult(recipe if changed_keys(values, base) else base, {})


def spec_of(values: Values) -> Spec | None:
    """Return the model, even if the training settings are invalid; None if the model is invalid."""
    model, problems = _model(values)
    try:
        return None if problems else _SPEC.validate_python(model)
    except ValidationError:
        return None


def changed_keys(values: Values, base: Recipe) -> list[str]:
    """Return the used fields that differ from the `base` recipe, in the order of the form."""
    former = initial_values(base)
    return [key for key in FIELDS if is_used(key, values) and _parsed(key, values) != _parsed(key, former)]


def find_entry(recipe: Recipe, name: str, entries: Iterable[RecipeEntry]) -> RecipeEntry | None:
    """Find the entry of a recipe: by name, or without a name by content, or by title."""
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
        model["outputs"] = outputs_of(dataset)
    return model | {"normalisation": normalisation}, problems | normalisation_problems


def _section(section: str, values: Values) -> tuple[dict[str, Any], dict[str, str]]:
    """Parse the fields of one section of a recipe; return the values, and the problems of invalid fields."""
    content, problems = {}, {}
    for key, field in FIELDS.items():
        path, _, name = key.rpartition(".")
        if path != section or key == AUGMENTATION or not is_used(key, values):
            continue
        try:
            content[name] = parse_value(key, values[key])
        except ValueError:
            problems[key] = tr(field.allowed)
    return content, problems


def _is_comparable(values: Values, base: Recipe) -> bool:
    """Return whether the published results still apply: the same loss on the same images."""
    former = initial_values(base)
    keys = ("dataset", "train_first", "test_first", "leave_out_suspects", "training.loss")
    return all(_parsed(key, values) == _parsed(key, former) for key in keys)


def _problems_of(error: RecipeError) -> Iterator[tuple[str, str]]:
    """Assign each problem of a recipe to its field."""
    for problem in error.problems:
        key = _field_at(problem.path)
        if key:
            yield key, problem.sentence if problem.is_rule else FIELDS[key].allowed or problem.sentence
        else:
            yield WHOLE_FORM, str(problem)


def _field_at(path: tuple[str, ...]) -> str:
    """Return the field at a path in a recipe; the items of a list belong to the field of the list."""
    keys = (".".join(path[:end]) for end in range(len(path), 0, -1))
    return next((key for key in keys if key in FIELDS), WHOLE_FORM)
