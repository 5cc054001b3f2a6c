"""Tables of pixels as text: a row for each picture with its label, such as Kaggle's mnist_train.csv."""

import csv
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TextIO

import numpy as np

from digitpad.core.datasets.formats.limits import (
    MAX_SAMPLES,
    place_in_file,
    too_large_error,
    unpacked_limit,
)
from digitpad.core.datasets.formats.progress import report_progress
from digitpad.core.datasets.formats.samples import Parts, samples_of_arrays
from digitpad.core.errors import DigitpadError
from digitpad.core.files.gzipped import is_gzipped, open_unpacked, reading
from digitpad.core.files.size_check import regular_file_size

_SEPARATORS = ";\t,"  # or white space; commas last, because they may be decimal commas
_MAX_LINE = 1_000_000  # characters: a picture of 300x300 px
_BLOCK = 2_000_000  # characters that are parsed at a time
_LABEL = re.compile(r"(label|class|target|digit|y)s?", re.IGNORECASE)
_INDEX = re.compile(r"(unnamed: ?0|index|id|)", re.IGNORECASE)  # pandas writes such a column
_LEAST_PIXELS = 16


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the columns are used; without a header the label is the first or the last column, whichever can be it."""

    separator: str | None
    columns: int
    label: int | None
    index: int | None = None
    has_header: bool = False


def read_table(path: Path) -> Parts:
    """Read a table with a label and the pixels in each row, with or without a line of names; raises DigitpadError.

    The separator is a comma, a semicolon, a tab or white space; numbers may have decimal commas if it is no comma. The
    encoding is UTF-8, or UTF-16 with its mark.
    """
    try:
        with reading(path):
            labels, pixels = _read(path)
    except (UnicodeDecodeError, csv.Error) as error:
        raise DigitpadError("{path} is not a table of text: save it as CSV in UTF-8", path=path) from error
    return {None: samples_of_arrays(path, pixels, labels)}


def has_labels(path: Path) -> bool:
    """Return whether a table has a column for the label; Kaggle's test.csv has none."""
    try:
        with _open(path) as file:
            layout = _layout_of(path, file.readline(_MAX_LINE))
    except (DigitpadError, OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error):
        return True  # reading it reports the error
    return not _is_square(layout.columns - (layout.index is not None)) or layout.label is not None


def _open(path: Path) -> TextIO:
    raw = open_unpacked(path)
    start = raw.read(2)
    raw.seek(0)
    encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return io.TextIOWrapper(raw, encoding=encoding, newline=None)


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    limit = unpacked_limit(path) if is_gzipped(path) else None
    with _open(path) as file:
        first = next((line for line in _lines(path, file, limit) if line.strip()), "")
        layout = _layout_of(path, first)
        if _is_square(layout.columns - (layout.index is not None)) and layout.label is None:
            raise DigitpadError(
                "{path} has {columns} columns, which are pixels without labels: put the label in the first column",
                path=path,
                columns=layout.columns,
            )
        file.seek(0)
        blocks = []
        for block in _blocks(path, file, limit, skip=layout.has_header):
            report_progress(place_in_file(file.buffer), regular_file_size(path))
            blocks.append(_parse(path, block, layout))
    rows = np.concatenate(blocks) if blocks else np.empty((0, layout.columns), np.uint8)
    if not len(rows):
        raise DigitpadError("{path} has no rows of numbers: choose another file", path=path)
    if layout.index is not None:
        rows = np.delete(rows, layout.index, axis=1)
    label = layout.label
    if label is None:
        label = _label_column(rows)
    elif layout.index is not None and layout.index < label:
        label -= 1
    return rows[:, label], rows[:, 1:] if label == 0 else np.delete(rows, label, axis=1)


