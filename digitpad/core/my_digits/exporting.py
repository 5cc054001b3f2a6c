"""Export My digits as an ink file, as pictures with a table, or as IDX files."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic_folder import ExportProgress, hidden_folder, publish_folder
from digitpad.core.files.csv_tables import format_csv
from digitpad.core.images.idx_format import write_idx
from digitpad.core.images.idx_sets import SETS
from digitpad.core.ink.ink_files import InkSample, write_ink
from digitpad.core.my_digits.record import MyDigit

TABLE = "samples.csv"
_REPORT_EVERY = 25  # pictures between two progress reports: a few milliseconds
_COLUMNS = ("file", "id", "label", "predicted", "model", "created")


@dataclass(frozen=True, slots=True)
class ExportCounts:
    """How many digits were written, and how many were skipped because they have no strokes."""

    written: int
    skipped: int


def export_ink(path: Path, digits: Sequence[MyDigit]) -> ExportCounts:
    """Write the strokes as an ink file, gzipped if its name ends in .gz; digits without strokes are skipped.

    Raise DigitpadError if none has strokes, or the file cannot be written.
    """
    _check_not_empty(digits)
    samples = [InkSample(str(digit.id), digit.ink, digit.label) for digit in digits if digit.ink is not None]
    if not samples:
        raise DigitpadError("none of these digits has strokes: export them as pictures or as IDX files")
    write_ink(path, samples)
    return ExportCounts(len(samples), len(digits) - len(samples))


def export_pictures(parent: Path, name: str, digits: Sequence[MyDigit]) -> Generator[ExportProgress, None, None]:
    """Write a folder with a PNG for each digit and samples.csv, and yield progress; closing the generator cancels.

    The pictures are 8-bit greyscale, 28x28, 0 background and 255 ink. The table has the columns file, id, label,
    predicted and model (if a model was asked), and created. The folder is created completely or not at all, with a
    free name, see `publish_folder`.

    Raise DigitpadError if there is no digit, or the folder cannot be written.
    """
    from PIL import Image

    _check_not_empty(digits)
    total = len(digits)
    with hidden_folder(parent, name) as hidden:
        yield ExportProgress(0, total)
        for done, digit in enumerate(digits, 1):
            Image.fromarray(digit.image).save(hidden / _file_name(digit), "PNG")
            if done % _REPORT_EVERY == 0 or done == total:
                yield ExportProgress(done, total)
        rows = ((_file_name(d), d.id, d.label, d.predicted, d.model, d.created.isoformat()) for d in digits)
        (hidden / TABLE).write_bytes(format_csv(_COLUMNS, rows))
        folder = publish_folder(hidden, name)
    yield ExportProgress(total, total, folder)


def export_idx(parent: Path, name: str, digits: Sequence[MyDigit]) -> Path:
    """Write a folder with gzipped IDX files named like MNIST's training files; return its path.

    digitpad and other programs can read it as a data set. Raises as `export_pictures`.
    """
    _check_not_empty(digits)
    images, labels = SETS["mnist"].stems["train"]
    with hidden_folder(parent, name) as hidden:
        write_idx(hidden / f"{images}.gz", np.stack([digit.image for digit in digits]))
        write_idx(hidden / f"{labels}.gz", np.array([digit.label for digit in digits], np.uint8))
        return publish_folder(hidden, name)


def _check_not_empty(digits: Sequence[MyDigit]) -> None:
    if not digits:
        raise DigitpadError("there are no digits to export: draw and label some first")


def _file_name(digit: MyDigit) -> str:
    predicted = "" if digit.predicted is None else f"-pred{digit.predicted}"
    return f"{digit.id:05}-label{digit.label}{predicted}.png"
