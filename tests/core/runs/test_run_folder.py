"""Runs: whatever happens while one is written, it can be read and resumed, with the same metrics."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.datasets.loading import load_digits
from digitpad.core.datasets.suspect_labels import new_mark, put_marks, remove_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_runs
from digitpad.core.models.model_files import load_model
from digitpad.core.models.specs import SoftmaxSpec
from digitpad.core.runs import writer
from digitpad.core.runs.run_folder import EpochRow, Run, read_run
from digitpad.core.runs.run_library import (
    delete_run,
    find_run,
    list_runs,
    list_unreadable_runs,
    purge_deleted,
    rename_run,
    restore_run,
)
from digitpad.core.runs.training_job import RunClosed, RunOpened, TrainingJob, resume_job, run_job
from digitpad.core.runs.writer import load_state, save_state
from digitpad.core.training.events import EpochDone, TrainerState
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings

EPOCHS = 4
TORCH = with_settings(
    load_recipe("mlp-fast"),
    [
        *("dataset=digits", "hidden=12", f"epochs={EPOCHS}", "batch_size=200", "dropout=0.2", "rotation=10"),
        *("train_first=400", "test_first=200", "precision=float32", "device=cpu"),
    ],
)
NUMPY = with_settings(
    load_recipe("relu-dropout-sgd-correct"),
    ["dataset=digits", "hidden=12", f"epochs={EPOCHS}", "train_first=60", "test_first=100", "shuffle=true"],
)


def metrics(rows: tuple[EpochRow, ...] | list[EpochRow]) -> list[dict]:
    """A run's rows without their times."""
    return [{**asdict(row), "seconds": 0} for row in rows]


def trained(recipe: object = TORCH, **options: object) -> Run:
    events = list(run_job(TrainingJob(recipe, "mlp-fast", **options)))  # type: ignore[arg-type]
    assert isinstance(events[-1], RunClosed)
    return events[-1].run


def resumed_run(run: Run) -> Run:
    for _ in run_job(resume_job(run)):
        pass
    return read_run(run.folder)


def test_a_run_is_a_folder_with_all_its_data() -> None:
    run = trained(name="first try")
    assert list_runs()[0].id == run.id
    run = find_run("first try")
    assert run.folder.parent == user_runs()
    assert sorted(path.name for path in run.folder.iterdir() if not path.name.startswith(".")) == [
        "batches.bin",
        "best.safetensors",
        "last.safetensors",
        "metrics.jsonl",
        "run.json",
        "state.safetensors",
        "weights.bin",
    ]
    assert run.recipe == TORCH
    assert (run.info.outcome, run.info.recipe_name, len(run.rows)) == ("finished", "mlp-fast", EPOCHS)
    assert not run.can_resume
    assert not run.is_running
    assert run.best is not None
    assert load_model(run.folder / "best.safetensors").card.test_accuracy == run.best.test_accuracy
    assert load_model(run.folder / "last.safetensors").card.epochs == EPOCHS
    assert {"torch", "digitpad", "python"} <= set(run.info.versions)


@pytest.mark.parametrize("recipe", [TORCH, NUMPY], ids=["torch", "numpy"])
def test_the_same_settings_give_the_same_metrics(recipe: object) -> None:
    assert metrics(trained(recipe).rows) == metrics(trained(recipe).rows)


