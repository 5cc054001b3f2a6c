"""The PyTorch engine reproduces the losses of the PyTorch tutorials."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.result import evaluate
from digitpad.core.evaluation.samples import SampleSet, load_set
from digitpad.core.training.events import EpochDone, TrainerState
from digitpad.core.training.loop import train
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe

# The tutorial adds up the mean losses of the batches in float32.
_ROUNDING = 5e-7


def run(recipe: Recipe, data: Path, state: TrainerState | None = None) -> list[EpochDone]:
    training, test = (load_digits(recipe.dataset, part, data) for part in ("train", "test"))
    events = train(recipe.model, recipe.training, training, test, state=state)
    return [event for event in events if isinstance(event, EpochDone)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["softmax-sgd-100", "softmax-sgd-1000"])
def test_the_softmax_programs_are_reproduced(name: str, shared_data: Path) -> None:
    recipe = load_recipe(name)
    with (shared_data.parent / "published" / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = [(float(row["cost"]), float(row["test_accuracy_scaled"])) for row in rows]
    done = run(recipe, shared_data)
    np.testing.assert_allclose([epoch.train_loss for epoch in done], [cost for cost, _ in table], atol=_ROUNDING)
    assert [epoch.test_accuracy for epoch in done] == [accuracy for _, accuracy in table]
    assert recipe.published.train_loss == tuple(cost for cost, _ in table)
    assert recipe.published.test_accuracy == tuple(accuracy for _, accuracy in table)
    # The tutorials themselves test with pixels from 0 to 255.
    raw = load_set(SampleSet("mnist", "test", shared_data, raw_pixels=True))
    measured = [evaluate(epoch.model, raw.inputs).accuracy for epoch in done]
    assert measured == [float(row["test_accuracy_raw_pixels"]) for row in rows]


def test_a_resumed_training_continues_the_order_of_the_data_loader() -> None:
    recipe = load_recipe("softmax-sgd-100")
    recipe = replace(recipe, dataset="digits", training=replace(recipe.training, epochs=3))
    whole = run(recipe, Path())
    resumed = run(recipe, Path(), state=whole[0].state)
    assert [epoch.train_loss for epoch in resumed] == [epoch.train_loss for epoch in whole[1:]]
    seeded = run(replace(recipe, training=replace(recipe.training, stream="seeded")), Path())
    assert seeded[0].train_loss != whole[0].train_loss


def test_the_first_program_stays_close_to_its_unseeded_losses() -> None:
    recipe = load_recipe("digits-mlp-adam")
    losses = {epoch.epoch: epoch.train_loss for epoch in run(recipe, Path())}
    differences = [
        losses[e] - loss for e, loss in zip(recipe.published.epochs, recipe.published.train_loss, strict=True)
    ]
    assert max(map(abs, differences)) < 0.025
