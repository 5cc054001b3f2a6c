"""IDX files, the format of MNIST: a big-endian magic number and sizes, then bytes or integers."""

import gzip
import math
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.gzipped import open_unpacked, reading, unpacked_limit

# The third byte of the magic is the type (8: unsigned byte, 12: 32-bit integer), the fourth the number of dimensions.
_LABELS_MAGIC = 0x0801
_IMAGES_MAGIC = 0x0803
# QMNIST's labels: a row per image; its first number is the digit, the others identify the writer.
_TABLE_MAGIC = 0x0C02
_ITEM_SIZES = {_LABELS_MAGIC: 1, _IMAGES_MAGIC: 1, _TABLE_MAGIC: 4}
# EMNIST, the largest set of this kind, has 814,255 samples.
_MAX_SAMPLES = 2_000_000
_MAX_SIDE = 1024
_CHUNK = 1 << 20


def read_images(path: Path) -> np.ndarray:
    """Read an IDX file of images, gzipped or not, as (n, height, width) uint8; raises DigitpadError."""
    (count, height, width), data = _read(path, (_IMAGES_MAGIC,))
    if not (1 <= height <= _MAX_SIDE and 1 <= width <= _MAX_SIDE):
        raise DigitpadError("{path} is damaged (image size {w}x{h}): download it again", path=path, w=width, h=height)
    return data.reshape(count, height, width)


def read_shape(path: Path) -> tuple[int, ...]:
    """Read the number, height and width of an IDX file's images, from its header only; raises DigitpadError."""
    with reading(path), open_unpacked(path) as file:
        return _read_header(path, file, (_IMAGES_MAGIC,))[0]


def magic_of(path: Path) -> bytes:
    """Return the first four bytes of a file, unpacked if it is gzipped; fewer if it cannot be read."""
    try:
        with reading(path), open_unpacked(path) as file:
            return file.read(4)
    except DigitpadError:
        return b""


def read_labels(path: Path) -> np.ndarray:
    """Read an IDX file of digit labels, gzipped or not, as (n,) uint8 in 0–9; raises DigitpadError.

    MNIST's labels are bytes, one per image; QMNIST's are a table of int32 whose first column is the digit.
    """
    shape, data = _read(path, (_LABELS_MAGIC, _TABLE_MAGIC))
    if len(shape) == 1:
        labels = data
    elif shape[1] < 1:
        raise DigitpadError("{path} is damaged ({columns} columns): download it again", path=path, columns=shape[1])
    else:
        labels = data.view(">i4").reshape(shape)[:, 0]
    invalid = labels[(labels < 0) | (labels > 9)]
    if invalid.size:
        raise DigitpadError(
            "{path} has a label {label}, but labels must be 0 to 9: choose another file", path=path, label=invalid.max()
        )
    return labels.astype(np.uint8)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write an IDX file atomically, gzipped if the name ends in .gz; raises DigitpadError if it cannot be written.

    The array is (n, height, width) uint8 images, or (n,) uint8 labels in 0–9.
    """
    magic = {1: _LABELS_MAGIC, 3: _IMAGES_MAGIC}[array.ndim]
    content = struct.pack(f">{1 + array.ndim}i", magic, *array.shape) + array.astype(np.uint8).tobytes()
    write_atomically(path, gzip.compress(content, mtime=0) if path.name.lower().endswith(".gz") else content)


def _read(path: Path, magics: tuple[int, ...]) -> tuple[tuple[int, ...], np.ndarray]:
    """Read the sizes in a file's header and the bytes that follow."""
    with reading(path), open_unpacked(path) as file:
        shape, expected = _read_header(path, file, magics)
        data = np.empty(expected, np.uint8)
        count = _fill(data, file)
        is_longer = bool(file.read(1))  # one byte is enough to notice it
    if count < expected:
        raise DigitpadError("{path} is truncated: download it again", path=path)
    if is_longer:
        raise DigitpadError("{path} is longer than its header says: download it again", path=path)
    return shape, data


def _fill(data: np.ndarray, file: BinaryIO) -> int:
    """Read into the array, without a second copy, until it is full or the file ends; return the number of bytes."""
    count = 0
    while count < len(data) and (more := file.readinto(data.data[count : count + _CHUNK])):  # type: ignore[attr-defined]
        count += more
    return count


def _read_header(path: Path, file: BinaryIO, magics: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """Return the sizes and the number of bytes that follow them."""
    start = file.read(4)
    magic = int.from_bytes(start, "big")
    sizes = file.read(4 * (magic & 0xFF)) if magic in magics else b""
    if not sizes or len(sizes) < 4 * (magic & 0xFF):
        raise DigitpadError("{path} is not the expected IDX file: choose another file, or download it again", path=path)
    shape = struct.unpack(f">{magic & 0xFF}i", sizes)
    if not 0 <= shape[0] <= _MAX_SAMPLES:
        raise DigitpadError("{path} is damaged ({count:,} samples): download it again", path=path, count=shape[0])
    expected = _ITEM_SIZES[magic] * math.prod(max(size, 0) for size in shape)
    if expected > min(_MAX_SAMPLES * 28 * 28, unpacked_limit(path)):
        raise DigitpadError("{path} is damaged ({size:,} bytes of data): download it again", path=path, size=expected)
    return shape, expected
