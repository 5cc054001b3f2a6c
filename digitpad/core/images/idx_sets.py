"""The published data sets of four IDX files: their file names, and how to find them on the disk."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.images import idx_format
from digitpad.core.images.set_options import split_options
from digitpad.core.translation import tr, tr_noop, tr_plural

Part = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")


@dataclass(frozen=True, slots=True)
class IdxSet:
    """A published set.

    Attributes
    ----------
    key, title
        Its name in recipes and on the command line, and its name to show.
    torchvision_name
        Torchvision's class, which is also the name of torchvision's folder.
    stems
        For each part the names of the image file and the label file, without ".gz".
    counts
        Number of training and of test images.
    is_transposed
        Whether rows and columns of its images are swapped in the files.

    """

    key: str
    title: str
    torchvision_name: str
    stems: Mapping[Part, tuple[str, str]]
    counts: tuple[int, int]
    is_transposed: bool = False


@dataclass(frozen=True, slots=True)
class IdxPair:
    """The image file and the label file of one part, and the set whose file names they have."""

    images: Path
    labels: Path
    idx_set: IdxSet


def _stems(prefix: str, test: str, labels: str = "labels-idx1-ubyte") -> dict[Part, tuple[str, str]]:
    names: dict[Part, str] = {"train": f"{prefix}train", "test": f"{prefix}{test}"}
    return {part: (f"{name}-images-idx3-ubyte", f"{name}-{labels}") for part, name in names.items()}


_MNIST = _stems("", "t10k")
_QMNIST = _stems("qmnist-", "test", "labels-idx2-int")
_EMNIST = _stems("emnist-digits-", "test")
_ALL = (
    IdxSet("mnist", "MNIST", "MNIST", _MNIST, (60_000, 10_000)),
    IdxSet("fashion-mnist", "Fashion-MNIST", "FashionMNIST", _MNIST, (60_000, 10_000)),
    IdxSet("kmnist", "KMNIST", "KMNIST", _MNIST, (60_000, 10_000)),
    IdxSet("qmnist", "QMNIST", "QMNIST", _QMNIST, (60_000, 60_000)),
    IdxSet("emnist-digits", "EMNIST digits", "EMNIST", _EMNIST, (240_000, 40_000), is_transposed=True),
)
# What may follow the name of a set or of its part.
_ADDITIONS = {
    tr_noop("{name} (first {count})"): re.compile(r"(?P<name>.+) \(first (?P<count>[\d,]+)\)"),
    tr_noop("{name}, pixels 0–255"): re.compile(r"(?P<name>.+), pixels 0–255"),
}
_WITHOUT_SUSPECTS = re.compile(r"(?P<name>.+) without (?P<count>[\d,]+) suspect labels?")
SETS: Mapping[str, IdxSet] = {idx_set.key: idx_set for idx_set in _ALL}


def part_name(title: str, part: Part) -> str:
    """Return the name of one part of a set, "MNIST test"; it is stored in files, so it is always English."""
    return f"{title} {part}"


def display_part_name(name: str) -> str:
    """Return the name of a set or of its part, see `Digits.name`, in the language of the program."""
    for text, pattern in _ADDITIONS.items():
        if found := pattern.fullmatch(name):
            return tr(text).format(**found.groupdict() | {"name": display_part_name(found["name"])})
    if found := _WITHOUT_SUSPECTS.fullmatch(name):
        count = int(found["count"].replace(",", ""))
        text = tr_plural("{name} without {count:,} suspect label", "{name} without {count:,} suspect labels", count)
        return text.format(name=display_part_name(found["name"]), count=count)
    title, _, part = name.rpartition(" ")
    if part not in PARTS or not title:
        return tr(name)
    return (tr("{title} train") if part == "train" else tr("{title} test")).format(title=tr(title))


def looks_like_path(dataset: str) -> bool:
    """Return whether a data set is given as a path rather than as a name."""
    if dataset == "~":
        return True
    return Path(dataset).is_absolute() or dataset in (".", "..") or bool({os.sep, os.altsep} & set(dataset))


def folder_of(dataset: str, folder: Path) -> Path:
    """Return where a set is, without its options: a path, or for a name that in the data folder, else in this folder.

    A tilde in front is the user's home folder.
    """
    name, _ = split_options(dataset)
    inside = folder / name
    if looks_like_path(name):
        return Path(os.path.expanduser(name))  # noqa: PTH111 - Path's raises if there is no home folder
    return Path(name) if not os.path.lexists(inside) and os.path.lexists(name) else inside


def title_of(dataset: str) -> str:
    """Return a set's name to show; for a folder its name, or its parent's if it is torchvision's "raw"."""
    if dataset in SETS:
        return SETS[dataset].title
    path = Path(split_options(dataset)[0]).absolute()
    return path.parent.name if path.name == "raw" else path.name


