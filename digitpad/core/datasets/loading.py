"""Load data sets of labelled digit images."""

import os
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np

from digitpad.core.datasets.formats.cache import digits_of, opened
from digitpad.core.datasets.formats.pictures import drawings
from digitpad.core.datasets.formats.samples import LeftOutCounter
from digitpad.core.errors import DigitpadError
from digitpad.core.images.built_in_digits import TRAINING, built_in_digits, original_digits
from digitpad.core.images.digits import CLASSES, SIDE, Digits
from digitpad.core.images.idx_format import read_shape
from digitpad.core.images.idx_sets import (
    PARTS,
    SETS,
    Part,
    ambiguous_folder_error,
    find_pairs,
    folder_of,
    looks_like_path,
    missing_files,
    part_name,
    read_pair,
    title_of,
)
from digitpad.core.images.set_options import split_options
from digitpad.core.ink.ink_files import InkSample, is_ink_file, read_ink
from digitpad.core.my_digits.dataset import KEY as MY_DIGITS
from digitpad.core.my_digits.dataset import database_path, open_my_digits
from digitpad.core.runtime.malloc import trim_heap
from digitpad.core.translation import tr, tr_noop

BUILT_IN = "digits"
RAW_BUILT_IN = "digits-8x8"
# Logic gates: the labels of these points.
POINTS = ((0, 0), (0, 1), (1, 0), (1, 1))
GATES = {"xor": (0, 1, 1, 0), "and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "nand": (1, 1, 1, 0)}
# The names of all sets that have one.
KEYS = (*SETS, MY_DIGITS, BUILT_IN, RAW_BUILT_IN, *GATES)
# Each takes two kilobytes of memory, and a small file may hold a million.
_MAX_DRAWINGS = 250_000
# Sets in use: training, gallery and neighbours share the same 47 MB.
_shared: "WeakValueDictionary[tuple[object, ...], Digits]" = WeakValueDictionary()
_lock = Lock()


def size_of(dataset: str) -> tuple[int, int]:
    """Return the height and width, in px, of a data set's images."""
    return (1, 2) if dataset in GATES else (8, 8) if dataset == RAW_BUILT_IN else (28, 28)


def outputs_of(dataset: str) -> int:
    """Return the number of outputs that a model of a data set has: one for a gate, else one for each digit."""
    return 1 if dataset in GATES else CLASSES


def has_parts(dataset: str) -> bool:
    """Return whether a set's training and test part are different samples."""
    return dataset not in (RAW_BUILT_IN, *GATES) and not is_ink_file(Path(dataset))


def name_of_part(dataset: str, part: Part) -> str:
    """Return the name of one part of a data set, as in `Digits.name`: "MNIST test"; reads nothing."""
    if dataset == RAW_BUILT_IN:
        return tr_noop("8x8 digits (all)")
    if dataset in GATES:
        return dataset.upper()
    if is_ink_file(Path(dataset)):
        return Path(dataset).name
    titles = {BUILT_IN: tr_noop("built-in digits"), MY_DIGITS: tr_noop("my digits")}
    return part_name(titles.get(dataset) or title_of(dataset), part)


def load_digits(dataset: str, part: Part, folder: Path) -> Digits:
    """Load one part of a data set.

    Parameters
    ----------
    dataset
        ``"digits"``: the built-in digits; ``"digits-8x8"``: their original 8x8 images, all in both parts; ``"xor"``,
        ``"and"`` …: the four points of a logic gate; ``"my-digits"``: the user's digits now; ``"mnist"``, ``"kmnist"``
        …: a set of `images.idx_sets`, or the name of a folder in `folder`; the path of an ink file, which has the same
        samples in both parts; or a file or folder that `formats.opening.open_dataset` reads, by its path or its name,
        with `images.set_options` behind it.
    part
        ``"train"`` or ``"test"``.
    folder
        The data folder, see `digitpad.core.files.paths.data_folder`.

    Callers share the result while one of them uses it: do not write to its arrays.

    Raises
    ------
    DigitpadError
        If the set is missing or damaged.

    """
    if dataset == BUILT_IN:
        return _built_in(part)
    if dataset == RAW_BUILT_IN:
        return _raw_built_in()
    if dataset in GATES:
        return _gate(dataset)
    if dataset == MY_DIGITS:
        return _my_digits(part)
    return _from_disk(dataset, part, folder)


def full_name(dataset: str, folder: Path) -> str:
    """Return a set's full path, with its options, if it is a path or a name in the working directory; else its name.

    So a run can be resumed from anywhere. Names in `folder`, the data folder, come first and stay.
    """
    name, options = split_options(dataset)
    if dataset in KEYS or os.path.isabs(name):  # noqa: PTH117 - as text
        return dataset
    place = folder_of(dataset, folder)
    if not looks_like_path(name) and not is_ink_file(Path(name)) and place == folder / name:
        return dataset
    return os.path.abspath(place) + options.text  # noqa: PTH100 - resolve() would follow a link


def is_usual_idx(dataset: str, part: Part, folder: Path) -> bool:
    """Return whether a set is one of the catalogue, or in IDX files of the usual names; also if some are missing."""
    if dataset in SETS:
        return True
    if split_options(dataset)[1].text or not any(find_pairs(dataset, each, folder) for each in PARTS):
        return not os.path.lexists(folder_of(dataset, folder))
    ours = find_pairs(dataset, part, folder)
    try:
        return len(ours) != 1 or read_shape(ours[0].images)[1:] == (SIDE, SIDE)
    except DigitpadError:
        return True  # reading it reports the error


def _from_files(dataset: str, part: Part, folder: Path) -> Digits:
    """Read a file or folder in any other format; shared while the files are the same."""
    path, (_, options) = folder_of(dataset, folder), split_options(dataset)
    found, stamp = opened(path, options.seed)
    key = (dataset, part, str(path), stamp)
    with _lock:
        if (digits := _shared.get(key)) is None:
            digits = _shared[key] = digits_of(found, part, options, name_of_part(dataset, part))
    return digits


def _from_disk(dataset: str, part: Part, folder: Path) -> Digits:
    if is_ink_file(Path(dataset)):
        return digits_of_ink(name_of_part(dataset, part), read_ink(folder_of(dataset, folder)))
    if is_usual_idx(dataset, part, folder):
        return _from_idx(dataset, part, folder)
    return _from_files(dataset, part, folder)


def replace_shared(old: Digits, new: Digits) -> None:
    """Share `new`, which has the same samples, in place of `old`, so that the memory of `old` can be freed."""
    with _lock:
        for key, digits in list(_shared.items()):
            if digits is old:
                _shared[key] = new


def digits_of_ink(name: str, samples: Iterable[InkSample]) -> Digits:
    """Render the samples labelled with a digit, in order; skip the others. Raises DigitpadError if none is labelled."""
    images, labels = [], []
    for image, digit in drawings(samples, LeftOutCounter()):
        if len(images) == _MAX_DRAWINGS:
            raise DigitpadError(
                "{name} has more than {max_drawings:,} drawings: split it into several files",
                name=name,
                max_drawings=_MAX_DRAWINGS,
            )
        images.append(image)
        labels.append(digit)
    if not images:
        raise DigitpadError("{name} has no drawing labelled with a digit: add “label” to its lines", name=name)
    return Digits(name, np.stack(images), np.array(labels, np.uint8))


def missing_files_error(dataset: str, part: Part, folder: Path) -> DigitpadError:
    """Return the error for a set whose files `find_pairs` does not find, or finds more than once."""
    path = folder_of(dataset, folder)
    if dataset in SETS:
        return _missing_set_error(dataset, folder)
    if pairs := find_pairs(dataset, part, folder):
        return ambiguous_folder_error(path, pairs)
    if os.path.isdir(path):  # noqa: PTH112 - Path's raises if access is denied
        images, labels = SETS["mnist"].stems[part]
        if part == "train":
            template = tr_noop("{path} has no training files ({images} and {labels}): choose another folder")
        else:
            template = tr_noop("{path} has no test files ({images} and {labels}): choose another folder")
        return DigitpadError(template, path=path, images=images, labels=labels)
    if looks_like_path(dataset):
        return DigitpadError("{path} does not exist: check the path", path=path)
    return unknown_dataset_error(dataset)


def _missing_set_error(key: str, folder: Path) -> DigitpadError:
    title = SETS[key].title
    if found := missing_files(key, folder):
        return DigitpadError(
            "{title} is not complete, {folder} lacks {files}: download it, or copy what is missing to this folder",
            title=title,
            folder=found[0],
            files=", ".join(found[1]),
            hint=f"digitpad download {key}",
        )
    if key == "mnist":
        return DigitpadError(
            "MNIST is not installed: download it, choose a folder that has it, or use the built-in digits",
            hint=tr("digitpad download, or --data FOLDER"),
        )
    return DigitpadError(
        "{title} is not installed: download it, or choose a folder that has it",
        title=title,
        hint=tr("digitpad download {key}, or --data FOLDER").format(key=key),
    )


def unknown_dataset_error(name: str) -> DigitpadError:
    """Return the error for a name that no data set has."""
    names = ", ".join(KEYS)
    return DigitpadError(
        "there is no data set “{name}”: choose one of {names}, or a file or folder", name=name, names=names
    )


def _my_digits(part: Part) -> Digits:
    """Read the user's digits; shared while their content, not the file's time, is the same."""
    name = name_of_part(MY_DIGITS, part)
    with open_my_digits(part) as stored:
        key = (name, str(database_path()), stored.stamp)
        with _lock:
            if (digits := _shared.get(key)) is None:
                digits = _shared[key] = Digits(name, *stored.read())
    return digits


def _from_idx(dataset: str, part: Part, folder: Path) -> Digits:
    pairs = find_pairs(dataset, part, folder)
    if len(pairs) != 1:
        raise missing_files_error(dataset, part, folder)
    name = name_of_part(dataset, part)
    files = [(path, path.stat()) for path in (pairs[0].images, pairs[0].labels)]
    key = (name, *((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in files))
    with _lock:
        if (digits := _shared.get(key)) is None:
            digits = _shared[key] = Digits(name, *read_pair(pairs[0]))
            trim_heap()  # unpacking needed as much memory again
    return digits


def _built_in(part: Part) -> Digits:
    images, labels = built_in_digits()
    chosen = slice(TRAINING) if part == "train" else slice(TRAINING, None)
    return Digits(name_of_part(BUILT_IN, part), images[chosen], labels[chosen])


def _raw_built_in() -> Digits:
    return Digits(name_of_part(RAW_BUILT_IN, "test"), *original_digits(), peak=16)


def _gate(name: str) -> Digits:
    """Return the truth table of a gate, each point as an image of 1x2 px."""
    points = np.array(POINTS, np.uint8)
    return Digits(name_of_part(name, "test"), points[:, None], np.array(GATES[name], np.uint8), peak=1)
