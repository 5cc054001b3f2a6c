"""The command line. Without a command it opens the window."""

import contextlib
import json
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digitpad import __version__
from digitpad.core.errors import DigitpadError
from digitpad.error_output import print_error, print_line

if TYPE_CHECKING:
    from digitpad.core.datasets.suspect_labels import SuspectLabel
    from digitpad.core.evaluation.metrics import Metrics
    from digitpad.core.evaluation.result import Evaluation
    from digitpad.core.images.digits import Digits
    from digitpad.core.models.model_files import LoadedModel
    from digitpad.core.recognition.file_prediction import PredictedSample
    from digitpad.core.recognition.prediction import Prediction
    from digitpad.core.runs.run_folder import Run
    from digitpad.core.runs.training_job import TrainingJob
    from digitpad.core.training.events import EpochDone

app = typer.Typer(
    name="digitpad",
    help="A drawing pad that recognises handwritten digits. Without a command it opens the window.",
    add_completion=False,
    rich_markup_mode=None,  # plain help, as other tools have it
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class EpochChoice(StrEnum):
    """An epoch of which a run keeps the weights."""

    BEST = "best"
    LAST = "last"


_WINDOW = "window"
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder with mnist/. Default: $DIGITPAD_DATA, or the user data folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]
ModelName = Annotated[
    str, typer.Option("--model", help="A name from 'digitpad models', the name of a run, or a model file.")
]


EpochOption = Annotated[
    EpochChoice | None,
    typer.Option(
        "--epoch",
        help="Which epoch of a run. Default: the last if its recipe has published figures, as those of the tutorials, "
        "or else the best.",
    ),
]


class PartChoice(StrEnum):
    """A part of a data set. An enum, because older versions of Typer have no choices of strings."""

    TRAIN = "train"
    TEST = "test"


class Pixels(StrEnum):
    """The largest pixel value that a model gets."""

    UNIT = "1"
    RAW = "255"


