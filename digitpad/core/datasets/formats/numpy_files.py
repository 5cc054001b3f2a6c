"""NumPy's files .npz and .npy. NumPy's own reader is not used: it believes the sizes in a header."""

import contextlib
import math
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from digitpad.core.datasets.formats.array_names import parts_of_arrays
from digitpad.core.datasets.formats.limits import MAX_BYTES, NUMBERS, too_large_error, unpacked_limit
from digitpad.core.datasets.formats.progress import report_progress
from digitpad.core.datasets.formats.samples import Parts
from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.gzipped import damaged_error, reading
from digitpad.core.files.size_check import regular_file_size

_MAGIC = b"\x93NUMPY"
_MAX_HEADER = 10_000  # bytes
_MAX_ARRAYS = 1000
_MAX_DIMENSIONS = 5
_CHUNK = 1 << 22  # bytes
# numpy.lib.format: a Python dictionary of exactly these three keys, sorted.
_HEADER = re.compile(
    r"\s*\{\s*'descr':\s*'(?P<dtype>[<>|=]?[a-zA-Z]\d{1,3})'\s*,\s*'fortran_order':\s*(?P<fortran>True|False)\s*,"
    r"\s*'shape':\s*\((?P<shape>[\d,\sL]*)\)\s*,?\s*\}\s*"
)
_TEXT = re.compile(r"[SU]\d")  # labels may be short texts


def read_npz(path: Path) -> Parts:
    """Read an archive of arrays such as Keras's mnist.npz; raises DigitpadError."""
    arrays = _arrays_of_npz(path)
    if len(arrays) == 1:
        arrays = _with_others(path, arrays)
    return parts_of_arrays(path, arrays)


def read_npy(path: Path) -> Parts:
    """Read an array and, from the files beside it, its labels and the other part; raises DigitpadError."""
    return parts_of_arrays(path, _with_others(path, {path.stem: _array_of_npy(path)}))


def _with_others(path: Path, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Add the arrays of the other files of one array in the folder: pictures and labels may be in a file each."""
    named = {f"{path.stem}/{name}": array for name, array in arrays.items()}
    try:
        others = sorted(other for other in path.parent.iterdir() if other.suffix.lower() == path.suffix.lower())
    except OSError as error:
        raise read_error(path.parent, error) from error
    for other in others[:_MAX_ARRAYS]:
        if other != path:
            found = _arrays_beside(other)
            if len(found) == 1:  # else it is a set of its own
                named |= {f"{other.stem}/{name}": array for name, array in found.items()}
    return named


def _arrays_beside(path: Path) -> dict[str, np.ndarray]:
    if path.suffix.lower() == ".npy":
        return {path.stem: _array_of_npy(path)}
    with contextlib.suppress(DigitpadError):  # it may have nothing to do with the one that was chosen
        return _arrays_of_npz(path)
    return {}


def _array_of_npy(path: Path) -> np.ndarray:
    with reading(path):
        size = regular_file_size(path)
        with path.open("rb") as file:
            return _read_array(path, file, size)


def _arrays_of_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        remaining, arrays = unpacked_limit(path), {}
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            if len(members) > _MAX_ARRAYS:
                raise too_large_error(path)
            for info in members:
                # Other compression methods may need gigabytes of memory.
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise damaged_error(path)
                remaining -= info.file_size
                if remaining < 0:
                    raise too_large_error(path)
                with archive.open(info) as file:
                    arrays[info.filename.removesuffix(".npy")] = _read_array(
                        path, cast("BinaryIO", file), info.file_size
                    )
    # RuntimeError: encrypted; the others: impossible sizes and positions
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, LookupError, OverflowError) as error:
        raise damaged_error(path) from error
    except OSError as error:
        raise read_error(path, error) from error
    return arrays


def _read_array(path: Path, file: BinaryIO, size: int) -> np.ndarray:
    """Read an array of a file of so many bytes; one of objects or long texts is returned without its values."""
    dtype, shape, is_fortran = _read_header(path, file)
    if dtype is None:
        return np.empty(0, object)  # pickled, which is not read
    expected = dtype.itemsize * math.prod(shape)
    if expected > min(size, MAX_BYTES * 8):
        raise damaged_error(path)
    content = bytearray(expected)
    view, count = memoryview(content), 0
    while count < expected and (more := file.readinto(view[count : count + _CHUNK])):  # type: ignore[attr-defined]
        count += more
        report_progress(count, expected)
    if count < expected:
        raise damaged_error(path)
    array = np.frombuffer(content, dtype)
    return array.reshape(shape[::-1]).T if is_fortran else array.reshape(shape)


def _read_header(path: Path, file: BinaryIO) -> tuple[np.dtype | None, tuple[int, ...], bool]:
    start = file.read(8)
    if start[:6] != _MAGIC or len(start) < 8:
        raise damaged_error(path)
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(file.read(width), "little")
    if length > _MAX_HEADER:
        raise damaged_error(path)
    found = _HEADER.fullmatch(file.read(length).decode("latin-1"))
    if not found or ((kind := found["dtype"].lstrip("<>|=")) not in NUMBERS and not _TEXT.fullmatch(kind)):
        return None, (), False
    shape = tuple(int(side) for side in re.findall(r"\d+", found["shape"]))
    if len(shape) > _MAX_DIMENSIONS or any(side > MAX_BYTES for side in shape):
        raise DigitpadError("{path} holds an array of the shape {shape}: choose another file", path=path, shape=shape)
    return np.dtype(found["dtype"]), shape, found["fortran"] == "True"
