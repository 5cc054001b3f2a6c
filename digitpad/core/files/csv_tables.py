"""CSV tables that both programs and spreadsheets read correctly."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from digitpad.core.files.atomic import write_atomically

Cell = str | int | float | None
# A text that starts like this is a formula to a spreadsheet: OWASP, "CSV Injection"; full-width in East Asian Excel.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_QUOTE = "'"


def write_table(path: Path, names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a CSV file atomically; raises DigitpadError if it cannot be written."""
    write_atomically(path, format_csv(names, rows))


def format_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return CSV as in RFC 4180: a line of column names, then a line per row; None is an empty cell.

    Floats are written with enough digits to restore the same value. A text that a spreadsheet would read as a formula
    gets an apostrophe in front, because notes may come from other people. So does a text that starts with an
    apostrophe, so that removing one apostrophe always restores the text.

    The encoding is UTF-8, with a byte order mark if there is a character outside ASCII: without the mark Excel assumes
    the system's old code page. Python's "utf-8-sig", pandas and R read both.
    """
    text = io.StringIO()
    # csv quotes both characters of the line terminator, so a note with a lone "\r" stays one cell.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([escape_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    content = text.getvalue()
    return content.encode("utf-8" if content.isascii() else "utf-8-sig")


def escape_formula(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would read as a formula; see `format_csv`."""
    risky = (*_FORMULA_STARTS, _QUOTE)
    return f"{_QUOTE}{text}" if text.startswith(risky) or text.lstrip().startswith(risky) else text
