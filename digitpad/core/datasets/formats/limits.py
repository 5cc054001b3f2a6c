"""How much a file may hold, so that a small one cannot fill the memory or take minutes."""

from pathlib import Path
from typing import BinaryIO

from digitpad.core.datasets.formats.progress import report_progress
from digitpad.core.errors import DigitpadError
from digitpad.core.files import gzipped
from digitpad.core.files.size_check import regular_file_size

MAX_SAMPLES = 2_000_000
MAX_BYTES = MAX_SAMPLES * 28 * 28
# What the arrays of NumPy's files and of pickles may hold.
NUMBERS = frozenset(["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"])
# A picture takes milliseconds to normalise. Small ones, 8x8 px and compressed, take twenty bytes.
_MIN_NORMALISED, _BYTES_PER_PICTURE = 200, 20
_CHUNK = 1 << 20


def unpacked_limit(path: Path) -> int:
    """Return how many bytes a file may unpack to."""
    return min(MAX_BYTES, gzipped.unpacked_limit(path))


def normalisation_limit(path: Path) -> int:
    """Return how many pictures of one file may be normalised."""
    return _MIN_NORMALISED + regular_file_size(path) // _BYTES_PER_PICTURE


def too_large_error(path: Path) -> DigitpadError:
    """Return the error for a file that holds more than can be read."""
    return DigitpadError("{path} holds more than its size allows, or is too large: choose a smaller file", path=path)


def place_in_file(file: BinaryIO) -> int:
    """Return how many bytes of a file that `gzipped.open_unpacked` opened have been read, as they are on the disk."""
    return getattr(file, "fileobj", file).tell()


def read_bounded(path: Path) -> bytes:
    """Return the bytes of a file, unpacked if it is gzipped; raises DigitpadError if they are too many or damaged."""
    with gzipped.reading(path):
        limit, parts, size = unpacked_limit(path), [], 0
        with gzipped.open_unpacked(path) as file:
            while chunk := file.read(_CHUNK):
                report_progress(place_in_file(file), regular_file_size(path))
                parts.append(chunk)
                size += len(chunk)
                if size > limit:
                    raise too_large_error(path)
    return b"".join(parts)
