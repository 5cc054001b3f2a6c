"""The data of a run: a resumed training goes on with the same data, from any working directory."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits
from digitpad.core.ink.ink_files import InkSample, write_ink
from digitpad.core.ink.strokes import Ink
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.runs.run_folder import Run, read_run
from digitpad.core.runs.run_library import list_runs
from digitpad.core.runs.training_data import with_full_path
from digitpad.core.runs.training_job import RunClosed, RunOpened, TrainingJob, resume_job, run_job, train_longer_job
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings
from tests.helpers.drawings import new_digits
from tests.helpers.idx_files import images_idx, labels_idx

MNIST = with_settings(load_recipe("mlp-fast"), ["hidden=8", "epochs=3", "batch_size=20", "device=cpu"])


def idx_folder(folder: Path, seed: int = 0) -> Path:
    """A folder with a small data set in MNIST's format."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for part, count in (("train", 60), ("t10k", 40)):
        images = rng.integers(0, 255, (count, 28, 28), np.uint8)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(images_idx(images))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(labels_idx(np.arange(count, dtype=np.uint8) % 10))
    return folder


def stopped(job: TrainingJob) -> Run:
    with closing(run_job(job)) as events:
        for event in events:
            if isinstance(event, EpochDone):
                break
    return list_runs()[0]


def finished(job: TrainingJob) -> Run:
    closed = list(run_job(job))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


def changed_label(folder: Path, part: str) -> None:
    path = folder / f"{part}-labels-idx1-ubyte"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def changed_pixel(folder: Path, part: str) -> None:
    path = folder / f"{part}-images-idx3-ubyte"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def test_a_digest_is_that_of_images_and_labels() -> None:
    images, labels = np.zeros((3, 28, 28), np.uint8), np.array([1, 2, 3], np.uint8)
    digest = Digits("a", images, labels).digest
    assert Digits("b", images.copy(), labels.copy()).digest == digest
    assert Digits("a", images[:, ::-1], labels).digest == digest
    others = [
        Digits("a", images, labels[::-1].copy()),
        Digits("a", images[:2], labels[:2]),
        Digits("a", images.reshape(3, 14, 56), labels),
        Digits("a", np.full_like(images, 1), labels),
    ]
    assert len({digest, *(other.digest for other in others)}) == 5


def test_a_run_keeps_a_digest_of_each_part(tmp_path: Path) -> None:
    run = stopped(TrainingJob(MNIST, "a", data=idx_folder(tmp_path / "mnist")))
    assert set(run.info.digests) == {"train", "test"}
    assert run.info.digests["train"] != run.info.digests["test"]
    assert read_run(run.folder).info.digests == run.info.digests


@pytest.mark.parametrize("change", [changed_label, changed_pixel])
@pytest.mark.parametrize(("part", "name"), [("train", "training"), ("t10k", "test")])
def test_resuming_on_other_data_is_refused_and_names_the_part(
    change: object, part: str, name: str, tmp_path: Path
) -> None:
    folder = idx_folder(tmp_path / "mnist")
    run = stopped(TrainingJob(MNIST, "a", data=folder))
    shutil.copytree(folder, tmp_path / "kept")
    change(folder, part)  # type: ignore[operator]
    with pytest.raises(
        DigitpadError, match=f"the {name} images of MNIST are not those that “a” was .* start a new run"
    ):
        next(run_job(resume_job(run)))
    with pytest.raises(DigitpadError, match=f"the {name} images of MNIST"):
        next(run_job(train_longer_job(run, 5)))
    assert read_run(run.folder).info.outcome == "stopped"
    assert len(list_runs()) == 1
    assert len(finished(resume_job(run, data=tmp_path / "kept")).rows) == 3
    assert read_run(run.folder).data_folder == tmp_path / "kept"


