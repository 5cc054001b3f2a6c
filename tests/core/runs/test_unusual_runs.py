"""Figures, names and paths at the bounds of what is allowed: none may lose a training or hide a run."""

import csv
import json
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_runs
from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.models.model_files import BEST, MAX_FILE_SIZE, ModelCard, list_run_models, load_model, read_card
from digitpad.core.models.specs import MLPSpec, parameter_count
from digitpad.core.runs import run_folder, training_job
from digitpad.core.runs.exporting import export_csv
from digitpad.core.runs.exports.tensorboard_log import export_tensorboard
from digitpad.core.runs.run_folder import EpochRow, Run, ranking_key, read_run, row_line
from digitpad.core.runs.run_library import find_run, list_runs
from digitpad.core.runs.training_job import RunClosed, TrainingJob, resume_job, run_job
from digitpad.core.training.epochs import Stopwatch
from digitpad.core.training.events import EpochDone, Event
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from tests.helpers.idx_files import images_idx, labels_idx

SMALL = ["hidden=8", "epochs=3", "train_first=60", "test_first=40", "device=cpu"]
RECIPE = with_settings(load_recipe("mlp-fast"), ["dataset=digits", *SMALL])
# The test loss is NaN while the training loss is finite.
DIVERGING = with_settings(
    load_recipe("cnn-fast"),
    [
        "dataset=digits",
        "epochs=1",
        "learning_rate=100",
        "optimizer=sgd",
        "schedule=constant",
        "batch_size=512",
        "momentum=0.99",
        "weight_decay=0",
    ],
)
NUMPY_DIVERGING = with_settings(
    load_recipe("relu-dropout-sgd-correct"),
    ["dataset=digits", "hidden=[]", "output=linear", "loss=sse", "learning_rate=100", "batch_size=full", "dropout=0"],
)


def trained(job: TrainingJob) -> Run:
    closed = list(run_job(job))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


def with_losses(monkeypatch: pytest.MonkeyPatch, losses: list[float], train_loss: float = 1.0) -> None:
    """Let the epochs of a training have these test losses."""
    real = training_job._engine

    def engine(*arguments: Any) -> Iterator[Event]:
        for event in real(*arguments):
            if isinstance(event, EpochDone):
                yield replace(event, test_loss=losses[event.epoch - 1], train_loss=train_loss)
            else:
                yield event

    monkeypatch.setattr(training_job, "_engine", engine)


def stored(run: Run) -> list[dict]:
    """The lines of a run's file, which must be JSON without the constants that JSON does not have."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    lines = (run.folder / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line, parse_constant=refuse) for line in lines]


def idx_folder(folder: Path) -> Path:
    """A folder with a small data set in MNIST's format."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for part, count in (("train", 60), ("t10k", 40)):
        images = rng.integers(0, 255, (count, 28, 28), np.uint8)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(images_idx(images))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(labels_idx(np.arange(count, dtype=np.uint8) % 10))
    return folder


def test_a_run_whose_test_loss_is_not_a_number_is_kept_and_says_why_it_cannot_be_used() -> None:
    trained(TrainingJob(DIVERGING, "cnn-fast", "diverged"))
    (run,) = list_runs()
    assert run.best is not None
    assert math.isnan(run.best.test_loss)
    assert math.isfinite(run.best.train_loss)
    assert stored(run)[0]["test_loss"] is None
    assert run.info.outcome == "finished"
    assert (
        "the model of “diverged” cannot be used, because its loss is not a number: lower the learning rate"
        in run.model_problem
    )
    assert [entry.path for entry in list_run_models()] == [run.folder / BEST]
    assert read_card(run.folder / BEST).test_loss is None
    with pytest.raises(DigitpadError, match="lower learning rate"):
        load_model(run.folder / BEST)


