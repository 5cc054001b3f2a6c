"""Pickled arrays such as deeplearning.net's mnist.pkl.gz, read without running any code of the file.

A pickle is a program that may call any function. Here the few functions that NumPy's arrays need are replaced by
stand-ins that only keep what they are given; any other name, and any other instruction, is refused.
"""

import io
import math
import pickle
import pickletools
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from digitpad.core.datasets.formats.array_names import parts_of_arrays
from digitpad.core.datasets.formats.limits import MAX_BYTES, NUMBERS, read_bounded
from digitpad.core.datasets.formats.samples import Parts
from digitpad.core.errors import DigitpadError

_MAX_INSTRUCTIONS = 200_000
_MAX_MEMO = 1_000_000  # a larger number would reserve as much memory
_MAX_DEPTH = 4
_REFUSED = frozenset(
    [
        "INST",
        "OBJ",
        "NEWOBJ",
        "NEWOBJ_EX",
        "PERSID",
        "BINPERSID",
        "EXT1",
        "EXT2",
        "EXT4",
        "NEXT_BUFFER",
        "READONLY_BUFFER",
    ]
)
_PUTS = frozenset(("PUT", "BINPUT", "LONG_BINPUT"))
_ORDERS = frozenset("<>|=")
_PART_NAMES: Mapping[int, tuple[str, ...]] = {1: ("all",), 2: ("train", "test"), 3: ("train", "valid", "test")}


class _NotArraysError(Exception):
    """A pickle holds something else than arrays, or is damaged."""


class _Type:
    """Stands for numpy.dtype."""

    def __init__(self, code: object = "", *_: object) -> None:
        self.code, self.order = _text(code), "="

    def __setstate__(self, state: object) -> None:
        # (version, byte order, subtype, names, fields, …): the last three are None for numbers.
        if not isinstance(state, tuple) or len(state) < 5 or any(part is not None for part in state[2:5]):
            raise _NotArraysError
        self.order = _text(state[1])

    def dtype(self) -> np.dtype:
        if self.code not in NUMBERS or self.order not in _ORDERS:
            raise _NotArraysError
        return np.dtype(f"{self.order}{self.code}")


class _Array:
    """Stands for numpy.ndarray."""

    def __init__(self) -> None:
        self.state: tuple[object, ...] = ()

    def __setstate__(self, state: object) -> None:
        self.state = state if isinstance(state, tuple) else ()

    def array(self) -> np.ndarray:
        if len(self.state) != 5:
            raise _NotArraysError
        _, shape, kind, is_fortran, data = self.state
        return _array_of(data, kind, shape, is_fortran=bool(is_fortran))


def _array_of(data: object, kind: object, shape: object, *, is_fortran: bool) -> np.ndarray:
    """Make an array of checked parts."""
    content = data.encode("latin-1") if isinstance(data, str) and data.isascii() else data
    if not isinstance(kind, _Type) or not isinstance(content, bytes | bytearray) or not isinstance(shape, tuple):
        raise _NotArraysError
    sides = [side for side in shape if isinstance(side, int) and 0 <= side <= MAX_BYTES]
    dtype = kind.dtype()
    if len(sides) != len(shape) or len(sides) > 5 or math.prod(sides) * dtype.itemsize != len(content):
        raise _NotArraysError
    array = np.frombuffer(content, dtype)
    return array.reshape(sides[::-1]).T if is_fortran else array.reshape(sides)


def _reconstruct(*_: object) -> _Array:
    """Stand for numpy's function that makes an empty array, which a state fills."""
    return _Array()


def _frombuffer(data: object, kind: object, shape: object, order: object = "C") -> _Array:
    """Stand for numpy's function that makes an array of bytes, in pickles of protocol 5."""
    made = _Array()
    made.state = (1, shape, kind, _text(order) == "F", data)
    return made


def _encode(text: object, encoding: object = "latin1") -> bytes:
    """Stand for codecs.encode, which pickles of protocol 2 use for bytes."""
    if not isinstance(text, str) or _text(encoding) != "latin1":
        raise _NotArraysError
    return text.encode("latin-1")


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value if isinstance(value, str) else ""


_STAND_INS: Mapping[tuple[str, str], Callable[..., object]] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _reconstruct for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _frombuffer for core in ("core", "_core")},
    ("_codecs", "encode"): _encode,
}


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str, /) -> Callable[..., object]:
        if (found := _STAND_INS.get((module, name))) is None:
            raise _NotArraysError
        return found


def read_pickle(path: Path) -> Parts:
    """Read pickled arrays, gzipped or not; raises DigitpadError if the file holds anything else."""
    content = read_bounded(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # an escape in a text that no pickle has: it is damaged
            _check_instructions(content)
            # As bytes, because a text in a pickle of Python 2 may be an array's data.
            held = _ArrayUnpickler(io.BytesIO(content), encoding="bytes").load()
        arrays: dict[str, np.ndarray] = {}
        _collect(held, "", arrays, _MAX_DEPTH)
    # For a damaged pickle the unpickler raises almost anything.
    except Exception as error:
        raise DigitpadError(
            "{path} is a pickle that holds more than arrays, or is damaged; it was not opened, because a pickle can "
            "run programs: load it in Python and save its arrays with numpy.savez",
            path=path,
        ) from error
    return parts_of_arrays(path, arrays)


def _check_instructions(content: bytes) -> None:
    """Raise an exception if a pickle has instructions that arrays do not need, or would take much memory."""
    for number, (instruction, argument, _) in enumerate(pickletools.genops(content)):
        is_large = instruction.name in _PUTS and isinstance(argument, int) and argument > _MAX_MEMO
        if instruction.name in _REFUSED or is_large or number > _MAX_INSTRUCTIONS:
            raise _NotArraysError


def _collect(held: object, name: str, arrays: dict[str, np.ndarray], depth: int) -> None:
    """Collect the arrays of nested dictionaries, tuples and lists, with names that say where they are."""
    if isinstance(held, _Array):
        arrays[name] = held.array()
    elif depth and isinstance(held, dict):
        for key, value in list(held.items())[:100]:
            _collect(value, f"{name}/{_text(key) or key}", arrays, depth - 1)
    elif depth and isinstance(held, tuple | list):
        if held and all(isinstance(value, int) for value in held):
            arrays[name] = np.array(held, np.int64)
            return
        if held and all(0 < len(_text(value)) < 10 for value in held):
            arrays[name] = np.array([_text(value) for value in held])
            return
        for key, value in zip(_names(held), held, strict=False):
            _collect(value, f"{name}/{key}", arrays, depth - 1)


def _names(held: tuple[object, ...] | list[object]) -> tuple[str, ...]:
    """Return names for pairs of pictures and labels, and for the two or three parts of a set."""
    values = [value for value in held if value is not None]
    is_pair = len(values) == 2 and not any(
        isinstance(value, tuple | list | dict) and _is_pair(value) for value in values
    )
    return ("x", "y") if is_pair else _PART_NAMES.get(len(values), tuple(map(str, range(min(len(values), 100)))))


def _is_pair(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, tuple | list) and len(value) == 2 and isinstance(value[0], _Array)
    )
