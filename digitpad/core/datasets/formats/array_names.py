"""Which arrays of a file are pictures and which are labels, by their shapes and names."""

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from digitpad.core.datasets.formats.part_names import part_of
from digitpad.core.datasets.formats.samples import Parts, Samples, joined, samples_of_arrays
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES
from digitpad.core.images.idx_sets import Part

_LABELS = re.compile(r"(?<![a-z])(y|labels?|targets?|class(es)?|digits?|answers?)(?![a-z])")
# An array for each digit: "train0" … "test9", as in Sam Roweis's files of MNIST.
_OF_DIGIT = re.compile(r"(?:.*[a-z_. ])?([0-9])")


def parts_of_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> Parts:
    """Make samples of the arrays of a file, by their names; raises DigitpadError if they are no pictures and labels."""
    groups: dict[Part | None, dict[str, np.ndarray]] = defaultdict(dict)
    for name, array in arrays.items():
        if array.ndim >= 1 and array.dtype.kind in "biufSU":
            groups[part_of(name)][name] = array
    found: dict[Part | None, list[Samples]] = defaultdict(list)
    for part, group in groups.items():
        found[part] += _of_digits(path, group) or _of_pairs(path, group)
    if not any(found.values()):
        raise _no_pair_error(path, arrays)
    return {part: joined(samples) for part, samples in found.items() if samples}


def _of_digits(path: Path, group: Mapping[str, np.ndarray]) -> list[Samples]:
    """Return the samples of ten arrays, one for each digit; nothing if there are no such arrays."""
    by_digit: dict[int, list[np.ndarray]] = defaultdict(list)
    for name, array in group.items():
        if (match := _OF_DIGIT.fullmatch(name.lower())) and array.ndim >= 2:
            by_digit[int(match[1])].append(array)
    if len(by_digit) < CLASSES:
        return []
    return [
        samples_of_arrays(path, array, np.full(len(array), digit))
        for digit, arrays in sorted(by_digit.items())
        for array in arrays
    ]


def _of_pairs(path: Path, group: Mapping[str, np.ndarray]) -> list[Samples]:
    """Return the samples of each array of pictures with the labels beside it."""
    pictures = [name for name, array in group.items() if _is_pictures(name, array)]
    found = []
    for name in pictures:
        fitting = [other for other in group if other not in pictures and _fits(group[name], group[other])]
        named = [other for other in fitting if _LABELS.search(_key(other))]
        # Training and validation samples have names that begin or end alike.
        named.sort(key=lambda other: -_common_start(name, other) - _common_start(name[::-1], other[::-1]))
        if chosen := named or (fitting if len(fitting) == 1 else []):
            found.append(samples_of_arrays(path, group[name], group[chosen[0]]))
    return found


def _key(name: str) -> str:
    return name.rpartition("/")[2].lower() if not name.endswith("/arr_0") else name.lower()


def _common_start(name: str, other: str) -> int:
    same = (index for index, (a, b) in enumerate(zip(name, other, strict=False)) if a != b)
    return next(same, min(len(name), len(other)))


def _is_pictures(name: str, array: np.ndarray) -> bool:
    if array.ndim != 2 or array.dtype.kind in "SU":
        return array.ndim > 2
    return min(array.shape) > 1 and array.shape[1] != CLASSES and not _LABELS.search(_key(name))


def _fits(pictures: np.ndarray, labels: np.ndarray) -> bool:
    count = labels.size // CLASSES if labels.ndim == 2 and labels.shape[1] == CLASSES else labels.size
    return count > 0 and count in (pictures.shape[0], pictures.shape[-1])


def _no_pair_error(path: Path, arrays: Mapping[str, np.ndarray]) -> DigitpadError:
    if objects := [name for name, array in arrays.items() if array.dtype == object]:
        return DigitpadError(
            "{path} has {names} as Python objects, which are not read: save labels as numbers, with y.astype(int)",
            path=path,
            names=", ".join(objects[:8]),
        )
    held = ", ".join(f"{name} {array.shape}" for name, array in list(arrays.items())[:8]) or "–"
    return DigitpadError(
        "{path} has no pictures with labels (it holds {held}): name the arrays x_train, y_train, x_test and y_test",
        path=path,
        held=held,
    )
