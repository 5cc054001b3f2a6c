"""Runs whose files are missing, too large or elsewhere: no reported epoch is lost, and nothing foreign is touched."""

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_runs
from digitpad.core.models.model_files import BEST, ModelCard, find_model, load_model, save_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import MLPSpec, SoftmaxSpec
from digitpad.core.runs.run_folder import INFO, LAST, LOCK, METRICS, STATE, Run, read_run, update_info
from digitpad.core.runs.run_library import delete_run, find_run, list_runs, list_unreadable_runs, purge_deleted
from digitpad.core.runs.training_job import JobEvent, RunClosed, RunOpened, TrainingJob, resume_job, run_job
from digitpad.core.training.events import EpochDone, StepDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings

SETTINGS = ["dataset=digits", "train_first=200", "test_first=60", "epochs=5", "device=cpu", "precision=float32"]
JOB = TrainingJob(with_settings(load_recipe("softmax"), SETTINGS), "softmax", "a")


def stopped(epochs: int) -> Run:
    with closing(run_job(JOB)) as events:
        for event in events:
            if isinstance(event, EpochDone) and event.epoch == epochs:
                break
    return list_runs()[0]


def lines(run: Run) -> list[str]:
    return (run.folder / METRICS).read_text().splitlines()


@pytest.mark.parametrize("content", [None, "older"])
def test_a_run_whose_state_was_lost_keeps_its_epochs(content: str | None) -> None:
    run = stopped(1)
    state = (run.folder / STATE).read_bytes()
    with closing(run_job(resume_job(run))) as events:
        while not (isinstance(event := next(events), EpochDone) and event.epoch == 3):
            pass
    told = lines(run)
    (run.folder / STATE).unlink()
    if content is not None:
        (run.folder / STATE).write_bytes(state)
    with pytest.raises(DigitpadError, match=r"the state after its last epoch is missing: start a new run"):
        next(run_job(resume_job(read_run(run.folder))))
    assert lines(run) == told
    assert read_run(run.folder).has_model


def test_an_epoch_whose_state_was_not_yet_saved_is_repeated_and_never_missing() -> None:
    run = stopped(1)
    (run.folder / STATE).unlink()
    (told,) = lines(run)
    with closing(run_job(resume_job(read_run(run.folder)))) as events:
        opened = next(events)
        assert isinstance(opened, RunOpened)
        assert opened.run.rows == ()
        assert lines(run) == [told]
        while not isinstance(event := next(events), EpochDone):
            assert lines(run) == [told]
        assert event.epoch == 1
        assert len(lines(run)) == 1
    rest = [event.epoch for event in run_job(resume_job(read_run(run.folder))) if isinstance(event, EpochDone)]
    assert rest == [2, 3, 4, 5]
    assert [row.epoch for row in read_run(run.folder).rows] == [1, 2, 3, 4, 5]


def test_a_training_that_is_stopped_after_its_last_epoch_is_finished() -> None:
    assert stopped(5).info.outcome == "finished"


def test_a_training_that_failed_after_its_last_epoch_can_be_finished() -> None:
    run = stopped(5)
    update_info(run.folder, outcome="failed", problem="the disk is full")
    (run.folder / LAST).unlink()
    assert read_run(run.folder).can_resume
    closed = list(run_job(resume_job(read_run(run.folder))))[-1]
    assert isinstance(closed, RunClosed)
    assert (closed.run.info.outcome, closed.run.info.problem) == ("finished", "")
    assert len(closed.run.rows) == 5


def reported(job: TrainingJob, told: list[int], *, removed: Callable[[list[int], JobEvent], bool]) -> None:
    """Train, collect the reported epochs in `told`, and remove the run's folder when `removed` says so."""
    for event in run_job(job):
        if isinstance(event, EpochDone):
            told.append(event.epoch)
        if removed(told, event) and (runs := list_runs()):
            shutil.rmtree(runs[0].folder)


