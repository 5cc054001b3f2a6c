"""Tables as CSV files that programs and spreadsheets read alike."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from digitpad.core.files.atomic import write_atomically

Cell = str | int | float | None
# What makes a spreadsheet take a text for a formula: OWASP, "CSV Injection"; the wide ones count in East Asian Excel.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_QUOTE = "'"


def write_table(path: Path, names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write `format_csv` to a file, whole or not at all; raises DigitpadError where it cannot be written."""
    write_atomically(path, format_csv(names, rows))


def format_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table: a line of names, then a line for each row, as RFC 4180 has it; None is an empty cell.

    Floats have as many digits as give the same number back. A text that a spreadsheet would take for a formula gets an
    apostrophe before it: such a file is passed on and opened with a double click, and a note may be anybody's. So does
    one that begins with an apostrophe, so that taking one away gives every text back.

    The file is UTF-8. Excel takes one without a byte order mark for the system's old code page, and Korean notes would
    be garbled: so there is a mark where something is not ASCII. Elsewhere it would only be in the way of simple
    programs. Python's "utf-8-sig" reads both, as pandas and R do by themselves.
    """
    text = io.StringIO()
    # With both line ends quoted, a note with a lone "\r" stays one cell.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([escape_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    content = text.getvalue()
    return content.encode("utf-8" if content.isascii() else "utf-8-sig")


def escape_formula(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula; see `format_csv`."""
    risky = (*_FORMULA_STARTS, _QUOTE)
    return f"{_QUOTE}{text}" if text.startswith(risky) or text.lstrip().startswith(risky) else text