def test_the_numpy_engine_keeps_a_run_whose_loss_is_infinite() -> None:
    """The loss grows until the next step's is infinite, which ends the training with a sentence."""
    with pytest.raises(DigitpadError, match="lower the learning rate"):
        trained(TrainingJob(with_settings(NUMPY_DIVERGING, ["epochs=1000", "report_every=1"]), "numpy"))
    (run,) = list_runs()
    assert run.info.outcome == "failed"
    assert run.last is not None
    assert run.last.test_loss > 1e150


@pytest.mark.parametrize("loss", [math.inf, math.nan, 1e308, -1e-12])
def test_a_loss_of_any_size_is_stored_as_json_and_read_again(loss: float, monkeypatch: pytest.MonkeyPatch) -> None:
    with_losses(monkeypatch, [loss, 0.5, loss], train_loss=loss)
    run = trained(TrainingJob(RECIPE, "a"))
    stored(run)
    rows = read_run(run.folder).rows
    assert [row.test_loss for row in rows] == pytest.approx([loss, 0.5, loss], nan_ok=True)
    assert [row.train_loss for row in rows] == pytest.approx([loss] * 3, nan_ok=True)
    assert load_model(run.folder / BEST).card.test_accuracy is not None


def test_an_epoch_whose_loss_is_not_a_number_is_never_the_best_if_there_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = {"train_loss": 1.0, "train_accuracy": 0.5, "seconds": 1.0}
    rows = [
        EpochRow(epoch=1, test_loss=math.nan, test_accuracy=0.9, **values),
        EpochRow(epoch=2, test_loss=math.inf, test_accuracy=0.2, **values),
        EpochRow(epoch=3, test_loss=3.0, test_accuracy=0.2, **values),
        EpochRow(epoch=4, test_loss=math.nan, test_accuracy=0.95, **values),
    ]
    assert [row.epoch for row in sorted(rows, key=ranking_key)] == [1, 4, 2, 3]
    with_losses(monkeypatch, [math.nan, 2.0, math.nan])
    run = trained(TrainingJob(RECIPE, "a"))
    assert run.best is not None
    assert run.best.epoch == 2
    assert load_model(run.folder / BEST).card.epochs == 2
    assert run.model_problem == ""


