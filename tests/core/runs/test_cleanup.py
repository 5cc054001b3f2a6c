"""Leftovers of a killed program are removed and never mistaken for complete files."""

import os
import shutil
import time
from contextlib import closing
from pathlib import Path

import pytest

from digitpad.core.datasets import emnist_archive
from digitpad.core.files.atomic import AtomicFile, temp_path, write_atomically, write_new
from digitpad.core.files.atomic_folder import hidden_folder
from digitpad.core.files.paths import user_folder, user_models, user_recipes, user_runs
from digitpad.core.runs import training_job, writer
from digitpad.core.runs.cleanup import drop_old_histories, remove_leftovers
from digitpad.core.runs.run_folder import read_run, run_lock
from digitpad.core.runs.training_job import TrainingJob, resume_job, run_job
from digitpad.core.runs.writer import save_state
from digitpad.core.training.events import EpochDone, TrainerState
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings

RECIPE = with_settings(load_recipe("xor-mlp"), ["epochs=40"])


def age(*paths: Path) -> None:
    """Make files two days old."""
    then = time.time() - 2 * 24 * 3600
    for path in paths:
        os.utime(path, times=(then, then))


def half(folder: Path, content: bytes = b"half") -> Path:
    """Create a leftover of a killed program."""
    folder.mkdir(parents=True, exist_ok=True)
    part = temp_path(folder)
    part.write_bytes(content)
    return part


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("writes", ["a file", "a download", "a folder"])
def test_every_write_removes_old_leftovers_in_its_folder(tmp_path: Path, writes: str) -> None:
    old, recent = half(tmp_path), half(tmp_path)
    foreign = tmp_path / ".digitpad-letter.part"
    foreign.write_bytes(b"somebody's")
    folder = temp_path(tmp_path)
    (folder / "pictures").mkdir(parents=True)
    age(old, foreign, folder)
    if writes == "a file":
        write_atomically(tmp_path / "file", b"")
    elif writes == "a download":
        with AtomicFile(tmp_path / "file") as file:
            file.commit()
    else:
        with hidden_folder(tmp_path, "file") as hidden:
            hidden.rename(tmp_path / "file")
    assert names(tmp_path) == sorted([recent.name, foreign.name, "file"])


def test_leftovers_from_the_future_are_removed_too(tmp_path: Path) -> None:
    os.utime(half(tmp_path), times=(time.time() + 1e9, time.time() + 1e9))
    write_atomically(tmp_path / "file", b"")
    assert names(tmp_path) == ["file"]


def test_the_program_removes_leftovers_in_all_its_folders() -> None:
    run = user_runs() / "run"
    folders = [user_folder(), user_models(), user_recipes(), run, user_folder() / "data" / "mnist"]
    parts = [half(folder) for folder in folders]
    (run / "run.json").write_bytes(b"{}")
    age(*parts[1:])
    remove_leftovers()
    assert [part.exists() for part in parts] == [True, False, False, False, False]
    assert names(run) == ["run.json"]


def test_unfinished_settings_files_of_qt_are_removed_but_not_the_settings() -> None:
    folder = user_recipes().parent
    folder.mkdir(parents=True)
    for name in (
        "digitpad.conf",
        "digitpad.conf.kYyLKF",
        "digitpad.conf.lock",
        "digitpad.conf.mine",
        "digitpad.conf.aBcDeF",
    ):
        (folder / name).write_bytes(b"")
    age(*(folder / f"digitpad.conf{end}" for end in ("", ".kYyLKF", ".lock")), folder / "digitpad.conf.mine")
    remove_leftovers()
    left = [path.name for path in folder.iterdir() if path.is_file()]
    assert sorted(left) == ["digitpad.conf", "digitpad.conf.aBcDeF", "digitpad.conf.mine"]


def test_an_old_run_without_description_is_removed_but_not_a_new_one() -> None:
    old, new, held, strange = (user_runs() / name for name in ("old", "new", "held", "strange"))
    for folder in (old, new, held, strange):
        half(folder)
        (folder / ".lock").touch()
    (strange / "notes.txt").write_bytes(b"the user's own")
    empty = user_runs() / "empty"  # killed before its lock was made
    empty.mkdir()
    age(old, held, strange, empty)
    with run_lock(held):
        age(held)
        remove_leftovers()
    assert names(user_runs()) == ["held", "new", "strange"]


