"""Labelled digits of files, for My digits: ink files, pictures with a table, and IDX files."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.digits import to_bytes
from digitpad.core.images.idx_sets import PARTS, Part, ambiguous_folder_error, find_pairs, read_pair
from digitpad.core.ink import image_files, ink_mask
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.ink_files import is_ink_file, read_ink
from digitpad.core.ink.mnist_geometry import SIZE
from digitpad.core.my_digits.record import NewDigit, new_digit, new_image, parse_time
from digitpad.core.my_digits.store import MyDigits

_TABLE = "samples.csv"
_LARGEST_TABLE = 256 << 20  # bytes
_DIGITS = "0123456789"
_Found = Iterator[NewDigit | None]


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What became of a file's samples: added, there already, and left out for want of a digit's label or of any ink."""

    added: int
    duplicates: int
    skipped: int


def import_digits(store: MyDigits, path: Path) -> ImportCounts:
    """Add the digits of an ink file, of a folder with pictures and samples.csv, or of IDX files, all or none.

    Pictures that are 28x28 greyscale, light on dark, are taken as they are; others are put into MNIST's geometry. A
    digit whose image is there already under the same label is not added again.

    Parameters
    ----------
    mine
        Where to.
    path
        The ink file; or the folder; or samples.csv or an IDX file in it, which with its partner is taken alone.

    Raises
    ------
    DigitpadError
        Where it is none of these or damaged, which is named; nothing is added then.

    """
    # All is read before anything is written: other windows wait for no more than the writing.
    found = list(_found(path))
    digits = [digit for digit in found if digit is not None]
    added = store.add_all(digits)
    return ImportCounts(added, len(digits) - added, len(found) - len(digits))


def _found(path: Path) -> _Found:
    """Yield a new digit for each sample, or None for one that is to be left out."""
    path = path.absolute()
    folder = path if path.is_dir() else path.parent
    if is_ink_file(path):
        return _of_ink(path)
    if path.name == _TABLE or (path.is_dir() and (path / _TABLE).is_file()):
        return _of_table(folder / _TABLE)
    parts: list[Part] = [part for part in PARTS if _is_named(path, folder, part)]
    if not parts:
        raise DigitpadError(
            "{path} holds no digits that can be read: choose an ink file, or a folder with {table} or with IDX files",
            path=path,
            table=_TABLE,
        )
    return (digit for part in parts for digit in _of_idx(folder, part))


def _is_named(path: Path, folder: Path, part: Part) -> bool:
    """Tell whether a folder has IDX files of that part, and the path is the folder's or one of theirs."""
    pairs = find_pairs(str(folder), part, folder)
    return any(path in (folder, pair.images, pair.labels) for pair in pairs)


def _of_ink(path: Path) -> _Found:
    for sample in read_ink(path):
        label = sample.digit
        yield None if label is None or not sample.ink else new_digit(Drawing(ink=sample.ink), label)


def _of_idx(folder: Path, part: Part) -> _Found:
    pairs = find_pairs(str(folder), part, folder)
    if len(pairs) > 1:
        raise ambiguous_folder_error(folder, pairs)
    for image, label in zip(*read_pair(pairs[0]), strict=True):
        yield new_image(image, int(label)) if image.any() else None


def _of_table(table: Path) -> _Found:
    try:
        if regular_file_size(table) > _LARGEST_TABLE:
            raise DigitpadError(
                "{table} is too long for a table of digits: share it out among several folders", table=table
            )
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if not {"file", "label"} <= set(reader.fieldnames or ()):
                raise DigitpadError("{table} has no columns file and label: give it these", table=table)
            for row in reader:
                yield _of_row(table, {name: value or "" for name, value in row.items()}, reader.line_num)
    except OSError as error:
        raise DigitpadError(
            "{table} cannot be read ({reason}): check its permissions", table=table, reason=reason_of(error)
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DigitpadError(
            "{table} is no table ({error}): save it as CSV in UTF-8", table=table, error=error
        ) from error


def _of_row(table: Path, row: dict[str, str], line: int) -> NewDigit | None:
    name, label, said = row["file"].removeprefix("'"), row["label"].strip(), row.get("predicted", "").strip()
    # A table may be anybody's: it is not to name files elsewhere.
    if not name or name in (".", "..") or Path(name).name != name or "\\" in name or "\0" in name:
        raise DigitpadError(
            "{table}, line {line}: “{name}” is no name of a picture beside it: put that right",
            table=table,
            line=line,
            name=name,
        )
    if not _is_digit(label):
        return None
    image = _image(_beside(table, name, line))
    if not image.any():
        return None
    predicted = int(said) if _is_digit(said) else None
    model = row.get("model", "").removeprefix("'")
    return new_image(image, int(label), predicted=predicted, model=model, created=parse_time(row.get("created", "")))


def _beside(table: Path, name: str, line: int) -> Path:
    """Return the picture of a name beside the table; a link may not lead elsewhere either."""
    path = table.with_name(name)
    if path.is_symlink() and os.path.dirname(os.path.realpath(path)) != os.path.realpath(table.parent):  # noqa: PTH120
        raise DigitpadError(
            "{table}, line {line}: “{name}” is a link to another folder: copy the picture instead",
            table=table,
            line=line,
            name=name,
        )
    return path


def _image(path: Path) -> np.ndarray:
    """Read a picture as (28, 28) uint8."""
    return exact if (exact := _exact(path)) is not None else _fitted(path)


def _exact(path: Path) -> np.ndarray | None:
    """Return a picture that is a digit image already; what is dark on light or cannot be read is not for this."""
    image = image_files.read_grey(path, (SIZE, SIZE))
    if image is None:
        return None
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    return image if np.median(edge) < 128 else None


def _fitted(path: Path) -> np.ndarray:
    return to_bytes(ink_mask.digit_image(image_files.read_picture(path)).pixels)


def _is_digit(text: str) -> bool:
    return len(text) == 1 and text in _DIGITS