def test_a_run_with_a_loss_that_is_not_a_number_resumes(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        with_losses(patch, [math.nan, math.inf, 1.0])
        with closing(run_job(TrainingJob(RECIPE, "a"))) as events:
            for event in events:
                if isinstance(event, EpochDone) and event.epoch == 2:
                    break
    resumed = trained(resume_job(list_runs()[0]))
    assert [row.epoch for row in resumed.rows] == [1, 2, 3]
    assert math.isnan(read_run(resumed.folder).rows[0].test_loss)


def test_old_files_with_the_constants_of_python_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained(TrainingJob(RECIPE, "a"))
    lines = stored(run)
    text = [json.dumps({**lines[0], "test_loss": loss}) for loss in (math.nan, math.inf)]
    text[1] = text[1].replace('"epoch": 1', '"epoch": 2')
    (run.folder / "metrics.jsonl").write_text("\n".join(text))
    assert [row.test_loss for row in read_run(run.folder).rows] == pytest.approx([math.nan, math.inf], nan_ok=True)


def test_exports_have_the_figures_that_are_not_finite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with_losses(monkeypatch, [math.nan, math.inf, 1.0])
    run = trained(TrainingJob(RECIPE, "a"))
    export_csv(run, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8") as file:
        losses = [float(line["test_loss"]) for line in csv.DictReader(file)]
    assert losses == pytest.approx([math.nan, math.inf, 1.0], nan_ok=True)
    export_tensorboard(run, tmp_path)
    events = EventAccumulator(str(tmp_path / run.id / "test")).Reload()
    assert [event.value for event in events.Scalars("loss")] == pytest.approx([math.nan, math.inf, 1.0], nan_ok=True)


def test_a_training_of_more_than_thirty_years_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stopwatch, "restart", lambda self: 3e9)
    run = trained(TrainingJob(RECIPE, "a"))
    assert [row.seconds for row in read_run(run.folder).rows] == [1e9] * 3


def test_a_data_set_whose_folder_has_a_long_name_can_be_trained_on(tmp_path: Path) -> None:
    folder = idx_folder(tmp_path / ("digits " * 40)[:250])
    run = trained(TrainingJob(with_settings(RECIPE, [f"dataset='{folder}'", "train_first=50", "test_first=30"]), "a"))
    card = load_model(run.folder / BEST).card
    assert len(card.dataset) == 200
    assert card.dataset.startswith("digits digits")
    assert card.dataset.endswith("test (first 30)")
    whole = trained(TrainingJob(replace(run.recipe, train_first=None, test_first=None), "b"))
    assert display_part_name(load_model(whole.folder / BEST).card.dataset).endswith(" test")


def test_a_deep_data_folder_can_be_trained_on_and_resumed_from(tmp_path: Path) -> None:
    folder = idx_folder(tmp_path / "/".join(["a" * 200] * 12))
    assert len(str(folder)) > 2000
    recipe = with_settings(load_recipe("mlp-fast"), [*SMALL, f"dataset='{folder}'"])
    run = stop_and_resume(TrainingJob(recipe, "a"))
    assert run.recipe.dataset == str(folder)
    recipe = with_settings(load_recipe("mlp-fast"), SMALL)
    assert stop_and_resume(TrainingJob(recipe, "b", data=folder)).data_folder == folder


def stop_and_resume(job: TrainingJob) -> Run:
    with closing(run_job(job)) as events:
        for event in events:
            if isinstance(event, EpochDone):
                break
    run = trained(resume_job(list_runs()[0]))
    assert len(run.rows) == 3
    return run


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
@pytest.mark.parametrize("name", [b"\xff\xfe digits", b"100% \xe9", "손글씨 é 🖊".encode(), b"file:"])
def test_a_data_folder_whose_name_is_not_unicode_can_be_trained_on_and_resumed_from(
    name: bytes, tmp_path: Path
) -> None:
    folder = idx_folder(tmp_path / os.fsdecode(name))
    run = stop_and_resume(TrainingJob(with_settings(load_recipe("mlp-fast"), SMALL), "a", data=folder))
    assert run.data_folder == folder
    assert read_run(run.folder).data_folder == folder
    # As the path of a set it would have to be in the recipe, which is text.
    if name[0] == 0xFF:
        with pytest.raises(DigitpadError, match="dataset"):
            with_settings(load_recipe("mlp-fast"), [*SMALL, f"dataset={folder}"])


@pytest.mark.parametrize("name", ["n" * 500, "\udcff\ud800 name", "한" * 130, "\n\t", "../..", "a\x00b", " "])
def test_a_run_of_any_name_is_kept(name: str) -> None:
    run = trained(TrainingJob(RECIPE, name, name=name))
    (found,) = list_runs()
    assert found.folder == run.folder
    assert 1 <= len(found.name) <= 120
    assert found.folder.parent == user_runs()
    assert load_model(found.folder / BEST).card.name == found.name


@pytest.mark.skipif(os.name == "nt", reason="a path may be too long there")
@pytest.mark.parametrize("stem", ["r" * 250, "한" * 83, "a b'c\"d" * 30])
def test_a_recipe_file_of_any_name_can_be_trained(stem: str, tmp_path: Path) -> None:
    path = tmp_path / f"{stem}.toml"
    shutil.copy(Path(load_recipe.__globals__["ASSETS"]) / "recipes" / "mlp-fast.toml", path)
    recipe = with_settings(load_recipe(str(path)), ["dataset=digits", *SMALL])
    run = trained(TrainingJob(recipe, path.stem))
    assert find_run(run.id).info.recipe_name[:60] == path.stem[:60]


def test_a_recipe_with_the_longest_texts_can_be_trained() -> None:
    recipe = replace(RECIPE, title="t" * 200, explanation="e" * 4000)
    run = stop_and_resume(TrainingJob(recipe, "a"))
    assert load_model(run.folder / BEST).card.title == "t" * 200


def test_a_run_file_with_text_that_is_not_unicode_is_read_renamed_and_resumed() -> None:
    with closing(run_job(TrainingJob(RECIPE, "a"))) as events:
        for event in events:
            if isinstance(event, EpochDone):
                break
    (run,) = list_runs()
    path = run.folder / "run.json"
    content = json.loads(path.read_text())
    odd = {
        "name": "\ud800 n",
        "recipe_name": "\udfff",
        "data": "/\udcff",
        "problem": "\udc80",
        "versions": {"\udc80": "\udc80"},
    }
    path.write_text(json.dumps({**content, **odd}))
    assert trained(resume_job(read_run(run.folder))).rows[-1].epoch == 3
    assert read_run(run.folder).info.name == "? n"


def test_the_error_of_a_training_may_have_any_text(monkeypatch: pytest.MonkeyPatch) -> None:
    real, error = training_job._engine, RuntimeError("\udcff\x00" * 10_000)

    def engine(*arguments: Any) -> Iterator[Event]:
        for event in real(*arguments):
            yield event
            if isinstance(event, EpochDone):
                raise error

    monkeypatch.setattr(training_job, "_engine", engine)
    with pytest.raises(RuntimeError, match="\udcff"):
        trained(TrainingJob(RECIPE, "a"))
    (run,) = list_runs()
    assert (run.info.outcome, len(run.rows)) == ("failed", 1)


@pytest.mark.parametrize("name", ["x" * 300 + ".safetensors", "a\x00b"])
def test_a_model_file_whose_name_is_not_possible_is_refused_before_the_training(name: str, tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="choose another name"):
        next(run_job(TrainingJob(RECIPE, "a", out=tmp_path / name)))
    assert list_runs() == []


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_model_file_of_any_possible_name_is_written(tmp_path: Path) -> None:
    for name in (os.fsdecode(b"\xff.safetensors"), "x" * 243 + ".safetensors", "no words.SAFETENSORS"):
        trained(TrainingJob(RECIPE, "a", out=tmp_path / name))
        assert load_model(tmp_path / name).card.epochs == 3


def test_a_training_of_a_million_epochs_starts_and_stops() -> None:
    recipe = with_settings(RECIPE, ["epochs=1000000", "report_every=1000000"])
    with closing(run_job(TrainingJob(recipe, "a"))) as events:
        for event in events:
            if isinstance(event, EpochDone):
                break
    (run,) = list_runs()
    assert (run.last and run.last.epoch, run.info.outcome) == (1, "stopped")


def test_a_card_takes_any_text_and_any_loss() -> None:
    card = ModelCard(name="n" * 300, title="\udcff" * 300, dataset="d" * 300, test_loss=math.inf)
    assert [len(text) for text in (card.name, card.title, card.dataset)] == [200, 200, 200]
    assert card.test_loss is None
    assert "…" in card.name


def test_the_lines_of_the_longest_run_fit_into_the_file_that_is_read() -> None:
    worst = -1.7976931348623157e308
    share, seconds = 0.12345678901234567, 0.00012345678901234567
    losses = {"train_loss": worst, "test_loss": worst}
    row = EpochRow(epoch=1_000_000, train_accuracy=share, test_accuracy=share, seconds=seconds, **losses)
    assert len(row_line(row)) * 1_000_000 <= run_folder._MAX_METRICS


def test_the_file_of_the_largest_model_is_read() -> None:
    largest = MLPSpec(hidden=(8192,) * 8)
    assert 4 * parameter_count(largest) + (1 << 20) <= MAX_FILE_SIZE
