"""The curve per batch that is kept with a run, and the history of its weights."""

import math
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.runs import appended_file, batch_curve
from digitpad.core.runs.batch_curve import MAX_POINTS, BatchCurveWriter, read_batch_curve
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import list_runs
from digitpad.core.runs.training_job import RunClosed, TrainingJob, resume_job, run_job
from digitpad.core.training.events import EpochDone, Event, StepDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings

SMALL = ["dataset=digits", "hidden=12", "epochs=4", "test_first=50"]
TORCH = with_settings(load_recipe("mlp-fast"), [*SMALL, "train_first=400", "batch_size=100", "device=cpu"])
NUMPY = with_settings(load_recipe("relu-dropout-sgd-correct"), [*SMALL, "train_first=60", "shuffle=true"])
ENGINES = pytest.mark.parametrize("recipe", [TORCH, NUMPY], ids=["torch", "numpy"])


def trained(recipe: Recipe, seen: list[Event] | None = None) -> Run:
    run = None
    for event in run_job(TrainingJob(recipe, "a")):
        if isinstance(event, RunClosed):
            run = event.run
        elif seen is not None and not isinstance(event, EpochDone):
            seen.append(event)  # type: ignore[arg-type]
    assert run is not None
    return run


def stopped(recipe: Recipe, epochs: int, steps: int = 0) -> Run:
    """Stop after some steps of the epoch after `epochs`."""
    with closing(run_job(TrainingJob(recipe, "a"))) as events:
        for event in events:
            if isinstance(event, EpochDone) and event.epoch == epochs and not steps:
                break
            if isinstance(event, StepDone) and (event.epoch, event.step) == (epochs + 1, steps):
                break
    return list_runs()[0]


