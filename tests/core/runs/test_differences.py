"""Runs are named by what differs from their recipe."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from digitpad.core.files.paths import user_recipes
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec
from digitpad.core.runs import differences as module
from digitpad.core.runs.differences import (
    SettingChange,
    changed_settings,
    changes_text,
    differences,
    run_name,
    unused_name,
)
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import list_runs, rename_run
from digitpad.core.runs.training_job import RunOpened, TrainingJob, run_job, train_longer_job
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe, recipe_names, save_recipe
from digitpad.core.training.recipes import Recipe, with_settings


def changed(name: str, *settings: str) -> Recipe:
    return with_settings(load_recipe(name), settings)


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("mlp-fast", [], "mlp-fast"),
        ("mlp-fast", ["learning_rate=0.01"], "mlp-fast · lr 0.01"),
        ("mlp-fast", ["learning_rate=1e-5"], "mlp-fast · lr 1e-05"),
        ("mlp-fast", ["epochs=20", "learning_rate=0.01"], "mlp-fast · lr 0.01, epochs 20"),
        ("mlp-fast", ["hidden=100,50"], "mlp-fast · hidden 100-50"),
        ("mlp-fast", ["hidden=[]"], "mlp-fast · hidden none"),
        ("mlp-fast", ["dataset=digits"], "mlp-fast · data digits"),
        ("mlp-fast", ["dataset=/tmp/my set"], "mlp-fast · data my set"),
        ("mlp-fast", ["shuffle=false"], "mlp-fast · shuffle off"),
        ("mlp-fast", ["rotation=10.0"], "mlp-fast · rotation 10"),
        ("mlp-fast", ["batch_size=full"], "mlp-fast · batch full"),
        ("mlp-fast", ["train_first=100"], "mlp-fast · training images 100"),
        ("mlp-fast", ["model=softmax"], "mlp-fast · model softmax 784-10"),
        (
            "mlp-fast",
            ["seed=1", "rotation=1", "shear=0.5", "epochs=9"],
            "mlp-fast · epochs 9, rotation 1, shear 0.5, …",
        ),
        ("relu-dropout-sgd", ["slips=[]"], "relu-dropout-sgd · slips none"),
    ],
)
def test_a_run_is_named_by_what_differs_from_its_recipe(name: str, settings: list[str], expected: str) -> None:
    assert run_name(changed(name, *settings), name) == expected


def test_a_run_of_no_recipe_is_named_by_its_title() -> None:
    assert run_name(replace(load_recipe("mlp-fast"), title="Mine"), "") == "Mine"
    assert changed_settings(load_recipe("mlp-fast"), "") == ()
    for unknown in ("no such recipe", "../mlp-fast", "/etc/passwd", "a\x00b", "x" * 300, "\udcff"):
        assert changed_settings(load_recipe("mlp-fast"), unknown) == ()
        assert 1 <= len(run_name(load_recipe("mlp-fast"), unknown)) <= 120


def test_a_change_has_its_place_and_both_values() -> None:
    assert changed_settings(changed("mlp-fast", "learning_rate=0.01", "nesterov=false"), "mlp-fast") == (
        SettingChange("training.learning_rate", "lr", "0.006", "0.01"),
    )
    (model,) = differences(load_recipe("mlp-fast"), changed("mlp-fast", "model=softmax"))
    assert (model.key, model.before, model.after) == ("model", "MLP 784-512-256-10", "softmax 784-10")
    one, two = differences(load_recipe("mlp-fast"), changed("mlp-fast", "train_first=100", "shuffle=false"))
    assert (one.before, one.after, two.before, two.after) == ("all", "100", "on", "off")


@pytest.mark.parametrize("first", recipe_names())
def test_differences_of_two_recipes_are_the_same_from_both_sides(first: str) -> None:
    for second in recipe_names():
        there, back = (
            differences(load_recipe(first), load_recipe(second)),
            differences(load_recipe(second), load_recipe(first)),
        )
        assert [(c.key, c.name, c.before, c.after) for c in there] == [(c.key, c.name, c.after, c.before) for c in back]
        assert bool(there) == (first != second)
        assert all(change.before and change.after and change.name for change in there)
        assert len({change.key for change in there}) == len(there)


def test_texts_of_a_recipe_are_not_settings() -> None:
    recipe = load_recipe("mlp-fast")
    assert differences(recipe, replace(recipe, title="another", explanation="")) == ()


def test_every_setting_has_a_short_name() -> None:
    def keys(kind: Any, start: str) -> Iterator[str]:
        for field in fields(kind):
            if field.name in (
                "title",
                "explanation",
                "published",
                "kind",
                "inputs",
                "outputs",
                "normalisation",
                "model",
            ):
                continue
            default = getattr(kind, field.name, None)
            yield from keys(default, f"{start}{field.name}.") if is_dataclass(default) else (f"{start}{field.name}",)

    known = set(module._NAMES)
    needed = {*keys(Recipe, ""), *keys(TrainConfig, "training.")} - {"training"}
    needed |= {key for spec in (SoftmaxSpec, MLPSpec, CNNSpec) for key in keys(spec, "model.")}
    assert {key for key in needed if key not in known and not key.startswith("training.augmentation")} == set()


def test_the_users_recipe_is_compared_as_it_is_now() -> None:
    recipe = changed("mlp-fast", "hidden=20")
    save_recipe("mine", recipe)
    assert run_name(recipe, "mine") == "mine"
    save_recipe("mine", changed("mlp-fast", "hidden=20", "epochs=9"), replace=True)
    assert run_name(recipe, "mine") == "mine · epochs 2"
    (user_recipes() / "mine.toml").write_text("damaged")
    assert run_name(recipe, "mine") == "mine"


def test_a_relative_data_set_of_a_recipe_is_no_difference_from_its_full_path(tmp_path: Path) -> None:
    save_recipe("mine", changed("mlp-fast", "dataset=sets/mine"))
    assert run_name(changed("mlp-fast", f"dataset={tmp_path}/sets/mine"), "mine") == "mine"
    assert run_name(changed("mlp-fast", f"dataset={tmp_path}/other/mine"), "mine") == "mine · data mine"


def test_names_are_never_longer_than_a_run_may_have() -> None:
    long = changed(
        "mlp-fast", f"dataset=/tmp/{'d' * 250}", "hidden=1000,1000,1000,1000,1000,1000,1000,1000", "epochs=20"
    )
    for name in ("mlp-fast", "n" * 255):
        assert len(run_name(long, name, load_recipe("mlp-fast"))) <= 120
    assert len(unused_name("x" * 120, {"x" * 120})) <= 120


def test_a_name_that_is_in_use_gets_a_number() -> None:
    assert unused_name("a", ()) == "a"
    assert unused_name("a", {"a"}) == "a 2"
    assert unused_name("a", {"a", "a 2", "b"}) == "a 3"


def test_changes_in_a_line() -> None:
    changes = changed_settings(changed("mlp-fast", "learning_rate=0.01", "epochs=20"), "mlp-fast")
    assert changes_text(changes) == "lr 0.01, epochs 20"
    assert changes_text(()) == ""


SMALL = with_settings(load_recipe("digits-mlp-adam"), ["hidden=4", "epochs=1", "train_first=40", "test_first=40"])


def stopped(job: TrainingJob) -> Run:
    with closing(run_job(job)) as events:
        for event in events:
            if isinstance(event, EpochDone) and event.epoch == job.recipe.training.epochs:
                break
    return list_runs()[0]


def opened_name(job: TrainingJob) -> str:
    with closing(run_job(job)) as events:
        opened = next(events)
    assert isinstance(opened, RunOpened)
    return opened.run.name


def test_a_run_without_a_name_is_named_and_numbered() -> None:
    job = TrainingJob(SMALL, "digits-mlp-adam")
    expected = run_name(SMALL, "digits-mlp-adam")
    assert stopped(job).name == expected
    assert expected.startswith("digits-mlp-adam · ")
    assert opened_name(job) == f"{expected} 2"
    assert opened_name(TrainingJob(SMALL, "digits-mlp-adam", "my own")) == "my own"


def test_a_longer_run_is_named_by_its_epochs_or_by_the_name_of_its_parent() -> None:
    run = stopped(TrainingJob(with_settings(SMALL, ["epochs=1"]), "unknown"))
    assert run.name == "unknown"
    assert opened_name(train_longer_job(run, 3)) == "unknown 2"  # there is no recipe to compare with
    run = rename_run(run, "my best")
    longer = stopped(train_longer_job(run, 2))
    assert longer.name == "my best · epochs 2"
    assert opened_name(train_longer_job(longer, 3)) == "my best · epochs 3"
    assert opened_name(train_longer_job(run, 2)) == "my best · epochs 2 2"


def test_a_longer_run_of_a_recipe_has_the_name_of_a_run_with_as_many_epochs() -> None:
    recipe = changed("softmax", "dataset=digits", "epochs=1")
    run = stopped(TrainingJob(recipe, "softmax"))
    assert run.name == "softmax · data digits, epochs 1"
    assert opened_name(train_longer_job(run, 2)) == "softmax · data digits, epochs 2"
    assert opened_name(train_longer_job(run, 40)) == "softmax · data digits"
