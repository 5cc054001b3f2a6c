"""The command `evaluate`."""

import json
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digitpad.commands.common import (
    AsJson,
    DataFolder,
    EpochOption,
    ModelName,
    PartChoice,
    Pixels,
    json_figure,
    padded,
    print_data_summary,
)
from digitpad.core.translation import Percent, percent, tr
from digitpad.error_output import print_line

if TYPE_CHECKING:
    import numpy as np

    from digitpad.core.evaluation.metrics import Metrics
    from digitpad.core.evaluation.model_loss import ModelLoss
    from digitpad.core.evaluation.samples import LoadedSet, Samples
    from digitpad.core.models.model_files import LoadedModel
    from digitpad.core.runs.run_folder import Run

_LABELS, _SHARES = 20, 10  # the widths of the first and the last column of the confusion matrix


def evaluate(
    *,
    model: ModelName = "cnn",
    epoch: EpochOption = None,
    data: DataFolder = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="DATASET",
            help="mnist or another data set, digits (built in), my-digits, xor or another gate, or a file or folder of "
            "your own (docs/data.md). Default: mnist, or the gate that the model was trained on.",
        ),
    ] = None,
    part: Annotated[
        PartChoice | None,
        typer.Option(
            help="The part of the data set. Default: test; all of your own data if it has no parts and the model was "
            "not trained on it."
        ),
    ] = None,
    first: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="Only so many images of the part, from its first; 0 for all. Default: all, or as many as the "
            "training of the model had.",
        ),
    ] = None,
    pixels: Annotated[
        Pixels,
        typer.Option(
            help="255: the model gets pixels from 0 to 255, although it was trained on 0 to 1: some programs do so "
            "by mistake."
        ),
    ] = Pixels.UNIT,
    leave_out_suspects: Annotated[
        bool, typer.Option("--leave-out-suspects", help="Leave out the samples of 'digitpad marks'.")
    ] = False,
    export_to: Annotated[
        Path | None, typer.Option("--export", metavar="FILE.csv", help="Also save the predictions of all samples.")
    ] = None,
    confusion_to: Annotated[
        Path | None,
        typer.Option("--confusion", metavar="FILE", help="Also save the confusion matrix: .csv, .png or .svg."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure a model on one part of a data set."""
    from digitpad.core.evaluation.samples import SampleSet, load_set
    from digitpad.core.files.paths import data_folder
    from digitpad.core.models.model_files import load_model
    from digitpad.core.runs.run_library import find_model_file, run_of_model

    path, folder = find_model_file(model, None if epoch is None else epoch.value), data_folder(data)
    loaded, run = load_model(path, of_digits=False), run_of_model(path)
    if loaded.note:
        print_line(loaded.note, to_error=True)
    dataset, part, usual_first = _usual_samples(loaded, run, dataset, part, folder)
    print_data_summary(dataset, data)
    count = usual_first if first is None else first or None
    seen = load_set(SampleSet(dataset, part.value, folder, count, raw_pixels=pixels is Pixels.RAW))
    _check_files(export_to, confusion_to)
    result = _measure(loaded, model, seen, leaves_out=leave_out_suspects, is_exported=export_to is not None)
    _save(result, export_to, confusion_to)
    if as_json:
        print(json.dumps(_record(result)))
    else:
        _print_result(result, _model_title(model, path, run))


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    """A measured model: all samples, the indices of those that count, their metrics, and the loss of its training."""

    model: str
    samples: "Samples"
    counted: "np.ndarray"
    name: str  # of the samples that count
    metrics: "Metrics"
    loss: "ModelLoss"

    @property
    def is_gate(self) -> bool:
        return self.samples.are_points

    @property
    def confusion(self) -> "np.ndarray":
        """The confusion matrix: (10, 10), or (2, 2) for a gate."""
        return self.metrics.confusion[:2, :2] if self.is_gate else self.metrics.confusion


def _usual_samples(
    loaded: "LoadedModel", run: "Run | None", dataset: str | None, part: PartChoice | None, folder: Path
) -> tuple[str, PartChoice, int | None]:
    """Return the data set and its part, the usual ones where None is given, and how many samples a training had."""
    from digitpad.core.datasets.loading import full_name

    dataset = full_name(dataset or _usual_dataset(loaded), folder)
    is_own = run is not None and run.recipe.dataset == dataset
    part = part or _usual_part(dataset, folder, is_own=is_own)
    if run is None or not is_own or part is PartChoice.ALL:
        return dataset, part, None
    return dataset, part, run.recipe.train_first if part is PartChoice.TRAIN else run.recipe.test_first


def _measure(loaded: "LoadedModel", name: str, seen: "LoadedSet", *, leaves_out: bool, is_exported: bool) -> _Result:
    """Evaluate all samples, so that each keeps its index in the table, and count those without a suspect label."""
    import numpy as np

    from digitpad.core.datasets.suspect_labels import read_marks, without_samples
    from digitpad.core.evaluation.evaluator import check_fits
    from digitpad.core.evaluation.model_loss import ModelLoss
    from digitpad.core.evaluation.result import evaluate as measure
    from digitpad.core.evaluation.samples import Samples
    from digitpad.core.images.idx_sets import display_part_name
    from digitpad.core.models.specs import output_of

    check_fits(name, loaded.model.spec, seen)
    marks = seen.marks_by_index(read_marks()) if leaves_out or is_exported else {}
    digits = without_samples(seen.digits, marks) if leaves_out else seen.digits
    loss = ModelLoss.of(output_of(loaded.model.spec), loaded.card.training)
    evaluation = measure(loaded.model, seen.inputs, loss)
    counted = np.setdiff1d(np.arange(len(evaluation)), list(marks) if leaves_out else [])
    samples = Samples(seen, name, evaluation, marks=marks)
    return _Result(name, samples, counted, display_part_name(digits.name), evaluation.metrics(counted), loss)


def _save(result: _Result, table: Path | None, confusion: Path | None) -> None:
    from digitpad.core.evaluation.confusion_figure import write_confusion
    from digitpad.core.evaluation.exporting import write_csv

    if table is not None:
        write_csv(table, result.samples, result.counted)
    if confusion is not None:
        write_confusion(confusion, result.confusion, f"{result.model}, {result.name}")
    for path in filter(None, (table, confusion)):
        print_line(tr("saved to {path}").format(path=path), to_error=True)


def _record(result: _Result) -> dict[str, object]:
    recall = result.metrics.recall[: len(result.confusion)].tolist()
    return {
        "model": result.model,
        "dataset": result.samples.loaded.sample_set.dataset,
        "accuracy": result.metrics.accuracy,
        "loss": json_figure(result.metrics.loss),
        "loss_name": result.loss.name,
        "per_digit": [None if isnan(value) else value for value in recall],
        "confusion": result.confusion.tolist(),
    }


def _print_result(result: _Result, title: str) -> None:
    text = tr("{model} on {data}: {accuracy:.2%} of {count:,} right, {loss}")
    loss, metrics, count = result.loss.described(result.metrics.loss), result.metrics, len(result.counted)
    print_line(text.format(model=title, data=result.name, accuracy=Percent(metrics.accuracy), count=count, loss=loss))
    print()
    if result.is_gate:
        _print_points(result.samples)
    else:
        _print_confusion(metrics)


def _check_files(table: Path | None, confusion: Path | None) -> None:
    """Raise DigitpadError, before the evaluation, if a file could not be written."""
    from digitpad.core.evaluation.confusion_figure import ENDINGS
    from digitpad.core.files.atomic import check_writable
    from digitpad.core.files.endings import check_ending

    for path, endings in ((table, (".csv",)), (confusion, ENDINGS)):
        if path is not None:
            check_ending(path, endings)
            check_writable(path)


def _print_confusion(metrics: "Metrics") -> None:
    heading, right = padded(tr("label ↓, predicted →"), _LABELS), padded(tr("right"), _SHARES, right=True)
    print_line(heading + "".join(f"{digit:>6}" for digit in range(10)) + right)
    for digit, row in enumerate(metrics.confusion.tolist()):
        share = percent(metrics.recall[digit], 2) if sum(row) else "–"
        print_line(f"{digit:>{_LABELS}}" + "".join(f"{count:>6}" for count in row) + f"{share:>{_SHARES}}")


def _usual_part(dataset: str, folder: Path, *, is_own: bool) -> PartChoice:
    """Return the part to measure; all of a user's data without parts, unless the model was trained on some of it."""
    from digitpad.core.datasets.preview import is_split

    return PartChoice.ALL if not is_own and is_split(dataset, folder) else PartChoice.TEST


def _usual_dataset(loaded: "LoadedModel") -> str:
    """Return the gate that a model of two classes was trained on, by its card; for other models "mnist"."""
    from digitpad.core.datasets.loading import GATES
    from digitpad.core.models.specs import outputs_of_model

    is_of_gate = outputs_of_model(loaded.model.spec) == 1
    trained = loaded.card.dataset.lower().partition(" (")[0]  # "XOR (first 2)"
    return trained if is_of_gate and trained in GATES else "mnist"


def _print_points(samples: "Samples") -> None:
    """Print the truth table of a gate as the model computes it."""
    from rich.cells import cell_len

    from digitpad.core.models.inference import outputs_of

    digits, evaluation = samples.digits, samples.evaluation
    assert evaluation is not None  # noqa: S101 - they were measured
    hypothesis, predicted = tr("hypothesis"), tr("predicted")
    widths = max(10, cell_len(hypothesis)), max(9, cell_len(predicted))
    print_line(f"x1  x2  {padded(hypothesis, widths[0], right=True)}  {padded(predicted, widths[1], right=True)}  Y")
    outputs = outputs_of(evaluation.logits[:, 0], evaluation.output).tolist()
    points = digits.images.reshape(-1, 2).tolist()
    for (x1, x2), output, answer, label in zip(
        points, outputs, evaluation.predicted.tolist(), digits.labels.tolist(), strict=True
    ):
        print_line(f"{x1:>2}  {x2:>2}  {output:>{widths[0]}.6f}  {answer:>{widths[1]}}  {label}")


def _model_title(name: str, path: Path, run: "Run | None") -> str:
    """Return a model's name, with its epoch if its run keeps two."""
    models = run.kept_models if run else ()
    kept = next((kept for kept in models if kept.path.name == path.name), None)
    if len(models) < 2 or kept is None or kept.row is None:
        return name
    text = tr("{name}, best epoch ({epoch}),") if kept.epoch == "best" else tr("{name}, last epoch ({epoch}),")
    return text.format(name=name, epoch=kept.row.epoch)
