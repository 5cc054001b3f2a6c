"""The choice of models: choose, compare, and follow the model in training."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from digitpad.core.models.model_files import (
    BEST,
    LAST,
    LoadedModel,
    ModelCard,
    ModelEntry,
    display_name,
    load_model,
    read_card,
)
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import rename_run
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.model_choice import ModelChoice, run_entries
from digitpad.gui.session.settings import Settings


@pytest.fixture
def models(qtbot: QtBot) -> ModelChoice:
    return ModelChoice(Settings())


def shipped(models: ModelChoice, name: str) -> ModelEntry:
    return next(entry for entry in models.entries if entry.name == name)


def live(models: ModelChoice, epoch: int) -> ModelEntry:
    """Return a model in training, after an epoch."""
    loaded = load_model(shipped(models, "softmax").path)
    card = replace(loaded.card, name=f"mine, epoch {epoch}")
    return ModelEntry(Path("runs/mine"), card, is_shipped=False, live=LoadedModel(loaded.model, card))


def test_the_chosen_model_is_stored_and_chosen_again_in_the_next_session(models: ModelChoice, qtbot: QtBot) -> None:
    with qtbot.waitSignal(models.chosen_changed):
        models.choose(shipped(models, "mlp"))
    with qtbot.assertNotEmitted(models.chosen_changed):
        models.choose(shipped(models, "mlp"))
    assert ModelChoice(Settings()).chosen.name == "mlp"


def test_comparing_shows_the_shipped_models_and_the_chosen_one(models: ModelChoice, qtbot: QtBot) -> None:
    mine = ModelEntry(Path("mine.safetensors"), ModelCard(name="mine"), is_shipped=False)
    models.choose_opened(mine)
    assert models.compared == [mine]
    with qtbot.waitSignal(models.comparing_changed):
        models.set_comparing(True)
    assert [entry.name for entry in models.compared] == ["softmax", "mlp", "cnn", "mine"]
    models.choose(shipped(models, "cnn"))
    assert [entry.name for entry in models.compared] == ["softmax", "mlp", "cnn"]
    assert Settings().is_comparing


def test_while_following_every_epoch_updates_the_chosen_model(models: ModelChoice, qtbot: QtBot) -> None:
    before = models.chosen
    models.set_live(live(models, 1))
    assert models.chosen == before
    with qtbot.waitSignals([models.chosen_changed, models.chosen_updated, models.following_changed]):
        models.set_following(True)
    assert models.chosen.card.name == "mine, epoch 1"
    with qtbot.assertNotEmitted(models.chosen_changed), qtbot.waitSignal(models.chosen_updated):
        models.set_live(live(models, 2))
    assert models.chosen.card.name == "mine, epoch 2"
    assert [entry.card.name for entry in models.entries if entry.live] == ["mine, epoch 2"]
    assert models.end_training()
    assert models.chosen == before
    assert not any(entry.live for entry in models.entries)


def test_choosing_another_model_ends_following(models: ModelChoice, qtbot: QtBot) -> None:
    models.set_live(live(models, 1))
    models.set_following(True)
    with qtbot.waitSignal(models.following_changed, check_params_cb=lambda following: not following):
        models.choose(shipped(models, "mlp"))
    models.set_live(live(models, 2))
    assert models.chosen.name == "mlp"
    assert not models.end_training()


def trained(name: str, *settings: str, recipe: str = "softmax") -> Run:
    chosen = with_settings(load_recipe(recipe), ["epochs=1", *settings])
    closed = [*run_job(TrainingJob(chosen, recipe, name))][-1]
    assert isinstance(closed, RunClosed)
    return closed.run


@pytest.fixture
def run() -> Run:
    return trained("old name", "dataset=digits", "train_first=200", "test_first=300")


def names(models: ModelChoice) -> list[str]:
    return [display_name(entry) for entry in models.entries]


def test_the_entry_of_a_run_is_the_one_in_its_file(run: Run) -> None:
    made, read = run_entries(run)[0], read_card(run.folder / BEST)
    assert made.path == run.folder / BEST
    assert replace(made.card, training={}) == replace(read, training={})
    assert json.loads(json.dumps(made.card.training)) == read.training


def test_runs_are_listed_after_the_other_models_in_their_order(models: ModelChoice, run: Run, qtbot: QtBot) -> None:
    newer = trained("newer", "dataset=digits", "train_first=200")
    with qtbot.waitSignal(models.entries_changed), qtbot.assertNotEmitted(models.chosen_changed):
        models.show_runs([newer, run])
    assert names(models) == ["Softmax", "MLP", "CNN", "newer", "old name"]
    with qtbot.assertNotEmitted(models.entries_changed):
        models.show_runs([newer, run])
    models.show_runs([run])
    assert names(models) == ["Softmax", "MLP", "CNN", "old name"]


def test_runs_that_cannot_read_digits_are_not_listed(models: ModelChoice, run: Run) -> None:
    gate = trained("gate", recipe="xor-mlp")
    models.show_runs([gate, replace(run, rows=()), run])
    assert names(models) == ["Softmax", "MLP", "CNN", "old name"]


def test_a_renamed_run_has_its_new_name_also_if_it_is_chosen(models: ModelChoice, run: Run, qtbot: QtBot) -> None:
    models.show_runs([run])
    models.choose(models.entries[-1])
    renamed = rename_run(run, "new name")
    with qtbot.waitSignals([models.entries_changed, models.chosen_changed]):
        models.show_runs([renamed])
    assert display_name(models.chosen) == "new name"
    assert models.chosen in models.entries
    # The file has the old name.
    models.choose_opened(ModelEntry(run.folder / BEST, read_card(run.folder / BEST), is_shipped=False))
    assert display_name(models.chosen) == "new name"
    assert names(models).count("new name") == 1


def test_the_run_that_was_chosen_in_the_last_session_gets_its_present_name(models: ModelChoice, run: Run) -> None:
    models.show_runs([run])
    models.choose(models.entries[-1])
    renamed = rename_run(run, "new name")
    later = ModelChoice(Settings())
    assert later.chosen.path == run.folder / BEST
    later.show_runs([renamed])
    assert display_name(later.chosen) == "new name"
    assert names(later) == ["Softmax", "MLP", "CNN", "new name"]


def two_epochs(run: Run, *, best: int, last: int) -> Run:
    """Return a run whose epochs 1 to `last` were measured, with the best and the last one kept."""
    assert run.best is not None
    rows = tuple(
        replace(run.best, epoch=epoch, test_accuracy=0.5 if epoch == best else 0.4) for epoch in range(1, last + 1)
    )
    shutil.copy(run.folder / BEST, run.folder / LAST)
    return replace(run, rows=rows)


def test_both_epochs_of_a_run_are_listed_and_the_choice_follows_when_they_become_one(
    models: ModelChoice, run: Run, qtbot: QtBot
) -> None:
    models.show_runs([two_epochs(run, best=1, last=3)])
    assert names(models)[3:] == ["old name · best (1)", "old name · last (3)"]
    assert [entry.card.test_accuracy for entry in models.entries[3:]] == [0.5, 0.4]
    models.choose(models.entries[-1])
    models.show_runs([two_epochs(run, best=1, last=5)])
    assert display_name(models.chosen) == "old name · last (5)"
    with qtbot.waitSignal(models.chosen_changed):
        models.show_runs([two_epochs(run, best=6, last=6)])
    assert display_name(models.chosen) == "old name"
    assert names(models)[3:] == ["old name"]


def test_the_last_epoch_of_a_tutorial_is_listed_first(models: ModelChoice) -> None:
    run = trained("mine", "dataset=digits", "train_first=200", recipe="softmax-sgd-100")
    models.show_runs([two_epochs(run, best=1, last=3)])
    assert names(models)[3:] == ["mine · last (3)", "mine · best (1)"]


def test_a_restored_run_is_chosen_again_unless_the_user_chose_another_model(models: ModelChoice, run: Run) -> None:
    models.show_runs([run])
    for choice in ("", "mlp"):
        models.choose(models.entries[-1])
        models.remove_runs([run])
        assert models.chosen.is_shipped
        assert "old name" not in names(models)
        if choice:
            models.choose(shipped(models, choice))
        models.show_runs([run])
        assert models.chosen.name == (choice or run.id)


def test_a_shipped_model_that_is_opened_by_its_path_keeps_its_name(
    models: ModelChoice, tmp_path: Path, qtbot: QtBot
) -> None:
    mlp = shipped(models, "mlp")
    link = tmp_path / "mlp.safetensors"
    link.symlink_to(mlp.path)
    for path in (mlp.path, link):
        models.choose(shipped(models, "cnn"))
        with qtbot.waitSignal(models.chosen_changed):
            models.choose_opened(ModelEntry(path, mlp.card, is_shipped=False))
        assert models.chosen == mlp
        assert names(models) == ["Softmax", "MLP", "CNN"]
