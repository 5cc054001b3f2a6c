"""Sets of labelled digit images."""

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits, to_bytes
from digitpad.core.images.idx_sets import (
    SETS,
    Part,
    ambiguous_folder_error,
    find_pairs,
    folder_of,
    looks_like_path,
    read_pair,
    title_of,
)
from digitpad.core.ink import strokes
from digitpad.core.ink.ink_files import InkSample, is_ink_file, read_ink
from digitpad.core.my_digits.dataset import KEY as MY_DIGITS
from digitpad.core.my_digits.dataset import database_path, open_my_digits
from digitpad.core.runtime.malloc import trim_heap

BUILT_IN = "digits"
RAW_BUILT_IN = "digits-8x8"
XOR = "xor"
# Every set that has a name.
KEYS = (*SETS, MY_DIGITS, BUILT_IN, RAW_BUILT_IN, XOR)
# The last fifth of scikit-learn's 1,797 digits is for testing; the file is in no order that matters.
_BUILT_IN_TRAINING = 1437
# Each takes a kilobyte twice; in a small file there may be a million.
_MOST_DRAWINGS = 250_000
# What somebody has in hand is not read a second time: training, gallery and neighbours look at the same 47 MB.
_shared: "WeakValueDictionary[tuple[object, ...], Digits]" = WeakValueDictionary()
_sharing = Lock()


def size_of(dataset: str) -> tuple[int, int]:
    """Return the height and width, in px, of a data set's images."""
    return {RAW_BUILT_IN: (8, 8), XOR: (1, 2)}.get(dataset, (28, 28))


def has_parts(dataset: str) -> bool:
    """Tell whether a set's training and test part are different samples."""
    return dataset not in (RAW_BUILT_IN, XOR) and not is_ink_file(Path(dataset))


def load_digits(dataset: str, part: Part, folder: Path) -> Digits:
    """Load one part of a data set.

    Parameters
    ----------
    dataset
        ``"digits"``: the built-in ones; ``"digits-8x8"``: the same as they came, all of them in both parts; ``"xor"``:
        the four points; ``"my-digits"``: the user's own, as they are now; ``"mnist"``, ``"kmnist"`` …: a set of
        `images.idx_sets`, or a folder of another name in `folder`; the path of a folder with four IDX files; or
        the path of an ink file, which is the same set whatever the part.
    part
        ``"train"`` or ``"test"``.
    folder
        The data folder, see `digitpad.core.files.paths.data_folder`.

    A set of files or of the user's own that is in use already is shared, so its arrays are not to be written to.

    Raises
    ------
    DigitpadError
        Where it is not there, or not what it should be.

    """
    if dataset == BUILT_IN:
        return _built_in(part)
    if dataset == RAW_BUILT_IN:
        return _raw_built_in()
    if dataset == XOR:
        return _xor()
    if dataset == MY_DIGITS:
        return _my_digits(part)
    if is_ink_file(Path(dataset)):
        return digits_of_ink(Path(dataset).name, read_ink(Path(dataset)))
    return _from_idx(dataset, part, folder)


def replace_shared(known: Digits, same: Digits) -> None:
    """Hand out `same`, which has the same samples, wherever `known` would have been; that can be let go then."""
    with _sharing:
        for key, digits in list(_shared.items()):
            if digits is known:
                _shared[key] = same


def digits_of_ink(name: str, samples: Iterable[InkSample]) -> Digits:
    """Render the samples labelled with a digit, in order; the others are left out."""
    images, labels = [], []
    for sample in samples:
        if sample.digit is not None:
            if len(images) == _MOST_DRAWINGS:
                raise DigitpadError(
                    "{name} holds more than {most_drawings:,} drawings: split it into several files",
                    name=name,
                    most_drawings=_MOST_DRAWINGS,
                )
            images.append(to_bytes(strokes.digit_image(sample.ink).pixels))
            labels.append(sample.digit)
    if not images:
        raise DigitpadError('{name} has no drawing labelled with a digit: add "label" to its lines', name=name)
    return Digits(name, np.stack(images), np.array(labels, np.uint8))


