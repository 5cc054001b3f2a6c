"""Sets of labelled digit images."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np

from digitpad.core import idx, ink
from digitpad.core.errors import DigitpadError
from digitpad.core.idx_sets import SETS, IdxPair, Part, find_pairs, folder_of, names_path, title_of
from digitpad.core.ink_files import InkSample, is_ink_file, read_ink
from digitpad.core.memory import give_back_memory
from digitpad.core.my_digits_reading import KEY as MY_DIGITS
from digitpad.core.my_digits_reading import own_digits, own_file

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


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Digits:
    """Labelled digit images.

    Attributes
    ----------
    name
        What the set is called, for people: "MNIST test".
    images
        (n, height, width) uint8, 0 background, `peak` ink; 28x28 unless the set is another on purpose.
    labels
        (n,) uint8 in 0–9.
    peak
        The value that stands for 1.0.

    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    peak: int = 255

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of an image, px."""
        return self.images.shape[1], self.images.shape[2]

    def first(self, count: int | None) -> "Digits":
        """Return the first so many samples; all of them for None."""
        if count is None or count >= len(self):
            return self
        return Digits(f"{self.name} (first {count:,})", self.images[:count], self.labels[:count], self.peak)


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
        `digitpad.core.idx_sets`, or a folder of another name in `folder`; the path of a folder with four IDX files; or
        the path of an ink file, which is the same set whatever the part.
    part
        ``"train"`` or ``"test"``.
    folder
        The data folder, see `digitpad.core.folders.data_folder`.

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


def share_instead(known: Digits, same: Digits) -> None:
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
                raise DigitpadError(f"{name} holds more than {_MOST_DRAWINGS:,} drawings: split it into several files")
            images.append(to_bytes(ink.digit_image(sample.ink).pixels))
            labels.append(sample.digit)
    if not images:
        raise DigitpadError(f'{name} has no drawing labelled with a digit: add "label" to its lines')
    return Digits(name, np.stack(images), np.array(labels, np.uint8))


def to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Turn float pixels in [0, 1] into uint8 in 0–255; a digit image loses nothing by it."""
    return np.round(pixels * 255).astype(np.uint8)


def to_floats(images: np.ndarray, peak: int = 255) -> np.ndarray:
    """Turn uint8 pixels in 0–`peak` into float32 in [0, 1]."""
    return images.astype(np.float32) / np.float32(peak)


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
        rivals = " and ".join(str(pair.images) for pair in found)
        return f"{own} holds more than one set ({rivals}): name the folder of one of them"
    if os.path.isdir(own):  # noqa: PTH112 - Path's raises where one may not look
        images, labels = SETS["mnist"].stems[part]
        return (
            f"{own} has no {name} files: {images} and {labels} were looked for, or QMNIST's or EMNIST's, gzipped or not"
        )
    if names_path(dataset):
        return f"{own} is no folder: check the path"
    return f"no data set is called {dataset!r}, and {own} is no folder: use {', '.join(KEYS)}, or the path of a folder"


def _my_digits(part: Part) -> Digits:
    """Read the user's digits; what they are now is told by their content, not by the file's time."""
    name = f"my digits {part}"
    with own_digits(part) as kept:
        key = (name, str(own_file()), kept.stamp)
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
            known = _shared[key] = Digits(name, *_arrays(pairs[0]))
            give_back_memory()  # unpacking takes as much again
    return known


def _arrays(pair: IdxPair) -> tuple[np.ndarray, np.ndarray]:
    """Read images and labels of one part, and see that they belong together."""
    images, labels = idx.read_images(pair.images), idx.read_labels(pair.labels)
    if len(images) != len(labels):
        raise DigitpadError(
            f"{pair.images} has {len(images):,} images but {pair.labels.name} {len(labels):,} labels: "
            "they are not of one set, download both again"
        )
    if images.shape[1:] != (28, 28):
        raise DigitpadError(f"{pair.images} has images of {images.shape[2]} x {images.shape[1]} px: 28 x 28 is needed")
    if not len(images):
        raise DigitpadError(f"{pair.images} holds no images: download it again")
    if pair.origin.is_transposed:
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    return images, labels


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

    from digitpad.core import ink_maps

    smooth = Image.fromarray(np.pad(image, 1).astype(np.float32)).resize((80, 80), Image.Resampling.BICUBIC)
    return to_bytes(ink_maps.digit_image(np.clip(np.asarray(smooth), 0, 1)).pixels)
