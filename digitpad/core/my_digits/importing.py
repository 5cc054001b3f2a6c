"""Import labelled digits into My digits from ink files, pictures with a table, IDX files, or a backup."""

import csv
import math
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.gzipped import is_gzipped
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.digits import to_bytes
from digitpad.core.images.idx_sets import PARTS, Part, ambiguous_folder_error, find_pairs, read_pair
from digitpad.core.ink import image_files, ink_mask
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.ink_files import is_ink_file, parse_line, read_ink
from digitpad.core.ink.mnist_geometry import SIZE
from digitpad.core.my_digits.database import check_content, connect, schema_version
from digitpad.core.my_digits.record import NewDigit, new_digit, new_image, parse_time
from digitpad.core.my_digits.store import MyDigits, digit_of_row, is_same_file
from digitpad.core.translation import tr

_TABLE = "samples.csv"
_MAX_TABLE_SIZE = 256 << 20  # bytes
_DIGITS = "0123456789"
_DATABASE_SUFFIX = ".sqlite3"
_MAX_DIGITS = 300_000  # EMNIST digits, the largest published set, has 280,000
_MAX_DATABASE_SIZE = 2 << 30  # bytes: so many digits with long strokes
_MAX_VALUE = 5_000_000  # bytes: the longest line of an ink file
# The time for a gzipped ink file, in points drawn (about 30 µs each): a file of a few kB must not take minutes. Gzipped
# drawings of real pens need 0.7 a byte.
_MIN_WORK, _WORK_PER_BYTE, _WORK_PER_DRAWING = 25_000, 1, 50
# For each sample a new digit, or None if it is skipped.
_Samples = Iterator[NewDigit | None]


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many samples were added, were duplicates, and were skipped because they have no digit label or no ink."""

    added: int
    duplicates: int
    skipped: int


def import_digits(store: MyDigits, path: Path) -> ImportCounts:
    """Add the digits of an ink file, a folder with pictures and samples.csv, IDX files, or a backup; all or none.

    The time it takes is in proportion to the size of the files, and at most 300,000 digits are imported at a time.
    Pictures of 28x28 px in greyscale, light on dark, are imported unchanged; others are converted to MNIST's geometry.
    A digit with the image and label of an existing one is a duplicate and is not added.

    Parameters
    ----------
    store
        The digits to add to.
    path
        The ink file; or the folder; or samples.csv or one of the IDX files in it (only its part is imported); or a
        backup of My digits, whose deleted digits are not imported.

    Raises
    ------
    DigitpadError
        If it is none of these, or damaged; nothing is added then.

    """
    # Read everything before writing, so that other windows wait only for the writing.
    if is_same_file(path, store.path):
        raise DigitpadError("{path} is the file of My digits itself: choose another file", path=path)
    samples = list(islice(_read(path), _MAX_DIGITS + 1))
    if len(samples) > _MAX_DIGITS:
        raise DigitpadError(
            "{path} has more than {count:,} digits: import it in several parts", path=path, count=_MAX_DIGITS
        )
    digits = [digit for digit in samples if digit is not None]
    added = store.add_all(digits)
    return ImportCounts(added, len(digits) - added, len(samples) - len(digits))


def _read(path: Path) -> _Samples:
    path = path.absolute()
    folder = path if path.is_dir() else path.parent
    if is_ink_file(path):
        return _read_ink(path)
    if path.suffix.lower() == _DATABASE_SUFFIX and not path.is_dir():
        return _read_backup(path)
    if path.name == _TABLE or (path.is_dir() and (path / _TABLE).is_file()):
        return _read_table(folder / _TABLE)
    parts: list[Part] = [part for part in PARTS if _has_part(path, folder, part)]
    if not parts:
        raise DigitpadError(
            "{path} has no digits to import: choose an ink file, a backup, or a folder with {table} or IDX files",
            path=path,
            table=_TABLE,
        )
    return (digit for part in parts for digit in _read_idx(folder, part))


def _has_part(path: Path, folder: Path, part: Part) -> bool:
    """Return whether a folder has IDX files of that part, and the path is the folder or one of these files."""
    pairs = find_pairs(str(folder), part, folder)
    return any(path in (folder, pair.images, pair.labels) for pair in pairs)


def _read_ink(path: Path) -> _Samples:
    work = math.inf
    with suppress(OSError):  # `read_ink` reports it
        size = regular_file_size(path)
        if is_gzipped(path):
            work = _MIN_WORK + _WORK_PER_BYTE * size
    for sample in read_ink(path):
        work -= _WORK_PER_DRAWING + sum(map(len, sample.ink.strokes))
        if work < 0:
            raise DigitpadError("{path} has far more drawings than its size allows: import it unzipped", path=path)
        label = sample.digit
        yield None if label is None or not sample.ink else new_digit(Drawing(ink=sample.ink), label)


def _read_idx(folder: Path, part: Part) -> _Samples:
    pairs = find_pairs(str(folder), part, folder)
    if len(pairs) > 1:
        raise ambiguous_folder_error(folder, pairs)
    for image, label in zip(*read_pair(pairs[0]), strict=True):
        yield new_image(image, int(label)) if image.any() else None


def _read_backup(path: Path) -> _Samples:
    """Read a database that may come from another person; nothing is written, also not beside it."""
    try:
        if regular_file_size(path) > _MAX_DATABASE_SIZE:
            raise DigitpadError("{path} is too large to be a backup of My digits: choose another file", path=path)
        if any(os.path.exists(log) and os.path.getsize(log) for log in (f"{path}-wal", f"{path}-journal")):  # noqa: PTH110, PTH202
            raise DigitpadError(
                "{path} is in use, or was copied while it was: choose a backup that digitpad wrote", path=path
            )
        with closing(connect(path, "ro", is_immutable=True)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE)
            if check_content(connection, path) == "damaged" or not schema_version(connection, path):
                raise sqlite3.DatabaseError
            connection.row_factory = sqlite3.Row
            # Damaged indices are not used.
            for row in connection.execute("SELECT * FROM drawings NOT INDEXED WHERE deleted IS NULL ORDER BY id"):
                yield _read_backup_row(path, row)
    except OSError as error:
        raise read_error(path, error) from error
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise DigitpadError(
            "{path} is not a backup of My digits, or it is damaged: choose another file", path=path
        ) from error


def _read_backup_row(path: Path, row: sqlite3.Row) -> NewDigit | None:
    digit = digit_of_row(row)
    if not digit.image.any():
        return None
    if digit.line:
        parse_line(digit.line, 1, tr("{path}, drawing {id}").format(path=path, id=digit.id))
    return new_image(
        digit.image,
        digit.label,
        line=digit.line,
        predicted=digit.predicted,
        model=digit.model,
        created=digit.created,
    )


def _read_table(table: Path) -> _Samples:
    images: dict[str, np.ndarray] = {}  # by name: a table may name one large picture many times
    try:
        if regular_file_size(table) > _MAX_TABLE_SIZE:
            raise DigitpadError("{path} is too large: split the digits into several folders", path=table)
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if not {"file", "label"} <= set(reader.fieldnames or ()):
                raise DigitpadError("{path} must have the columns “file” and “label”: add them", path=table)
            for row in reader:
                yield _read_row(table, {name: value or "" for name, value in row.items()}, reader.line_num, images)
    except OSError as error:
        raise read_error(table, error) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DigitpadError("{path} is not a CSV table: save it as CSV in UTF-8", path=table) from error


def _read_row(table: Path, row: dict[str, str], line: int, images: dict[str, np.ndarray]) -> NewDigit | None:
    name, label, predicted = row["file"].removeprefix("'"), row["label"].strip(), row.get("predicted", "").strip()
    # The table may come from another person: it must not name files in other folders.
    if not name or name in (".", "..") or Path(name).name != name or "\\" in name or "\0" in name:
        raise DigitpadError(
            "{path}, line {line}: “{name}” is not a picture in the same folder: correct the name",
            path=table,
            line=line,
            name=name,
        )
    if not _is_digit(label):
        return None
    if name not in images:
        images[name] = _read_image(_picture_path(table, name, line))
    image = images[name]
    if not image.any():
        return None
    return new_image(
        image,
        int(label),
        predicted=int(predicted) if _is_digit(predicted) else None,
        model=row.get("model", "").removeprefix("'"),
        created=parse_time(row.get("created", "")),
    )


def _picture_path(table: Path, name: str, line: int) -> Path:
    """Return the path of a picture in the table's folder; raise for a link to another folder."""
    path = table.with_name(name)
    if path.is_symlink() and os.path.dirname(os.path.realpath(path)) != os.path.realpath(table.parent):  # noqa: PTH120
        raise DigitpadError(
            "{path}, line {line}: “{name}” is a link to another folder: copy the picture instead",
            path=table,
            line=line,
            name=name,
        )
    return path


def _read_image(path: Path) -> np.ndarray:
    """Read a picture as (28, 28) uint8; a digit image, 28x28 grey and light on dark, is not changed."""
    image = image_files.read_grey(path, (SIZE, SIZE))
    if image is not None and np.median(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])) < 128:
        return image
    return to_bytes(ink_mask.digit_image(find_ink(image_files.read_picture(path))).pixels)


def _is_digit(text: str) -> bool:
    return len(text) == 1 and text in _DIGITS
