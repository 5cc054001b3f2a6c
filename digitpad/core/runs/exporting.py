"""Exporting a run: its curves, its weights for digitpad and other programs, its metrics for TensorBoard."""

import csv
import io
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from digitpad.core.errors import DigitpadError, write_error
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.endings import check_ending
from digitpad.core.models.model_files import SUFFIX, Epoch, LoadedModel, load_model
from digitpad.core.runs.run_folder import EpochRow, Run

CURVES = (".csv",)
WEIGHTS = (SUFFIX, ".onnx", ".pt", ".py")
ENDINGS = (*CURVES, *WEIGHTS)
_PARTS = ("training", "test")
_METRICS = {"loss": ("train_loss", "test_loss"), "accuracy": ("train_accuracy", "test_accuracy")}


def export_run(run: Run, path: Path, epoch: Epoch | None = None) -> None:
    """Export what a file's ending says: `CURVES`, or `WEIGHTS` of the best or last epoch, or of `Run.kept_model`.

    Raise DigitpadError if the ending is another, there is nothing to export yet, or the file cannot be written.
    """
    ending = check_ending(path, ENDINGS)
    if ending == ".csv":
        export_csv(run, path)
    elif ending == SUFFIX:
        export_weights(run, path, epoch)
    else:
        _export_model(load_model(_weights(run, epoch), of_digits=False), path, ending)


def _export_model(loaded: LoadedModel, path: Path, ending: str) -> None:
    if ending == ".onnx":
        from digitpad.core.models.exchange.onnx_export import write_onnx

        write_onnx(path, loaded)
    elif ending == ".pt":
        from digitpad.core.models.exchange.state_dicts import write_state_dict

        write_state_dict(path, loaded.model)
    else:
        from digitpad.core.programs.model_program import save_model_program

        save_model_program(path, loaded)


def export_csv(run: Run, path: Path) -> None:
    """Write a line per measured epoch; accuracies are fractions, times seconds; a loss may be ``inf`` or ``nan``."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(EpochRow.__dataclass_fields__), lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in run.rows)
    write_atomically(path, text.getvalue().encode())


def export_weights(run: Run, path: Path, epoch: Epoch | None = None) -> None:
    """Copy a model file, see `export_run`."""
    write_atomically(path, _weights(run, epoch).read_bytes())


def _weights(run: Run, epoch: Epoch | None) -> Path:
    path = run.kept_model(epoch).path
    if not path.is_file():
        raise DigitpadError("“{run}” has no weights yet: train it for at least one epoch", run=run.name)
    return path


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
    if any(place.is_symlink() for place in (target, *(target / part for part in _PARTS))):
        raise DigitpadError("{folder} is a link, or contains one: choose another folder", folder=target)
    start = run.info.created.timestamp()
    with tempfile.TemporaryDirectory() as place:
        for part in _PARTS:
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
