"""Ink files: one drawing a line as JSON, gzipped or not."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.ink.strokes import LIMIT, Ink

SUFFIXES = (".jsonl", ".jsonl.gz")
_TEXT = "utf-8-sig"  # UTF-8, with the mark that Windows programs put before it or without
# What is larger is no drawing, and would take seconds and much memory: 10,000 points take about 200 kB.
_LONGEST_LINE = 4_000_000
_MOST_STROKES = 10_000
_MOST_POINTS = 50_000
# Drawings are packed to a third or a tenth, so much beyond this is not meant to be read but to be unpacked.
_MOST_UNPACKED, _UNPACKED_BYTES = 64_000_000, 30
_MOST_BLANK_LINES = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class InkSample:
    """One drawing of an ink file; `label` is what the file says it shows, `writer` who drew it, "" where unknown."""

    id: str
    ink: Ink
    label: int | str | None = None
    writer: str = ""

    @property
    def digit(self) -> int | None:
        """The label where it is one of the ten digits."""
        text = str(self.label)
        return int(text) if len(text) == 1 and text in "0123456789" else None


def is_ink_file(path: Path) -> bool:
    """Tell by its name whether a file holds ink."""
    return path.name.lower().endswith(SUFFIXES)


def read_ink(path: Path) -> Iterator[InkSample]:
    """Yield a file's drawings, one a line, in order; blank lines are passed over.

    Raises
    ------
    DigitpadError
        Naming file and line, at the first line that is no drawing.

    """
    try:
        most = _MOST_UNPACKED + _UNPACKED_BYTES * regular_file_size(path)
        with gzip.open(path, "rt", encoding=_TEXT) if _is_gzipped(path) else path.open(encoding=_TEXT) as file:
            number = blank = 0
            while line := file.readline(_LONGEST_LINE + 1):
                number += 1
                most -= len(line)
                if line.strip():
                    yield parse_line(line, number, f"{path}, line {number}")
                else:
                    blank += 1
                if most < 0 or blank > _MOST_BLANK_LINES:
                    raise DigitpadError(
                        "{path} is far larger than its drawings: it is damaged, copy it again", path=path
                    )
    except FileNotFoundError as error:
        raise DigitpadError("{path} does not exist: check the name", path=path) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DigitpadError("{path} is truncated or damaged: copy it again", path=path) from error
    except UnicodeDecodeError as error:
        raise DigitpadError("{path} is no ink file: it is not UTF-8 text", path=path) from error
    except OSError as error:
        raise DigitpadError("{path} cannot be read: {reason}", path=path, reason=reason_of(error)) from error


def write_ink(path: Path, samples: Iterable[InkSample]) -> None:
    """Write drawings to an ink file, whole or not at all; gzipped where the name ends in .gz."""
    lines = "".join(format_line(sample) + "\n" for sample in samples).encode()
    write_atomically(path, gzip.compress(lines, mtime=0) if path.name.lower().endswith(".gz") else lines)


def _is_gzipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def parse_line(line: str, number: int, where: str) -> InkSample:
    """Read a line of an ink file; `number` names a drawing that has no id, and `where` is said in errors."""
    if len(line) > _LONGEST_LINE:
        raise DigitpadError(
            "{where} is too long for a drawing: up to {longest_line:,} characters are read",
            where=where,
            longest_line=_LONGEST_LINE,
        )
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DigitpadError(
            '{where} is not JSON: a drawing is {{"id": …, "strokes": [[[x, y], …], …]}}', where=where
        ) from error
    if not isinstance(record, dict) or not isinstance(record.get("strokes"), list):
        raise DigitpadError("{where} has no list 'strokes': a drawing is [[[x, y], …], …]", where=where)
    pen, label = record.get("pen", 0.0), record.get("label")
    if isinstance(pen, bool) or not isinstance(pen, int | float) or not 0 <= pen <= LIMIT:
        raise DigitpadError("{where}: 'pen' must be a width, 0 to {limit:g}", where=where, limit=LIMIT)
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    if label is not None and not isinstance(label, int | str):
        raise DigitpadError("{where}: 'label' must be a digit or a text", where=where)
    try:
        ink = _ink_of(record["strokes"], pen)
    except DigitpadError as error:
        raise DigitpadError("{where}: {error}", where=where, error=error) from error
    if isinstance(label, str):
        label = _text(label)
    return InkSample(_text(record.get("id"), str(number)), ink, label, _text(record.get("writer")))


def _ink_of(strokes: list[Any], pen: float) -> Ink:
    points = sum(len(stroke) for stroke in strokes if isinstance(stroke, list))
    if len(strokes) > _MOST_STROKES or points > _MOST_POINTS:
        raise DigitpadError(
            "{count:,} strokes with {points:,} points are no drawing: up to {most_strokes:,} and "
            "{most_points:,} are read",
            count=len(strokes),
            points=points,
            most_strokes=_MOST_STROKES,
            most_points=_MOST_POINTS,
        )
    return Ink.of(strokes, pen_width=pen)


def _text(value: object, otherwise: str = "") -> str:
    """Return a name that a file gives, or another; without halves of surrogate pairs, which cannot be written."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return otherwise
    return str(value).encode(errors="replace").decode()


def format_line(sample: InkSample) -> str:
    """Write a drawing as a line of an ink file, without the line's end."""
    record: dict[str, object] = {"id": sample.id}
    if sample.label is not None:
        record["label"] = sample.label
    if sample.writer:
        record["writer"] = sample.writer
    if sample.ink.pen_width:
        record["pen"] = sample.ink.pen_width
    # A thousandth of a canvas unit is far below what a hand or a screen can do.
    record["strokes"] = [stroke.round(3).tolist() for stroke in sample.ink.strokes]
    return json.dumps(record)
