"""The ending of a file's name decides its format."""

import os
from collections.abc import Sequence
from pathlib import Path

from digitpad.core.errors import DigitpadError
from digitpad.core.translation import tr


def listed(endings: Sequence[str]) -> str:
    """Return endings in a sentence: ".csv, .png or .svg"."""
    *others, last = endings
    return tr("{others} or {last}").format(others=", ".join(others), last=last) if others else last


def check_ending(path: Path, endings: Sequence[str], hint: str = "") -> str:
    """Return a path's ending, in lower case; raise DigitpadError, which lists `endings`, if it is none of them."""
    ending = path.suffix.lower()
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises if a name is too long
        raise DigitpadError("{path} is a folder: choose a file name", path=path)
    if ending not in endings:
        raise DigitpadError(
            "{name} must end in {endings}: choose another name", name=path.name, endings=listed(endings), hint=hint
        )
    return ending
