"""Ink files: one drawing per line as JSON, gzipped or not."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.ink.strokes import LIMIT, Ink
from digitpad.core.translation import tr

SUFFIXES = (".jsonl", ".jsonl.gz")
_ENCODING = "utf-8-sig"  # UTF-8 with or without the byte order mark of Windows programs
# A larger drawing would take seconds and much memory: 10,000 points take about 200 kB.
_MAX_LINE = 4_000_000
_MAX_STROKES = 10_000
_MAX_POINTS = 50_000
# gzip shrinks drawings to a third or a tenth: a file that unpacks to far more was made to fill the memory.
_MAX_UNPACKED, _MAX_EXPANSION = 64_000_000, 30
_MAX_BLANK_LINES = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class InkSample:
    """One drawing of an ink file; `label` is the file's label, `writer` who drew it, "" if unknown."""

    id: str
    ink: Ink
    label: int | str | None = None
    writer: str = ""

    @property
    def digit(self) -> int | None:
        """The label if it is one of the ten digits, else None."""
        text = str(self.label)
        return int(text) if len(text) == 1 and text in "0123456789" else None


def is_ink_file(path: Path) -> bool:
    """Return whether a file's name is that of an ink file."""
    return path.name.lower().endswith(SUFFIXES)


def read_ink(path: Path) -> Iterator[InkSample]:
    """Yield a file's drawings, one per line, in order; blank lines are skipped.

    Raises
    ------
    DigitpadError
        With file and line, at the first line that is not a drawing.

    """
    try:
        remaining = _MAX_UNPACKED + _MAX_EXPANSION * regular_file_size(path)
        with gzip.open(path, "rt", encoding=_ENCODING) if is_gzipped(path) else path.open(encoding=_ENCODING) as file:
            number = blank = 0
            while line := file.readline(_MAX_LINE + 1):
                number += 1
                remaining -= len(line)
                if line.strip():
                    yield parse_line(line, number, tr("{path}, line {line}").format(path=path, line=number))
                else:
                    blank += 1
                if remaining < 0 or blank > _MAX_BLANK_LINES:
                    raise DigitpadError("{path} is damaged (far larger than its drawings): copy it again", path=path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DigitpadError("{path} is truncated or damaged: copy it again", path=path) from error
    except UnicodeDecodeError as error:
        raise DigitpadError("{path} is not an ink file (not UTF-8 text): choose another file", path=path) from error
    except OSError as error:
        raise read_error(path, error) from error


def write_ink(path: Path, samples: Iterable[InkSample]) -> None:
    """Write drawings to an ink file atomically, gzipped if the name ends in .gz; raises DigitpadError."""
    lines = "".join(format_line(sample) + "\n" for sample in samples).encode()
    write_atomically(path, gzip.compress(lines, mtime=0) if path.name.lower().endswith(".gz") else lines)


def is_gzipped(path: Path) -> bool:
    """Return whether a file is compressed, whatever its name is. Raises OSError."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def parse_line(line: str, number: int, where: str) -> InkSample:
    """Parse a line of an ink file; `number` is the id of a drawing without one, `where` the place named in errors."""
    if len(line) > _MAX_LINE:
        raise DigitpadError(
            "{where} is too long: a drawing has at most {max_length:,} characters", where=where, max_length=_MAX_LINE
        )
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DigitpadError(
            '{where} is not JSON: write a drawing as {{"id": …, "strokes": [[[x, y], …], …]}}', where=where
        ) from error
    if not isinstance(record, dict) or not isinstance(record.get("strokes"), list):
        raise DigitpadError("{where} has no list “strokes”: add one, such as [[[x, y], …], …]", where=where)
    pen, label = record.get("pen", 0.0), record.get("label")
    if isinstance(pen, bool) or not isinstance(pen, int | float) or not 0 <= pen <= LIMIT:
        raise DigitpadError("{where}: “pen” must be a width from 0 to {limit:g}", where=where, limit=LIMIT)
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    if label is not None and not isinstance(label, int | str):
        raise DigitpadError("{where}: “label” must be a digit or a text", where=where)
    try:
        ink = _ink_of(record["strokes"], pen)
    except DigitpadError as error:
        raise DigitpadError("{where}: {error}", where=where, error=error) from error
    if isinstance(label, str):
        label = _clean(label)
    return InkSample(_clean(record.get("id"), str(number)), ink, label, _clean(record.get("writer")))


def _ink_of(strokes: list[Any], pen: float) -> Ink:
    points = sum(len(stroke) for stroke in strokes if isinstance(stroke, list))
    if len(strokes) > _MAX_STROKES or points > _MAX_POINTS:
        raise DigitpadError(
            "the drawing is too large ({strokes:,} strokes, {points:,} points): at most {max_strokes:,} strokes and "
            "{max_points:,} points can be read",
            strokes=len(strokes),
            points=points,
            max_strokes=_MAX_STROKES,
            max_points=_MAX_POINTS,
        )
    return Ink.of(strokes, pen_width=pen)


def _clean(value: object, default: str = "") -> str:
    """Return a text from a file, or the default; lone surrogates, which cannot be written, are replaced."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return default
    return str(value).encode(errors="replace").decode()


def format_line(sample: InkSample) -> str:
    """Return a drawing as a line of an ink file, without the line break."""
    record: dict[str, object] = {"id": sample.id}
    if sample.label is not None:
        record["label"] = sample.label
    if sample.writer:
        record["writer"] = sample.writer
    if sample.ink.pen_width:
        record["pen"] = sample.ink.pen_width
    # A thousandth of a pad unit is far finer than a hand or a screen.
    record["strokes"] = [stroke.round(3).tolist() for stroke in sample.ink.strokes]
    return json.dumps(record)
