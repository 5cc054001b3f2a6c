"""Files that two windows may want to write at once: one after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_error

_WAIT = 10.0  # seconds; another window holds the lock for some milliseconds


@contextmanager
def exclusive_lock(path: Path, lock: Path) -> Iterator[None]:
    """Keep other windows from a file meanwhile by a lock file, whose folder is made where it is missing.

    Raises
    ------
    DigitpadError
        Where another window has it for too long, or nothing can be written there.

    """
    held = FileLock(lock)
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held.acquire(timeout=_WAIT)
    except Timeout as error:
        raise DigitpadError("{path} is held by another window for too long: try again", path=path) from error
    except OSError as error:
        raise write_error(path, error) from error
    try:
        yield
    finally:
        held.release()
