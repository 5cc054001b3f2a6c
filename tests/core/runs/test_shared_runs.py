"""Two windows use one user folder: a window's copy of a run, a mark or a recipe may be out of date."""

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from digitpad.core.datasets.suspect_labels import (
    MAX_NOTE,
    SuspectLabel,
    new_mark,
    put_marks,
    read_marks,
    remove_marks,
)
from digitpad.core.errors import DigitpadError, MissingDeviceError
from digitpad.core.files.paths import user_recipes, user_runs
from digitpad.core.images.digits import Digits
from digitpad.core.runs.run_folder import Run, read_run
from digitpad.core.runs.run_library import delete_run, rename_run, restore_run
from digitpad.core.runs.training_job import RunOpened, TrainingJob, resume_job, run_job, with_device
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe, save_recipe
from digitpad.core.training.recipes import with_settings

EPOCHS = 6
RECIPE = with_settings(
    load_recipe("mlp-fast"),
    ["dataset=digits", "hidden=4", f"epochs={EPOCHS}", "train_first=60", "test_first=40", "device=cpu"],
)


def trained(job: TrainingJob, epochs: int) -> Run:
    """Train a number of epochs, stop, and return the run."""
    folder: Path | None = None
    with closing(run_job(job)) as events:
        for event in events:
            folder = getattr(getattr(event, "run", None), "folder", folder)
            epochs -= isinstance(event, EpochDone)
            if not epochs:
                break
    assert folder is not None
    return read_run(folder)


def stopped(epochs: int = 1) -> Run:
    return trained(TrainingJob(RECIPE, "shared"), epochs)


def epochs_of(run: Run) -> list[int]:
    return [row.epoch for row in read_run(run.folder).rows]


def test_resuming_an_outdated_copy_of_a_run_keeps_the_epochs_of_the_other_window() -> None:
    remembered = stopped()
    trained(resume_job(remembered), 2)
    trained(resume_job(remembered), 1)
    assert epochs_of(remembered) == [1, 2, 3, 4]


def test_a_run_that_another_window_has_finished_is_not_resumed() -> None:
    remembered = stopped()
    for _ in run_job(resume_job(remembered)):
        pass
    with pytest.raises(DigitpadError, match="all its epochs"):
        trained(resume_job(remembered), 1)
    assert epochs_of(remembered) == list(range(1, EPOCHS + 1))
    assert read_run(remembered.folder).info.outcome == "finished"


def test_a_run_that_another_window_trains_is_not_deleted() -> None:
    remembered = stopped()
    with closing(run_job(resume_job(remembered))) as events:
        next(events)
        assert remembered.is_running
        with pytest.raises(DigitpadError, match="being trained"):
            delete_run(remembered)
    assert epochs_of(remembered) == [1]


def test_renaming_an_outdated_copy_of_a_run_keeps_its_outcome() -> None:
    with closing(run_job(TrainingJob(RECIPE, "shared"))) as events:
        folder = next(event.run.folder for event in events if isinstance(event, RunOpened))
        remembered = read_run(folder)
        assert remembered.info.outcome == "unfinished"
        for _ in events:
            pass
    rename_run(remembered, "another name")
    info = read_run(folder).info
    assert (info.name, info.outcome) == ("another name", "finished")


def test_a_run_that_another_window_deleted_raises_and_its_folder_is_not_recreated() -> None:
    remembered = stopped()
    aside = delete_run(remembered)
    assert not remembered.is_running
    for deed in (
        lambda: delete_run(remembered),
        lambda: rename_run(remembered, "x"),
        lambda: trained(resume_job(remembered), 1),
    ):
        with pytest.raises(DigitpadError, match="deleted"):
            deed()
    assert not remembered.folder.exists()
    assert restore_run(aside).folder == remembered.folder


def test_a_deleted_run_is_restored_beside_another_with_its_id() -> None:
    # This happens if the clock is set back.
    first = stopped()
    aside = delete_run(first)
    second = stopped(2)
    if second.folder != first.folder:
        second.folder.rename(first.folder)
    back = restore_run(aside)
    assert isinstance(back, Run)
    assert back.folder != first.folder
    assert (epochs_of(back), epochs_of(first)) == ([1], [1, 2])


def test_two_deleted_runs_with_one_id_are_both_kept() -> None:
    first = stopped()
    asides = [delete_run(first)]
    second = stopped(2)
    if second.folder != first.folder:
        second.folder.rename(first.folder)
    asides.append(delete_run(first))
    assert [len(read_run(aside).rows) for aside in asides] == [1, 2]
    assert asides[0].parent == user_runs() / ".deleted" / f"{os.getpid()}"


def test_a_run_whose_device_is_missing_is_unchanged_and_resumes_on_another() -> None:
    run = stopped()
    gone = replace(run, recipe=with_settings(run.recipe, ["device=cuda:7"]))
    before = (run.folder / "run.json").read_bytes()
    with pytest.raises(MissingDeviceError, match="auto"):
        trained(resume_job(gone), 1)
    assert (run.folder / "run.json").read_bytes() == before
    trained(with_device(resume_job(gone), "cpu"), 1)
    trained(resume_job(gone, device="cpu"), 1)
    assert epochs_of(run) == [1, 2, 3]


SAMPLES = Digits("samples", np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28), np.array([3, 4], np.uint8))


def noted(note: str, corrected: int | None = None) -> SuspectLabel:
    return new_mark(SAMPLES, "digits", "test", 0, corrected=corrected, note=note)


def test_a_note_that_this_window_has_not_read_is_kept_beside_the_new_one() -> None:
    put_marks([noted("a serif", 7)], seen=())
    (mark,) = put_marks([noted("too thin")], seen=())
    assert (mark.note, mark.corrected) == ("a serif; too thin", 7)
    assert read_marks() == (mark,)


def test_a_note_that_this_window_has_read_is_replaced() -> None:
    seen = put_marks([noted("a serif")], seen=())
    (mark,) = put_marks([noted("no serif")], seen)
    assert mark.note == "no serif"


def test_a_mark_that_another_window_changed_is_not_removed() -> None:
    seen = put_marks([noted("a serif")], seen=())
    (changed,) = put_marks([noted("no serif")], seen)
    assert remove_marks([changed.key], seen) == (changed,)
    assert remove_marks([changed.key], [changed]) == ()


def test_two_notes_that_are_too_long_together_are_refused_and_the_first_stays() -> None:
    kept = put_marks([noted("a" * MAX_NOTE)], seen=())
    with pytest.raises(DigitpadError, match="another window"):
        put_marks([noted("b")], seen=())
    assert read_marks() == kept


def test_a_recipe_is_not_saved_while_another_window_saves_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.core.files.locks._WAIT", 0.0)
    user_recipes().mkdir(parents=True)
    with FileLock(user_recipes() / ".lock"), pytest.raises(DigitpadError, match="another window"):
        save_recipe("mine", RECIPE)
    assert save_recipe("mine", RECIPE).is_file()
