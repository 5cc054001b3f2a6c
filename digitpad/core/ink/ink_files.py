"""Ink files: one drawing per line as JSON, InkML or UNIPEN, gzipped or not."""

import gzip
import io
import json
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.gzipped import open_unpacked, reading, unpacked_limit
from digitpad.core.ink.inkml import parse_inkml
from digitpad.core.ink.strokes import LIMIT, Ink
from digitpad.core.ink.unipen import parse_unipen
from digitpad.core.translation import tr

# Of the format that is written, and of those that are read: Quick, Draw!'s, InkML and UNIPEN.
SUFFIXES = (".jsonl", ".jsonl.gz")
READ_SUFFIXES = (*SUFFIXES, ".ndjson", ".ndjson.gz", ".inkml", ".unp", ".upn", ".unipen")
_ENCODING = "utf-8-sig"  # UTF-8 with or without the byte order mark of Windows programs
# A larger drawing would take seconds and much memory: 10,000 points take about 200 kB.
_MAX_LINE = 4_000_000
_MAX_DOCUMENT = 20_000_000  # characters of InkML, which is in memory as a whole
_MAX_STROKES = 10_000
_MAX_POINTS = 50_000
_MAX_BLANK_LINES = 100_000
_HEAD = 1024  # characters that tell the format
_UNIPEN = re.compile(r"^\.(VERSION|DATA_SOURCE|COORD|SEGMENT|PEN_DOWN|COMMENT|HIERARCHY|DATA_ID)\b", re.MULTILINE)
_JSON_INK = re.compile(r'\s*\{[^\n]*?"(strokes|drawing|points)"\s*:\s*\[')
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


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
        return digit_of_text(str(self.label))


def digit_of_text(text: str) -> int | None:
    """Return the digit that a label or a folder's name says: "7", "07", "seven" as in Quick, Draw!, "class 7"."""
    plain = text.strip().lower()
    if plain in WORDS:
        return WORDS.index(plain)
    found = re.fullmatch(r"(?:(?:label|digit|class|number)[-_= ]?)?0?([0-9])", plain)
    return int(found[1]) if found else None


def is_ink_file(path: Path) -> bool:
    """Return whether a file's name is that of an ink file."""
    return path.name.lower().endswith(READ_SUFFIXES)


def looks_like_ink(head: bytes) -> bool:
    """Return whether a file that begins like this, unpacked, is an ink file, whatever its name is."""
    text = head.decode(_ENCODING, errors="replace")
    return bool(_is_inkml(text) or _UNIPEN.search(text) or _JSON_INK.match(text))


def _is_inkml(head: str) -> bool:
    return head.lstrip().startswith("<") and "<ink" in head


def read_ink(path: Path) -> Iterator[InkSample]:
    """Yield a file's drawings in order: one per line of JSON, or those of InkML or UNIPEN.

    Raises
    ------
    DigitpadError
        With the file, and for JSON the line, at the first one that is not a drawing.

    """
    try:
        with reading(path), io.TextIOWrapper(open_unpacked(path), encoding=_ENCODING) as file:
            limit, head = unpacked_limit(path), file.read(_HEAD)
            file.seek(0)
            with closing(_lines(path, file, limit)) as lines:
                if _is_inkml(head):
                    found = parse_inkml(_whole(path, file, limit), str(path))
                elif _UNIPEN.search(head):
                    found = parse_unipen((line for _, line in lines), str(path))
                else:
                    for number, line in lines:
                        yield parse_line(line, number, tr("{path}, line {line}").format(path=path, line=number))
                    return
                for number, (strokes, label) in enumerate(found, 1):
                    yield _sample_of(strokes, label, number, str(path))
    except UnicodeDecodeError as error:
        raise DigitpadError("{path} is not an ink file (not UTF-8 text): choose another file", path=path) from error