def test_another_first_part_of_the_data_does_not_matter(tmp_path: Path) -> None:
    """Images that the recipe does not use may change."""
    folder = idx_folder(tmp_path / "mnist")
    run = stopped(TrainingJob(with_settings(MNIST, ["train_first=50", "test_first=30"]), "a", data=folder))
    changed_label(folder, "train")
    changed_pixel(folder, "t10k")
    assert len(finished(resume_job(run)).rows) == 3


def test_an_old_run_without_digests_is_resumed_and_then_has_them(tmp_path: Path) -> None:
    folder = idx_folder(tmp_path / "mnist")
    run = stopped(TrainingJob(MNIST, "a", data=folder))
    path = run.folder / "run.json"
    content = json.loads(path.read_text())
    del content["digests"]
    path.write_text(json.dumps(content))
    changed_label(folder, "train")
    assert len(finished(resume_job(read_run(run.folder))).rows) == 3
    assert set(read_run(run.folder).info.digests) == {"train", "test"}


def test_a_set_without_a_folder_that_changed_asks_for_a_new_run() -> None:
    run = stopped(TrainingJob(with_settings(MNIST, ["dataset=digits", "train_first=60"]), "a"))
    path = run.folder / "run.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "digests": {"test": "other"}}))
    with pytest.raises(
        DigitpadError, match=r"the test images of Built-in digits are not .* tested on: start a new run"
    ):
        next(run_job(resume_job(read_run(run.folder))))


def test_my_digits_may_change_and_the_user_is_told() -> None:
    with MyDigits.open() as mine:
        mine.add_all(new_digits(40))
    recipe = with_settings(MNIST, ["dataset=my-digits"])
    run = stopped(TrainingJob(recipe, "a"))
    with closing(run_job(resume_job(run))) as events:
        opened = next(events)
    assert isinstance(opened, RunOpened)
    assert opened.note == ""
    with MyDigits.open() as mine:
        mine.add_all(new_digits(60)[40:])
    seen = list(run_job(resume_job(read_run(run.folder))))
    assert isinstance(seen[0], RunOpened)
    assert seen[0].note == "My digits have changed since “a” was started: it goes on with those of now"
    assert isinstance(seen[-1], RunClosed)
    assert len(seen[-1].run.rows) == 3
    assert read_run(run.folder).info.digests != run.info.digests


def ink_file(path: Path) -> Path:
    stroke = np.array([[0, 0], [100, 0], [40, 160]], float)
    write_ink(path, [InkSample(str(n), Ink.of([stroke + n]), label=n % 10) for n in range(30)])
    return path


@pytest.mark.parametrize("kind", ["folder", "ink", "data"])
def test_a_run_on_a_relative_path_is_resumed_from_another_working_directory(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    idx_folder(tmp_path / "sets" / "mine")
    ink_file(tmp_path / "drawn.jsonl")
    job = {
        "folder": TrainingJob(with_settings(MNIST, ["dataset=sets/mine"]), "a"),
        "ink": TrainingJob(with_settings(MNIST, ["dataset=drawn.jsonl"]), "a"),
        "data": TrainingJob(with_settings(MNIST, ["dataset=mine"]), "a", data=Path("sets")),
    }[kind]
    monkeypatch.chdir(tmp_path)
    run = stopped(job)
    assert run.data_folder is not None
    assert run.data_folder.is_absolute()
    expected = {"folder": str(tmp_path / "sets/mine"), "ink": str(tmp_path / "drawn.jsonl"), "data": "mine"}
    assert run.recipe.dataset == expected[kind]
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert len(finished(resume_job(run)).rows) == 3


def test_names_of_sets_stay_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for dataset in ("mnist", "digits", "my-digits", "a-folder-in-the-data-folder", "/somewhere/else"):
        assert full(with_settings(MNIST, [f"dataset={dataset}"])) == dataset
    assert full(with_settings(MNIST, ["dataset=."])) == str(tmp_path)
    assert full(with_settings(MNIST, ["dataset=../x"])) == str(tmp_path.parent / "x")


def full(recipe: Recipe) -> str:
    return with_full_path(recipe).dataset
