"""Files written whole or not at all."""

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from digitpad.core.errors import DigitpadError


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that, whatever happens meanwhile, the old or the new one is there.

    Raises
    ------
    DigitpadError
        Where the folder cannot be made or written; nothing is left behind then.

    """
    _refuse_unusual(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files for their owner alone; a saved picture or model is an ordinary file.
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise before long work whose result could not be saved to `path`."""
    _refuse_unusual(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".digitpad."):
            pass
    except OSError as error:
        raise cannot_write(path, error) from error


def _refuse_unusual(path: Path) -> None:
    """Replacing a folder fails, and replacing a device would destroy it."""
    if path.is_dir():
        raise DigitpadError(f"{path} is a folder: name a file to save to")
    if path.exists() and not path.is_file():
        raise DigitpadError(f"{path} is no ordinary file: name another to save to")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def cannot_write(path: Path, error: OSError) -> DigitpadError:
    """Say why something cannot be written, and what to do."""
    reason = error.strerror or str(error)
    advice = "make room on the disk" if error.errno == errno.ENOSPC else "choose another place"
    return DigitpadError(f"{path} cannot be written ({reason}): {advice}")
