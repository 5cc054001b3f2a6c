"""Exporting a run: curves as CSV, weights as safetensors or ONNX, metrics for TensorBoard."""

import csv
import io
import logging
import shutil
import tempfile
import warnings
from dataclasses import asdict
from pathlib import Path

from digitpad.core.errors import DigitpadError, write_error
from digitpad.core.files.atomic import check_writable, write_atomically
from digitpad.core.models.model_files import Epoch, load_model
from digitpad.core.models.specs import inputs_of
from digitpad.core.runs.run_folder import EpochRow, Run

_OPSET = 18
_CURVES = ("training", "test")
_METRICS = {"loss": ("train_loss", "test_loss"), "accuracy": ("train_accuracy", "test_accuracy")}


def export_run(run: Run, path: Path, epoch: Epoch | None = None) -> None:
    """Export curves to .csv, or weights to .safetensors or .onnx, depending on the file's suffix.

    The weights are those of the best or of the last epoch, by default those of `Run.kept_model`.

    Raise DigitpadError if the suffix is another, there is nothing to export yet, or the file cannot be written.
    """
    match path.suffix.lower():
        case ".csv":
            export_csv(run, path)
        case ".safetensors":
            export_weights(run, path, epoch)
        case ".onnx":
            export_onnx(run, path, epoch)
        case _:
            raise DigitpadError("{name} must end in .csv, .safetensors or .onnx: choose another name", name=path.name)


def export_csv(run: Run, path: Path) -> None:
    """Write a line per measured epoch; accuracies are fractions, times seconds; a loss may be ``inf`` or ``nan``."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(EpochRow.__dataclass_fields__), lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in run.rows)
    write_atomically(path, text.getvalue().encode())


def export_weights(run: Run, path: Path, epoch: Epoch | None = None) -> None:
    """Copy a model file, see `export_run`."""
    source = run.kept_model(epoch).path
    if not source.is_file():
        raise DigitpadError("“{run}” has no weights yet: train it for at least one epoch", run=run.name)
    write_atomically(path, source.read_bytes())


def export_onnx(run: Run, path: Path, epoch: Epoch | None = None) -> None:
    """Write weights as an ONNX model, see `export_run`.

    Its input is ``images``, (n, height, width) float32 in [0, 1], its output ``logits``, (n, outputs); the
    normalisation is inside.
    """
    try:
        import onnx
        import onnxscript  # noqa: F401 - torch's exporter needs it, but its own error is unclear
    except ImportError as error:
        raise DigitpadError(
            "ONNX export needs the packages onnx and onnxscript: install digitpad[onnx]",
            hint="pip install 'digitpad[onnx]'",
        ) from error
    import torch

    check_writable(path)
    if not run.has_model:
        raise DigitpadError("“{run}” has no weights yet: train it for at least one epoch", run=run.name)
    loaded = load_model(run.kept_model(epoch).path, of_digits=False)
    images = torch.zeros(2, *inputs_of(loaded.model.spec))
    with warnings.catch_warnings():
        # torch warns about its own code.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            loaded.model,
            (images,),
            input_names=["images"],
            output_names=["logits"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            opset_version=_OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise DigitpadError("PyTorch could not convert “{run}” to ONNX: update PyTorch", run=run.name)
    model = program.model_proto
    onnx.checker.check_model(model)
    write_atomically(path, model.SerializeToString())


def export_tensorboard(run: Run, folder: Path) -> None:
    """Write the curves as event files for TensorBoard, to a folder in `folder` that is named like the run."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise DigitpadError(
            "export for TensorBoard needs the package tensorboard: install digitpad[tensorboard]",
            hint="pip install 'digitpad[tensorboard]'",
        ) from error
    target = folder / run.id
    if any(place.is_symlink() for place in (target, *(target / part for part in _CURVES))):
        raise DigitpadError("{folder} is a link, or contains one: choose another folder", folder=target)
    start = run.info.created.timestamp()
    with tempfile.TemporaryDirectory() as place:
        for part in _CURVES:
            with SummaryWriter(Path(place) / part) as writer:
                elapsed = 0.0
                for row in run.rows:
                    elapsed += row.seconds
                    for metric, names in _METRICS.items():
                        value = getattr(row, names[part == "test"])
                        writer.add_scalar(metric, value, row.epoch, walltime=start + elapsed)
        try:
            shutil.copytree(place, target, dirs_exist_ok=True)
        except OSError as error:
            raise write_error(target, error) from error