def _lines(path: Path, file: TextIO, limit: int) -> Generator[tuple[int, str], None, None]:
    """Yield the lines that are not blank, with their numbers."""
    number = blank = 0
    while line := file.readline(_MAX_LINE + 1):
        number += 1
        limit -= len(line)
        if line.strip():
            yield number, line
        else:
            blank += 1
        if limit < 0 or blank > _MAX_BLANK_LINES:
            raise DigitpadError("{path} is damaged (far larger than its drawings): copy it again", path=path)


def _whole(path: Path, file: TextIO, limit: int) -> str:
    text = file.read(min(limit, _MAX_DOCUMENT) + 1)
    if len(text) > min(limit, _MAX_DOCUMENT):
        raise DigitpadError("{path} is too large: split it into several files", path=path)
    return text


def _sample_of(strokes: list[list[list[float]]], label: str, number: int, where: str) -> InkSample:
    try:
        ink = _ink_of(strokes, 0.0)
    except DigitpadError as error:
        raise DigitpadError("{where}: {error}", where=where, error=error) from error
    return InkSample(str(number), ink, _clean(label) or None)


def write_ink(path: Path, samples: Iterable[InkSample]) -> None:
    """Write drawings to an ink file atomically, gzipped if the name ends in .gz; raises DigitpadError."""
    lines = "".join(format_line(sample) + "\n" for sample in samples).encode()
    write_atomically(path, gzip.compress(lines, mtime=0) if path.name.lower().endswith(".gz") else lines)


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
    strokes = _strokes_in(record) if isinstance(record, dict) else None
    if not isinstance(record, dict) or strokes is None:
        raise DigitpadError("{where} has no list “strokes”: add one, such as [[[x, y], …], …]", where=where)
    pen, label = record.get("pen", 0.0), record.get("label", record.get("word"))
    if isinstance(pen, bool) or not isinstance(pen, int | float) or not 0 <= pen <= LIMIT:
        raise DigitpadError("{where}: “pen” must be a width from 0 to {limit:g}", where=where, limit=LIMIT)
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    if label is not None and not isinstance(label, int | str):
        raise DigitpadError("{where}: “label” must be a digit or a text", where=where)
    try:
        ink = _ink_of(strokes, pen)
    except DigitpadError as error:
        raise DigitpadError("{where}: {error}", where=where, error=error) from error
    if isinstance(label, str):
        label = _clean(label)
    return InkSample(
        _clean(record.get("id", record.get("key_id")), str(number)), ink, label, _clean(record.get("writer"))
    )


def _strokes_in(record: dict[str, Any]) -> list[Any] | None:
    """Return the strokes of a drawing as lists of points; None if it has none.

    Quick, Draw! has "drawing", with a list of x and a list of y for each stroke. "points" is one list of points such as
    [x, y, pressure, time], in which the pen is up where the pressure is 0.
    """
    if isinstance(strokes := record.get("strokes"), list):
        return [_plain_points(stroke) for stroke in strokes]
    if isinstance(drawing := record.get("drawing"), list):
        return [_zipped(stroke) for stroke in drawing]
    if not isinstance(points := record.get("points"), list):
        return None
    has_pressure = any(isinstance(point, list) and len(point) > 2 and point[2] for point in points)
    groups = groupby(points, key=lambda p: not has_pressure or not isinstance(p, list) or len(p) < 3 or bool(p[2]))
    return [_plain_points(list(group)) for is_down, group in groups if is_down]


def _plain_points(stroke: object) -> object:
    """Return a stroke without what follows x and y in its points, such as pressure and time."""
    if not isinstance(stroke, list) or not all(isinstance(point, list) and len(point) > 2 for point in stroke):
        return stroke
    is_plain = all(not isinstance(value, list | dict) for point in stroke for value in point[2:])
    return [point[:2] for point in stroke] if is_plain else stroke


def _zipped(stroke: object) -> object:
    if not isinstance(stroke, list) or len(stroke) < 2 or not all(isinstance(axis, list) for axis in stroke[:2]):
        return [[None]]  # refused as a stroke
    return [list(point) for point in zip(*stroke[:2], strict=False)]


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
