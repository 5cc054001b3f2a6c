"""MATLAB's .mat files of version 5 to 7, such as those of MNIST and EMNIST.

Format: MathWorks, "MAT-File Format", level 5. Numbers and structures of them are read. SciPy's reader is not used: it
reserves as much memory as a header asks for.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from digitpad.core.datasets.formats.array_names import parts_of_arrays
from digitpad.core.datasets.formats.limits import read_bounded, too_large_error, unpacked_limit
from digitpad.core.datasets.formats.samples import Parts
from digitpad.core.files.gzipped import damaged_error

_HEADER = 128  # bytes
_MATRIX, _COMPRESSED = 14, 15
_STRUCT = 2  # class of an array; 4 is text
_NUMBERS = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
# How the numbers are stored, which may be smaller than their class.
_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_MAX_DEPTH = 5
_MAX_FIELDS = 100
_ZERO, _NINE = 48, 57  # ASCII


class _DamagedError(Exception):
    pass


def read_mat(path: Path) -> Parts:
    """Read the pictures and labels of a .mat file; raises DigitpadError."""
    content = read_bounded(path)
    try:
        # The two letters are "MI" in the order of the machine that wrote them.
        order = {b"IM": "<", b"MI": ">"}[content[126:128]]
        arrays: dict[str, np.ndarray] = {}
        for body in _matrices(content, order, unpacked_limit(path), path):
            _read_matrix(memoryview(body), order, "", arrays, _MAX_DEPTH)
    except (_DamagedError, StopIteration, LookupError, struct.error, ValueError, zlib.error, OverflowError) as error:
        raise damaged_error(path) from error
    return parts_of_arrays(path, _digits_of_emnist(arrays))


def _matrices(content: bytes, order: str, limit: int, path: Path) -> Iterator[bytes]:
    """Yield the body of each array of the file, unpacked."""
    place = _HEADER
    while place + 8 <= len(content):
        kind, size = struct.unpack_from(f"{order}2I", content, place)
        body = content[place + 8 : place + 8 + size]
        if len(body) < size:
            raise _DamagedError
        place += 8 + size  # compressed elements are not padded; matrices have a multiple of eight bytes
        if kind == _COMPRESSED:
            unpacker = zlib.decompressobj()
            unpacked = unpacker.decompress(body, limit + 1)
            limit -= len(unpacked)
            if limit < 0:
                raise too_large_error(path)
            kind, size = struct.unpack_from(f"{order}2I", unpacked)
            body = unpacked[8 : 8 + size]
        if kind == _MATRIX:
            yield body


def _elements(body: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """Yield the type and the bytes of each element of an array."""
    place = 0
    while place + 8 <= len(body):
        (word,) = struct.unpack_from(f"{order}I", body, place)
        if word >> 16:  # a small element: type, size and up to four bytes in one tag
            yield word & 0xFFFF, body[place + 4 : place + 4 + min(word >> 16, 4)]
            place += 8
            continue
        (size,) = struct.unpack_from(f"{order}I", body, place + 4)
        if size > len(body) - place - 8:
            raise _DamagedError
        yield word, body[place + 8 : place + 8 + size]
        place += 8 + size + -size % 8


def _read_matrix(body: memoryview, order: str, inside: str, arrays: dict[str, np.ndarray], depth: int) -> None:
    """Add an array, or those of a structure, with names that say where they are: "dataset/train/images"."""
    elements = _elements(body, order)
    _, flags = next(elements, (0, b""))
    if len(flags) < 8 or not depth:
        return
    (flags_word,) = struct.unpack_from(f"{order}I", flags)
    kind, is_complex = flags_word & 0xFF, bool(flags_word & 0x800)
    _, dimensions = next(elements)
    shape = np.frombuffer(dimensions, f"{order}i4").tolist()
    _, letters = next(elements)
    name = inside + bytes(letters).decode("latin-1")
    if kind == _STRUCT:
        if math.prod(shape) == 1:
            _read_fields(elements, order, name, arrays, depth)
    elif kind in _NUMBERS and not is_complex and 0 < len(shape) <= 5:
        stored, data = next(elements)
        array = np.frombuffer(data, f"{order}{_STORED[stored]}")
        if min(shape) < 0 or math.prod(shape) != array.size:
            raise _DamagedError
        arrays[name] = array.reshape(shape[::-1]).T  # columns first


def _read_fields(
    elements: Iterator[tuple[int, memoryview]], order: str, name: str, arrays: dict[str, np.ndarray], depth: int
) -> None:
    _, length = next(elements)
    (width,) = struct.unpack_from(f"{order}i", length)
    _, letters = next(elements)
    names = bytes(letters)
    if not 0 < width <= 64 or len(names) // width > _MAX_FIELDS:
        raise _DamagedError
    fields = [names[start : start + width].split(b"\0")[0].decode("latin-1") for start in range(0, len(names), width)]
    for field, (kind, body) in zip(fields, elements, strict=False):
        if kind == _MATRIX:
            _read_matrix(body, order, f"{name}/{field}", arrays, depth - 1)


def _digits_of_emnist(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the digits of an EMNIST set: its pictures are stored by columns, and a table tells what a label means."""
    table = next((array for name, array in arrays.items() if name.endswith("/mapping") and array.ndim == 2), None)
    if table is None or table.shape[1] < 2:
        return arrays
    digit_of = {int(label): int(letter) - _ZERO for label, letter in table[:, :2].tolist() if _ZERO <= letter <= _NINE}
    found = {}
    for name, images in arrays.items():
        labels = arrays.get(f"{name.removesuffix('images')}labels")
        if not name.endswith("/images") or labels is None or images.ndim != 2 or len(images) != labels.size:
            continue
        side = math.isqrt(images.shape[1])
        if side * side != images.shape[1]:
            raise _DamagedError
        flat = labels.reshape(-1)
        chosen = np.flatnonzero(np.isin(flat, list(digit_of)))
        found[name] = images[chosen].reshape(-1, side, side).transpose(0, 2, 1)
        found[name.removesuffix("images") + "labels"] = np.array(
            [digit_of[int(label)] for label in flat[chosen]], np.int64
        )
    return found