def run(arguments: Sequence[str]) -> object:
    """Run a command and return its exit code; a usage error is one of Typer's exceptions."""
    try:
        return app(args=with_default_command(arguments), prog_name="digitpad", standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None


def with_default_command(arguments: Sequence[str]) -> list[str]:
    """Add the hidden command that opens the window if the arguments do not start with a command."""
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    if not arguments or (arguments[0] not in names and not arguments[0].startswith("-")):
        return [_WINDOW, *arguments]
    return list(arguments)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        print(f"digitpad {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=lambda v: _show_version(wanted=v), help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Handle the options that need no command."""
    del version


@app.command(_WINDOW, hidden=True)
def window(file: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Open the window, optionally with a picture, an ink file or a model."""
    if file is not None and not file.exists():
        raise DigitpadError("{file} is neither a file nor a command", file=file, hint="see 'digitpad --help'")
    from digitpad.gui.window.app import run

    raise typer.Exit(run(file))


@app.command()
def predict(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pictures, or ink files (.jsonl, .jsonl.gz).")],
    model: ModelName = "cnn",
    epoch: EpochOption = None,
    as_json: AsJson = False,
    number: Annotated[
        bool, typer.Option("--number", help="Read each sample as a whole number, or one a line.")
    ] = False,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Reject samples with a lower digit score. Default: 0.5. 0 rejects nothing."),
    ] = None,
    page: Annotated[
        int, typer.Option(min=1, help="Which page of pictures that have several: a scan, or the frames of a GIF.")
    ] = 1,
) -> None:
    """Predict the digit in each picture or drawing, one line per sample."""
    from digitpad.core.detection.digit_detector import THRESHOLD
    from digitpad.core.models.model_files import load_model
    from digitpad.core.recognition.file_prediction import predict_file
    from digitpad.core.runs.run_library import find_model_file

    threshold = THRESHOLD if threshold is None else threshold
    loaded = load_model(find_model_file(model, None if epoch is None else epoch.value))
    right = labelled = failed = 0
    for file in files:
        try:
            for sample in predict_file(file, loaded, as_number=number, threshold=threshold, page=page):
                if as_json:
                    print(_json_line(sample))
                else:
                    print_line(str(sample))
                labelled += sample.label is not None
                right += sample.label is not None and sample.label == sample.answer
        except DigitpadError as error:
            failed = print_error(error.with_hint, 1)
    if labelled:
        sys.stdout.flush()
        print_line(f"accuracy: {right / labelled:.2%} ({right:,} of {labelled:,})", to_error=True)
    if failed:
        raise typer.Exit(failed)


def _json_line(sample: "PredictedSample") -> str:
    record: dict[str, object] = {"source": sample.source, "id": sample.id, **_prediction_record(sample.prediction)}
    if sample.pages > 1:
        record |= {"page": sample.page, "pages": sample.pages}
    if sample.reading is not None:
        record["number"] = sample.reading.number
        record["numbers"] = list(sample.reading.numbers)
        record["digits"] = [
            {**_prediction_record(read.prediction), "box": [round(edge, 3) for edge in read.box]}
            for read in sample.reading.digits
        ]
    return json.dumps(record, allow_nan=False)


def _prediction_record(prediction: "Prediction") -> dict[str, object]:
    return {
        "digit": prediction.digit,
        "confidence": round(prediction.likelihood, 9),
        "probabilities": [round(float(p), 6) for p in prediction.probabilities],
    }


@app.command()
def train(
    name: Annotated[
        str | None, typer.Argument(metavar="RECIPE", help="A name from 'digitpad recipes', or a .toml file.")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            help="The number of epochs. With --resume: the number in all; a new run goes on from RUN, and its learning "
            "rate follows the schedule of that many epochs from there."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting of the recipe.")
    ] = None,
    data: DataFolder = None,
    out: Annotated[Path | None, typer.Option(help="Also save the model of the last epoch to this file.")] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Resume a run from 'digitpad runs', or with --epochs train it longer."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a model. Each training is saved as a run."""
    if resume is None:
        job = _new_job(name, [*(settings or ()), *([] if epochs is None else [f"epochs={epochs}"])], data, out)
    else:
        job = _resumed_job(resume, name, settings or [], epochs, data, out)
    shown = _Shown()
    try:
        with contextlib.closing(_with_progress(job, shown, quiet=as_json)) as done:
            for epoch in done:
                if as_json:
                    print(json.dumps(_epoch_record(epoch), allow_nan=False), flush=True)
    except KeyboardInterrupt:
        raise typer.Exit(print_error(f"stopped: {shown.summary()}", 130)) from None
    saved = f"saved to {out}; " if out else ""
    print_line(f"{saved}saved as run {shown.run_id}", to_error=True)
    if shown.problem:
        print_line(shown.problem, to_error=True)


def _new_job(name: str | None, changes: list[str], data: Path | None, out: Path | None) -> "TrainingJob":
    from digitpad.core.runs.differences import run_name, unused_name
    from digitpad.core.runs.run_library import names_in_use
    from digitpad.core.runs.training_job import TrainingJob
    from digitpad.core.training.recipe_files import SUFFIX, load_recipe
    from digitpad.core.training.recipes import with_settings

    if name is None:
        raise typer.BadParameter("give a RECIPE from 'digitpad recipes', or a run with --resume")
    base = load_recipe(name)
    recipe = with_settings(base, changes)
    # A file need not be the recipe of its name.
    run = unused_name(run_name(recipe, Path(name).stem, base), names_in_use()) if name.endswith(SUFFIX) else ""
    return TrainingJob(recipe, Path(name).stem, run, data=data, out=out)


def _resumed_job(
    resume: str, name: str | None, changes: list[str], epochs: int | None, data: Path | None, out: Path | None
) -> "TrainingJob":
    """Return the job that resumes a run, or with a number of epochs the one that trains it longer as a new run."""
    from digitpad.core.runs.run_library import find_run
    from digitpad.core.runs.training_job import resume_job, train_longer_job
    from digitpad.core.training.recipes import with_settings

    device = _only_device(changes)
    if name is not None or device is None:
        raise typer.BadParameter("--resume keeps the settings: give only --epochs N and --set device=DEVICE with it")
    run = find_run(resume)
    with_settings(run.recipe, changes)  # raises if the device is not valid
    if epochs is None:
        return resume_job(run, data=data, out=out, device=device)
    return train_longer_job(run, epochs, data=data, out=out, device=device)


def _only_device(changes: list[str]) -> str | None:
    """Return the device in the changes, "" if there are none, or None if they change anything else."""
    if not changes:
        return ""
    key, _, device = changes[0].partition("=")
    return device.strip() if len(changes) == 1 and key.strip() == "device" else None


@dataclass(slots=True)
class _Shown:
    """What has been shown of a training."""

    run_id: str = ""
    epoch: int = 0
    problem: str = ""  # why the model cannot be used

    def summary(self) -> str:
        if not self.epoch:
            return "no epoch was finished, so nothing was saved"
        return f"epoch {self.epoch} is saved, resume with 'digitpad train --resume {self.run_id}'"


def _epoch_record(epoch: "EpochDone") -> dict[str, float | None]:
    fields = ("train_loss", "train_accuracy", "test_loss", "test_accuracy", "seconds")
    return {"epoch": epoch.epoch, **{field: _json_figure(getattr(epoch, field)) for field in fields}}


def _json_figure(value: float) -> float | None:
    """Round a figure for JSON, which has no number for an infinite loss or NaN."""
    return round(value, 6) if isfinite(value) else None


def _with_progress(job: "TrainingJob", shown: _Shown, *, quiet: bool) -> Generator["EpochDone", None, None]:
    from rich import progress
    from rich.console import Console

    from digitpad.core.runs.training_job import RunClosed, RunOpened, run_job
    from digitpad.core.training.events import EpochDone, StepDone, TrainingStarted

    epochs = job.recipe.training.epochs
    bar = progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TimeElapsedColumn(),
        progress.TextColumn("ETA"),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True, soft_wrap=True),
        disable=quiet and not sys.stderr.isatty(),
    )
    task = progress.TaskID(0)
    with contextlib.closing(run_job(job)) as events, contextlib.ExitStack() as shows:
        for event in events:
            if isinstance(event, RunOpened):
                shown.run_id = event.run.id
                shown.epoch = event.run.rows[-1].epoch if event.run.rows else 0
                if event.note:
                    print_line(event.note, to_error=True)
            elif isinstance(event, TrainingStarted):
                shows.enter_context(bar)  # only now, so that an error at the start has no bar
                steps, first = event.steps_per_epoch, event.first_epoch
                task = bar.add_task(f"epoch {first}/{epochs}", total=steps * epochs, completed=steps * (first - 1))
            elif isinstance(event, RunClosed):
                shown.problem = event.run.model_problem
            elif isinstance(event, StepDone):
                bar.advance(task)
            elif isinstance(event, EpochDone):
                shown.epoch = event.epoch
                bar.update(task, description=f"epoch {min(event.epoch + 1, epochs)}/{epochs}")
                if not quiet:
                    bar.console.print(_epoch_line(event), highlight=False)
                yield event


def _epoch_line(epoch: "EpochDone") -> str:
    return (
        f"epoch {epoch.epoch}: loss {_loss_text(epoch.train_loss)} → test {_loss_text(epoch.test_loss)}, "
        f"accuracy {epoch.train_accuracy:.2%} → test {epoch.test_accuracy:.2%} ({epoch.seconds:.1f} s)"
    )


def _loss_text(loss: float) -> str:
    # A training that diverges reaches losses of three hundred digits.
    return f"{loss:.4f}" if abs(loss) < 1e6 else f"{loss:.3g}"


@app.command()
def evaluate(
    *,
    model: ModelName = "cnn",
    epoch: EpochOption = None,
    data: DataFolder = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="mnist or another data set, digits (built in), my-digits, xor or another gate, a folder, or an ink "
            "file. Default: mnist, or the gate that the model was trained on."
        ),
    ] = None,
    part: Annotated[PartChoice, typer.Option(help="The part of the data set.")] = PartChoice.TEST,
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
    as_json: AsJson = False,
) -> None:
    """Measure a model on one part of a data set."""
    import numpy as np

    from digitpad.core.datasets.loading import GATES
    from digitpad.core.datasets.suspect_labels import read_marks, without_samples
    from digitpad.core.evaluation.evaluator import check_fits
    from digitpad.core.evaluation.model_loss import ModelLoss
    from digitpad.core.evaluation.result import evaluate as measure
    from digitpad.core.evaluation.samples import Samples, SampleSet, load_set
    from digitpad.core.files.atomic import check_writable
    from digitpad.core.files.paths import data_folder
    from digitpad.core.images.digits import CLASSES
    from digitpad.core.models.model_files import load_model
    from digitpad.core.models.specs import output_of
    from digitpad.core.runs.run_library import find_model_file, run_of_model

    path = find_model_file(model, None if epoch is None else epoch.value)
    loaded, run = load_model(path, of_digits=False), run_of_model(path)
    loss = ModelLoss.of(output_of(loaded.model.spec), loaded.card.training)
    dataset = dataset or _usual_dataset(loaded)
    if first is None and run is not None and run.recipe.dataset == dataset:
        first = run.recipe.train_first if part is PartChoice.TRAIN else run.recipe.test_first
    seen = load_set(SampleSet(dataset, part.value, data_folder(data), first or None, raw_pixels=pixels is Pixels.RAW))
    check_fits(model, loaded.model.spec, seen)
    digits, marks = seen.digits, seen.marks_by_index(read_marks()) if leave_out_suspects or export_to else {}
    if export_to is not None:
        check_writable(export_to)
    if leave_out_suspects:
        digits = without_samples(digits, marks)
    # Evaluate all samples, so that each keeps its index in the table.
    evaluation = measure(loaded.model, seen.inputs, loss)
    counted = np.setdiff1d(np.arange(len(evaluation)), list(marks) if leave_out_suspects else [])
    metrics = evaluation.metrics(counted)
    if export_to is not None:
        from digitpad.core.evaluation.exporting import write_csv

        write_csv(export_to, Samples(seen, model, evaluation, marks=marks), counted)
        print_line(f"saved to {export_to}", to_error=True)
    if as_json:
        classes = 2 if dataset in GATES else CLASSES
        record = {
            "model": model,
            "dataset": dataset,
            "accuracy": metrics.accuracy,
            "loss": _json_figure(metrics.loss),
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


def _print_confusion(metrics: "Metrics") -> None:
    print_line("label ↓  predicted →" + "".join(f"{digit:>6}" for digit in range(10)) + "     right")
    for digit, row in enumerate(metrics.confusion.tolist()):
        share = f"{metrics.recall[digit]:.2%}" if sum(row) else "–"
        print_line(f"{digit:>20}" + "".join(f"{count:>6}" for count in row) + f"{share:>10}")


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


@app.command()
def recipes() -> None:
    """List the recipes."""
    from digitpad.core.models.specs import summary
    from digitpad.core.training.recipe_files import list_recipes

    entries = list_recipes()
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        if recipe := entry.recipe:
            epochs = recipe.training.epochs
            settings = f"{recipe.dataset}, {summary(recipe.model)}, {epochs:,} {'epoch' if epochs == 1 else 'epochs'}"
            print_line(f"{entry.name:{width}}  {recipe.title}: {settings}")
        else:
            print_error(entry.problem, 1)


@app.command()
def program(
    name: Annotated[str, typer.Argument(metavar="RECIPE", help="A name from 'digitpad recipes', or a .toml file.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting of the recipe.")
    ] = None,
    data: DataFolder = None,
    out: Annotated[Path | None, typer.Option(help="Save the program to this file.")] = None,
) -> None:
    """Print a recipe as a Python program that trains the same model without digitpad."""
    from digitpad.core.files.paths import data_folder
    from digitpad.core.programs.program import program_of, save_program
    from digitpad.core.training.recipe_files import load_recipe
    from digitpad.core.training.recipes import with_settings

    recipe = with_settings(load_recipe(name), settings or [])
    if out is None:
        print(program_of(recipe, Path(name).stem), end="")
        return
    folder = save_program(recipe, Path(name).stem, out, data_folder(data))
    print_line(f"saved to {out}{f'; its data to {folder}' if folder else ''}", to_error=True)


@app.command()
def runs(as_json: AsJson = False) -> None:
    """List the runs, newest first, then those that cannot be read."""
    from digitpad.core.runs.run_library import list_runs, list_unreadable_runs

    found, unreadable = list_runs(), list_unreadable_runs()
    for run in found:
        if as_json:
            print(json.dumps(_run_record(run), allow_nan=False))
        else:
            print_line(_run_line(run))
    for broken in unreadable:
        if as_json:
            print(json.dumps({"id": broken.id, "problem": broken.problem}))
        else:
            print_line(f"{broken.id:36} {'–':>7}  cannot be read: {broken.problem}")
    if not found and not unreadable:
        print_line("there are no runs yet: 'digitpad train RECIPE' starts one", to_error=True)


def _run_line(run: "Run") -> str:
    from digitpad.core.runs.differences import changed_settings, changes_text

    accuracy = f"{run.used.test_accuracy:.2%}" if run.used else "–"
    changes = changes_text(changed_settings(run.recipe, run.info.recipe_name))
    notes = [
        changes if changes and changes not in run.name else "",
        f"continues {run.info.parent}" if run.info.parent else "",
        "its loss is not a number" if run.model_problem else "",
    ]
    remarks = f" ({'; '.join(filter(None, notes))})" if any(notes) else ""
    return f"{run.id:36} {accuracy:>7}  {_state(run):34} {run.seconds:7.1f} s  {run.name}{remarks}"


def _run_record(run: "Run") -> dict[str, object]:
    from digitpad.core.runs.differences import changed_settings

    best = run.best
    return {
        "id": run.id,
        "name": run.name,
        "recipe": run.info.recipe_name,
        "changed": {change.key: change.after for change in changed_settings(run.recipe, run.info.recipe_name)},
        "parent": run.info.parent or None,
        "created": run.info.created.isoformat(),
        "state": "in training" if run.is_running else _outcome(run),
        "epoch": run.rows[-1].epoch if run.rows else 0,
        "epochs": run.recipe.training.epochs,
        "best_epoch": best.epoch if best else None,
        "test_accuracy": _json_figure(best.test_accuracy) if best else None,
        "test_loss": _json_figure(best.test_loss) if best else None,
        "seconds": _json_figure(run.seconds),
        "problem": run.info.problem or run.model_problem or None,
    }


@app.command()
def marks(
    export_to: Annotated[
        Path | None, typer.Option("--export", metavar="FILE.csv", help="Save them to a CSV file instead.")
    ] = None,
) -> None:
    """List the samples whose label you marked as wrong."""
    from digitpad.core.datasets.suspect_labels import export_marks, read_marks

    found = read_marks()
    if export_to is not None:
        export_marks(export_to, found)
        print_line(f"saved to {export_to}", to_error=True)
        return
    width = max((len(mark.dataset) for mark in found), default=0)
    for mark in found:
        print_line(_mark_line(mark, width))
    if not found:
        print_line("no labels are marked yet: mark them in the Mistakes tab", to_error=True)


def _mark_line(mark: "SuspectLabel", width: int) -> str:
    corrected = "?" if mark.corrected is None else mark.corrected
    note = " ".join(mark.note.split())
    return f"{mark.dataset:{width}}  {mark.part:5}  {mark.index:>6}  {mark.label} → {corrected}  {note}".rstrip()


@app.command()
def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run from 'digitpad runs'.")],
    place: Annotated[
        Path, typer.Argument(help="A file .csv (curves), .safetensors or .onnx (weights), or a folder for TensorBoard.")
    ],
    epoch: EpochOption = None,
) -> None:
    """Export a run's curves or weights."""
    from digitpad.core.runs.exporting import export_run, export_tensorboard
    from digitpad.core.runs.run_library import find_run

    found = find_run(run)
    if epoch and place.suffix.lower() not in (".safetensors", ".onnx"):
        raise typer.BadParameter("--epoch chooses weights: give a file .safetensors or .onnx")
    if place.suffix:
        export_run(found, place, None if epoch is None else epoch.value)
    else:
        export_tensorboard(found, place)
    print_line(f"saved to {place if place.suffix else place / found.id}", to_error=True)


