"""The files of a folder that can be recognised."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from digitpad.core.datasets.formats.pictures import files_below, is_picture, labels_of_folders
from digitpad.core.errors import DigitpadError
from digitpad.core.ink.ink_files import is_ink_file


@dataclass(frozen=True, slots=True)
class InputFile:
    """A picture or an ink file, and the digit that the name of its folder says, if any."""

    path: Path
    label: int | None = None


def input_files(path: Path) -> Iterator[InputFile]:
    """Yield a file itself, or the pictures and ink files in a folder and below it, sorted.

    Raise DigitpadError if the folder has none, or cannot be read.
    """
    if not path.is_dir():
        yield InputFile(path)
        return
    files = [file for file in files_below(path) if is_picture(file.name) or is_ink_file(file)]
    if not files:
        raise DigitpadError("{path} has no pictures and no ink files: choose another folder", path=path)
    labels, _ = labels_of_folders(files, path)
    for file, label in zip(files, labels, strict=True):
        yield InputFile(file, label)
