"""The real drawings, read once: that takes seconds."""

from functools import cache
from pathlib import Path

from writers import read_digits, split

from digitpad.core.ink.ink_files import InkSample


@cache
def drawings_by_writer(path: Path) -> tuple[list[InkSample], list[InkSample]]:
    """Return a file's drawings of the writers that the models learned from, and of the others."""
    return split(read_digits(path))
