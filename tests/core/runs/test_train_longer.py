"""Train longer: more epochs on a run, as a new run that names its parent."""

import json
import math
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_runs
from digitpad.core.models.model_files import BEST, LAST, list_run_models, load_model
from digitpad.core.runs import new_folders
from digitpad.core.runs.batch_curve import read_batch_curve
from digitpad.core.runs.cleanup import remove_leftovers
from digitpad.core.runs.run_folder import STATE, EpochRow, Run, read_run
from digitpad.core.runs.run_library import delete_run, list_runs
from digitpad.core.runs.state_file import load_state
from digitpad.core.runs.training_job import (
    RunClosed,
    RunOpened,
    TrainingJob,
    resume_job,
    run_job,
    train_longer_job,
)
from digitpad.core.runs.weight_history import read_weight_history
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings

SMALL = ["dataset=digits", "hidden=12", "epochs=3", "test_first=100"]
TORCH = with_settings(
    load_recipe("mlp-fast"),
    [*SMALL, "train_first=400", "batch_size=100", "dropout=0.2", "rotation=10", "schedule=constant", "device=cpu"],
)
NUMPY = with_settings(load_recipe("relu-dropout-sgd-correct"), [*SMALL, "train_first=60", "shuffle=true"])
ENGINES = pytest.mark.parametrize("recipe", [TORCH, NUMPY], ids=["torch", "numpy"])


def finished(job: TrainingJob) -> Run:
    closed = list(run_job(job))[-1]
    assert isinstance(closed, RunClosed)
    return read_run(closed.run.folder)


def stopped(job: TrainingJob, epochs: int) -> Run:
    folder: Path | None = None
    with closing(run_job(job)) as events:
        for event in events:
            if isinstance(event, RunOpened):
                folder = event.run.folder
            if isinstance(event, EpochDone) and event.epoch == epochs:
                break
    assert folder is not None
    return read_run(folder)


def figures(run: Run) -> list[dict]:
    return [{**asdict(row), "seconds": 0} for row in run.rows]


def assert_same_weights(first: Path, second: Path) -> None:
    models = [load_model(path).model.state_dict() for path in (first, second)]
    assert all(np.array_equal(models[0][name].numpy(), models[1][name].numpy()) for name in models[0])


@ENGINES
def test_the_result_is_that_of_a_training_of_as_many_epochs_from_the_start(recipe: Recipe) -> None:
    parent = finished(TrainingJob(recipe, "a"))
    before = {path.name: path.read_bytes() for path in parent.folder.iterdir()}
    longer = finished(train_longer_job(parent, 6))
    whole = finished(TrainingJob(with_settings(recipe, ["epochs=6"]), "a"))
    assert figures(longer) == figures(whole)
    assert_same_weights(longer.folder / LAST, whole.folder / LAST)
    assert_same_weights(longer.folder / BEST, whole.folder / BEST)
    states = [load_state(run.folder / STATE, run.recipe.model) for run in (longer, whole)]
    assert states[0].notes == states[1].notes
    assert all(np.array_equal(states[0].arrays[name], states[1].arrays[name]) for name in states[0].arrays)
    assert np.array_equal(read_batch_curve(longer.folder).steps, read_batch_curve(whole.folder).steps)
    histories = [read_weight_history(run.folder) for run in (longer, whole)]
    assert histories[0] is not None
    assert histories[1] is not None
    assert histories[0].epochs == histories[1].epochs == tuple(range(7))
    assert np.array_equal(histories[0].pixels, histories[1].pixels)
    # The parent is unchanged.
    after = {path.name: path.read_bytes() for path in parent.folder.iterdir()}
    assert {name: after[name] for name in before} == before


def test_the_new_run_names_its_parent_and_keeps_what_it_started_with() -> None:
    parent = finished(TrainingJob(TORCH, "mlp-fast"))
    longer = finished(train_longer_job(parent, 4))
    assert longer.folder != parent.folder
    assert longer.info.parent == parent.id
    assert longer.info.recipe_name == "mlp-fast"
    assert longer.recipe == with_settings(TORCH, ["epochs=4"])
    assert longer.info.digests == parent.info.digests
    assert longer.rows[:3] == parent.rows
    assert parent.info.parent == ""
    assert len(list_run_models()) == 2
    twice = finished(train_longer_job(longer, 5))
    assert (twice.info.parent, len(twice.rows)) == (longer.id, 5)