def filled(folder: Path, losses: Iterator[float] | list[float], steps_per_epoch: int) -> BatchCurveWriter:
    writer = BatchCurveWriter(folder)
    writer.start(steps_per_epoch)
    for number, loss in enumerate(losses):
        writer.add_step(1 + number // steps_per_epoch, 1 + number % steps_per_epoch, loss, 0.5)
    return writer


@ENGINES
def test_a_short_run_keeps_each_of_its_batches(recipe: Recipe) -> None:
    seen: list[Event] = []
    curve = read_batch_curve(trained(recipe, seen).folder)
    steps = [event for event in seen if isinstance(event, StepDone)]
    per_epoch = len(steps) // 4
    assert curve.steps[:, 0] == pytest.approx([s.epoch - 1 + s.step / per_epoch for s in steps])
    for column in (1, 2, 3):
        assert curve.steps[:, column].tolist() == [step.loss for step in steps]
    for column in (4, 5, 6):
        assert curve.steps[:, column].tolist() == [step.accuracy for step in steps]


def test_a_long_run_is_thinned_to_groups_with_their_mean_and_range(tmp_path: Path) -> None:
    losses = np.random.default_rng(0).uniform(0, 2, 5000)
    filled(tmp_path, losses.tolist(), 100).flush(is_last=True)
    steps = read_batch_curve(tmp_path).steps
    assert 1000 <= len(steps) <= MAX_POINTS
    groups = losses.reshape(-1, 4)
    assert len(steps) == len(groups)
    assert steps[:, 1] == pytest.approx(groups.mean(axis=1))
    assert steps[:, 2] == pytest.approx(groups.min(axis=1))
    assert steps[:, 3] == pytest.approx(groups.max(axis=1))
    assert steps[:, 0] == pytest.approx((np.arange(5000).reshape(-1, 4) + 1).mean(axis=1) / 100)


@pytest.mark.parametrize("steps_per_epoch", [1, 7, 60_000])
def test_the_file_stays_small_however_long_the_run_and_however_often_it_is_flushed(
    tmp_path: Path, steps_per_epoch: int
) -> None:
    writer = BatchCurveWriter(tmp_path)
    writer.start(steps_per_epoch)
    largest = 0
    for number in range(200_000):
        writer.add_step(1 + number // steps_per_epoch, 1 + number % steps_per_epoch, 1.0, 0.5)
        if number % 50 == 0:
            writer.add_test(1 + number // steps_per_epoch, 1 + number % steps_per_epoch, 1.0, 0.5)
            writer.flush()
            largest = max(largest, (tmp_path / "batches.bin").stat().st_size)
    curve = read_batch_curve(tmp_path)
    assert largest <= 330_000
    assert 1000 <= len(curve.steps) <= MAX_POINTS
    assert 1000 <= len(curve.tests) <= MAX_POINTS
    assert curve.steps[-1, 0] == pytest.approx(200_000 / steps_per_epoch, rel=0.002)
    assert np.all(np.diff(curve.tests[:, 0]) > 0)


def test_a_run_that_was_stopped_keeps_what_was_watched_of_its_last_epoch() -> None:
    run = stopped(TORCH, 2, steps=3)
    assert read_batch_curve(run.folder).steps[-1, 0] == pytest.approx(2.75)


@ENGINES
def test_a_resumed_run_has_the_curve_of_one_that_was_never_interrupted(recipe: Recipe) -> None:
    whole = read_batch_curve(trained(recipe).folder)
    run = stopped(recipe, 2, steps=2)
    events = run_job(resume_job(run))
    with closing(events):
        next(events)
        assert read_batch_curve(run.folder).steps[-1, 0] == 2.0  # the steps that will be repeated are gone
        for _ in events:
            pass
    assert np.array_equal(read_batch_curve(run.folder).steps, whole.steps)


def test_a_resumed_long_run_goes_on_with_groups_of_the_same_size(tmp_path: Path) -> None:
    filled(tmp_path, [1.0] * 5050, 100).flush(is_last=True)
    writer = BatchCurveWriter(tmp_path, done=50)
    writer.start(100)
    for number in range(5000, 6000):
        writer.add_step(1 + number // 100, 1 + number % 100, 2.0, 0.5)
    writer.flush(is_last=True)
    steps = read_batch_curve(tmp_path).steps
    assert len(steps) == 1500
    assert steps[1249, 1] == 1.0
    assert steps[1250:, 1].tolist() == [2.0] * 250


def test_the_losses_of_a_diverging_training_do_not_overflow(tmp_path: Path) -> None:
    filled(tmp_path, [1.7e308] * 4001, 4001).flush(is_last=True)
    assert read_batch_curve(tmp_path).steps[:, 1:4] == pytest.approx(1.7e308)


def test_tests_may_have_a_loss_that_is_not_finite(tmp_path: Path) -> None:
    writer = BatchCurveWriter(tmp_path)
    writer.start(10)
    for number, loss in enumerate((1.5, math.inf, math.nan), start=1):
        writer.add_test(1, 2 * number, loss, 0.1)
    writer.flush()
    tests = read_batch_curve(tmp_path).tests
    assert tests[:, 0] == pytest.approx([0.2, 0.4, 0.6])
    assert tests[:, 1] == pytest.approx([1.5, math.inf, math.nan], nan_ok=True)


def test_a_disk_that_is_full_for_a_while_costs_no_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise DigitpadError("{path} cannot be written", path=path)

    writer = filled(tmp_path, [1.0] * 100, 200)
    with monkeypatch.context() as patch:
        patch.setattr(appended_file, "write_atomically", full)
        writer.flush()
    assert len(read_batch_curve(tmp_path).steps) == 0
    for number in range(100, 200):
        writer.add_step(1, 1 + number, 1.0, 0.5)
    writer.flush()
    # Half a record, as a disk that becomes full leaves it.
    with (tmp_path / "batches.bin").open("ab") as file:
        file.write(b"\x00" * 30)
    writer.add_step(2, 1, 1.0, 0.5)
    writer.flush()
    assert len(read_batch_curve(tmp_path).steps) == 201


def test_a_curve_that_cannot_be_written_loses_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise DigitpadError("{path} cannot be written", path=path)

    monkeypatch.setattr(appended_file, "write_atomically", full)
    run = trained(TORCH)
    assert (run.info.outcome, len(run.rows)) == ("finished", 4)
    assert len(read_batch_curve(run.folder).steps) == 0


def test_a_file_that_another_window_removed_is_written_again(tmp_path: Path) -> None:
    writer = filled(tmp_path, [1.0] * 10, 20)
    writer.flush()
    (tmp_path / "batches.bin").unlink()
    writer.add_step(1, 11, 1.0, 0.5)
    writer.flush()
    assert len(read_batch_curve(tmp_path).steps) == 11


def records(*changes: tuple[int, float]) -> bytes:
    """A group with some of its ten values changed."""
    values = [0.0, 1.0, 0.5, 0.5, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    for column, value in changes:
        values[column] = value
    return struct.pack("<10d", *values)


GOOD = batch_curve._MAGIC + records()
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "another file": b"\x89PNG" + bytes(2000),
    "another version": b"digitpad-batches-2\n" + records(),
    "cut off in its magic": batch_curve._MAGIC[:5],
    "no record": batch_curve._MAGIC,
    "too large": batch_curve._MAGIC + records() * 20_000,
}
NOT_VALID = [
    (0, 2.0),
    (0, math.nan),
    (1, 0.0),
    (1, -1.0),
    (1, 1e300),
    (1, math.inf),
    (2, math.nan),
    (2, 0.7),
    (2, -1.0),
    (3, 1e9),
    (3, 0.4),
    (4, math.nan),
    (5, -math.inf),
    (6, math.inf),
    (7, math.nan),
    (8, -0.1),
    (9, 1.1),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_not_a_curve_gives_an_empty_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "batches.bin").write_bytes(HOSTILE[name])
    curve = read_batch_curve(tmp_path)
    assert (curve.steps.shape, curve.tests.shape) == ((0, 7), (0, 3))


@pytest.mark.parametrize("change", NOT_VALID)
def test_a_curve_ends_before_a_record_that_no_training_writes(tmp_path: Path, change: tuple[int, float]) -> None:
    (tmp_path / "batches.bin").write_bytes(GOOD + records(change) + records((2, 0.6), (3, 0.6)))
    assert len(read_batch_curve(tmp_path).steps) == 1


def test_positions_that_fall_end_a_curve(tmp_path: Path) -> None:
    (tmp_path / "batches.bin").write_bytes(GOOD + records((2, 0.2), (3, 0.2)) + records((2, 0.9), (3, 0.9)))
    assert read_batch_curve(tmp_path).steps[:, 0].tolist() == [0.5]


def test_a_record_cut_off_anywhere_is_ignored(tmp_path: Path) -> None:
    for length in range(len(GOOD), len(GOOD) + 80):
        (tmp_path / "batches.bin").write_bytes((GOOD + records((3, 0.9)))[:length])
        assert len(read_batch_curve(tmp_path).steps) == 1


def test_a_folder_in_place_of_the_file_gives_an_empty_curve_and_loses_no_training(tmp_path: Path) -> None:
    (tmp_path / "batches.bin").mkdir()
    assert len(read_batch_curve(tmp_path).steps) == 0
    filled(tmp_path, [1.0], 1).flush()
