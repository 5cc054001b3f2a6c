"""Files written whole or not at all."""

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Self

from digitpad.core.errors import DigitpadError, reason_of


class AtomicFile:
    """A file beside `path` that takes its name by `commit`; without, it is gone at the end of the `with` block.

    Every failure to write is a `DigitpadError`, so that it is told from a failure of what is read meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # Two programs may fetch the same file: each writes its own.
        self._part = temp_path(path.parent)

    def __enter__(self) -> Self:
        with _reported_write_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            remove_stale_temp_files(self._path.parent)
            self._file: BinaryIO = self._part.open("xb")
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # a full disk lets not even the rest of the buffer go
            self._file.close()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

    def write(self, content: bytes) -> None:
        """Write at the end."""
        with _reported_write_errors(self._path):
            self._file.write(content)

    def commit(self) -> None:
        """Give the file its name; nothing can be written after."""
        with _reported_write_errors(self._path):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.replace(self._path)
            fsync_dir(self._path.parent)


@contextlib.contextmanager
def _reported_write_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "make room, or choose another data folder" if full else "choose another data folder"
        raise DigitpadError(
            "{path} cannot be written ({reason}): {remedy}", path=path, reason=reason_of(error), remedy=remedy
        ) from error


# What is written here, and what Qt writes its settings to, and locks them by, before they take their place.
_PART = re.compile(r"\.digitpad-[0-9a-f]{12}\.part|digitpad\.conf\.(?:lock|[A-Za-z0-9]{6})")
_LONG_AGO = 24 * 3600.0  # seconds; nothing is being written for so long


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that, whatever happens meanwhile, the old or the new one is there.

    Raises
    ------
    DigitpadError
        Where the folder cannot be made or written; nothing is left behind then.

    """
    try:
        _refuse_unusual(path)
        _write(path, content, Path.replace)
    except (OSError, ValueError) as error:
        raise write_error(path, error) from error


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, so that it is there whole or not at all.

    Raises
    ------
    FileExistsError
        Where there is one by now, which stays as it is.
    DigitpadError
        As `write_atomically`.

    """
    try:
        _write(path, content, _link)
    except (OSError, ValueError) as error:
        if isinstance(error, FileExistsError) and os.path.lexists(path):
            raise
        raise write_error(path, error) from error


def temp_path(folder: Path) -> Path:
    """Return a hidden name for what is written, until it may have its own."""
    return folder / f".digitpad-{secrets.token_hex(6)}.part"


def is_temp_file(name: str) -> bool:
    """Tell whether a name is one of those that `temp_path` gives."""
    return _PART.fullmatch(name) is not None


def remove_stale_temp_files(folder: Path) -> None:
    """Remove what was left half written in a folder, a day ago or longer, by a program that was killed."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            # Before or after: the clock may have been wrong.
            if is_temp_file(entry.name) and abs(time.time() - _time_of(entry)) > _LONG_AGO:
                _remove(entry)


def fsync_dir(folder: Path) -> None:
    """Have the names in a folder on the disk, so that not even a power cut takes back who has which."""
    if os.name == "nt":  # where a folder cannot be opened
        return
    with contextlib.suppress(OSError):  # not every file system can
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_writable(path: Path) -> None:
    """Raise before long work whose result could not be saved to `path`."""
    try:
        _refuse_unusual(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = temp_path(path.parent)
        with part.open("xb"):
            pass
        part.unlink()
    except (OSError, ValueError) as error:
        raise write_error(path, error) from error


def _refuse_unusual(path: Path) -> None:
    """Replacing a folder fails, and replacing a device would destroy it."""
    if path.is_dir():
        raise DigitpadError("{path} is a folder: name a file to save to", path=path)
    if path.exists() and not path.is_file():
        raise DigitpadError("{path} is no ordinary file: name another to save to", path=path)


def _write(path: Path, content: bytes, give_name: Callable[[Path, Path], object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_stale_temp_files(path.parent)
    part = temp_path(path.parent)
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        give_name(part, path)
        fsync_dir(path.parent)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _link(part: Path, path: Path) -> None:
    """Give a part its name, but not another's."""
    if os.name == "nt":
        part.rename(path)  # refuses there
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with path.open("xb"):
            pass
        part.replace(path)


def _time_of(entry: os.DirEntry[str]) -> float:
    return entry.stat(follow_symlinks=False).st_mtime


def _remove(entry: os.DirEntry[str]) -> None:
    with contextlib.suppress(OSError):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            Path(entry.path).unlink()


def write_error(path: Path, error: OSError | ValueError) -> DigitpadError:
    """Say why something cannot be written, and what to do; a ValueError is of a name that no file can have."""
    if isinstance(error, ValueError):
        return DigitpadError("{path} cannot be written (no file can be called so): choose another name", path=path)
    reason = error.strerror or str(error)
    advice = "make room on the disk" if error.errno == errno.ENOSPC else "choose another place"
    return DigitpadError("{path} cannot be written ({reason}): {advice}", path=path, reason=reason, advice=advice)
