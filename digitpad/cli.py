"""The command line. Without a command it opens the window."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import chain
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from digitpad import __version__
from digitpad.core.errors import DigitpadError

if TYPE_CHECKING:
    from digitpad.core.jobs import TrainingJob
    from digitpad.core.prediction_files import PredictedSample
    from digitpad.core.recognition import Prediction
    from digitpad.core.training import EpochDone

app = typer.Typer(
    name="digitpad",
    help="A drawing pad that recognises handwritten digits. Without a command it opens the window.",
    add_completion=False,
    rich_markup_mode=None,  # plain help, as other tools have it
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_WINDOW = "window"
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder with mnist/; else $DIGITPAD_DATA, else the user's own.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
ModelName = Annotated[str, typer.Option("--model", help="A name from 'digitpad models', or a model file.")]


def main() -> NoReturn:
    """Run the program; every error a user can mend is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Where the terminal's encoding lacks a character, an escape is better than an error.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(args=with_default_command(sys.argv[1:]), prog_name="digitpad", standalone_mode=False)
        sys.stdout.flush()
    except DigitpadError as error:
        code = _complain(str(error), 1)
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except SystemExit:
        # Typer's way of saying that whoever read our output has enough.
        code = _let_go_of_output()
    except OSError as error:
        code = _let_go_of_output() if isinstance(error, BrokenPipeError) else _complain(_words_of(error), 1)
    except Exception as error:
        code = _complain_of(error)
    sys.exit(code if isinstance(code, int) else 0)


def _let_go_of_output() -> int:
    # Nothing is left to be flushed at exit, where it would fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _words_of(error: OSError) -> str:
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return f"{error.filename or 'the output'} failed ({error.strerror or error}): check the disk and permissions"


def with_default_command(arguments: Sequence[str]) -> list[str]:
    """Put the hidden command that opens the window before arguments that name no command."""
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    if not arguments or (arguments[0] not in names and not arguments[0].startswith("-")):
        return [_WINDOW, *arguments]
    return list(arguments)


def _complain(sentence: str, code: int) -> int:
    print(f"digitpad: {' '.join(sentence.split())}", file=sys.stderr)
    return code


def _complain_of(error: Exception) -> int:
    # Typer carries click inside it, under a private name; its usage errors are known by this method.
    if describe := getattr(error, "format_message", None):
        return _complain(f"{describe().rstrip('.')}: see 'digitpad --help'", 2)
    if os.environ.get("DIGITPAD_DEBUG"):
        raise error
    kind = type(error).__name__
    return _complain(f"this is a fault of digitpad's ({kind}: {error}): set DIGITPAD_DEBUG=1 and report it", 1)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        print(f"digitpad {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=lambda v: _show_version(wanted=v), help="And exit."),
    ] = False,
) -> None:
    """Take options that need no command."""
    del version


