"""IDX files, the format MNIST came in: big-endian magic and sizes, then bytes or integers."""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.atomic import write_atomically

# The third byte of the magic is the type (8: unsigned byte, 12: 32-bit integer), the fourth the number of dimensions.
_LABELS_MAGIC = 0x0801
_IMAGES_MAGIC = 0x0803
# QMNIST's labels: a row an image, of which the first number is the digit, the others say who wrote it, and where.
_TABLE_MAGIC = 0x0C02
_ITEM_SIZES = {_LABELS_MAGIC: 1, _IMAGES_MAGIC: 1, _TABLE_MAGIC: 4}
# EMNIST, the largest of MNIST's kin, has 814,255 samples.
_MOST_SAMPLES = 2_000_000
_LARGEST_SIDE = 1024
# Digits are packed to a quarter: a small file that holds far more than this is made to fill the memory.
_MOST_UNPACKED, _UNPACKED_BYTES = 64_000_000, 15
_CHUNK = 1 << 20


def read_images(path: Path) -> np.ndarray:
    """Read an IDX file of images, gzipped or not, as (n, height, width) uint8."""
    (count, height, width), data = _read(path, (_IMAGES_MAGIC,), "images")
    if not (1 <= height <= _LARGEST_SIDE and 1 <= width <= _LARGEST_SIDE):
        raise DigitpadError(
            "{path} says its images are {width} x {height} px: it is damaged, download it again",
            path=path,
            width=width,
            height=height,
        )
    return data.reshape(count, height, width)


def read_labels(path: Path) -> np.ndarray:
    """Read an IDX file of digit labels, gzipped or not, as (n,) uint8 in 0–9.

    MNIST's labels are bytes, one an image; QMNIST's a table of int32, whose first column is the digit.
    """
    shape, data = _read(path, (_LABELS_MAGIC, _TABLE_MAGIC), "labels")
    if len(shape) == 1:
        labels = data
    elif shape[1] < 1:
        raise DigitpadError(
            "{path} says its labels have {columns} columns: it is damaged, download it again",
            path=path,
            columns=shape[1],
        )
    else:
        labels = data.view(">i4").reshape(shape)[:, 0]
    wrong = labels[(labels < 0) | (labels > 9)]
    if wrong.size:
        raise DigitpadError(
            "{path} has a label {label}: digits are 0 to 9, use another file", path=path, label=wrong.max()
        )
    return labels.astype(np.uint8)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write images or labels as an IDX file, whole or not at all; gzipped where the name ends in .gz.

    Parameters
    ----------
    path
        What `read_images` or `read_labels` reads again.
    array
        (n, height, width) uint8 images, or (n,) uint8 labels in 0–9.

    Raises
    ------
    DigitpadError
        Where the file cannot be written.

    """
    magic = {1: _LABELS_MAGIC, 3: _IMAGES_MAGIC}[array.ndim]
    content = struct.pack(f">{1 + array.ndim}i", magic, *array.shape) + array.astype(np.uint8).tobytes()
    write_atomically(path, gzip.compress(content, mtime=0) if path.name.lower().endswith(".gz") else content)


def _read(path: Path, magics: tuple[int, ...], what: str) -> tuple[tuple[int, ...], np.ndarray]:
    """Read the sizes in a file's header, and as many bytes after it as they promise."""
    try:
        with _opened(path) as file:
            shape, expected = _header(path, file, magics, what)
            data = np.empty(expected, np.uint8)
            count = _fill(data, file)
            # To notice a longer file without reading all of it.
            is_longer = bool(file.read(1))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DigitpadError("{path} is truncated or damaged: download it again", path=path) from error
    except OSError as error:
        raise DigitpadError("{path} cannot be read: {reason}", path=path, reason=reason_of(error)) from error
    if count < expected or is_longer:
        state = "truncated" if count < expected else "longer than its header says"
        raise DigitpadError(
            "{path} is {state} ({count:,} {what} expected): download it again",
            path=path,
            state=state,
            count=shape[0],
            what=what,
        )
    return shape, data


def _fill(data: np.ndarray, file: BinaryIO) -> int:
    """Read into the array until it is full or the file ends, without a second copy, and count the bytes."""
    count = 0
    while count < len(data) and (more := file.readinto(data.data[count : count + _CHUNK])):  # type: ignore[attr-defined]
        count += more
    return count


def _header(path: Path, file: BinaryIO, magics: tuple[int, ...], what: str) -> tuple[tuple[int, ...], int]:
    start = file.read(4)
    magic = int.from_bytes(start, "big")
    sizes = file.read(4 * (magic & 0xFF)) if magic in magics else b""
    if not sizes or len(sizes) < 4 * (magic & 0xFF):
        raise DigitpadError(
            "{path} is no IDX file of {what}: check that it is MNIST's, or download it again", path=path, what=what
        )
    shape = struct.unpack(f">{magic & 0xFF}i", sizes)
    if not 0 <= shape[0] <= _MOST_SAMPLES:
        raise DigitpadError(
            "{path} claims {count:,} {what}: it is damaged, download it again", path=path, count=shape[0], what=what
        )
    expected = _ITEM_SIZES[magic] * math.prod(max(size, 0) for size in shape)
    if expected > min(_MOST_SAMPLES * 28 * 28, _MOST_UNPACKED + _UNPACKED_BYTES * path.stat().st_size):
        raise DigitpadError(
            "{path} claims {expected:,} bytes of {what}: it is damaged, download it again",
            path=path,
            expected=expected,
            what=what,
        )
    return shape, expected


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]