def missing_files(dataset: str, part: Part, folder: Path) -> str:
    """Say what to do where `find_pairs` found no files, or too many."""
    own, name = folder_of(dataset, folder), "training" if part == "train" else part
    if dataset == "mnist":
        return (
            f"MNIST's {part} files are not in {own}: run 'digitpad download', name a folder with --data, "
            "or use the built-in digits"
        )
    if dataset in SETS:
        return (
            f"{SETS[dataset].title}'s {part} files are not in {own}: run 'digitpad download {dataset}', "
            "or name a folder with --data"
        )
    if found := find_pairs(dataset, part, folder):
        return str(ambiguous_folder_error(own, found))
    if os.path.isdir(own):  # noqa: PTH112 - Path's raises where one may not look
        images, labels = SETS["mnist"].stems[part]
        return (
            f"{own} has no {name} files: {images} and {labels} were looked for, or QMNIST's or EMNIST's, gzipped or not"
        )
    if looks_like_path(dataset):
        return f"{own} is no folder: check the path"
    return f"no data set is called {dataset!r}, and {own} is no folder: use {', '.join(KEYS)}, or the path of a folder"


def _my_digits(part: Part) -> Digits:
    """Read the user's digits; what they are now is told by their content, not by the file's time."""
    name = f"my digits {part}"
    with open_my_digits(part) as kept:
        key = (name, str(database_path()), kept.stamp)
        with _sharing:
            if (known := _shared.get(key)) is None:
                known = _shared[key] = Digits(name, *kept.read())
    return known


def _from_idx(dataset: str, part: Part, folder: Path) -> Digits:
    pairs = find_pairs(dataset, part, folder)
    if len(pairs) != 1:
        raise DigitpadError(missing_files(dataset, part, folder))
    name = f"{title_of(dataset)} {part}"
    files = [(path, path.stat()) for path in (pairs[0].images, pairs[0].labels)]
    key = (name, *((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in files))
    with _sharing:
        if (known := _shared.get(key)) is None:
            known = _shared[key] = Digits(name, *read_pair(pairs[0]))
            trim_heap()  # unpacking takes as much again
    return known


@lru_cache
def _built_in(part: Part) -> Digits:
    """Load scikit-learn's 8x8 digits (UCI Optical Recognition of Handwritten Digits), put into MNIST's geometry."""
    from sklearn.datasets import load_digits as load_bundled

    values, labels = load_bundled(return_X_y=True)
    chosen = slice(_BUILT_IN_TRAINING) if part == "train" else slice(_BUILT_IN_TRAINING, None)
    images = np.stack([_enlarged(row.reshape(8, 8) / 16.0) for row in np.asarray(values)[chosen]])
    return Digits(f"built-in digits {part}", images, np.asarray(labels)[chosen].astype(np.uint8))


def _raw_built_in() -> Digits:
    """Load the 8x8 digits with their own values, 0–16."""
    from sklearn.datasets import load_digits as load_bundled

    values, labels = load_bundled(return_X_y=True)
    images = np.asarray(values).reshape(-1, 8, 8).astype(np.uint8)
    return Digits("8x8 digits (all)", images, np.asarray(labels).astype(np.uint8), peak=16)


def _xor() -> Digits:
    """Make the truth table of exclusive or: each point an image of 1x2 px."""
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.uint8)
    return Digits("XOR", points[:, None], points[:, 0] ^ points[:, 1], peak=1)


def _enlarged(image: np.ndarray) -> np.ndarray:
    from PIL import Image

    from digitpad.core.ink import ink_mask

    smooth = Image.fromarray(np.pad(image, 1).astype(np.float32)).resize((80, 80), Image.Resampling.BICUBIC)
    return to_bytes(ink_mask.digit_image(np.clip(np.asarray(smooth), 0, 1)).pixels)
