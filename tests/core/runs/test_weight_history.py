"""The images of a run's weights after its epochs."""

import json
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.weight_images import WeightImages, described, weight_images
from digitpad.core.models.model_files import LAST, load_model
from digitpad.core.runs import appended_file, weight_history
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import list_runs
from digitpad.core.runs.training_job import RunClosed, TrainingJob, resume_job, run_job
from digitpad.core.runs.weight_history import MAX_EPOCHS, WeightHistoryWriter, read_weight_history
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings

SMALL = ["dataset=digits", "epochs=4", "test_first=50", "train_first=60"]
TORCH = with_settings(load_recipe("mlp-fast"), [*SMALL, "hidden=50", "device=cpu"])
NUMPY = with_settings(load_recipe("relu-dropout-sgd-correct"), [*SMALL, "hidden=12"])
SOFTMAX = with_settings(load_recipe("softmax"), [*SMALL, "device=cpu"])
XOR = with_settings(load_recipe("xor-mlp"), ["epochs=300", "report_every=1"])


def trained(recipe: Recipe, name: str = "a") -> Run:
    run = None
    for event in run_job(TrainingJob(recipe, name)):
        if isinstance(event, RunClosed):
            run = event.run
    assert run is not None
    return run


def stopped(recipe: Recipe, epochs: int) -> Run:
    with closing(run_job(TrainingJob(recipe, "a"))) as events:
        for event in events:
            if isinstance(event, EpochDone) and event.epoch == epochs:
                break
    return list_runs()[0]


def unit_images(value: float = 0.5, total: int = 50) -> WeightImages:
    return described("units", np.full((2, 4, 4), value, np.float32), total)


@pytest.mark.parametrize(
    ("recipe", "kind", "shape"),
    [(TORCH, "units", (40, 28, 28)), (NUMPY, "units", (12, 28, 28)), (SOFTMAX, "templates", (10, 28, 28))],
    ids=["torch", "numpy", "softmax"],
)
def test_a_run_keeps_its_weights_before_the_first_step_and_after_each_epoch(
    recipe: Recipe, kind: str, shape: tuple[int, int, int]
) -> None:
    run = trained(recipe)
    history = read_weight_history(run.folder)
    assert history is not None
    assert history.epochs == (0, 1, 2, 3, 4)
    expected = weight_images(load_model(run.folder / LAST).model)
    shown = history.images(4)
    assert (shown.kind, shown.images.shape, shown.images.dtype) == (kind, shape, np.float32)
    assert (shown.titles, shown.note, shown.total) == (expected.titles, expected.note, expected.total)
    assert np.abs(shown.images - expected.images).max() <= 0.5 / 127 + 1e-6
    assert np.abs(shown.images - history.images(0).images).max() > 0.05


def test_a_long_run_keeps_some_epochs_and_its_last(tmp_path: Path) -> None:
    run = trained(XOR)
    history = read_weight_history(run.folder)
    assert history is not None
    assert (history.epochs[0], history.epochs[-1]) == (0, 300)
    assert 30 <= len(history.epochs) <= MAX_EPOCHS + 1
    assert history.images(0).kind == "surface"
    # As the tutorial's program computes them before its first step, with seed 777.
    assert history.images(0).outputs == pytest.approx((0.470979, 0.470558, 0.470524, 0.470129), abs=6e-7)
    last = weight_images(load_model(run.folder / LAST, of_digits=False).model)
    assert history.images(-1).outputs == last.outputs
    assert (run.folder / "weights.bin").stat().st_size < 4 << 20


def test_a_gate_whose_history_began_without_outputs_goes_on_without_them(tmp_path: Path) -> None:
    surface = np.zeros((1, 64, 64), np.float32)
    earlier = WeightHistoryWriter(tmp_path)
    earlier.add(0, lambda: described("surface", surface, 1))
    earlier.flush()
    assert b"outputs" not in (tmp_path / "weights.bin").read_bytes()
    writer = WeightHistoryWriter(tmp_path, done=0)
    writer.add(1, lambda: described("surface", surface, 1, (0.1, 0.2, 0.3, 0.4)))
    writer.flush()
    history = read_weight_history(tmp_path)
    assert history is not None
    assert history.epochs == (0, 1)
    assert history.images(1).outputs == ()


def test_images_are_made_only_for_the_epochs_that_are_kept(tmp_path: Path) -> None:
    made: list[int] = []

    def images(epoch: int) -> WeightImages:
        made.append(epoch)
        return unit_images()

    writer = WeightHistoryWriter(tmp_path)
    for epoch in range(100_000):
        writer.add(epoch, lambda epoch=epoch: images(epoch))
        writer.flush()
    history = read_weight_history(tmp_path)
    assert history is not None
    assert 30 <= len(history.epochs) <= MAX_EPOCHS
    assert len({later - earlier for earlier, later in zip(history.epochs, history.epochs[1:], strict=False)}) == 1
    assert len(made) < 500


def test_a_resumed_run_has_the_history_of_one_that_was_never_interrupted() -> None:
    whole = read_weight_history(trained(TORCH).folder)
    run = stopped(TORCH, 2)
    for _ in run_job(resume_job(run)):
        pass
    resumed = read_weight_history(run.folder)
    assert whole is not None
    assert resumed is not None
    assert resumed.epochs == whole.epochs
    assert np.array_equal(resumed.pixels, whole.pixels)


