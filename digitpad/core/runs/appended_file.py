"""Files of a run that grow at their end, and that a training can do without."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.size_check import regular_file_size


class AppendedFile:
    """Appends to a file, or writes it as a whole if it is not as it was left.

    A write that fails, on a full disk for example, is made up for by the next one: what a training needs reports it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = 0  # bytes; 0: the whole file is to be written

    def rewrite(self) -> None:
        """Let the next `write` write the whole file, because earlier content has changed."""
        self._size = 0

    def write(self, added: bytes, whole: Callable[[], bytes]) -> None:
        """Append what was added, or write the whole content."""
        size, self._size = self._size, 0  # if this fails in the middle
        with contextlib.suppress(DigitpadError, OSError):
            if size and size == _size_of(self._path):
                if added:
                    with self._path.open("ab") as file:
                        file.write(added)
                self._size = size + len(added)
            elif content := whole():
                write_atomically(self._path, content)
                self._size = len(content)


def _size_of(path: Path) -> int:
    """Return the size in bytes; 0 if another window removed the file."""
    try:
        return regular_file_size(path)
    except FileNotFoundError:
        return 0


def read_appended_file(path: Path, largest: int) -> bytes:
    """Return the content of a file; empty if it cannot be read, or is larger than `largest` bytes."""
    try:
        return path.read_bytes() if regular_file_size(path) <= largest else b""
    except (OSError, DigitpadError):
        return b""
