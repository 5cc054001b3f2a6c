"""A recipe as the program it stands for: a script that needs PyTorch or NumPy and the data, but not digitpad."""

from pathlib import Path

import numpy as np

from digitpad.core.datasets.loading import RAW_BUILT_IN, load_digits
from digitpad.core.datasets.suspect_labels import marks_of_samples, read_marks, without_samples
from digitpad.core.errors import DigitpadError, write_error
from digitpad.core.files.atomic import write_atomically
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_format import write_idx
from digitpad.core.images.idx_sets import PARTS, SETS, Part, display_part_name, find_pairs
from digitpad.core.programs.data_text import needs_own_data, reads_files
from digitpad.core.programs.numpy_program import numpy_text
from digitpad.core.programs.text import plain
from digitpad.core.programs.torch_program import torch_text
from digitpad.core.training.recipes import Recipe


def program_of(recipe: Recipe, name: str) -> str:
    """Return the source code of a program that trains like a recipe, and prints the same figures.

    If the recipe reads files, the program's argument is their folder. Raise DigitpadError if there is no such program.
    """
    write, library = (numpy_text, "NumPy") if recipe.engine == "numpy" else (torch_text, "PyTorch")
    lines = [
        f'"""{plain(recipe.title)}: a training with {library}.',
        "",
        f"Written by digitpad from the recipe {plain(name)}. It prints the same losses and accuracies as digitpad.",
        *_usage(recipe),
        '"""',
    ]
    return _with_blank_lines("\n".join(lines) + "\n\n" + write(recipe))


def save_program(recipe: Recipe, name: str, path: Path, data: Path) -> Path | None:
    """Write the program of a recipe. If its data is not in IDX files, write them to a folder beside it; return that.

    `data` is the data folder, see `digitpad.core.files.paths.data_folder`. Raise DigitpadError if the data is missing,
    or something cannot be written.
    """
    text, folder = program_of(recipe, name), None
    if needs_own_data(recipe):
        folder = path.with_name(f"{path.stem}-data")
        _write_data(recipe, folder, data)
        text = text.replace('else "data")', f"else {folder.name!r})")
    write_atomically(path, text.encode())
    return folder


def source_folder(recipe: Recipe, data: Path) -> Path | None:
    """Return the folder with the files that a recipe's program reads; None if it reads none or they are missing."""
    if not reads_files(recipe) or needs_own_data(recipe):
        return None
    pairs = find_pairs(recipe.dataset, "train", data)
    return pairs[0].images.parent if pairs else None


def _with_blank_lines(text: str) -> str:
    """Put two blank lines around each function, as PEP 8 has it."""
    lines, is_in_function = [], False
    for line in text.splitlines():
        is_top = bool(line) and not line.startswith((" ", ")", "]"))
        if is_top and (line.startswith("def ") or is_in_function):
            while lines and not lines[-1]:
                lines.pop()
            lines += ["", ""]
            is_in_function = line.startswith("def ")
        lines.append(line)
    return "\n".join(lines) + "\n"


def _usage(recipe: Recipe) -> list[str]:
    library = "numpy" if recipe.engine == "numpy" else "numpy and torch"
    if recipe.dataset == RAW_BUILT_IN:
        library = library.replace("numpy", "numpy, scikit-learn", 1)
    if not reads_files(recipe):
        return ["", f"It needs {library}."]
    source = f"of {SETS[recipe.dataset].title}" if recipe.dataset in SETS else "of the data set"
    if needs_own_data(recipe):
        source = "that digitpad saves with it"
    return [
        "",
        f"It needs {library}, and a folder with the four IDX files {source}:",
        "",
        "    python program.py FOLDER",
    ]


def _write_data(recipe: Recipe, folder: Path, data: Path) -> None:
    """Write the images that a recipe trains and tests with, as a folder in MNIST's format."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    marks = read_marks() if recipe.leave_out_suspects else ()
    for part, first in zip(PARTS, (recipe.train_first, recipe.test_first), strict=True):
        digits = load_digits(recipe.dataset, part, data).first(first)
        digits = without_samples(digits, marks_of_samples(digits, recipe.dataset, part, marks)) if marks else digits
        _write_part(folder, part, digits)


def _write_part(folder: Path, part: Part, digits: Digits) -> None:
    if digits.peak != np.iinfo(np.uint8).max:
        raise DigitpadError(
            "{name} has no pixels from 0 to 255: choose another data set", name=display_part_name(digits.name)
        )
    images, labels = SETS["mnist"].stems[part]
    write_idx(folder / f"{images}.gz", digits.images)
    write_idx(folder / f"{labels}.gz", digits.labels)
