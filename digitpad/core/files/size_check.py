"""Looking at a file before it is read."""

import errno
import os
import stat
from pathlib import Path

from digitpad.core.errors import DigitpadError


def regular_file_size(path: Path) -> int:
    """Return the size, in bytes, of an ordinary file: reading a pipe waits, and a device may never end.

    Raises
    ------
    DigitpadError
        Where it is a pipe, a device or the like.
    OSError
        Where it is not there, may not be looked at, or is a folder.

    """
    try:
        status = path.stat()
    except ValueError as error:  # a NUL, which no file's name has
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from error
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise DigitpadError("{path} is no ordinary file: choose another", path=path)
    return status.st_size
