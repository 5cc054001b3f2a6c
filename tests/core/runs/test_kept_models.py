"""The weights of the best and of the last epoch of a run."""

import shutil
from pathlib import Path

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.models.model_files import LAST, Epoch, find_model, load_model
from digitpad.core.runs.exporting import export_run
from digitpad.core.runs.run_folder import EpochRow, Run, read_run
from digitpad.core.runs.run_library import find_model_file
from digitpad.core.runs.training_job import (
    RunClosed,
    RunOpened,
    TrainingJob,
    resume_job,
    run_job,
    train_longer_job,
)
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings

SMALL = ("dataset=digits", "train_first=200", "test_first=100")
# Learning rates so large that the best epoch is an early one.
PLAIN = ("softmax", "learning_rate=0.5")
TUTORIAL = ("softmax-sgd-100", "learning_rate=3")
NUMPY = ("sigmoid-mlp-mse", "learning_rate=10")


def job(name: str, *changes: str, epochs: int = 5) -> TrainingJob:
    return TrainingJob(with_settings(load_recipe(name), [*SMALL, f"epochs={epochs}", *changes]), name)


def finished(job: TrainingJob) -> Run:
    closed = list(run_job(job))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


def stopped(job: TrainingJob, after: int) -> Run:
    """Train up to an epoch, then stop."""
    events = run_job(job)
    opened = next(events)
    assert isinstance(opened, RunOpened)
    for event in events:
        if isinstance(event, EpochDone) and event.epoch == after:
            events.close()
    return read_run(opened.run.folder)


def check(run: Run) -> None:
    """Compare each kept model with the epochs that were measured."""
    epochs = {kept.epoch: load_model(kept.path).card.epochs for kept in run.kept_models}
    assert run.best is not None
    assert run.last is not None
    expected = {"best": run.best.epoch} | ({} if run.last is run.best else {"last": run.last.epoch})
    assert epochs == expected
    assert run.kept_model("last").row is run.last


@pytest.mark.parametrize("recipe", [PLAIN, TUTORIAL, NUMPY])
def test_both_are_kept_whether_a_training_finishes_stops_resumes_or_goes_on_longer(recipe: tuple[str, ...]) -> None:
    for epochs in range(1, 6):
        check(finished(job(*recipe, epochs=epochs)))
    run = stopped(job(*recipe), after=3)
    check(run)
    check(finished(resume_job(run)))
    check(finished(train_longer_job(read_run(run.folder), 7)))
    check(finished(job(*recipe, "report_every=2", epochs=6)))


@pytest.mark.parametrize("recipe", [PLAIN, NUMPY])
def test_a_killed_training_keeps_both_after_every_epoch(recipe: tuple[str, ...], tmp_path: Path) -> None:
    run = stopped(job(*recipe), after=2)
    for event in run_job(resume_job(run)):
        if isinstance(event, EpochDone):
            check(read_run(shutil.copytree(run.folder, tmp_path / str(event.epoch))))


@pytest.mark.parametrize(("recipe", "first"), [(PLAIN, "best"), (TUTORIAL, "last"), (NUMPY, "last")])
def test_the_last_one_comes_first_if_there_are_published_figures(recipe: tuple[str, ...], first: str) -> None:
    run = finished(job(*recipe))
    assert [kept.epoch for kept in run.kept_models] == [first, "last" if first == "best" else "best"]
    assert find_model_file(run.id) == find_model_file(run.name) == run.kept_model().path == run.kept_models[0].path
    for epoch in ("best", "last"):
        assert find_model_file(run.name, epoch) == run.kept_model(epoch).path
    best = run.kept_model("best").path
    assert find_model_file(str(best)) == best
    assert find_model_file(str(best), "last") == run.kept_model("last").path


def test_weights_of_either_epoch_are_exported(tmp_path: Path) -> None:
    run = finished(job(*TUTORIAL))
    wanted: tuple[tuple[Epoch | None, EpochRow | None], ...]
    wanted = (("best", run.best), ("last", run.last), (None, run.last))
    for epoch, row in wanted:
        export_run(run, tmp_path / "mine.safetensors", epoch)
        assert row is not None
        assert load_model(tmp_path / "mine.safetensors").card.epochs == row.epoch


def test_a_last_epoch_that_is_not_kept_is_not_offered() -> None:
    run = finished(job(*TUTORIAL))
    (run.folder / LAST).unlink()
    assert [kept.epoch for kept in run.kept_models] == ["best"]
    with pytest.raises(DigitpadError, match="no weights of its last epoch"):
        run.kept_model("last")


def test_a_model_that_is_not_of_a_run_has_no_epochs() -> None:
    assert find_model_file("cnn") == find_model("cnn")
    with pytest.raises(DigitpadError, match="is not a run"):
        find_model_file("cnn", "last")
