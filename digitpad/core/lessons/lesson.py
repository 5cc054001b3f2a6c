"""A lesson: a title and steps, as a TOML file holds them."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from digitpad.core.errors import DigitpadError
from digitpad.core.ink.drawing import Drawing, centre_ink
from digitpad.core.ink.strokes import Ink
from digitpad.core.lessons.conditions import CONDITIONS, DataKey, Done, Tab, View
from digitpad.core.training.config import RuleError
from digitpad.core.training.recipe_files import find_recipe_file, load_recipe, recipe_names
from digitpad.core.training.recipes import Recipe, value_problem, with_settings
from digitpad.core.translation import tr, tr_noop

# The page of a view or of data that a step names without a tab.
_TAB_OF_VIEW: dict[View, Tab] = {"inside": "draw", "break-it": "draw", "compare": "draw", "steps": "draw"}
# What a step can leave in the window: fields of the form on the Train tab, then buttons on the Draw tab.
# fmt: off
Control = Literal[
    "recipe", "data", "model", "loss", "optimizer", "learning-rate", "batch-size", "epochs", "more",
    "models", "compare", "numbers", "steps", "pixels", "layers", "inside", "break-it",
]
# fmt: on
_STRICT = ConfigDict(extra="forbid")
Title = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
_Coordinate = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
_Stroke = Annotated[tuple[tuple[_Coordinate, _Coordinate], ...], Field(min_length=1, max_length=2000)]


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Show:
    """What the button "Show me" shows.

    Attributes
    ----------
    tab
        A page; without it the page of the rest.
    view
        A view of the drawing, "gates" or "layers".
    model
        A shipped model: on the pad, or in Mistakes if that is the page.
    recipe, settings
        A recipe in the form, and changes of it such as "epochs=3".
    dataset
        The data in Mistakes.
    drawing
        Strokes on the pad, as in an ink file: lists of [x, y], y downwards, any unit.

    """

    tab: Tab | None = None
    view: View | None = None
    model: Literal["softmax", "mlp", "cnn"] | None = None
    recipe: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    settings: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=20)] = ()
    dataset: DataKey | None = None
    drawing: Annotated[tuple[_Stroke, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.settings and not self.recipe:
            raise RuleError("settings", tr_noop("need a recipe that they change"))
        if self.recipe:
            if find_recipe_file(self.recipe) is None:
                text = tr_noop("there is no recipe “{name}”: choose one of {choices}")
                raise RuleError("recipe", text, name=self.recipe, choices=", ".join(recipe_names()))
            try:
                self.changed_recipe  # noqa: B018 - raises if a setting is wrong
            except DigitpadError as error:
                raise RuleError("settings" if self.settings else "recipe", "{problem}", problem=error) from error
        return self

    @property
    def page(self) -> Tab | None:
        """The page to open; None if the step names nothing that has a page."""
        if self.tab is not None:
            return self.tab
        if self.recipe:
            return "train"
        if self.dataset:
            return "mistakes"
        if self.view:
            return _TAB_OF_VIEW.get(self.view)
        return "draw" if self.drawing or self.model else None

    @cached_property
    def changed_recipe(self) -> Recipe | None:
        """The recipe with its changes; raises DigitpadError if it cannot be read."""
        if self.recipe is None:
            return None
        recipe = load_recipe(self.recipe)
        return with_settings(recipe, self.settings) if self.settings else recipe

    @property
    def data(self) -> str:
        """The data set that has to be on this machine; "" for none."""
        recipe = self.changed_recipe
        return recipe.dataset if recipe else self.dataset or ""

    @property
    def pad_drawing(self) -> Drawing:
        """The strokes as a drawing on the pad."""
        return Drawing(ink=centre_ink(Ink.of([np.array(stroke, float) for stroke in self.drawing])))


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Step:
    """A step of a lesson.

    Attributes
    ----------
    title
        A few words.
    text
        Markdown, without HTML and pictures.
    show
        What "Show me" shows; None: there is no such button.
    controls
        The only fields of the form, and the only buttons of the pad, that can be used; None: all of them.
    done
        What counts as done; None: nothing has to be done.

    """

    title: Title
    text: Annotated[str, Field(min_length=1, max_length=8000, pattern=r"\S")]
    show: Show | None = None
    controls: Annotated[tuple[Control, ...], Field(max_length=30)] | None = None
    done: Done | None = None


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Lesson:
    """A lesson; `summary` says in a sentence or two what it is about."""

    title: Title
    summary: Annotated[str, Field(max_length=1000)] = ""
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50)]


_ADAPTER = TypeAdapter(Lesson)
_SECTIONS: dict[str, type] = {"": Lesson, "step": Step, "show": Show}


def parse_lesson(content: Mapping[str, Any], source: str) -> Lesson:
    """Validate the content of a lesson; raise DigitpadError, which names `source` and the key, if it is none."""
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        # A key that is not known explains why another one is missing.
        found = sorted(error.errors(), key=lambda one: one["type"] != "unexpected_keyword_argument")
        place, sentence = _problem_of(found[0])
        if place:
            raise DigitpadError("{source}: {place}: {problem}", source=source, place=place, problem=sentence) from error
        raise DigitpadError("{source}: {problem}", source=source, problem=sentence) from error


def _problem_of(found: Mapping[str, Any]) -> tuple[str, str]:
    """Describe one of pydantic's errors: the place of the key, or of its section, and a sentence that follows it."""
    kind, values, path = found["type"], found.get("ctx", {}), list(found["loc"])
    condition = ""
    if "done" in path and len(path) > (after := path.index("done") + 1):
        condition = str(path.pop(after))  # pydantic puts the name of the condition before its keys
    if isinstance(rule := values.get("error"), RuleError):
        return _place([*path, *filter(None, rule.key.split("."))]), rule.sentence
    if kind in ("unexpected_keyword_argument", "missing", "union_tag_not_found") and "drawing" not in path:
        key = "when" if kind == "union_tag_not_found" else path.pop()
        text = tr("there is no key “{key}”: the keys are {choices}")
        if kind != "unexpected_keyword_argument":
            text = tr("the key “{key}” is missing")
        return _place(path), text.format(key=key, choices=", ".join(_keys_of(path, condition)))
    if kind == "union_tag_invalid":
        path.append("when")
    return _place(path), _value_problem(kind, values, path)


def _value_problem(kind: str, values: Mapping[str, Any], path: list[str | int]) -> str:
    if "drawing" in path:
        return tr("must be strokes: lists of points [x, y]")
    if kind == "union_tag_invalid":
        return tr("must be one of {names}").format(names=", ".join(f"'{name}'" for name in CONDITIONS))
    if kind in ("dataclass_type", "dict_type", "model_attributes_type"):
        return tr("must be a section with keys")
    return value_problem(kind, values)


def _place(path: list[str | int]) -> str:
    """Return a place as the user knows it: "step 2, done.label"; steps count from 1."""
    if path[:1] != ["steps"] or len(path) == 1:
        return _dotted(path)
    step = tr("step {}").format(int(path[1]) + 1)
    return f"{step}, {_dotted(path[2:])}" if path[2:] else step


def _dotted(path: list[str | int]) -> str:
    return ".".join(str(part) for part in path if isinstance(part, str))  # places in a list would confuse


def _keys_of(section: list[str | int], condition: str) -> list[str]:
    last = next((part for part in reversed(section) if isinstance(part, str)), "")
    kind = CONDITIONS[condition] if condition else _SECTIONS.get("step" if last == "steps" else last, Lesson)
    return [field.name for field in fields(kind)]