def test_a_run_that_is_removed_during_its_training_ends_it_and_does_not_come_back() -> None:
    told: list[int] = []
    with pytest.raises(DigitpadError, match="the folder of “a” was removed during the training"):
        reported(JOB, told, removed=lambda told, event: told == [1, 2] and isinstance(event, EpochDone))
    assert told == [1, 2]
    assert list(user_runs().iterdir()) == []


def test_a_run_that_is_removed_within_an_epoch_ends_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.core.runs.writer._LOOK_EVERY", 0.0)
    job, told = replace(JOB, recipe=with_settings(JOB.recipe, ["batch_size=10"])), []
    with pytest.raises(DigitpadError, match="was removed"):
        reported(job, told, removed=lambda _, event: isinstance(event, StepDone) and event.step == 3)
    assert told == []


def test_a_state_larger_than_that_of_its_model_is_not_read() -> None:
    run = stopped(2)
    with (run.folder / STATE).open("r+b") as file:
        file.truncate(6 << 30)  # without data: it takes no room on the disk
    with pytest.raises(DigitpadError, match="is damaged"):
        next(run_job(resume_job(run)))


def test_weights_are_compared_with_the_description_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.safetensors"
    save_model(path, build(MLPSpec(hidden=(64,))), ModelCard(name="a"))
    described = path.read_bytes().replace(b'\\"hidden\\": [64]', b'\\"hidden\\": [65]')
    path.write_bytes(described)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the weights were read"))
    with pytest.raises(DigitpadError, match="do not fit its description"):
        load_model(path)


@pytest.mark.parametrize("change", [100, -100])
def test_a_model_file_of_another_size_is_not_read(change: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.safetensors"
    save_model(path, build(SoftmaxSpec()), ModelCard(name="a"))
    os.truncate(path, path.stat().st_size + change)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the weights were read"))
    with pytest.raises(DigitpadError, match="truncated or damaged"):
        load_model(path)


def test_a_file_in_the_current_folder_does_not_replace_a_shipped_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = find_model("cnn")
    (tmp_path / "cnn").write_bytes(find_model("softmax").read_bytes())
    assert find_model("cnn") == shipped
    assert load_model(find_model("./cnn")).model.spec == SoftmaxSpec()
    (tmp_path / "own").write_bytes(b"")
    assert find_model("own") == Path("own")


def test_a_folder_in_the_current_folder_does_not_replace_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = stopped(1)
    monkeypatch.chdir(tmp_path)
    for name in (run.id, "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / INFO).write_bytes((run.folder / INFO).read_bytes())
    assert find_run(run.id).folder == run.folder
    assert find_run(f"./{run.id}").folder == tmp_path / run.id
    assert find_run("other").folder == tmp_path / "other"


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_among_the_runs_is_listed_and_its_target_is_not_touched(tmp_path: Path) -> None:
    run = stopped(2)
    target = run.folder.rename(tmp_path / "elsewhere")
    (target / LOCK).unlink(missing_ok=True)
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    (user_runs() / "link").symlink_to(target)
    assert list_runs() == []
    (unreadable,) = list_unreadable_runs()
    assert "is a link to another folder" in unreadable.problem
    with pytest.raises(DigitpadError, match="is a link"):
        find_run("link")
    delete_run(unreadable)
    purge_deleted()
    assert list_unreadable_runs() == []
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
@pytest.mark.parametrize("name", [METRICS, STATE, BEST, LOCK, "curve.bin"])
def test_a_link_within_a_run_is_not_followed(name: str, tmp_path: Path) -> None:
    run = stopped(1)
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    (run.folder / name).unlink(missing_ok=True)
    (run.folder / name).symlink_to(precious)
    with pytest.raises(DigitpadError, match="contains links"):
        next(run_job(resume_job(run)))
    (unreadable,) = list_unreadable_runs()
    delete_run(unreadable)
    purge_deleted()
    assert precious.read_text() == "keep me"
