"""Check a file before it is read."""

import errno
import os
import stat
from pathlib import Path

from digitpad.core.errors import DigitpadError


def regular_file_size(path: Path) -> int:
    """Return the size of a regular file in bytes; reading a pipe would block, and a device may never end.

    Raises
    ------
    DigitpadError
        If it is a pipe, a device or the like.
    OSError
        If it does not exist, access is denied, or it is a folder.

    """
    try:
        status = path.stat()
    except ValueError as error:  # a NUL, which no file name can contain
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from error
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise DigitpadError("{path} is not a regular file: choose another file", path=path)
    return status.st_size
