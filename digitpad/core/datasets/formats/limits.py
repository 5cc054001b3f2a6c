"""How much a file may hold, so that a small one cannot fill the memory or take minutes."""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO

from digitpad.core.datasets.formats.progress import report_progress
from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.size_check import regular_file_size

MAX_SAMPLES = 2_000_000
MAX_BYTES = MAX_SAMPLES * 28 * 28
# MNIST as 64-bit floats shrinks to a twentieth; what unpacks to far more than this was made to fill the memory.
_MIN_UNPACKED, _EXPANSION = 64_000_000, 30
# A picture takes milliseconds to normalise. Small ones, 8x8 px and compressed, take twenty bytes.
_MIN_NORMALISED, _BYTES_PER_PICTURE = 200, 20
_CHUNK = 1 << 20


def unpacked_limit(path: Path) -> int:
    """Return how many bytes a file may unpack to."""
    return min(MAX_BYTES, _MIN_UNPACKED + _EXPANSION * regular_file_size(path))


def normalisation_limit(path: Path) -> int:
    """Return how many pictures of one file may be normalised."""
    return _MIN_NORMALISED + regular_file_size(path) // _BYTES_PER_PICTURE


def too_large_error(path: Path) -> DigitpadError:
    """Return the error for a file that holds more than can be read."""
    return DigitpadError("{path} holds more than its size allows, or is too large: choose a smaller file", path=path)


def damaged_error(path: Path) -> DigitpadError:
    """Return the error for a file that is not as its format says."""
    return DigitpadError("{path} is truncated or damaged: copy or download it again", path=path)


def is_gzipped(path: Path) -> bool:
    """Return whether a file is compressed, whatever its name is. Raises OSError."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def open_unpacked(path: Path) -> BinaryIO:
    """Open a file, gzipped or not, to read its bytes. Raises OSError."""
    return gzip.open(path, "rb") if is_gzipped(path) else path.open("rb")  # type: ignore[return-value]


def place_in_file(file: BinaryIO) -> int:
    """Return how many bytes of a file that `open_unpacked` opened have been read, as they are on the disk."""
    return getattr(file, "fileobj", file).tell()


def read_bounded(path: Path) -> bytes:
    """Return the bytes of a file, unpacked if it is gzipped; raises DigitpadError if they are too many or damaged."""
    try:
        limit, parts, size = unpacked_limit(path), [], 0
        with open_unpacked(path) as file:
            while chunk := file.read(_CHUNK):
                report_progress(place_in_file(file), regular_file_size(path))
                parts.append(chunk)
                size += len(chunk)
                if size > limit:
                    raise too_large_error(path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged_error(path) from error
    except OSError as error:
        raise read_error(path, error) from error
    return b"".join(parts)
