"""What several commands share: options, and how figures are printed."""

from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digitpad.error_output import print_error, print_line

if TYPE_CHECKING:
    from digitpad.core.training.recipes import Recipe


class EpochChoice(StrEnum):
    """An epoch of which a run keeps the weights."""

    BEST = "best"
    LAST = "last"


DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="FOLDER", help="Folder with mnist/. Default: $DIGITPAD_DATA, or the user data folder."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]
ModelName = Annotated[
    str,
    typer.Option("--model", metavar="MODEL", help="A name from 'digitpad models', the name of a run, or a model file."),
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
    ALL = "all"


class Pixels(StrEnum):
    """The largest pixel value that a model gets."""

    UNIT = "1"
    RAW = "255"


def print_data_summary(dataset: str, data: Path | None) -> None:
    """Print what to know about the user's own data before it is used."""
    from digitpad.core.datasets.preview import summary_lines
    from digitpad.core.files.paths import data_folder

    for line in summary_lines(dataset, data_folder(data)):
        print_line(line, to_error=True)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Pad a text to a width of the terminal, where a Korean letter takes two places."""
    from rich.cells import cell_len

    room = " " * (width - cell_len(text))
    return room + text if right else text + room


def json_figure(value: float | None) -> float | None:
    """Round a figure for JSON, which has no number for an infinite loss or NaN."""
    return round(value, 6) if value is not None and isfinite(value) else None


def recipe_of(name: str) -> "Recipe":
    """Load a recipe by its name or file; say so if the user has another one of the name."""
    from digitpad.core.training.recipe_files import load_recipe, name_problem

    recipe = load_recipe(name)
    if problem := name_problem(name):
        print_error(problem, 0)
    return recipe
