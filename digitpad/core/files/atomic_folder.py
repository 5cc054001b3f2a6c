"""Folders written completely or not at all."""

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from digitpad.core.errors import DigitpadError, write_error
from digitpad.core.files.atomic import remove_stale_temp_files, temp_path


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """How many samples are written; only the last report has the finished folder."""

    done: int
    total: int
    folder: Path | None = None


@contextmanager
def hidden_folder(parent: Path, name: str) -> Iterator[Path]:
    """Create a hidden folder that `publish_folder` renames when it is complete; otherwise it is deleted.

    Raise DigitpadError if the name is not valid, which is checked first, or something cannot be written.
    """
    hidden = temp_path(parent)
    try:
        next(_free_paths(parent, name))
        remove_stale_temp_files(parent)
        hidden.mkdir()
        yield hidden
    except OSError as error:
        raise write_error(parent / name, error) from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def publish_folder(hidden: Path, name: str) -> Path:
    """Rename a hidden folder to `name`, or to "name 2" and so on if that exists, and return its path.

    No other folder is replaced, except an empty one that was created at this moment.
    """
    for path in _free_paths(hidden.parent, name):
        try:
            return hidden.rename(path)
        except OSError:
            if not os.path.lexists(path):  # the name was free, so the error has another cause
                raise
    raise AssertionError  # `_free_paths` never ends


def _free_paths(parent: Path, name: str) -> Generator[Path, None, None]:
    """Yield the paths that do not exist; a broken link exists."""
    if not name.strip(" .") or Path(name).name != name or not name.isprintable():
        raise DigitpadError("“{name}” is not a valid folder name: choose another name", name=name)
    for number in count(1):
        path = parent / (name if number == 1 else f"{name} {number}")
        try:
            path.lstat()
        except FileNotFoundError:
            yield path
