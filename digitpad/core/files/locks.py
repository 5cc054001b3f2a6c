"""Locks for files that two windows may write at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from digitpad.core.errors import DigitpadError, write_error
from digitpad.core.files.paths import make_folder

_WAIT = 10.0  # seconds; another window holds the lock for some milliseconds


@contextmanager
def exclusive_lock(path: Path, lock: Path) -> Iterator[None]:
    """Lock the file `path` against other windows with the lock file `lock`, whose folder is created if missing.

    Raise DigitpadError if another window keeps the lock for too long, or the lock file cannot be written.
    """
    file_lock = FileLock(lock)
    try:
        make_folder(lock.parent)
        file_lock.acquire(timeout=_WAIT)
    except Timeout as error:
        raise DigitpadError("{path} is in use by another window: try again", path=path) from error
    except OSError as error:
        raise write_error(path, error) from error
    try:
        yield
    finally:
        file_lock.release()
