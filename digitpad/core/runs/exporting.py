"""Exporting a run: its curves, its weights for digitpad and other programs, its metrics for TensorBoard."""

import csv
import io
from dataclasses import asdict
from pathlib import Path

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.endings import check_ending
from digitpad.core.models.model_files import SUFFIX, Epoch, LoadedModel, load_model
from digitpad.core.runs.run_folder import EpochRow, Run

CURVES = (".csv", ".png", ".svg")
REPORT = ".html"
WEIGHTS = (SUFFIX, ".onnx", ".pt", ".py")
ENDINGS = (*CURVES, *WEIGHTS, REPORT)


def export_run(run: Run, path: Path, epoch: Epoch | None = None, data: Path | None = None) -> None:
    """Export what a file's ending says: `CURVES`, `WEIGHTS` or a `REPORT`.

    Weights, and those of the report, are of the best or last epoch, or of `Run.kept_model`. `data` is the data folder
    for the report, by default the run's.

    Raise DigitpadError if the ending is another, there is nothing to export yet, or the file cannot be written.
    """
    ending = check_ending(path, ENDINGS)
    if ending == ".csv":
        export_csv(run, path)
    elif ending in CURVES:
        _export_figure(run, path, ending)
    elif ending == REPORT:
        from digitpad.core.runs.exports.report import write_report

        write_report(path, run, epoch, data)
    elif ending == SUFFIX:
        export_weights(run, path, epoch)
    else:
        _export_model(load_model(_weights(run, epoch), of_digits=False), path, ending)


def _export_figure(run: Run, path: Path, ending: str) -> None:
    from digitpad.core.evaluation.figures import figure_file
    from digitpad.core.runs.exports.curve_figure import curve_figure

    write_atomically(path, figure_file(curve_figure(run), ending))


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
