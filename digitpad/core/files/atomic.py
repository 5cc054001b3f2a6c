"""Files written whole or not at all."""

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Self

from digitpad.core.errors import DigitpadError, write_error
from digitpad.core.files.paths import make_folder


class AtomicFile:
    """A temporary file that `commit` renames to `path`; without a commit it is deleted at the end of the `with` block.

    Every failure to write is a `DigitpadError`, so a caller can distinguish it from a failure to read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # Two programs may download the same file: each writes its own temporary file.
        self._part = temp_path(path.parent)

    def __enter__(self) -> Self:
        with _reported_write_errors(self._path):
            make_folder(self._path.parent)
            remove_stale_temp_files(self._path.parent)
            self._file: BinaryIO = self._part.open("xb")
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # on a full disk close() cannot flush the buffer either
            self._file.close()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

    def write(self, content: bytes) -> None:
        """Append bytes."""
        with _reported_write_errors(self._path):
            self._file.write(content)

    def commit(self) -> None:
        """Sync the file to the disk and rename it to `path`; nothing can be written afterwards."""
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
        raise write_error(path, error) from error


# Temporary files of this module, and those that Qt uses to write and lock its settings.
_TEMP_NAME = re.compile(r"\.digitpad-[0-9a-f]{12}\.part|digitpad\.conf\.(?:lock|[A-Za-z0-9]{6})")
_STALE_AFTER = 24 * 3600.0  # seconds; no write takes this long


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that after a crash either the old or the new content is there, never a part.

    Raise DigitpadError if the folder cannot be created or written; no temporary file is left then.
    """
    try:
        _refuse_unusual(path)
        _write(path, content, Path.replace)
    except (OSError, ValueError) as error:
        raise write_error(path, error) from error


def write_new(path: Path, content: bytes) -> None:
    """Write a new file completely or not at all.

    Raises
    ------
    FileExistsError
        If the file exists; it is not changed.
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
    """Return a random hidden path for a file or folder that is being written."""
    return folder / f".digitpad-{secrets.token_hex(6)}.part"


def is_temp_file(name: str) -> bool:
    """Return whether a name is that of a temporary file."""
    return _TEMP_NAME.fullmatch(name) is not None


def remove_stale_temp_files(folder: Path) -> None:
    """Delete temporary files that a killed program left in a folder at least a day ago."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if is_temp_file(entry.name):
                modified = entry.stat(follow_symlinks=False).st_mtime
                # The absolute difference, because the clock may have been wrong.
                if abs(time.time() - modified) > _STALE_AFTER:
                    _remove(entry)


def fsync_dir(folder: Path) -> None:
    """Sync a folder's entries to the disk, so that a rename survives a power cut."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    with contextlib.suppress(OSError):  # some file systems do not support it
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_writable(path: Path) -> None:
    """Raise `DigitpadError`, before long work, if its result could not be saved to `path`."""
    try:
        _refuse_unusual(path)
        make_folder(path.parent)
        part = temp_path(path.parent)
        with part.open("xb"):
            pass
        part.unlink()
        with contextlib.suppress(FileNotFoundError):
            path.lstat()  # raises if the name is too long
    except (OSError, ValueError) as error:
        raise write_error(path, error) from error


def _refuse_unusual(path: Path) -> None:
    """Raise for a folder or a device: replacing a folder fails, and replacing a device would destroy it."""
    if path.is_dir():
        raise DigitpadError("{path} is a folder: choose a file name", path=path)
    if path.exists() and not path.is_file():
        raise DigitpadError("{path} is not a regular file: choose another file name", path=path)


def _write(path: Path, content: bytes, rename: Callable[[Path, Path], object]) -> None:
    make_folder(path.parent)
    remove_stale_temp_files(path.parent)
    part = temp_path(path.parent)
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        rename(part, path)
        fsync_dir(path.parent)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _link(part: Path, path: Path) -> None:
    """Rename a temporary file without replacing an existing file."""
    if os.name == "nt":
        part.rename(path)  # fails if the file exists, on Windows only
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with path.open("xb"):
            pass
        part.replace(path)


def _remove(entry: os.DirEntry[str]) -> None:
    with contextlib.suppress(OSError):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            Path(entry.path).unlink()