def test_epochs_after_the_state_are_dropped_when_a_run_is_resumed(tmp_path: Path) -> None:
    writer = WeightHistoryWriter(tmp_path)
    for epoch in range(6):
        writer.add(epoch, unit_images)
    writer.flush()
    resumed = WeightHistoryWriter(tmp_path, done=3)
    resumed.flush()
    history = read_weight_history(tmp_path)
    assert history is not None
    assert history.epochs == (0, 1, 2, 3)


def test_a_run_killed_in_its_first_epoch_keeps_the_first_weights_once() -> None:
    with closing(run_job(TrainingJob(TORCH, "a"))) as events:
        for event in events:
            if isinstance(event, EpochDone):
                break
    run = list_runs()[0]
    (run.folder / "state.safetensors").unlink()
    (run.folder / "metrics.jsonl").unlink()
    for _ in run_job(resume_job(run)):
        pass
    history = read_weight_history(run.folder)
    assert history is not None
    assert history.epochs == (0, 1, 2, 3, 4)


def test_zero_weights_stay_exactly_neutral(tmp_path: Path) -> None:
    writer = WeightHistoryWriter(tmp_path)
    for epoch, value in enumerate((0.0, 1.0, -1.0)):
        writer.add(epoch, lambda value=value: unit_images(value))
    writer.flush()
    history = read_weight_history(tmp_path)
    assert history is not None
    assert [float(history.images(index).images[0, 0, 0]) for index in range(3)] == [0.0, 1.0, -1.0]


def test_a_history_that_cannot_be_written_loses_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise DigitpadError("{path} cannot be written", path=path)

    monkeypatch.setattr(appended_file, "write_atomically", full)
    run = trained(TORCH)
    assert (run.info.outcome, len(run.rows)) == ("finished", 4)
    assert read_weight_history(run.folder) is None


def header(**changes: object) -> bytes:
    content = {"format": "digitpad-weights-1", "kind": "units", "shape": [2, 4, 4], "total": 50, **changes}
    return json.dumps(content).encode() + b"\n"


def record(epoch: int, *, stride: int = 1, checksum: int | None = None) -> bytes:
    pixels = bytes(32)
    return weight_history._HEAD.pack(epoch, stride, zlib.crc32(pixels) if checksum is None else checksum) + pixels


def test_images_of_an_epoch_that_was_left_out_are_put_in_its_place(tmp_path: Path) -> None:
    writer = WeightHistoryWriter(tmp_path)
    for epoch in (0, 2, 4):
        writer.add(epoch, lambda epoch=epoch: unit_images(epoch / 4))
    writer.flush()
    history = read_weight_history(tmp_path)
    assert history is not None
    more = history.with_images(3, unit_images(0.25)).with_images(5, unit_images(-1.0))
    assert more.epochs == (0, 2, 3, 4, 5)
    values = [float(more.images(index).images[0, 0, 0]) for index in range(5)]
    assert values == pytest.approx([0.0, 0.5, 0.25, 1.0, -1.0], abs=0.5 / 127)
    assert history.with_images(2, unit_images()) is history
    assert history.with_images(3, unit_images(total=10)) is history
    assert history.with_images(3, described("units", np.zeros((3, 4, 4), np.float32), 50)) is history


HOSTILE = {
    "empty": b"",
    "no line": b"x" * 3000,
    "another file": b"\x89PNG\n" + bytes(2000),
    "not an object": b"[1]\n" + record(0),
    "deep": b"[" * 100_000 + b"\n",
    "another version": header(format="digitpad-weights-2") + record(0),
    "another kind": header(kind="gpt") + record(0),
    "a kind that is a list": header(kind=["units"]) + record(0),
    "two sides": header(shape=[4, 4]) + record(0),
    "a shape that is a number": header(shape=7) + record(0),
    "no image": header(shape=[0, 4, 4]) + record(0),
    "a huge image": header(shape=[2, 1 << 40, 4]) + record(0),
    "a true side": header(shape=[True, 4, 4]) + record(0),
    "a negative total": header(total=-1) + record(0),
    "a total that is not finite": header(total=float("nan")) + record(0),
    "a huge total": header(total=10**400) + record(0),
    "a checksum that is wrong": header() + record(0, checksum=1),
    "an epoch that is too large": header() + record(2_000_000),
    "no stride": header() + record(0, stride=0),
    "too large": header() + record(0) + bytes(5 << 20),
    "no record": header(),
    "half a record": header() + record(0)[:20],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_not_a_history_gives_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "weights.bin").write_bytes(HOSTILE[name])
    assert read_weight_history(tmp_path) is None


def test_a_history_ends_before_what_is_damaged(tmp_path: Path) -> None:
    whole = header() + record(0) + record(1)
    for damaged in (record(1), record(0), record(2, checksum=5), record(2)[:-1], bytes(44)):
        (tmp_path / "weights.bin").write_bytes(whole + damaged + record(3))
        history = read_weight_history(tmp_path)
        assert history is not None
        assert history.epochs == (0, 1)


def test_a_run_of_another_model_starts_a_new_history(tmp_path: Path) -> None:
    writer = WeightHistoryWriter(tmp_path)
    writer.add(0, unit_images)
    writer.flush()
    resumed = WeightHistoryWriter(tmp_path, done=3)
    resumed.add(4, lambda: described("templates", np.zeros((10, 28, 28), np.float32), 10))
    resumed.flush()
    history = read_weight_history(tmp_path)
    assert history is not None
    assert (history.epochs, history.kind) == ((4,), "templates")
