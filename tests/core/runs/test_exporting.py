"""Exported files contain what the run contains."""

import csv
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import to_floats
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.model_files import load_model
from digitpad.core.runs.exporting import export_run, export_tensorboard
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings

SETTINGS = ["dataset=digits", "epochs=2", "train_first=200", "test_first=100"]


def trained(recipe_name: str, *settings: str) -> Run:
    recipe = with_settings(load_recipe(recipe_name), [*SETTINGS, *settings])
    closed = list(run_job(TrainingJob(recipe, recipe_name)))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


@pytest.mark.parametrize("name", ["softmax", "mlp-fast", "cnn-fast"])
def test_onnx_gives_the_logits_of_the_model(name: str, tmp_path: Path) -> None:
    run = trained(name)
    path = tmp_path / "mine.onnx"
    export_run(run, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    images = to_floats(load_digits("digits", "test", tmp_path).images[:7])
    expected = predict_logits(load_model(run.folder / "best.safetensors").model, images)
    for count in (7, 1):
        (logits,) = session.run(["logits"], {"images": images[:count]})
        np.testing.assert_allclose(np.asarray(logits), expected[:count], atol=1e-4)


def test_csv_has_a_line_per_epoch(tmp_path: Path) -> None:
    run = trained("softmax")
    export_run(run, tmp_path / "curves.csv")
    with (tmp_path / "curves.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [int(line["epoch"]) for line in lines] == [1, 2]
    assert [float(line["test_accuracy"]) for line in lines] == [row.test_accuracy for row in run.rows]


def test_weights_are_a_model_file(tmp_path: Path) -> None:
    run = trained("softmax")
    export_run(run, tmp_path / "mine.safetensors")
    assert run.best is not None
    assert load_model(tmp_path / "mine.safetensors").card.test_accuracy == run.best.test_accuracy


def test_tensorboard_reads_the_curves(tmp_path: Path) -> None:
    run = trained("softmax")
    export_tensorboard(run, tmp_path)
    for part, name in (("training", "train_loss"), ("test", "test_loss")):
        log = EventAccumulator(str(tmp_path / run.id / part))
        log.Reload()
        scalars = log.Scalars("loss")
        assert [scalar.step for scalar in scalars] == [1, 2]
        assert [scalar.value for scalar in scalars] == pytest.approx([getattr(row, name) for row in run.rows])


@pytest.mark.parametrize("name", ["onnx", "onnxscript"])
def test_the_error_for_a_missing_package_says_how_to_install_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained("softmax")
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(DigitpadError, match=r"onnx and onnxscript: install digitpad\[onnx\]"):
        export_run(run, tmp_path / "mine.onnx")


def test_other_suffixes_and_unwritable_places_are_refused(tmp_path: Path) -> None:
    run = trained("softmax")
    with pytest.raises(DigitpadError, match=r"\.csv, \.safetensors or \.onnx"):
        export_run(run, tmp_path / "mine.pkl")
    (tmp_path / "file").write_text("")
    for name in ("mine.csv", "mine.safetensors", "mine.onnx"):
        with pytest.raises(DigitpadError, match="cannot be written"):
            export_run(run, tmp_path / "file" / name)
    with pytest.raises(DigitpadError, match="cannot be written"):
        export_tensorboard(run, tmp_path / "file")
    (run.folder / "best.safetensors").unlink()
    with pytest.raises(DigitpadError, match="no weights yet"):
        export_run(run, tmp_path / "mine.safetensors")
