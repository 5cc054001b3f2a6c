"""The choice of models: choose, compare, and follow the model in training."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from digitpad.core.models.model_files import LoadedModel, ModelCard, ModelEntry, load_model
from digitpad.gui.session.model_choice import ModelChoice
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