def test_a_one_cycle_schedule_is_that_of_all_epochs_from_there() -> None:
    recipe = with_settings(TORCH, ["schedule=one-cycle"])
    longer = finished(train_longer_job(finished(TrainingJob(recipe, "a")), 6))
    whole = finished(TrainingJob(with_settings(recipe, ["epochs=6"]), "a"))
    assert longer.rows[-1].train_loss != whole.rows[-1].train_loss
    assert len(longer.rows) == 6


@ENGINES
def test_a_stopped_run_can_be_trained_longer_or_shorter_than_it_was_to(recipe: Recipe) -> None:
    parent = stopped(TrainingJob(with_settings(recipe, ["epochs=9"]), "a"), 2)
    for epochs in (3, 12):
        longer = finished(train_longer_job(parent, epochs))
        whole = finished(TrainingJob(with_settings(recipe, [f"epochs={epochs}"]), "a"))
        assert figures(longer) == figures(whole)
    assert read_run(parent.folder).can_resume


def test_a_longer_run_that_is_stopped_is_resumed_like_any_other() -> None:
    parent = finished(TrainingJob(TORCH, "a"))
    longer = stopped(train_longer_job(parent, 6), 4)
    assert longer.info.outcome == "stopped"
    assert figures(finished(resume_job(longer))) == figures(
        finished(TrainingJob(with_settings(TORCH, ["epochs=6"]), "a"))
    )


def test_a_longer_run_stopped_before_an_epoch_of_its_own_is_deleted() -> None:
    parent = finished(TrainingJob(TORCH, "a"))
    with closing(run_job(train_longer_job(parent, 6))) as events:
        opened = next(events)
    assert isinstance(opened, RunOpened)
    assert len(opened.run.rows) == 3
    assert [run.id for run in list_runs()] == [parent.id]


def test_a_run_that_stopped_early_waits_anew() -> None:
    recipe = with_settings(TORCH, ["patience=2", "learning_rate=1", "epochs=50", "rotation=0"])
    parent = finished(TrainingJob(recipe, "a"))
    done = len(parent.rows)
    assert done < 50
    longer = finished(train_longer_job(parent, done + 1))
    assert len(longer.rows) == done + 1
    # The lowest loss is still known, so it stops when two more epochs are not better.
    longer = finished(train_longer_job(parent, 60))
    assert done + 2 <= len(longer.rows) < 60


def test_a_run_with_patience_that_was_not_used_up_counts_on() -> None:
    recipe = with_settings(TORCH, ["patience=40", "learning_rate=0.01"])
    longer = finished(train_longer_job(finished(TrainingJob(recipe, "a")), 6))
    whole = finished(TrainingJob(with_settings(recipe, ["epochs=6"]), "a"))
    assert (
        load_state(longer.folder / STATE, longer.recipe.model).notes
        == load_state(whole.folder / STATE, whole.recipe.model).notes
    )


def test_measured_epochs_stay_in_step() -> None:
    recipe = with_settings(TORCH, ["report_every=2", "epochs=4"])
    longer = finished(train_longer_job(finished(TrainingJob(recipe, "a")), 8))
    # 4 was the parent's last epoch.
    assert [row.epoch for row in longer.rows] == [1, 3, 4, 5, 7, 8]


@pytest.mark.parametrize("epochs", [-1, 0, 2, 3])
def test_no_more_epochs_than_are_done_are_refused(epochs: int) -> None:
    parent = finished(TrainingJob(TORCH, "a"))
    with pytest.raises(DigitpadError, match="“a” has already trained 3 epochs: choose a larger number of epochs"):
        train_longer_job(parent, epochs)


def test_too_many_epochs_are_refused() -> None:
    with pytest.raises(DigitpadError, match="epochs=1000001: must be 1000000 or less"):
        train_longer_job(finished(TrainingJob(TORCH, "a")), 1_000_001)