def find_pairs(dataset: str, part: Part, folder: Path) -> list[IdxPair]:
    """Find the files of one part: at most one pair for a set of the catalogue, several pairs for a folder of sets."""
    if idx_set := SETS.get(dataset):
        pair = _find_pair(_usual_folders(idx_set, folder), idx_set, part)
        return [pair] if pair else []
    path = folder_of(dataset, folder)
    pairs = (_find_pair(_subfolders(path, idx_set), idx_set, part) for idx_set in SETS.values())
    # MNIST, Fashion-MNIST and KMNIST have the same file names.
    return list({pair.images: pair for pair in pairs if pair}.values())


def missing_files(key: str, folder: Path) -> tuple[Path, tuple[str, ...]] | None:
    """Return a folder that has some files of a published set, and the names of the others; None if no folder has."""
    idx_set, found = SETS[key], None
    stems = [stem for part in PARTS for stem in idx_set.stems[part]]
    for place in _usual_folders(idx_set, folder):
        missing = tuple(stem for stem in stems if _find_file(place, key, stem) is None)
        if len(missing) < len(stems) and (found is None or len(missing) < len(found[1])):
            found = place, missing
    return found


def _usual_folders(idx_set: IdxSet, folder: Path) -> Iterator[Path]:
    """Yield the usual folders of a set: digitpad's, torchvision's, and for MNIST the data folder itself."""
    yield from _subfolders(folder / idx_set.key, idx_set)
    yield folder / idx_set.torchvision_name / "raw"
    if idx_set.key == "mnist":
        yield folder
        yield folder / "raw"


def _subfolders(folder: Path, idx_set: IdxSet) -> tuple[Path, ...]:
    # EMNIST's archive unpacks to "gzip".
    return folder, folder / "raw", folder / idx_set.torchvision_name / "raw", folder / "gzip"


def _find_pair(folders: Iterator[Path] | tuple[Path, ...], idx_set: IdxSet, part: Part) -> IdxPair | None:
    for folder in folders:
        images, labels = (_find_file(folder, idx_set.key, stem) for stem in idx_set.stems[part])
        if images and labels:
            return IdxPair(images, labels, idx_set)
    return None


def _find_file(folder: Path, key: str, stem: str) -> Path | None:
    """Find a file by its name, with or without the set's name in front, with dashes or a dot, gzipped or not."""
    if not os.path.isdir(folder):  # noqa: PTH112 - as below; most of the usual folders are not there
        return None
    starts = (stem, f"{key}-{stem}", stem.replace("-idx", ".idx"))
    paths = (folder / f"{start}{end}" for start in starts for end in ("", ".gz"))
    return next((path for path in paths if os.path.isfile(path)), None)  # noqa: PTH113 - Path's raises if access is denied


def ambiguous_folder_error(folder: Path, pairs: Sequence[IdxPair]) -> DigitpadError:
    """Return the error for a folder that holds more than one data set."""
    files = ", ".join(str(pair.images) for pair in pairs)
    return DigitpadError(
        "{folder} holds more than one data set ({files}): choose the folder of one set", folder=folder, files=files
    )


def read_pair(pair: IdxPair) -> tuple[np.ndarray, np.ndarray]:
    """Read one part: images (n, 28, 28) uint8 and labels (n,) uint8.

    Raise DigitpadError if a file is damaged, or the two files do not belong together.
    """
    images, labels = idx_format.read_images(pair.images), idx_format.read_labels(pair.labels)
    if len(images) != len(labels):
        raise DigitpadError(
            "{image_file} has {images:,} images, but {label_file} has {labels:,} labels: download both again",
            image_file=pair.images,
            images=len(images),
            label_file=pair.labels.name,
            labels=len(labels),
        )
    if images.shape[1:] != (28, 28):
        raise DigitpadError(
            "{path} has images of {width}x{height} px, but 28x28 px are needed: choose another file",
            path=pair.images,
            width=images.shape[2],
            height=images.shape[1],
        )
    if not len(images):
        raise DigitpadError("{path} holds no images: download it again", path=pair.images)
    if pair.idx_set.is_transposed:
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    return images, labels