def _state(run: "Run") -> str:
    done, epochs = run.rows[-1].epoch if run.rows else 0, run.recipe.training.epochs
    if run.is_running:
        return f"in training, epoch {done}/{epochs}"
    return f"{_outcome(run)}, epoch {done}/{epochs}"


def _outcome(run: "Run") -> str:
    return "interrupted" if run.info.outcome == "unfinished" else run.info.outcome


@app.command()
def models() -> None:
    """List the models."""
    from digitpad.core.models.model_files import list_models, list_run_models

    for entry in [*list_models(), *list_run_models()]:
        accuracy = "–" if entry.card.test_accuracy is None else f"{entry.card.test_accuracy:.2%}"
        place = "shipped" if entry.is_shipped else str(entry.path)
        print_line(f"{entry.name:36} {accuracy:>7} on {entry.card.dataset or 'unknown data'}, {place}")


@app.command()
def download(
    dataset: Annotated[str, typer.Argument(help="mnist, fashion-mnist, kmnist, qmnist or emnist-digits.")] = "mnist",
    data: DataFolder = None,
) -> None:
    """Download a data set to the data folder; MNIST is 11.6 MB."""
    from rich import progress
    from rich.console import Console

    from digitpad.core.datasets.catalogue import download_dataset, entry_of
    from digitpad.core.files.paths import data_folder

    folder = data_folder(data)
    title = entry_of(dataset).title
    with contextlib.closing(download_dataset(dataset, folder)) as states:
        first = next(states, None)  # before the bar, so that an error at the start has no bar
        columns = (*progress.Progress.get_default_columns(), progress.DownloadColumn())
        with progress.Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(title, total=None)
            for state in chain([first] if first else [], states):
                bar.update(task, completed=state.overall_done, total=state.overall_total or None)
    print_line(f"{title} is in {folder / dataset}", to_error=True)