def _layout_of(path: Path, line: str) -> _Layout:
    enough = (mark for mark in _SEPARATORS if line.count(mark) >= _LEAST_PIXELS)
    most = next(enough, max(_SEPARATORS, key=line.count))
    separator = most if most in line else None
    cells = _cells(line, separator)
    if len(cells) <= _LEAST_PIXELS:
        raise DigitpadError(
            "{path} has {columns} columns; a table of pictures has a label and a column for each pixel, 785 for "
            "28x28 px: choose another file",
            path=path,
            columns=len(cells),
        )
    if all(_is_number(cell) for cell in cells):
        # pandas numbers columns without names.
        is_counting = all(float(after) - float(cell) == 1 for cell, after in pairwise(cells))
        return _Layout(separator, len(cells), None, has_header=is_counting)
    names = [cell.strip() for cell in cells]
    label = next((number for number, name in enumerate(names) if _LABEL.fullmatch(name)), None)
    has_index = _INDEX.fullmatch(names[0]) and not _is_square(len(names) - (label is not None))
    return _Layout(separator, len(cells), label, 0 if has_index else None, has_header=True)


def is_row_of_numbers(line: bytes) -> bool:
    """Return whether the beginning of a file is that of a row of a table, as numpy.savetxt writes it."""
    cells = line.split()[:-1]  # the last one may be cut
    return len(cells) > _LEAST_PIXELS and all(map(_is_number, cells))


def _cells(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return line.split()
    return next(csv.reader([_with_points(line, separator).strip("\r\n")], delimiter=separator), [])


def _with_points(line: str, separator: str | None) -> str:
    """Return a line with decimal points, where commas can only be decimal commas."""
    return line if separator == "," else line.replace(",", ".")


def _is_number(text: str | bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_square(count: int) -> bool:
    return round(count**0.5) ** 2 == count


def _label_column(rows: np.ndarray) -> int:
    """Return 0 or the last column: the first that holds small whole numbers and is no edge of the pictures."""
    for column in (0, rows.shape[1] - 1):
        values = rows[:, column]
        if ((values >= 0) & (values <= 10) & (values == np.round(values))).all() and values.any():
            return column
    return 0


def _lines(path: Path, file: TextIO, limit: int | None) -> Iterator[str]:
    remaining = limit
    while line := file.readline(_MAX_LINE + 1):
        if remaining is not None:
            remaining -= len(line)
        if len(line) > _MAX_LINE or (remaining is not None and remaining < 0):
            raise too_large_error(path)
        yield line


def _blocks(path: Path, file: TextIO, limit: int | None, *, skip: bool) -> Iterator[list[str]]:
    """Yield the lines that are not blank, without the header, some at a time."""
    block: list[str] = []
    size = count = 0
    for line in _lines(path, file, limit):
        if not line.strip():
            continue
        if skip:
            skip = False
            continue
        block.append(line)
        size += len(line)
        count += 1
        if count > MAX_SAMPLES:
            raise too_large_error(path)
        if size > _BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def _parse(path: Path, lines: Sequence[str], layout: _Layout) -> np.ndarray:
    """Return rows of numbers, uint8 if they can be."""
    try:
        rows = np.loadtxt(
            [_with_points(line, layout.separator) for line in lines],
            np.float32,
            comments=None,
            delimiter=layout.separator,
            quotechar='"',
            ndmin=2,
            max_rows=len(lines),
        )
    except (ValueError, OverflowError):
        rows = None
    if rows is None or rows.shape != (len(lines), layout.columns) or not np.isfinite(rows).all():
        raise _bad_row_error(path, lines, layout)
    bytes_ = rows.astype(np.uint8) if rows.min() >= 0 and rows.max() <= 255 else None
    return bytes_ if bytes_ is not None and (bytes_ == rows).all() else rows


def _bad_row_error(path: Path, lines: Sequence[str], layout: _Layout) -> DigitpadError:
    for line in lines:
        cells = _cells(line, layout.separator)
        if len(cells) != layout.columns:
            return DigitpadError(
                "{path} has a row of {cells} columns, but the first one has {columns}: correct the row that begins "
                "with “{start}”",
                path=path,
                cells=len(cells),
                columns=layout.columns,
                start=line[:20].strip(),
            )
        for cell in cells:
            if not _is_number(cell):
                return DigitpadError(
                    "{path} has “{cell}” where a number is expected: correct it", path=path, cell=cell[:40]
                )
    return DigitpadError("{path} has a value that is no usual number: correct it", path=path)
