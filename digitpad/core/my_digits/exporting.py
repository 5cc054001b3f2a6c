"""My digits for other programs: ink files, pictures with a table, and IDX files."""

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
_EVERY = 25  # pictures between two reports of progress: some milliseconds
_COLUMNS = ("file", "id", "label", "predicted", "model", "created")


@dataclass(frozen=True, slots=True)
class ExportCounts:
    """How many digits are in the file, and how many are not, having no strokes."""

    written: int
    skipped: int


def export_ink(path: Path, digits: Sequence[MyDigit]) -> ExportCounts:
    """Write the strokes as an ink file, gzipped where its name ends in .gz; digits without strokes are left out.

    Raises
    ------
    DigitpadError
        Where none has strokes, or the file cannot be written.

    """
    samples = [InkSample(str(digit.id), digit.ink, digit.label) for digit in _some(digits) if digit.ink is not None]
    if not samples:
        raise DigitpadError("none of these digits has strokes: export them as pictures, or as IDX files")
    write_ink(path, samples)
    return ExportCounts(len(samples), len(digits) - len(samples))


def export_pictures(parent: Path, name: str, digits: Sequence[MyDigit]) -> Generator[ExportProgress, None, None]:
    """Write a folder with a PNG for each digit and samples.csv, and yield progress; closing the generator cancels.

    The pictures are 8-bit greyscale, 28x28, 0 background and 255 ink. The table has file, id, label, and where a model
    was asked predicted and model, and when it was drawn. The folder is there whole, as `publish_folder` says, or not at
    all.

    Raises
    ------
    DigitpadError
        Where there is no digit, or the folder cannot be written.

    """
    from PIL import Image

    total = len(_some(digits))
    with hidden_folder(parent, name) as hidden:
        yield ExportProgress(0, total)
        for done, digit in enumerate(digits, 1):
            Image.fromarray(digit.image).save(hidden / _file_name(digit), "PNG")
            if done % _EVERY == 0 or done == total:
                yield ExportProgress(done, total)
        rows = ((_file_name(d), d.id, d.label, d.predicted, d.model, d.created.isoformat()) for d in digits)
        (hidden / TABLE).write_bytes(format_csv(_COLUMNS, rows))
        folder = publish_folder(hidden, name)
    yield ExportProgress(total, total, folder)


def export_idx(parent: Path, name: str, digits: Sequence[MyDigit]) -> Path:
    """Write a folder with images and labels as MNIST's training files are called, gzipped; return it.

    So it is a data set, for digitpad and for other programs. Raises as `export_pictures`.
    """
    images, labels = SETS["mnist"].stems["train"]
    with hidden_folder(parent, name) as hidden:
        write_idx(hidden / f"{images}.gz", np.stack([digit.image for digit in _some(digits)]))
        write_idx(hidden / f"{labels}.gz", np.array([digit.label for digit in digits], np.uint8))
        return publish_folder(hidden, name)


def _some(digits: Sequence[MyDigit]) -> Sequence[MyDigit]:
    if not digits:
        raise DigitpadError("there is no digit to export: draw some and say what they are first")
    return digits


def _file_name(digit: MyDigit) -> str:
    said = "" if digit.predicted is None else f"-pred{digit.predicted}"
    return f"{digit.id:05}-label{digit.label}{said}.png"
