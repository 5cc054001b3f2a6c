"""The command `evaluate`."""

import json
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
    print_data_summary,
)
from digitpad.error_output import print_line

if TYPE_CHECKING:
    from digitpad.core.evaluation.metrics import Metrics
    from digitpad.core.evaluation.result import Evaluation
    from digitpad.core.images.digits import Digits
    from digitpad.core.models.model_files import LoadedModel
    from digitpad.core.runs.run_folder import Run


def evaluate(
    *,
    model: ModelName = "cnn",
    epoch: EpochOption = None,
    data: DataFolder = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="mnist or another data set, digits (built in), my-digits, xor or another gate, or a file or folder of "
            "your own (docs/data.md). Default: mnist, or the gate that the model was trained on."
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
    import numpy as np

    from digitpad.core.datasets.loading import GATES, full_name
    from digitpad.core.datasets.suspect_labels import read_marks, without_samples
    from digitpad.core.evaluation.confusion_figure import write_confusion
    from digitpad.core.evaluation.evaluator import check_fits
    from digitpad.core.evaluation.model_loss import ModelLoss
    from digitpad.core.evaluation.result import evaluate as measure
    from digitpad.core.evaluation.samples import Samples, SampleSet, load_set
    from digitpad.core.files.paths import data_folder
    from digitpad.core.images.digits import CLASSES
    from digitpad.core.models.model_files import load_model
    from digitpad.core.models.specs import output_of
    from digitpad.core.runs.run_library import find_model_file, run_of_model

    path = find_model_file(model, None if epoch is None else epoch.value)
    loaded, run = load_model(path, of_digits=False), run_of_model(path)
    if loaded.note:
        print_line(loaded.note, to_error=True)
    loss = ModelLoss.of(output_of(loaded.model.spec), loaded.card.training)
    dataset = full_name(dataset or _usual_dataset(loaded), data_folder(data))
    is_own = run is not None and run.recipe.dataset == dataset
    part = part or _usual_part(dataset, data_folder(data), is_own=is_own)
    print_data_summary(dataset, data)
    if first is None and run is not None and is_own and part is not PartChoice.ALL:
        first = run.recipe.train_first if part is PartChoice.TRAIN else run.recipe.test_first
    seen = load_set(SampleSet(dataset, part.value, data_folder(data), first or None, raw_pixels=pixels is Pixels.RAW))
    check_fits(model, loaded.model.spec, seen)
    digits, marks = seen.digits, seen.marks_by_index(read_marks()) if leave_out_suspects or export_to else {}
    _check_files(export_to, confusion_to)
    if leave_out_suspects:
        digits = without_samples(digits, marks)
    # Evaluate all samples, so that each keeps its index in the table.
    evaluation = measure(loaded.model, seen.inputs, loss)
    counted = np.setdiff1d(np.arange(len(evaluation)), list(marks) if leave_out_suspects else [])
    metrics, classes = evaluation.metrics(counted), 2 if dataset in GATES else CLASSES
    if export_to is not None:
        from digitpad.core.evaluation.exporting import write_csv

        write_csv(export_to, Samples(seen, model, evaluation, marks=marks), counted)
        print_line(f"saved to {export_to}", to_error=True)
    if confusion_to is not None:
        write_confusion(confusion_to, metrics.confusion[:classes, :classes], f"{model}, {digits.name}")
        print_line(f"saved to {confusion_to}", to_error=True)
    if as_json:
        record = {
            "model": model,
            "dataset": dataset,
            "accuracy": metrics.accuracy,
            "loss": json_figure(metrics.loss),
            "loss_name": loss.name,
            "per_digit": [None if isnan(value) else value for value in metrics.recall[:classes].tolist()],
            "confusion": metrics.confusion[:classes, :classes].tolist(),
        }
        print(json.dumps(record))
        return
    right = f"{metrics.accuracy:.2%} of {len(digits):,} right"
    print_line(f"{_model_title(model, path, run)} on {digits.name}: {right}, {loss.described(metrics.loss)}")
    print()
    if dataset in GATES:
        _print_points(digits, evaluation)
        return
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
    print_line("label ↓  predicted →" + "".join(f"{digit:>6}" for digit in range(10)) + "     right")
    for digit, row in enumerate(metrics.confusion.tolist()):
        share = f"{metrics.recall[digit]:.2%}" if sum(row) else "–"
        print_line(f"{digit:>20}" + "".join(f"{count:>6}" for count in row) + f"{share:>10}")


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


def _print_points(digits: "Digits", evaluation: "Evaluation") -> None:
    """Print the truth table of a gate as the model computes it."""
    from digitpad.core.models.inference import outputs_of

    print_line("x1  x2  hypothesis  predicted  Y")
    hypotheses = outputs_of(evaluation.logits[:, 0], evaluation.output).tolist()
    points = digits.images.reshape(-1, 2).tolist()
    for (x1, x2), hypothesis, predicted, label in zip(
        points, hypotheses, evaluation.predicted.tolist(), digits.labels.tolist(), strict=True
    ):
        print_line(f"{x1:>2}  {x2:>2}  {hypothesis:>10.6f}  {predicted:>9}  {label}")


def _model_title(name: str, path: Path, run: "Run | None") -> str:
    """Return a model's name, with its epoch if its run keeps two."""
    models = run.kept_models if run else ()
    kept = next((kept for kept in models if kept.path.name == path.name), None)
    return f"{name}, {kept.epoch} epoch ({kept.row.epoch})," if len(models) > 1 and kept and kept.row else name
