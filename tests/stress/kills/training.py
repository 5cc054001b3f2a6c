"""Kill scenario: training; a step is an epoch, the state is the metrics of the run."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from digitpad.core.datasets.loading import load_digits
from digitpad.core.images.idx_sets import PARTS
from digitpad.core.models.model_files import list_run_models, load_model
from digitpad.core.runs.batch_curve import read_batch_curve
from digitpad.core.runs.exporting import export_weights
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import list_runs, rename_run
from digitpad.core.runs.training_job import TrainingJob, resume_job, run_job, train_longer_job
from digitpad.core.runs.weight_history import read_weight_history
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings
from tests.stress.kills.requests import Place, check

TITLE = "kill -9 while training, {}"
VARIANTS = ("torch engine", "NumPy engine", "a longer run")
MAY_REPEAT_STEP = True  # an epoch that was not acknowledged is repeated
_DATASET = "digits"
_COMMON = (f"dataset={_DATASET}", "hidden=12", "epochs=6", "test_first=100")
_NAME = "renamed"
_PARENT_EPOCHS = 2  # of the run that is trained longer


def warm() -> None:
    """Load the digits, which takes seconds, with one thread: others would not survive the fork."""
    torch.set_num_threads(1)
    for part in PARTS:
        load_digits(_DATASET, part, Path())


def steps(place: Place, _start: int) -> Iterator[int | None]:
    """Train, or resume the run; acknowledge each epoch when the command line would print it."""
    run, earlier = _run(place), _epochs_before(place)
    job = resume_job(run) if run else _new_job(place)
    yield None
    if run and not run.can_resume:
        return
    for event in run_job(job):
        if isinstance(event, EpochDone):
            yield event.epoch - earlier


def found(place: Place) -> object:
    """Open all files of the run, and return its metrics without times."""
    run = _run(place)
    if not run:
        return []
    _check_weights(run)
    steps = read_batch_curve(run.folder).steps
    history = read_weight_history(run.folder)
    check(not run.rows or (len(steps) and steps[-1, 0] >= run.rows[-1].epoch), "steps of an epoch are missing")
    check(not run.rows or (history and run.rows[-1].epoch in history.epochs), "an epoch's weights are missing")
    return [{**asdict(row), "seconds": 0} for row in run.rows[_epochs_before(place) :]]


def check_end(place: Place) -> object:
    """Check the files of a finished training."""
    run = _run(place)
    assert run is not None
    check(run.info.outcome == "finished", f"the run ended as {run.info.outcome}")
    check(
        load_model(run.folder / "best.safetensors").card.epochs == (run.best.epoch if run.best else 0),
        "best.safetensors is not the best epoch's",
    )
    check(
        load_model(run.folder / "last.safetensors").card.epochs == len(run.rows),
        "last.safetensors is not the last epoch's",
    )
    positions = read_batch_curve(run.folder).steps[:, 0]
    expected = np.arange(1, len(positions) + 1) * (len(run.rows) / len(positions))
    check(np.allclose(positions, expected), "the curve per batch has a gap, or steps twice")
    history = read_weight_history(run.folder)
    epochs = history.epochs if history else ()
    check(epochs == tuple(range(len(run.rows) + 1)), f"the history has the weights of epochs {epochs}")
    export_weights(run, place.documents / "last.safetensors", epoch="last")
    rename_run(run, _NAME)
    check(_NAME in [run.name for run in list_runs()], "the run was not renamed")
    return None


def _run(place: Place) -> Run | None:
    """Return the run that is killed: the only one, or the one that continues another."""
    runs = list_runs()
    if _epochs_before(place):
        runs = [run for run in runs if run.info.parent]
    check(len(runs) <= 1, "there is a second run")
    return runs[0] if runs else None


def _epochs_before(place: Place) -> int:
    return _PARENT_EPOCHS if VARIANTS[place.variant] == "a longer run" else 0


def _new_job(place: Place) -> TrainingJob:
    recipe = _recipe(place.variant)
    if not _epochs_before(place):
        return TrainingJob(recipe, "soak")
    if not list_runs():
        for _ in run_job(TrainingJob(with_settings(recipe, [f"epochs={_PARENT_EPOCHS}"]), "soak")):
            pass
    return train_longer_job(list_runs()[0], recipe.training.epochs)


def _check_weights(run: Run) -> None:
    """Check that the best weights exist from the first epoch on, and can be used."""
    if run.best is None:
        return
    check(run.folder in [entry.path.parent for entry in list_run_models()], "the run's model is not listed")
    accuracy = load_model(run.folder / "best.safetensors").card.test_accuracy or 0.0
    check(accuracy >= run.best.test_accuracy, "the best weights are not the best epoch's")


def _recipe(variant: int) -> Recipe:
    if VARIANTS[variant] == "NumPy engine":
        recipe = load_recipe("relu-dropout-sgd-correct")
        return with_settings(recipe, [*_COMMON, "train_first=60", "shuffle=true"])
    settings = ["batch_size=200", "dropout=0.2", "rotation=10", "train_first=200", "precision=float32", "device=cpu"]
    return with_settings(load_recipe("mlp-fast"), [*_COMMON, *settings])
