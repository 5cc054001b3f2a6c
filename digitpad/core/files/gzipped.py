"""Read files that may be gzipped, and never more than their size allows."""

import contextlib
import gzip
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.size_check import regular_file_size

# Digits and drawings shrink to a quarter or a tenth, MNIST as 64-bit floats to a twentieth; what unpacks to far more
# than this was made to fill the memory.
_MIN_UNPACKED, _EXPANSION = 64_000_000, 30


def is_gzipped(path: Path) -> bool:
    """Return whether a file is compressed, whatever its name is. Raises what `regular_file_size` does."""
    regular_file_size(path)
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def open_unpacked(path: Path) -> BinaryIO:
    """Open a file, gzipped or not, to read its bytes. Raises what `regular_file_size` does."""
    return gzip.open(path, "rb") if is_gzipped(path) else path.open("rb")  # type: ignore[return-value]


def unpacked_limit(path: Path) -> int:
    """Return how many bytes a file may unpack to. Raises what `regular_file_size` does."""
    return _MIN_UNPACKED + _EXPANSION * regular_file_size(path)


def damaged_error(path: Path) -> DigitpadError:
    """Return the error for a file that is not as its format says."""
    return DigitpadError("{path} is truncated or damaged: copy or download it again", path=path)


@contextlib.contextmanager
def reading(path: Path) -> Generator[None]:
    """Raise DigitpadError for what goes wrong while a file, gzipped or not, is read."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged_error(path) from error
    except OSError as error:
        raise read_error(path, error) from error
