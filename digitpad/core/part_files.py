"""Files too large to be held in memory, which still appear whole or not at all."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

from digitpad.core.errors import DigitpadError
from digitpad.core.saving import clear_away, force_names, part_in


class PartFile:
    """A file beside `path` that takes its name by `keep`; without, it is gone at the end of the `with` block.

    Every failure to write is a `DigitpadError`, so that it is told from a failure of what is read meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # Two programs may fetch the same file: each writes its own.
        self._part = part_in(path.parent)

    def __enter__(self) -> Self:
        with _blaming(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            clear_away(self._path.parent)
            self._file: BinaryIO = self._part.open("xb")
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # a full disk lets not even the rest of the buffer go
            self._file.close()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

    def write(self, content: bytes) -> None:
        """Write at the end."""
        with _blaming(self._path):
            self._file.write(content)

    def keep(self) -> None:
        """Give the file its name; nothing can be written after."""
        with _blaming(self._path):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.replace(self._path)
            force_names(self._path.parent)


@contextlib.contextmanager
def _blaming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "make room, or choose another data folder" if full else "choose another data folder"
        raise DigitpadError(f"{path} cannot be written ({error.strerror or error}): {remedy}") from error