@pytest.mark.parametrize("name", [".notes", ".git", ".stfolder"])
def test_files_of_others_among_the_runs_are_not_touched(name: str) -> None:
    mine = user_runs() / "mine"
    mine.mkdir(parents=True)
    (mine / name).write_bytes(b"the user's own")
    age(mine)
    remove_leftovers()
    assert (mine / name).read_bytes() == b"the user's own"


def test_the_histories_of_the_oldest_runs_are_dropped_beyond_a_limit(tmp_path: Path) -> None:
    for number in range(5):
        folder = user_runs() / f"run-{number}"
        folder.mkdir(parents=True)
        (folder / "weights.bin").write_bytes(bytes(1000))
        (folder / "best.safetensors").write_bytes(bytes(10_000))
        then = 1e9 + 1000 * (number or 9)  # the first is the newest
        os.utime(folder / "weights.bin", (then, then))
    (tmp_path / "file").write_bytes(bytes(100_000))
    (user_runs() / "linked").mkdir()
    (user_runs() / "linked" / "weights.bin").symlink_to(tmp_path / "file")
    drop_old_histories(5000)
    assert len(list(user_runs().glob("run-*/weights.bin"))) == 5
    drop_old_histories(2999)
    assert [path.parent.name for path in sorted(user_runs().glob("run-*/weights.bin"))] == ["run-0", "run-4"]
    assert len(list(user_runs().glob("*/best.safetensors"))) == 5
    assert (tmp_path / "file").exists()


def test_a_training_drops_old_histories(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[object] = []
    monkeypatch.setattr(training_job, "drop_old_histories", lambda: limits.append(1))
    for _ in run_job(TrainingJob(RECIPE, "a")):
        pass
    assert limits == [1]


def test_an_archive_is_deleted_only_when_its_digits_are_unpacked() -> None:
    folder = user_folder() / "data" / emnist_archive.KEY
    folder.mkdir(parents=True)
    for name in (emnist_archive.ARCHIVE, *emnist_archive.MEMBERS[:3]):
        (folder / name).write_bytes(b"")
    remove_leftovers()
    assert (folder / emnist_archive.ARCHIVE).exists()
    (folder / emnist_archive.MEMBERS[3]).write_bytes(b"")
    remove_leftovers()
    assert names(folder) == sorted(emnist_archive.MEMBERS)


def test_write_new_never_overwrites_a_file(tmp_path: Path) -> None:
    write_new(tmp_path / "file", b"one")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"one"
    assert names(tmp_path) == ["file"]


def test_write_new_works_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write_new(tmp_path / "file", b"one")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"one"
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="there a folder cannot be forced to the disk")
def test_a_file_and_then_its_folder_are_synced_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forced: list[str] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        forced.append(Path(f"/dev/fd/{handle}").resolve().name)
        assert (tmp_path / "file").exists() == (forced[-1] == tmp_path.name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    write_atomically(tmp_path / "file", b"content")
    assert len(forced) == 2
    assert forced[-1] == tmp_path.name


@pytest.mark.parametrize("has_state", [True, False], ids=["after the last state", "before it"])
def test_a_run_killed_after_its_last_epoch_can_be_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_state: bool
) -> None:
    snapshot = tmp_path / "run"

    def kept(path: Path, state: TrainerState) -> None:
        if has_state:
            save_state(path, state)
        if state.epoch == RECIPE.training.epochs:
            shutil.copytree(path.parent, snapshot, ignore=shutil.ignore_patterns(".*lock"))
        if not has_state:
            save_state(path, state)

    with monkeypatch.context() as patch, closing(run_job(TrainingJob(RECIPE, "xor-mlp"))) as events:
        patch.setattr(writer, "save_state", kept)
        reported = [event.epoch for event in events if isinstance(event, EpochDone)]
    killed = read_run(snapshot)
    assert [row.epoch for row in killed.rows] == reported
    assert killed.info.outcome == "unfinished"
    assert killed.can_resume
    list(run_job(resume_job(killed)))
    finished = read_run(snapshot)
    assert finished.info.outcome == "finished"
    assert [row.epoch for row in finished.rows] == reported
    assert not finished.can_resume
    assert (snapshot / "last.safetensors").is_file()