@app.command(_WINDOW, hidden=True)
def window(file: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Open the window, with a picture, an ink file or a model if one is named."""
    if file is not None and not file.exists():
        raise DigitpadError(f"{file} is neither a file nor a command: see 'digitpad --help'")
    from digitpad.gui.app import run

    raise typer.Exit(run(file))


@app.command()
def predict(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pictures, or ink files (.jsonl, .jsonl.gz).")],
    model: ModelName = "cnn",
    as_json: AsJson = False,
    number: Annotated[bool, typer.Option("--number", help="Read each sample as a whole number.")] = False,
) -> None:
    """Say which digit each picture or drawing shows, one line a sample."""
    from digitpad.core.prediction_files import predict_file
    from digitpad.core.storage import find_model, load_model

    loaded = load_model(find_model(model))
    right = labelled = failed = 0
    for file in files:
        try:
            for sample in predict_file(file, loaded, as_number=number):
                print(_json_line(sample) if as_json else sample)
                labelled += sample.label is not None
                right += sample.label is not None and sample.label == sample.answer
        except DigitpadError as error:
            failed = _complain(str(error), 1)
    if labelled:
        sys.stdout.flush()
        print(f"accuracy: {right / labelled:.2%} ({right:,} of {labelled:,})", file=sys.stderr)
    if failed:
        raise typer.Exit(failed)


def _json_line(sample: "PredictedSample") -> str:
    record: dict[str, object] = {"source": sample.source, "id": sample.id, **_prediction_record(sample.prediction)}
    if sample.reading is not None:
        record["number"] = sample.reading.number
        record["digits"] = [
            {**_prediction_record(read.prediction), "box": [round(edge, 3) for edge in read.box]}
            for read in sample.reading.digits
        ]
    return json.dumps(record, allow_nan=False)


def _prediction_record(prediction: "Prediction") -> dict[str, object]:
    return {
        "digit": prediction.digit,
        "confidence": round(prediction.confidence, 6),
        "probabilities": [round(float(p), 6) for p in prediction.probabilities],
    }


@app.command()
def train(
    name: Annotated[str, typer.Argument(metavar="RECIPE", help="A name from 'digitpad recipes', or a .toml file.")],
    epochs: Annotated[int | None, typer.Option(help="How many passes over the data.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting of the recipe.")
    ] = None,
    data: DataFolder = None,
    out: Annotated[Path | None, typer.Option(help="Where the model is saved; else among the user's models.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train a model and save it."""
    from digitpad.core.jobs import prepare
    from digitpad.core.recipes import load_recipe, with_settings

    changes = [*(settings or ()), *([] if epochs is None else [f"epochs={epochs}"])]
    recipe = with_settings(load_recipe(name), changes)
    job = prepare(recipe, name=Path(name).stem, data=data, out=out)
    done = 0
    try:
        for epoch in _with_progress(job, quiet=as_json):
            done = epoch.epoch
            if as_json:
                print(json.dumps(_epoch_record(epoch)), flush=True)
    except KeyboardInterrupt:
        kept = f"the model of epoch {done} is saved to {job.out}" if done else "no epoch was done, so nothing is saved"
        raise typer.Exit(_complain(f"stopped: {kept}", 130)) from None
    print(f"saved to {job.out}", file=sys.stderr)


def _epoch_record(epoch: "EpochDone") -> dict[str, float]:
    fields = ("train_loss", "train_accuracy", "test_loss", "test_accuracy", "seconds")
    return {"epoch": epoch.epoch, **{field: round(getattr(epoch, field), 6) for field in fields}}


def _with_progress(job: "TrainingJob", *, quiet: bool) -> Iterator["EpochDone"]:
    from rich import progress
    from rich.console import Console

    from digitpad.core.training import EpochDone, StepDone, TrainingStarted

    epochs = job.recipe.training.epochs
    events = job.run()
    started = next(events)  # before the bar: what fails at the start is told without one
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
    with bar:
        steps = started.steps_per_epoch if isinstance(started, TrainingStarted) else 0
        task = bar.add_task(f"epoch 1/{epochs}", total=steps * epochs)
        for event in events:
            if isinstance(event, StepDone):
                bar.advance(task)
            elif isinstance(event, EpochDone):
                bar.update(task, description=f"epoch {min(event.epoch + 1, epochs)}/{epochs}")
                if not quiet:
                    bar.console.print(_epoch_line(event), highlight=False)
                yield event


def _epoch_line(epoch: "EpochDone") -> str:
    return (
        f"epoch {epoch.epoch}: loss {epoch.train_loss:.4f} → test {epoch.test_loss:.4f}, "
        f"accuracy {epoch.train_accuracy:.2%} → test {epoch.test_accuracy:.2%} ({epoch.seconds:.1f} s)"
    )


@app.command()
def evaluate(
    model: ModelName = "cnn",
    data: DataFolder = None,
    dataset: Annotated[
        str, typer.Option(help="mnist, digits (built in), a folder in --data, or an ink file.")
    ] = "mnist",
    as_json: AsJson = False,
) -> None:
    """Measure a model on a data set's test part."""
    from digitpad.core.data import load_digits
    from digitpad.core.evaluation import evaluate as measure
    from digitpad.core.folders import data_folder
    from digitpad.core.storage import find_model, load_model

    loaded = load_model(find_model(model))
    digits = load_digits(dataset, "test", data_folder(data))
    result = measure(loaded.model, digits)
    if as_json:
        record = {
            "model": model,
            "dataset": dataset,
            "accuracy": result.accuracy,
            "per_digit": [None if isnan(value) else value for value in result.per_digit.tolist()],
            "confusion": result.confusion.tolist(),
        }
        print(json.dumps(record))
        return
    print(f"{model} on {digits.name}: {result.accuracy:.2%} of {len(digits):,} right")
    print("\ntrue ↓  said →" + "".join(f"{digit:>6}" for digit in range(10)) + "     right")
    for digit, row in enumerate(result.confusion.tolist()):
        share = f"{result.per_digit[digit]:.2%}" if sum(row) else "–"
        print(f"{digit:>14}" + "".join(f"{count:>6}" for count in row) + f"{share:>10}")


@app.command()
def recipes() -> None:
    """List the recipes that can be trained."""
    from digitpad.core.models import summary
    from digitpad.core.recipes import load_recipe, recipe_names

    for name in recipe_names():
        recipe = load_recipe(name)
        settings = f"{recipe.dataset}, {summary(recipe.model)}, {recipe.training.epochs} epochs"
        print(f"{name:10} {recipe.title}: {settings}")


@app.command()
def models() -> None:
    """List the models that can be asked."""
    from digitpad.core.storage import list_models

    for entry in list_models():
        accuracy = "–" if entry.card.test_accuracy is None else f"{entry.card.test_accuracy:.2%}"
        place = "shipped" if entry.is_shipped else str(entry.path)
        print(f"{entry.name:24} {accuracy:>7} on {entry.card.dataset or 'unknown data'}, {place}")


@app.command()
def download(data: DataFolder = None) -> None:
    """Download MNIST (11 MB) to the data folder."""
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress

    from digitpad.core.download import download as fetch
    from digitpad.core.download import mnist_source
    from digitpad.core.folders import data_folder

    folder = data_folder(data) / "mnist"
    mirrors, resources = mnist_source()
    states = fetch(folder, mirrors, resources)
    first = next(states)  # before the bars: what fails at the start is told without them
    with Progress(*Progress.get_default_columns(), DownloadColumn(), console=Console(stderr=True)) as bar:
        tasks = {resource.name: bar.add_task(resource.name, total=None) for resource in resources}
        for state in chain([first], states):
            bar.update(tasks[state.name], completed=state.done, total=state.total or None)
    print(f"MNIST is in {folder}", file=sys.stderr)