@pytest.mark.parametrize("recipe", [TORCH, NUMPY], ids=["torch", "numpy"])
def test_a_crash_between_any_two_writes_changes_no_metric(
    recipe: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots: list[Path] = []

    def watched(write: Callable) -> Callable:
        def keep() -> None:
            snapshots.append(tmp_path / str(len(snapshots)))
            shutil.copytree(next(user_runs().glob("*")), snapshots[-1], ignore=shutil.ignore_patterns(".lock"))

        def writing(*arguments: object) -> None:
            keep()
            write(*arguments)
            keep()

        return writing

    with monkeypatch.context() as patch:
        for name in ("_append", "save_model", "save_state"):
            patch.setattr(writer, name, watched(getattr(writer, name)))
        whole = trained(recipe)

    assert len(snapshots) >= 2 * 2 * EPOCHS
    for snapshot in snapshots:
        broken = read_run(snapshot)
        assert metrics(broken.rows) == metrics(whole.rows)[: len(broken.rows)]
        assert broken.can_resume or len(broken.rows) == EPOCHS
        if broken.can_resume:
            assert metrics(resumed_run(broken).rows) == metrics(whole.rows)
            assert read_run(snapshot).info.outcome == "finished"
            best = load_model(snapshot / "best.safetensors")
            assert best.card.test_accuracy == max(row.test_accuracy for row in whole.rows)


def test_a_line_cut_off_anywhere_loses_nothing(tmp_path: Path) -> None:
    with closing(run_job(TrainingJob(TORCH, "mlp-fast"))) as events:
        for event in events:
            if isinstance(event, EpochDone) and event.epoch == 3:
                break
    run = list_runs()[0]
    assert run.info.outcome == "stopped"
    content = (run.folder / "metrics.jsonl").read_bytes()
    for length in (0, 1, len(content) // 2, len(content) - 1):
        (run.folder / "metrics.jsonl").write_bytes(content[:length] + b"\xff\x00")
        assert len(read_run(run.folder).rows) <= 3
    whole = trained()
    assert metrics(resumed_run(read_run(run.folder)).rows)[-1] == metrics(whole.rows)[-1]


@pytest.mark.slow
def test_the_run_of_a_killed_process_can_be_resumed(user_folder: Path) -> None:
    settings = [f"{key}={value}" for key, value in (("dataset", "digits"), ("epochs", 400), ("batch_size", 500))]
    command = [sys.executable, "-m", "digitpad", "train", "mlp-fast", "--json"]
    for setting in [*settings, "hidden=16", "precision=float32"]:
        command += ["--set", setting]
    run_id = ""
    for kill_after in (3, 5):
        process = subprocess.Popen(
            [*command[:4], "--resume", run_id, "--json"] if run_id else command, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        reported = [json.loads(process.stdout.readline()) for _ in range(kill_after)]
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        killed = list_runs()[0]
        run_id = killed.id
        # Every reported epoch is saved.
        assert killed.rows[reported[-1]["epoch"] - 1].epoch == reported[-1]["epoch"]
        assert killed.info.outcome == "unfinished"
        assert not killed.is_running
        assert killed.can_resume
    with closing(run_job(resume_job(killed))) as events:
        for event in events:
            if isinstance(event, EpochDone) and event.epoch >= 30:
                break
    resumed = read_run(killed.folder)
    with closing(run_job(TrainingJob(resumed.recipe, "again"))) as events:
        for event in events:
            if isinstance(event, EpochDone) and event.epoch == 30:
                break
    whole = find_run("again")
    assert metrics(resumed.rows) == metrics(whole.rows)


def test_a_run_in_training_cannot_be_deleted_or_resumed(tmp_path: Path) -> None:
    with closing(run_job(TrainingJob(TORCH, "mlp-fast"))) as events:
        opened = next(events)
        assert isinstance(opened, RunOpened)
        run = read_run(opened.run.folder)
        assert run.is_running
        assert not run.can_resume
        with pytest.raises(DigitpadError, match="stop it first"):
            delete_run(run)
        with pytest.raises(DigitpadError, match="already being trained"):
            next(run_job(resume_job(run)))
    # A run stopped before its first epoch is deleted.
    assert list_runs() == []


def test_a_full_disk_stops_the_training_with_a_readable_error_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, count = writer.save_state, 0

    def full(path: Path, state: TrainerState) -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise DigitpadError(f"{path} cannot be written (the disk is full): free some disk space")
        real(path, state)

    with monkeypatch.context() as patch:
        patch.setattr(writer, "save_state", full)
        with pytest.raises(DigitpadError, match="the disk is full"):
            trained()
    run = list_runs()[0]
    assert run.info.outcome == "failed"
    assert "the disk is full" in run.info.problem
    assert len(run.rows) == 3
    assert metrics(resumed_run(run).rows) == metrics(trained().rows)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_line_that_does_not_fit_on_the_disk_raises_a_readable_error(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").symlink_to("/dev/full")
    with pytest.raises(DigitpadError, match=r"metrics\.jsonl cannot be written \(the disk is full\): free some space"):
        writer._append(tmp_path / "metrics.jsonl", "{}\n")


def test_a_folder_that_cannot_be_written_raises_before_training_starts(user_folder: Path) -> None:
    user_runs().parent.mkdir(parents=True)
    user_runs().write_text("a file where the folder should be")
    with pytest.raises(DigitpadError, match="runs cannot be saved in"):
        next(run_job(TrainingJob(TORCH, "mlp-fast")))


def test_rename_delete_and_restore(tmp_path: Path) -> None:
    run = trained()
    rename_run(run, "  Überschrift   손글씨 ")
    assert find_run("Überschrift 손글씨").id == run.id
    for name in ("", " ", "x" * 121, "tab\x07"):
        with pytest.raises(DigitpadError, match="1 to 120"):
            rename_run(run, name)
    aside = delete_run(read_run(run.folder))
    assert list_runs() == []
    assert restore_run(aside).id == run.id
    assert len(list_runs()) == 1
    delete_run(list_runs()[0])
    purge_deleted()
    assert not aside.exists()


def test_closing_another_window_keeps_deleted_runs_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained()
    aside = delete_run(run)
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: 1)
        purge_deleted()
    assert restore_run(aside).id == run.id


def test_the_lower_loss_decides_between_equal_accuracies() -> None:
    recipe = with_settings(load_recipe("xor-mlp"), ["epochs=301"])
    run = trained(recipe)
    best = run.best
    assert best is not None
    assert best.test_loss == min(row.test_loss for row in run.rows if row.test_accuracy == best.test_accuracy)
    assert load_model(run.folder / "best.safetensors", of_digits=False).card.test_loss == best.test_loss


def test_a_training_that_fails_in_its_first_epoch_leaves_no_empty_run() -> None:
    wild = ["optimizer=sgd", "learning_rate=100", "momentum=0.99", "hidden=64,64,64", "weight_decay=10"]
    with pytest.raises(DigitpadError, match="lower the learning rate"):
        trained(with_settings(TORCH, [*wild, "epochs=500", "report_every=500"]))
    assert all(run.rows for run in list_runs())


def test_two_runs_started_in_one_second_have_different_folders() -> None:
    with closing(run_job(TrainingJob(TORCH, "same"))) as one, closing(run_job(TrainingJob(TORCH, "same"))) as two:
        first, second = next(one), next(two)
    assert isinstance(first, RunOpened)
    assert isinstance(second, RunOpened)
    assert first.run.folder != second.run.folder


DAMAGE: dict[str, Callable[[Path], object]] = {
    "no json": lambda folder: (folder / "run.json").write_text("{"),
    "another version": lambda folder: (folder / "run.json").write_text('{"format": "digitpad-run-9"}'),
    "a recipe of another version": lambda folder: _change(folder, recipe={"title": "x", "model": {"kind": "gpt"}}),
    "no bytes": lambda folder: (folder / "run.json").write_bytes(b""),
    "deep": lambda folder: (folder / "run.json").write_text("[" * 100_000),
}


@pytest.mark.parametrize("line", ["1.5", "null", "[1]", '"text"', "{}", '{"epoch": 1}'])
def test_epochs_end_at_a_line_that_is_none(line: str) -> None:
    run = trained(name="good")
    with (run.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    assert [row.epoch for row in read_run(run.folder).rows] == [row.epoch for row in run.rows]


def _change(folder: Path, **values: object) -> None:
    path = folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_run_raises_a_readable_error_and_hides_no_other_run(damage: str) -> None:
    good, bad = trained(name="good"), trained(name="bad")
    DAMAGE[damage](bad.folder)
    assert [run.name for run in list_runs()] == ["good"]
    with pytest.raises(DigitpadError, match=r"run\.json"):
        read_run(bad.folder)
    with pytest.raises(DigitpadError, match="no run “bad”"):
        find_run("bad")
    assert find_run(str(good.folder)).name == "good"


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_run_that_cannot_be_read_is_listed_with_its_problem(damage: str) -> None:
    good, bad = trained(name="good"), trained(name="bad")
    DAMAGE[damage](bad.folder)
    assert [run.id for run in list_runs()] == [good.id]
    (found,) = list_unreadable_runs()
    assert (found.folder, found.id) == (bad.folder, bad.id)
    assert "run.json" in found.problem
    assert found.changed.tzinfo is not None
    with pytest.raises(DigitpadError, match=re.escape(found.problem)):
        find_run(bad.id)


def test_a_run_of_a_newer_version_asks_to_update() -> None:
    run = trained()
    content = json.loads((run.folder / "run.json").read_text())
    newer = [
        {**content, "format": "digitpad-run-2", "name": ["now", "a", "list"]},
        {"format": "digitpad-run-10"},
        {**content, "recipe": {**content["recipe"], "rnn": True}},
        {**content, "recipe": {**content["recipe"], "model": {"kind": "transformer"}}},
    ]
    for each in newer:
        (run.folder / "run.json").write_text(json.dumps(each))
        assert "update digitpad" in list_unreadable_runs()[0].problem
        assert list_runs() == []
    for other in ("digitpad-run-0x2", "digitpad-run-", "another", 2, None):
        (run.folder / "run.json").write_text(json.dumps({**content, "format": other}))
        assert "is damaged" in list_unreadable_runs()[0].problem


def test_a_run_that_lost_its_description_is_listed_and_a_folder_of_others_is_not(tmp_path: Path) -> None:
    run = trained()
    (run.folder / "run.json").unlink()
    (user_runs() / "notes").mkdir()
    (user_runs() / "notes" / "file.txt").write_text("the user's own")
    (user_runs() / "empty").mkdir()
    (user_runs() / "a file").write_text("")
    delete_run(trained())
    (found,) = list_unreadable_runs()
    assert found.folder == run.folder
    assert "has lost its file run.json" in found.problem


def test_a_run_file_that_is_a_link_or_a_folder_is_listed_with_its_problem(tmp_path: Path) -> None:
    for number, make in enumerate(
        (lambda p: p.symlink_to("/dev/zero"), lambda p: p.mkdir(), lambda p: p.symlink_to("x"))
    ):
        folder = user_runs() / f"run-{number}"
        folder.mkdir(parents=True)
        make(folder / "run.json")
        (folder / "metrics.jsonl").write_text("")
    found = list_unreadable_runs()
    assert len(found) == 3
    assert all(run.problem for run in found)


def test_a_damaged_state_raises_a_readable_error(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    state = TrainerState(3, {"a": np.arange(4.0), "b": np.arange(3, dtype=np.int32)}, {"lowest": None, "key": [1, 2]})
    save_state(path, state)
    back = load_state(path, SoftmaxSpec())
    assert (back.epoch, back.notes) == (3, state.notes)
    assert all(np.array_equal(back.arrays[name], state.arrays[name]) for name in state.arrays)
    content = path.read_bytes()
    for broken in (b"", content[:50], content[:-4], b"PK\x03\x04" + content):
        path.write_bytes(broken)
        with pytest.raises(DigitpadError, match=r"state\.safetensors is damaged"):
            load_state(path, SoftmaxSpec())
    with pytest.raises(DigitpadError, match="does not exist"):
        load_state(tmp_path / "none", SoftmaxSpec())


def test_a_state_of_another_model_is_refused() -> None:
    with closing(run_job(TrainingJob(TORCH, "mlp-fast"))) as events:
        for event in events:
            if isinstance(event, EpochDone):
                break
    run = list_runs()[0]
    _change(run.folder, recipe={**run.info.recipe, "model": {"kind": "softmax"}})
    with pytest.raises(DigitpadError, match="start a new run"):
        resumed_run(read_run(run.folder))


def marked(**indices: list[int]) -> None:
    """Mark samples of the built-in digits by part."""
    for part in ("train", "test"):
        digits = load_digits("digits", part, Path())
        put_marks([new_mark(digits, "digits", part, index) for index in indices.get(part, ())])


def test_suspect_labels_are_left_out_of_both_parts_and_recorded() -> None:
    # 400 and 200 are the first that TORCH does not take.
    marked(train=[1, 7, 399, 400], test=[3, 200])
    whole, less = trained(), trained(with_settings(TORCH, ["leave_out_suspects=true"]))
    assert (whole.info.left_out, less.info.left_out) == ({}, {"train": [1, 7, 399], "test": [3]})
    assert read_run(less.folder).info.left_out == less.info.left_out
    # 199 test images can be right, not 200.
    rights = [row.test_accuracy * 199 for row in less.rows]
    assert rights == pytest.approx([round(right) for right in rights], abs=1e-4)
    card = load_model(less.folder / "best.safetensors").card
    assert card.dataset == "built-in digits test (first 200) without 1 suspect label"


@pytest.mark.parametrize("recipe", [TORCH, NUMPY], ids=["torch", "numpy"])
def test_a_resumed_run_leaves_out_the_same_samples(recipe: Recipe) -> None:
    marked(train=[1, 7], test=[3])
    recipe = with_settings(recipe, ["leave_out_suspects=true"])
    whole = trained(recipe)
    with closing(run_job(TrainingJob(recipe, "again"))) as events:
        for event in events:
            if isinstance(event, EpochDone) and event.epoch == 2:
                break
    marked(train=[8, 9, 10], test=[4])
    remove_marks([("digits", "train", 1), ("digits", "test", 3)])
    resumed = resumed_run(find_run("again"))
    assert metrics(resumed.rows) == metrics(whole.rows)
    assert resumed.info.left_out == whole.info.left_out == {"train": [1, 7], "test": [3]}


def test_a_run_of_an_earlier_version_resumes_with_all_its_images() -> None:
    whole = trained()
    with closing(run_job(TrainingJob(TORCH, "earlier"))) as events:
        for event in events:
            if isinstance(event, EpochDone):
                break
    path = find_run("earlier").folder / "run.json"
    content = json.loads(path.read_text())
    del content["left_out"], content["recipe"]["leave_out_suspects"]
    path.write_text(json.dumps(content))
    marked(train=[1, 2, 3])
    assert metrics(resumed_run(find_run("earlier")).rows) == metrics(whole.rows)


def test_marks_that_leave_no_training_samples_raise_before_the_run_is_created() -> None:
    marked(train=[0, 1])
    recipe = with_settings(TORCH, ["leave_out_suspects=true", "train_first=2"])
    with pytest.raises(DigitpadError, match=r"every label of built-in digits train \(first 2\) is marked as suspect"):
        next(run_job(TrainingJob(recipe, "mlp-fast")))
    assert list_runs() == []


def test_damaged_marks_stop_only_a_training_that_uses_them(user_folder: Path) -> None:
    marked(train=[1])
    next(user_folder.rglob("label-marks.json")).write_text("{")
    assert trained().info.outcome == "finished"
    with pytest.raises(DigitpadError, match=r"label-marks\.json is damaged"):
        trained(with_settings(TORCH, ["leave_out_suspects=true"]))
