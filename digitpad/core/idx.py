"""IDX files, the format MNIST came in: big-endian magic and sizes, then bytes."""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError

# The third byte of the magic is the type (8: unsigned byte), the fourth the number of dimensions.
_LABELS_MAGIC = 2049
_IMAGES_MAGIC = 2051
# EMNIST, the largest of MNIST's kin, has 814,255 samples.
_MOST_SAMPLES = 2_000_000
_LARGEST_SIDE = 1024


def read_images(path: Path) -> np.ndarray:
    """Read an IDX file of images, gzipped or not, as (n, height, width) uint8."""
    count, height, width, data = _read(path, _IMAGES_MAGIC, "images", sizes=3)
    if not (1 <= height <= _LARGEST_SIDE and 1 <= width <= _LARGEST_SIDE):
        raise DigitpadError(f"{path} says its images are {width} x {height} px: it is damaged, download it again")
    return data.reshape(count, height, width)


def read_labels(path: Path) -> np.ndarray:
    """Read an IDX file of digit labels, gzipped or not, as (n,) uint8 in 0–9."""
    _, labels = _read(path, _LABELS_MAGIC, "labels", sizes=1)
    if labels.size and labels.max() > 9:
        raise DigitpadError(f"{path} has a label {labels.max()}: digits are 0 to 9, use another file")
    return labels


def _read(path: Path, magic: int, what: str, sizes: int) -> tuple:
    header_length = 4 + 4 * sizes
    try:
        with _opened(path) as file:
            header = file.read(header_length)
            if len(header) < header_length or struct.unpack(">i", header[:4])[0] != magic:
                raise DigitpadError(f"{path} is no IDX file of {what}: check that it is MNIST's, or download it again")
            shape = struct.unpack(f">{sizes}i", header[4:])
            if not 0 <= shape[0] <= _MOST_SAMPLES:
                raise DigitpadError(f"{path} claims {shape[0]:,} {what}: it is damaged, download it again")
            expected = shape[0] if sizes == 1 else shape[0] * max(shape[1], 0) * max(shape[2], 0)
            if expected > _MOST_SAMPLES * 28 * 28:
                raise DigitpadError(f"{path} claims {expected:,} bytes of {what}: it is damaged, download it again")
            # One byte more than there should be, to notice a longer file without reading all of it.
            data = file.read(expected + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DigitpadError(f"{path} is truncated or damaged: download it again") from error
    except OSError as error:
        raise DigitpadError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) != expected:
        state = "truncated" if len(data) < expected else "longer than its header says"
        raise DigitpadError(f"{path} is {state} ({shape[0]:,} {what} expected): download it again")
    return *shape, np.frombuffer(data, np.uint8)


def _opened(path: Path) -> gzip.GzipFile:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]
