#!/usr/bin/env python3
"""Measure on MNIST what averaged weights (EMA) add to a recipe: last and averaged weights of the same trainings.

    .venv/bin/python scripts/training/weight_averages.py mlp-best --data ../shared/data --set epochs=10 --seeds 3

The table is in docs/accuracy.md. Each row is a mean over the seeds.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.result import evaluate
from digitpad.core.images.digits import Digits
from digitpad.core.models.networks import DigitModel, model_of
from digitpad.core.training.events import EpochDone
from digitpad.core.training.loop import train
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings

_WEIGHTS = "weights."  # of the last step, in a saved state


@dataclass(frozen=True, slots=True)
class Scores:
    """Test accuracy, a fraction, and mean test loss, nats, of the last and of the averaged weights."""

    last: tuple[float, float]
    averaged: tuple[float, float]


def last_model(event: EpochDone) -> DigitModel:
    """Return the model of the last step, without averaging."""
    assert event.state is not None  # noqa: S101 - the engine always gives one
    arrays = event.state.arrays.items()
    weights = {name.removeprefix(_WEIGHTS): torch.tensor(a) for name, a in arrays if name.startswith(_WEIGHTS)}
    return model_of(event.model.spec, weights)


def scores(model: DigitModel, test: Digits) -> tuple[float, float]:
    """Return accuracy and mean loss."""
    evaluation = evaluate(model, test)
    return evaluation.accuracy, float(evaluation.losses.mean())


def measured(recipe: Recipe, training: Digits, test: Digits) -> list[Scores]:
    """Train, and return the scores after each epoch."""
    rows = []
    for event in train(recipe.model, recipe.training, training, test):
        if isinstance(event, EpochDone):
            rows.append(Scores(scores(last_model(event), test), scores(event.model, test)))
            (last, last_loss), (average, average_loss) = rows[-1].last, rows[-1].averaged
            print(
                f"  seed {recipe.training.seed}, epoch {event.epoch}: last {last:.2%} {last_loss:.4f}, "
                f"averaged {average:.2%} {average_loss:.4f}",
                flush=True,
            )
    return rows


def print_table(name: str, decay: float, runs: Sequence[Sequence[Scores]]) -> None:
    """Print a row for each quarter of the training."""
    epochs = len(runs[0])
    print(f"\n| {name}, {epochs} epochs, average = {decay:g} | last weights | averaged | test loss, last | averaged |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for epoch in sorted({max(1, epochs * quarter // 4) for quarter in (1, 2, 3, 4)}):
        figures = np.mean([[*run[epoch - 1].last, *run[epoch - 1].averaged] for run in runs], axis=0)
        accuracy, loss, averaged, averaged_loss = figures
        print(f"| after epoch {epoch} | {accuracy:.2%} | {averaged:.2%} | {loss:.4f} | {averaged_loss:.4f} |")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", metavar="RECIPE", help="such as mlp-best")
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/")
    parser.add_argument("--average", type=float, help="the decay; default: the recipe's, or 0.99")
    parser.add_argument("--seeds", type=int, default=3, help="number of trainings; default: 3")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting")
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    decay = arguments.average or recipe.training.average or 0.99
    recipe = with_settings(recipe, [*arguments.set, f"average={decay}"])
    training, test = (load_digits("mnist", part, arguments.data) for part in ("train", "test"))
    runs = [
        measured(replace(recipe, training=replace(recipe.training, seed=seed)), training, test)
        for seed in range(1, arguments.seeds + 1)
    ]
    print_table(arguments.recipe, decay, runs)


if __name__ == "__main__":
    main()