def test_a_run_in_training_cannot_be_trained_longer() -> None:
    with closing(run_job(TrainingJob(TORCH, "a"))) as events:
        for event in events:
            if isinstance(event, EpochDone) and event.epoch == 2:
                break
        run = list_runs()[0]
        with pytest.raises(DigitpadError, match="“a” is being trained: stop it first"):
            train_longer_job(run, 9)
        job = TrainingJob(with_settings(TORCH, ["epochs=9"]), "a", parent=run)
        with pytest.raises(DigitpadError, match="“a” is being trained: stop it first"):
            next(run_job(job))
    assert [found.id for found in list_runs()] == [run.id]


def _without_state(run: Run) -> None:
    (run.folder / STATE).unlink()


def _damaged_state(run: Run) -> None:
    (run.folder / STATE).write_bytes(b"damaged")


def _damaged_info(run: Run) -> None:
    (run.folder / "run.json").write_text("{")


def _deleted(run: Run) -> None:
    delete_run(run)


def _link_to_nowhere(run: Run) -> None:
    (run.folder / BEST).unlink()
    (run.folder / BEST).symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_without_state, "does not exist|no saved state"),
        (_damaged_state, "is damaged"),
        (_damaged_info, "is damaged"),
        (_deleted, "already deleted|no saved state"),
        (_link_to_nowhere, "contains links"),
    ],
)
def test_a_parent_that_is_damaged_or_gone_is_a_sentence_and_leaves_no_run(
    damage: Callable[[Run], None], reason: str
) -> None:
    parent = finished(TrainingJob(TORCH, "a"))
    job = train_longer_job(parent, 6)
    damage(parent)
    with pytest.raises(DigitpadError, match=reason):
        next(run_job(job))
    left = {path.name for path in user_runs().iterdir()} - {".deleted", parent.id}
    assert left == set()


def test_a_parent_without_state_is_refused_at_once() -> None:
    parent = finished(TrainingJob(TORCH, "a"))
    _without_state(parent)
    with pytest.raises(DigitpadError, match="“a” has no saved state, so it cannot be trained longer: start a new run"):
        train_longer_job(parent, 6)


def test_an_old_parent_without_curve_and_history_is_continued() -> None:
    parent = finished(TrainingJob(TORCH, "a"))
    for name in ("batches.bin", "weights.bin"):
        (parent.folder / name).unlink()
    longer = finished(train_longer_job(parent, 4))
    assert len(longer.rows) == 4
    assert read_batch_curve(longer.folder).steps[0, 0] == pytest.approx(3.25)


def test_a_parent_killed_between_line_and_state_gives_its_last_saved_epoch() -> None:
    parent = finished(TrainingJob(TORCH, "a"))
    content = json.loads((parent.folder / "run.json").read_text())
    (parent.folder / "run.json").write_text(json.dumps({**content, "outcome": "unfinished"}))
    older = stopped(TrainingJob(TORCH, "b"), 2)
    shutil.copy(older.folder / STATE, parent.folder / STATE)
    longer = finished(train_longer_job(read_run(parent.folder), 5))
    assert figures(longer) == figures(finished(TrainingJob(with_settings(TORCH, ["epochs=5"]), "a")))


def test_a_copy_that_was_killed_is_not_listed_and_is_removed_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import time

    parent = finished(TrainingJob(TORCH, "a"))
    job = train_longer_job(parent, 6)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        patch.setattr(new_folders.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            next(run_job(job))
    assert [run.id for run in list_runs()] == [parent.id]
    assert len(list_run_models()) == 1
    then = time.time() - 2 * 24 * 3600
    for path in user_runs().iterdir():
        if path != parent.folder:
            os.utime(path, (then, then))
    remove_leftovers()
    assert [path.name for path in user_runs().iterdir()] == [parent.id]


def test_a_run_whose_losses_are_not_finite_is_continued() -> None:
    parent = finished(TrainingJob(TORCH, "a"))
    lines = (parent.folder / "metrics.jsonl").read_text().splitlines()
    lines[0] = json.dumps({**json.loads(lines[0]), "test_loss": None})
    (parent.folder / "metrics.jsonl").write_text("\n".join([*lines, ""]))
    longer = finished(train_longer_job(read_run(parent.folder), 4))
    rows: tuple[EpochRow, ...] = longer.rows
    assert math.isnan(rows[0].test_loss)
    assert len(rows) == 4
