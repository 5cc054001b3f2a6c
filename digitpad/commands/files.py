"""The commands that make files: program, export and download."""

import contextlib
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from digitpad.commands.common import DataFolder, EpochOption, recipe_of
from digitpad.core.translation import tr
from digitpad.error_output import print_line


def program(
    name: Annotated[str, typer.Argument(metavar="RECIPE", help="A name from 'digitpad recipes', or a .toml file.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting of the recipe.")
    ] = None,
    data: DataFolder = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Save the program to this file.")] = None,
) -> None:
    """Print a recipe as a Python program that trains the same model without digitpad."""
    from digitpad.core.files.endings import check_ending
    from digitpad.core.files.paths import data_folder
    from digitpad.core.programs.program import program_of, save_program
    from digitpad.core.training.recipes import with_settings

    recipe = with_settings(recipe_of(name), settings or [])
    if out is None:
        print(program_of(recipe, Path(name).stem), end="")
        return
    check_ending(out, (".py",))
    folder = save_program(recipe, Path(name).stem, out, data_folder(data))
    text = tr("saved to {path}; its data to {folder}") if folder else tr("saved to {path}")
    print_line(text.format(path=out, folder=folder), to_error=True)


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run from 'digitpad runs'.")],
    place: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A file .csv, .png or .svg (curves), .safetensors, .onnx, .pt or .py (weights), .html (report), or a "
            "folder for TensorBoard.",
        ),
    ],
    epoch: EpochOption = None,
    data: DataFolder = None,
) -> None:
    """Export a run's curves, weights or report."""
    from digitpad.core.files.endings import listed
    from digitpad.core.runs.exporting import REPORT, WEIGHTS, export_run
    from digitpad.core.runs.exports.tensorboard_log import export_tensorboard
    from digitpad.core.runs.run_library import find_run

    found = find_run(run)
    if epoch and place.suffix.lower() not in (*WEIGHTS, REPORT):
        text = tr("--epoch chooses weights: give a file {endings}")
        raise typer.BadParameter(text.format(endings=listed((*WEIGHTS, REPORT))))
    if place.suffix:
        export_run(found, place, None if epoch is None else epoch.value, data)
    elif note := export_tensorboard(found, place):
        print_line(note, to_error=True)
    print_line(tr("saved to {path}").format(path=place if place.suffix else place / found.id), to_error=True)


def download(
    dataset: Annotated[
        str, typer.Argument(metavar="DATASET", help="mnist, fashion-mnist, kmnist, qmnist or emnist-digits.")
    ] = "mnist",
    data: DataFolder = None,
) -> None:
    """Download a data set to the data folder; MNIST is 11.6 MB."""
    from rich import progress
    from rich.console import Console

    from digitpad.core.datasets.catalogue import download_dataset, entry_of
    from digitpad.core.files.paths import data_folder

    folder = data_folder(data)
    with contextlib.closing(download_dataset(dataset, folder)) as states:
        first = next(states, None)  # before the bar, so that an error at the start has no bar
        title = entry_of(dataset).title
        columns = (*progress.Progress.get_default_columns(), progress.DownloadColumn())
        with progress.Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(title, total=None)
            for state in chain([first] if first else [], states):
                bar.update(task, completed=state.overall_done, total=state.overall_total or None)
    print_line(tr("{title} is in {folder}").format(title=title, folder=folder / dataset), to_error=True)
