"""The command `train`."""

import contextlib
import json
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digitpad.commands.common import AsJson, DataFolder, json_figure, print_data_summary, recipe_of
from digitpad.core.translation import Percent, tr
from digitpad.error_output import print_error, print_line

if TYPE_CHECKING:
    from digitpad.core.runs.training_job import TrainingJob
    from digitpad.core.training.events import EpochDone


def train(
    name: Annotated[
        str | None, typer.Argument(metavar="RECIPE", help="A name from 'digitpad recipes', or a .toml file.")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="The number of epochs. With --resume: the number in all; a new run goes on from RUN, and its learning "
            "rate follows the schedule of that many epochs from there.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting of the recipe.")
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="DATASET",
            help="Other data than the recipe's: a data set, or a file or folder of your own (docs/data.md).",
        ),
    ] = None,
    data: DataFolder = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also save the model of the last epoch to this file, .safetensors or .pt."),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Resume a run from 'digitpad runs', or with --epochs train it longer."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a model. Each training is saved as a run."""
    changes = [*(settings or ()), *([] if dataset is None else [f"dataset={json.dumps(dataset)}"])]
    if resume is None:
        job = _new_job(name, [*changes, *([] if epochs is None else [f"epochs={epochs}"])], data, out)
    else:
        job = _resumed_job(resume, name, changes, epochs, data, out)
    print_data_summary(job.recipe.dataset, job.data)
    shown = _Shown()
    try:
        with contextlib.closing(_with_progress(job, shown, quiet=as_json)) as done:
            for epoch in done:
                if as_json:
                    print(json.dumps(_epoch_record(epoch), allow_nan=False), flush=True)
    except KeyboardInterrupt:
        raise typer.Exit(print_error(tr("stopped: {summary}").format(summary=shown.summary()), 130)) from None
    text = tr("saved to {path}; saved as run {run}") if out else tr("saved as run {run}")
    print_line(text.format(path=out, run=shown.run_id), to_error=True)
    if shown.problem:
        print_line(shown.problem, to_error=True)


def _new_job(name: str | None, changes: list[str], data: Path | None, out: Path | None) -> "TrainingJob":
    from digitpad.core.runs.differences import run_name, unused_name
    from digitpad.core.runs.run_library import names_in_use
    from digitpad.core.runs.training_job import TrainingJob
    from digitpad.core.training.recipe_files import SUFFIX
    from digitpad.core.training.recipes import with_settings

    if name is None:
        raise typer.BadParameter(tr("give a RECIPE from 'digitpad recipes', or a run with --resume"))
    base = recipe_of(name)
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
        text = tr("--resume keeps the settings: give only --epochs N and --set device=DEVICE with it")
        raise typer.BadParameter(text)
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
            return tr("no epoch was finished, so nothing was saved")
        text = tr("epoch {epoch} is saved, resume with 'digitpad train --resume {run}'")
        return text.format(epoch=self.epoch, run=self.run_id)


def _epoch_record(epoch: "EpochDone") -> dict[str, float | None]:
    fields = ("train_loss", "train_accuracy", "test_loss", "test_accuracy", "seconds")
    return {"epoch": epoch.epoch, **{field: json_figure(getattr(epoch, field)) for field in fields}}


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
        progress.TextColumn(tr("ETA")),
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
                task = bar.add_task(_progress_text(first, epochs), total=steps * epochs, completed=steps * (first - 1))
            elif isinstance(event, RunClosed):
                shown.problem = event.run.model_problem
            elif isinstance(event, StepDone):
                bar.advance(task)
            elif isinstance(event, EpochDone):
                shown.epoch = event.epoch
                bar.update(task, description=_progress_text(min(event.epoch + 1, epochs), epochs))
                if not quiet:
                    bar.console.print(_epoch_line(event), highlight=False)
                yield event


def _progress_text(epoch: int, epochs: int) -> str:
    return tr("epoch {epoch}/{epochs}").format(epoch=epoch, epochs=epochs)


def _epoch_line(epoch: "EpochDone") -> str:
    text = tr(
        "epoch {epoch}: loss {loss} → test {test_loss}, accuracy {accuracy:.2%} → test {test_accuracy:.2%} "
        "({seconds:.1f} s)"
    )
    return text.format(
        epoch=epoch.epoch,
        loss=_loss_text(epoch.train_loss),
        test_loss=_loss_text(epoch.test_loss),
        accuracy=Percent(epoch.train_accuracy),
        test_accuracy=Percent(epoch.test_accuracy),
        seconds=epoch.seconds,
    )


def _loss_text(loss: float) -> str:
    # A training that diverges reaches losses of three hundred digits.
    return f"{loss:.4f}" if abs(loss) < 1e6 else f"{loss:.3g}"
