"""The command that compares several settings of a recipe."""

import contextlib
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digitpad.commands.common import AsJson, DataFolder, json_figure, padded, print_data_summary, recipe_of
from digitpad.core.translation import Percent, percent, tr, tr_plural
from digitpad.error_output import print_error, print_line

if TYPE_CHECKING:
    from digitpad.core.runs.run_folder import Run
    from digitpad.core.sweeps.grid import Sweep
    from digitpad.core.sweeps.table import Mean, SettingResult, SweepTable
    from digitpad.core.sweeps.trainings import TrainingDone
    from digitpad.core.training.recipes import Recipe


def sweep(
    *,
    name: Annotated[
        str | None, typer.Argument(metavar="RECIPE", help="A name from 'digitpad recipes', or a .toml file.")
    ] = None,
    grid: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE,VALUE",
            help="A setting and its values; several make all combinations. Lists are separated by semicolons: "
            '"hidden=64;512".',
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(metavar="N", help="How often to train each setting, each time with another seed.")
    ] = 1,
    epochs: Annotated[int | None, typer.Option(min=1, metavar="N", help="The number of epochs.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting of the recipe.")
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, max=256, metavar="N", help="How many trainings run at the same time on this machine.")
    ] = 1,
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Train on the workers of a Dask scheduler: tcp://host:8786.")
    ] = "",
    show: Annotated[str, typer.Option(metavar="SWEEP", help="Only print the table of a sweep again.")] = "",
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Train a recipe with several settings, and compare them in a table, the best first.

    Each training is an ordinary run. Run it again, with more values or seeds too, and it trains what is missing.
    """
    from digitpad.core.runs.run_library import list_runs
    from digitpad.core.sweeps.table import find_sweep, sweep_runs, sweep_table
    from digitpad.core.sweeps.trainings import missing_jobs

    if show:
        runs = list_runs()
        found = sweep_runs(find_sweep(show, runs), runs)
        _print_table(found[0].info.sweep, sweep_table([run.recipe for run in found], found), as_json=as_json)
        return
    if name is None:
        raise typer.BadParameter(tr("give a RECIPE from 'digitpad recipes', or the name of a sweep with --show"))
    changes = [*(settings or ()), *([] if epochs is None else [f"epochs={epochs}"])]
    planned = _plan(name, changes, grid or [], seeds)
    known = list_runs()
    missing = [job.recipe for job in missing_jobs(planned, known)]
    for dataset in dict.fromkeys(recipe.dataset for recipe in missing):
        print_data_summary(dataset, data)
    _announce(planned, missing, known, 1 if cluster else jobs)
    try:
        code = _train(planned, missing, data, jobs=jobs, cluster=cluster)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # another one must not interrupt what ends the processes
        code = print_error(tr("stopped: what is done is kept, the same command goes on with the rest"), 130)
    table = sweep_table(planned.recipes, sweep_runs(planned.id, list_runs()))
    _print_table(planned.id, table, as_json=as_json)
    if code:
        raise typer.Exit(code)


def _plan(name: str, changes: list[str], grid: list[str], seeds: int) -> "Sweep":
    from digitpad.core.sweeps.grid import make_sweep, parse_grid
    from digitpad.core.training.recipes import with_settings

    return make_sweep(with_settings(recipe_of(name), changes), Path(name).stem, parse_grid(grid), seeds)


def _announce(planned: "Sweep", missing: "list[Recipe]", runs: "list[Run]", jobs: int) -> None:
    """Print how many trainings there are, and about how long they take."""
    from digitpad.core.sweeps.estimate import estimated_seconds

    count, settings = len(planned.recipes), planned.settings
    seeds = count // settings
    text = tr("{count} trainings: {settings} settings, {seeds} seeds each")
    if seeds <= 1:
        text = tr("{count} trainings: {settings} settings")
    parts = [text.format(count=count, settings=settings, seeds=seeds)]
    if len(missing) < count:
        parts.append(tr_plural("{count} is missing", "{count} are missing", len(missing)).format(count=len(missing)))
    if seconds := estimated_seconds(missing, runs):
        parts.append(tr("about {duration}").format(duration=_duration(seconds / min(jobs, len(missing)))))
    print_line(tr("{parts} (sweep {name})").format(parts="; ".join(parts), name=planned.id), to_error=True)


def _train(planned: "Sweep", missing: "list[Recipe]", data: Path | None, *, jobs: int, cluster: str) -> int:
    """Train what is missing, with a progress bar of epochs; return 1 if a training failed."""
    from rich import progress
    from rich.console import Console

    from digitpad.core.sweeps.trainings import TrainingDone, run_sweep
    from digitpad.core.training.events import EpochDone

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        progress.TextColumn(tr("ETA")),
        progress.TimeRemainingColumn(),
    )
    console = Console(stderr=True, soft_wrap=True)
    bar, code = progress.Progress(*columns, console=console, disable=not sys.stderr.isatty()), 0
    with contextlib.closing(run_sweep(planned, data=data, jobs=jobs, cluster=cluster)) as events, bar:
        task, done = bar.add_task(tr("epochs"), total=sum(recipe.training.epochs for recipe in missing)), 0
        for event in events:
            if isinstance(event, TrainingDone):
                console.print(_done_line(event), highlight=False, markup=False)
                code = 1 if event.problem else code
                done += event.job.recipe.training.epochs
                bar.update(task, completed=done)
            elif isinstance(event, EpochDone):  # with one job at a time
                bar.update(task, completed=done + event.epoch)
    return code


def _done_line(event: "TrainingDone") -> str:
    from digitpad.core.errors import one_line

    run = event.run
    if event.problem:
        return one_line(f"{event.job.name}: {event.problem}")
    accuracy = percent(run.used.test_accuracy, 2) if run and run.used else "–"
    return one_line(f"{event.job.name}: {accuracy} ({_duration(run.seconds if run else 0.0)})")


def _print_table(sweep_id: str, table: "SweepTable", *, as_json: bool) -> None:
    from rich.cells import cell_len

    if as_json:
        for row in table.rows:
            print(json.dumps(_record(sweep_id, table, row), allow_nan=False))
        return
    names, epochs = [setting.name for setting in table.settings], tr("epochs")
    trained = tr("epochs trained") if epochs in names else epochs
    headings = [*names, tr("accuracy"), tr("loss"), trained, tr("time"), tr("runs")]
    lines = [headings, *([*row.texts, *_figures(row)] for row in table.rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    left = len(table.settings)
    for line in lines:
        cells = [padded(text, width, right=n >= left) for n, (text, width) in enumerate(zip(line, widths, strict=True))]
        print_line("  ".join(cells).rstrip())


def _figures(row: "SettingResult") -> list[str]:
    runs = f"{len(row.runs)}/{row.planned}" + (tr(", {count} failed").format(count=row.failed) if row.failed else "")
    if not row.runs:
        return ["–", "–", "–", "–", runs]
    accuracy = (
        percent(row.accuracy.value, 2)
        if row.accuracy.spread is None
        else (f"{Percent(row.accuracy.value):.2%} ± {row.accuracy.spread * 100:.2f}")
    )
    return [accuracy, _mean(row.loss, "{:.4f}"), f"{row.epochs.value:.4g}", _duration(row.seconds.value), runs]


def _mean(mean: "Mean", form: str) -> str:
    return form.format(mean.value) if mean.spread is None else f"{form.format(mean.value)} ± {form.format(mean.spread)}"


def _record(sweep_id: str, table: "SweepTable", row: "SettingResult") -> dict[str, Any]:
    names = [setting.key.rpartition(".")[2] for setting in table.settings]
    return {
        "sweep": sweep_id,
        "settings": dict(zip(names, row.values, strict=True)),
        "runs": [run.id for run in row.runs],
        "seeds": [run.recipe.training.seed for run in row.runs],
        "planned": row.planned,
        "failed": row.failed,
        "test_accuracy": json_figure(row.accuracy.value),
        "test_accuracy_spread": json_figure(row.accuracy.spread),
        "test_loss": json_figure(row.loss.value),
        "test_loss_spread": json_figure(row.loss.spread),
        "epochs": json_figure(row.epochs.value),
        "seconds": json_figure(row.seconds.value),
    }


def _duration(seconds: float) -> str:
    if seconds < 100:
        return tr("{:.1f} s").format(seconds)
    return tr("{:.0f} min").format(seconds / 60) if seconds < 6000 else tr("{:.1f} h").format(seconds / 3600)
