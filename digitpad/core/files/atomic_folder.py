"""Folders that are there whole or not at all."""

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import remove_stale_temp_files, temp_path, write_error


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """How many samples are written; the last report has the folder, which is there only then."""

    done: int
    total: int
    folder: Path | None = None


@contextmanager
def hidden_folder(parent: Path, name: str) -> Iterator[Path]:
    """Make a hidden folder to write to that `publish_folder` shows when it is complete; otherwise it is removed.

    Raises
    ------
    DigitpadError
        Where the name will not do, which is told before the work, or something cannot be written.

    """
    hidden = temp_path(parent)
    try:
        next(_free_places(parent, name))
        remove_stale_temp_files(parent)
        hidden.mkdir()
        yield hidden
    except OSError as error:
        raise write_error(parent / name, error) from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def publish_folder(hidden: Path, name: str) -> Path:
    """Give a hidden folder its name, or where that is taken "name 2" and so on.

    No other folder is replaced, unless it came this moment, empty.
    """
    for place in _free_places(hidden.parent, name):
        try:
            return hidden.rename(place)
        except OSError:
            if not os.path.lexists(place):  # so it was not for the name's being taken
                raise
    raise AssertionError  # there is no end of places


def _free_places(parent: Path, name: str) -> Generator[Path, None, None]:
    """Yield the places that are not taken, a broken link's neither."""
    if not name.strip(" .") or Path(name).name != name or not name.isprintable():
        raise DigitpadError("a folder cannot be called “{name}”: choose another name", name=name)
    for number in count(1):
        place = parent / (name if number == 1 else f"{name} {number}")
        try:
            place.lstat()
        except FileNotFoundError:
            yield place
