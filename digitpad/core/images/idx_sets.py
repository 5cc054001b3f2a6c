"""The published sets of four IDX files: what their files are called, and where people keep them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.images import idx_format

Part = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")


@dataclass(frozen=True, slots=True)
class IdxSet:
    """A published set.

    Attributes
    ----------
    key, title
        Its name for programs, and for people.
    home
        Torchvision's class, which is also the folder that torchvision keeps the set in.
    stems
        Of each part the names of the images' and the labels' file, without ".gz".
    counts
        Number of training and of test images.
    is_transposed
        Whether rows and columns of its images are swapped.

    """

    key: str
    title: str
    torchvision_name: str
    stems: Mapping[Part, tuple[str, str]]
    counts: tuple[int, int]
    is_transposed: bool = False


@dataclass(frozen=True, slots=True)
class IdxPair:
    """The two files of one part, from one folder, and the set whose names they have."""

    images: Path
    labels: Path
    origin: IdxSet


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
SETS: Mapping[str, IdxSet] = {idx_set.key: idx_set for idx_set in _ALL}


def looks_like_path(dataset: str) -> bool:
    """Tell whether a data set is named by a path rather than by a word."""
    return Path(dataset).is_absolute() or dataset in (".", "..") or bool({os.sep, os.altsep} & set(dataset))


def folder_of(dataset: str, folder: Path) -> Path:
    """Return where a set is first looked for: a path is taken as it is, a name is a folder in the data folder."""
    return Path(dataset) if looks_like_path(dataset) else folder / dataset


def title_of(dataset: str) -> str:
    """Return a set's name for people; a folder's is its own, and not torchvision's "raw"."""
    if dataset in SETS:
        return SETS[dataset].title
    own = Path(dataset).absolute()
    return own.parent.name if own.name == "raw" else own.name


def find_pairs(dataset: str, part: Part, folder: Path) -> list[IdxPair]:
    """Find the files of one part; a set of the catalogue has one pair or none, a folder may hold several sets."""
    if known := SETS.get(dataset):
        pair = _pair_in(_places(known, folder), known, part)
        return [pair] if pair else []
    own = folder_of(dataset, folder)
    found = (_pair_in(_inside(own, known), known, part) for known in SETS.values())
    # MNIST, Fashion-MNIST and KMNIST share their files' names.
    return list({pair.images: pair for pair in found if pair}.values())


def _places(known: IdxSet, folder: Path) -> Iterator[Path]:
    """Yield the folders people keep a set in: ours, torchvision's, and for MNIST the data folder itself."""
    yield from _inside(folder / known.key, known)
    yield folder / known.torchvision_name / "raw"
    if known.key == "mnist":
        yield folder
        yield folder / "raw"


def _inside(own: Path, known: IdxSet) -> tuple[Path, ...]:
    # "gzip" is what the archive of EMNIST unpacks to.
    return own, own / "raw", own / known.torchvision_name / "raw", own / "gzip"


def _pair_in(places: Iterator[Path] | tuple[Path, ...], known: IdxSet, part: Part) -> IdxPair | None:
    for place in places:
        images, labels = (_file_in(place, known.key, stem) for stem in known.stems[part])
        if images and labels:
            return IdxPair(images, labels, known)
    return None


def _file_in(place: Path, key: str, stem: str) -> Path | None:
    """Find a file by its name, bare or with the set's before it, with dashes or a dot, gzipped or not."""
    starts = (stem, f"{key}-{stem}", stem.replace("-idx", ".idx"))
    paths = (place / f"{start}{end}" for start in starts for end in ("", ".gz"))
    return next((path for path in paths if os.path.isfile(path)), None)  # noqa: PTH113 - Path's raises where one may not look


def ambiguous_folder_error(folder: Path, pairs: Sequence[IdxPair]) -> DigitpadError:
    """Return the error for a folder that holds more than one set."""
    rivals = " and ".join(str(pair.images) for pair in pairs)
    return DigitpadError(
        "{folder} holds more than one set ({rivals}): name the folder of one of them", folder=folder, rivals=rivals
    )


def read_pair(pair: IdxPair) -> tuple[np.ndarray, np.ndarray]:
    """Read one part: images (n, 28, 28) uint8 and labels (n,) uint8.

    Raises
    ------
    DigitpadError
        Where a file is damaged, or the two do not belong together.

    """
    images, labels = idx_format.read_images(pair.images), idx_format.read_labels(pair.labels)
    if len(images) != len(labels):
        raise DigitpadError(
            "{images} has {image_count:,} images but {labels} {label_count:,} labels: they do not belong "
            "together, download both again",
            images=pair.images,
            image_count=len(images),
            labels=pair.labels.name,
            label_count=len(labels),
        )
    if images.shape[1:] != (28, 28):
        raise DigitpadError(
            "{images} has images of {width} x {height} px: 28 x 28 is needed",
            images=pair.images,
            width=images.shape[2],
            height=images.shape[1],
        )
    if not len(images):
        raise DigitpadError("{images} holds no images: download it again", images=pair.images)
    if pair.origin.is_transposed:
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    return images, labels
