"""Lessons are read, checked, and listed; a file that is none gives one sentence."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import ASSETS, user_lessons
from digitpad.core.lessons.conditions import CONDITIONS, Drew
from digitpad.core.lessons.lesson import Lesson, parse_lesson
from digitpad.core.lessons.lesson_files import key_of, list_lessons, read_lesson

SHIPPED = sorted((ASSETS / "lessons").glob("*.toml"))


def lesson_with(**keys: object) -> dict[str, object]:
    """Return the content of a lesson whose second step has these keys."""
    return {"title": "Digits", "steps": [{"title": "One", "text": "Read."}, {"title": "Two", "text": "Do.", **keys}]}


def problem_of(content: dict[str, object]) -> str:
    with pytest.raises(DigitpadError) as caught:
        parse_lesson(content, "a.toml")
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_lesson_can_be_read_and_says_what_to_do(path: Path) -> None:
    lesson = read_lesson(path)
    assert lesson.summary.endswith("minutes.")
    conditions = list(filter(None, (step.done for step in lesson.steps)))
    goals, outcomes = [done.goal for done in conditions], [done.outcome for done in conditions]
    assert len(goals) >= len(lesson.steps) // 2
    assert all(goal.endswith(".") for goal in goals)
    assert not any(outcome.endswith(".") for outcome in outcomes)


def test_a_lesson_has_steps_with_what_to_show_and_when_they_are_done() -> None:
    keys = {"show": {"view": "inside", "model": "mlp"}, "done": {"when": "drew", "digit": 7}, "controls": ["inside"]}
    lesson = parse_lesson(lesson_with(**keys), "a.toml")
    step = lesson.steps[1]
    assert step.show is not None
    assert (step.show.page, step.show.view, step.show.model) == ("draw", "inside", "mlp")
    assert isinstance(step.done, Drew)
    assert step.done.goal == "Draw a 7."
    assert step.done.outcome == "you drew a 7"
    assert step.controls == ("inside",)
    assert lesson.steps[0].controls is None


def test_a_step_shows_a_recipe_with_changes_and_knows_its_data() -> None:
    show = {"recipe": "mlp-fast", "settings": ["epochs=3", "hidden=64"]}
    step = parse_lesson(lesson_with(show=show), "a.toml").steps[1]
    assert step.show is not None
    recipe = step.show.changed_recipe
    assert recipe is not None
    assert recipe.training.epochs == 3
    assert (step.show.page, step.show.data) == ("train", "mnist")


def test_strokes_of_any_unit_are_a_drawing_on_the_pad() -> None:
    step = parse_lesson(lesson_with(show={"drawing": [[[0, 0], [1, 0], [0.4, 2]]]}), "a.toml").steps[1]
    assert step.show is not None
    assert step.show.page == "draw"
    (stroke,) = step.show.pad_drawing.ink.strokes
    assert np.ptp(stroke[:, 1]) > 100  # pad units


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"x": 1}, "a.toml: step 2: there is no key “x”: the keys are title, text, show, controls, done"),
        ({"show": 1}, "a.toml: step 2, show: must be a section with keys"),
        ({"show": {"view": "x"}}, "a.toml: step 2, show.view: must be one of 'inside', 'break-it', "),
        ({"show": {"tab": "Draw"}}, "a.toml: step 2, show.tab: must be one of 'draw', 'train', "),
        ({"show": {"y": 1}}, "a.toml: step 2, show: there is no key “y”: the keys are tab, view, "),
        ({"show": {"recipe": "../x"}}, "a.toml: step 2, show.recipe: there is no recipe “../x”: choose one of softmax"),
        ({"show": {"settings": ["a=1"]}}, "a.toml: step 2, show.settings: need a recipe that they change"),
        (
            {"show": {"recipe": "softmax", "settings": ["epochs=0"]}},
            "a.toml: step 2, show.settings: epochs=0: ",
        ),
        (
            {"show": {"dataset": "/etc"}},
            "a.toml: step 2, show.dataset: there is no data set “/etc”: choose one of mnist",
        ),
        ({"show": {"drawing": [[[1]]]}}, "a.toml: step 2, show.drawing: must be strokes: lists of points [x, y]"),
        ({"show": {"drawing": [[[1, float("nan")]]]}}, "a.toml: step 2, show.drawing: must be strokes"),
        ({"controls": ["x"]}, "a.toml: step 2, controls: must be one of 'recipe', 'data', "),
        ({"done": {}}, "a.toml: step 2, done: the key “when” is missing"),
        ({"done": {"when": "danced"}}, "a.toml: step 2, done.when: must be one of 'drew', 'trained', "),
        ({"done": {"when": "drew", "digit": 10}}, "a.toml: step 2, done.digit: must be 9 or less"),
        ({"done": {"when": "drew", "x": 1}}, "a.toml: step 2, done: there is no key “x”: the keys are when, digit"),
        ({"done": {"when": "looked"}}, "a.toml: step 2, done: the key “view” is missing"),
        ({"done": {"when": "trained", "accuracy": 90}}, "a.toml: step 2, done.accuracy: must be 1.0 or less"),
        (
            {"done": {"when": "trained", "accuracy": 0.9, "at_most": 0.5}},
            "a.toml: step 2, done.at_most: cannot be combined with accuracy",
        ),
        (
            {"done": {"when": "trained", "dataset": "cifar"}},
            "a.toml: step 2, done.dataset: there is no data set “cifar”: choose one of mnist",
        ),
        (
            {"done": {"when": "found-mistake", "label": 1, "predicted": 1}},
            "a.toml: step 2, done.predicted: must not be the label",
        ),
        ({"done": {"when": "made-gate", "gate": "xor"}}, "a.toml: step 2, done.right: must be 3 or less for XOR"),
        ({"done": {"when": "drew", "digit": True}}, "a.toml: step 2, done.digit: must be a whole number"),
        ({"done": {"when": "drew", "digit": "7"}}, "a.toml: step 2, done.digit: must be a whole number"),
        ({"done": {"when": "switched-off", "count": True}}, "a.toml: step 2, done.count: must be a whole number"),
        ({"done": {"when": "trained", "accuracy": True}}, "a.toml: step 2, done.accuracy: must be a number"),
        ({"title": " \n"}, "a.toml: step 2, title: must not be empty"),
        ({"text": " \n"}, "a.toml: step 2, text: must not be empty"),
        ({"text": ""}, "a.toml: step 2, text: must not be empty"),
        ({"text": "x" * 9000}, "a.toml: step 2, text: can have at most 8000 characters"),
    ],
)
def test_a_wrong_key_is_named_with_its_step_and_what_is_allowed(keys: dict[str, object], sentence: str) -> None:
    assert problem_of(lesson_with(**keys)).startswith(sentence)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({}, "a.toml: the key “title” is missing"),
        ({"title": "a"}, "a.toml: the key “steps” is missing"),
        ({"title": "a", "step": []}, "a.toml: there is no key “step”: the keys are title, summary, steps"),
        ({"title": "a", "steps": []}, "a.toml: steps: needs at least 1 values"),
        ({"title": "a", "steps": ["x"]}, "a.toml: step 1: must be a section with keys"),
        ({"title": "a", "steps": "x"}, "a.toml: steps: must be a list"),
        ({"title": "a", "steps": [{"title": "b", "text": "c"}] * 51}, "a.toml: steps: can have at most 50 values"),
        ({"title": 7, "steps": [{"title": "b", "text": "c"}]}, "a.toml: title: must be text"),
    ],
)
def test_a_lesson_without_title_or_steps_is_refused(content: dict[str, object], sentence: str) -> None:
    assert problem_of(content) == sentence


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"x = ", "is not valid TOML: correct line 1"),
        (b"a = " + b"[" * 3000, "is not valid TOML"),
        (b"\xff\xfe", "is not UTF-8 text: save it as UTF-8"),
        (b"#" * (1 << 19), "is too large"),
        (b"a = " + b"9" * 5000, "is not valid TOML"),
    ],
)
def test_a_file_that_is_no_lesson_gives_one_sentence(data: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(data)
    with pytest.raises(DigitpadError, match=sentence):
        read_lesson(path)


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbf" + b'title = "A"\n[[steps]]\ntitle = "B"\ntext = "C"\n')
    assert read_lesson(path).title == "A"


def test_the_users_lessons_are_listed_after_the_shipped_ones(tmp_path: Path) -> None:
    folder = user_lessons()
    folder.mkdir(parents=True)
    (folder / "b.toml").write_text('title = "Mine"\n[[steps]]\ntitle = "B"\ntext = "C"\ndone = { when = "drew" }\n')
    (folder / "broken.toml").write_text("x")
    entries = list_lessons()
    assert [entry.path for entry in entries[:-2]] == SHIPPED
    assert [(entry.title, entry.is_shipped) for entry in entries[-2:]] == [("Mine", False), ("broken.toml", False)]
    mine = entries[-2]
    assert mine.is_finished({0})
    assert not mine.is_finished(())
    assert len({key_of(entry.path) for entry in entries}) == len(entries)


def documented_example() -> Lesson:
    text = (ASSETS.parent / "docs" / "lessons.md").read_text(encoding="utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    return parse_lesson(tomllib.loads(example), "docs/lessons.md")


def test_the_example_in_the_documentation_is_a_lesson() -> None:
    assert len(documented_example().steps) >= 3


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_is_documented(name: str) -> None:
    assert f"`{name}`" in (ASSETS.parent / "docs" / "lessons.md").read_text(encoding="utf-8")
