"""Sets of labelled digit images."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from digitpad.core import idx, ink
from digitpad.core.errors import DigitpadError
from digitpad.core.ink_files import InkSample, is_ink_file, read_ink

Part = Literal["train", "test"]

BUILT_IN = "digits"
_PREFIXES = {"train": "train", "test": "t10k"}
# The last fifth of scikit-learn's 1,797 digits is for testing; the file is in no order that matters.
_BUILT_IN_TRAINING = 1437


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """Labelled digit images.

    Attributes
    ----------
    name
        What the set is called, for people: "MNIST test".
    images
        (n, 28, 28) uint8, 0 background, 255 ink.
    labels
        (n,) uint8 in 0–9.

    """

    name: str
    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


def load_digits(dataset: str, part: Part, folder: Path) -> Digits:
    """Load one part of a data set.

    Parameters
    ----------
    dataset
        ``"digits"``: the built-in ones; ``"mnist"``, ``"kmnist"`` …: the folder of that name in `folder`; or the
        path of an ink file, which is the same set whatever the part.
    part
        ``"train"`` or ``"test"``.
    folder
        The data folder, see `digitpad.core.folders.data_folder`.

    Raises
    ------
    DigitpadError
        Where it is not there, or not what it should be.

    """
    if dataset == BUILT_IN:
        return _built_in(part)
    if is_ink_file(Path(dataset)):
        return digits_of_ink(Path(dataset).name, read_ink(Path(dataset)))
    return _from_idx(dataset, part, folder)


def digits_of_ink(name: str, samples: Iterable[InkSample]) -> Digits:
    """Render the samples labelled with a digit, in order; the others are left out."""
    images, labels = [], []
    for sample in samples:
        if sample.digit is not None:
            images.append(to_bytes(ink.digit_image(sample.ink).pixels))
            labels.append(sample.digit)
    if not images:
        raise DigitpadError(f'{name} has no drawing labelled with a digit: add "label" to its lines')
    return Digits(name, np.stack(images), np.array(labels, np.uint8))


def to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Turn float pixels in [0, 1] into uint8 in 0–255; a digit image loses nothing by it."""
    return np.round(pixels * 255).astype(np.uint8)


def to_floats(images: np.ndarray) -> np.ndarray:
    """Turn uint8 pixels in 0–255 into float32 in [0, 1]."""
    return images.astype(np.float32) / np.float32(255)


def _from_idx(dataset: str, part: Part, folder: Path) -> Digits:
    images_path = _find(dataset, part, "images-idx3", folder)
    labels_path = _find(dataset, part, "labels-idx1", folder)
    if images_path is None or labels_path is None:
        raise DigitpadError(_missing(dataset, part, folder))
    images, labels = idx.read_images(images_path), idx.read_labels(labels_path)
    if len(images) != len(labels):
        raise DigitpadError(
            f"{images_path} has {len(images):,} images but {labels_path.name} {len(labels):,} labels: "
            "they are not of one set, download both again"
        )
    if images.shape[1:] != (28, 28):
        raise DigitpadError(f"{images_path} has images of {images.shape[2]} x {images.shape[1]} px: 28 x 28 is needed")
    if not len(images):
        raise DigitpadError(f"{images_path} holds no images: download it again")
    return Digits(f"{_shown(dataset)} {part}", images, labels)


def _find(dataset: str, part: str, kind: str, folder: Path) -> Path | None:
    """Find one IDX file in the layouts people have: ours, torchvision's, the four files bare, with dots or dashes."""
    places = [folder / dataset, folder / dataset.upper() / "raw", folder / dataset / dataset.upper() / "raw"]
    if dataset == "mnist":
        places += [folder, folder / "raw"]
    stem = f"{_PREFIXES[part]}-{kind}-ubyte"
    names = [start + end for start in (stem, f"{dataset}-{stem}", stem.replace("-idx", ".idx")) for end in ("", ".gz")]
    return next((place / name for place in places for name in names if (place / name).is_file()), None)


def _missing(dataset: str, part: Part, folder: Path) -> str:
    if dataset == "mnist":
        return (
            f"MNIST's {part} files are not in {folder / 'mnist'}: run 'digitpad download', name a folder with --data, "
            "or use the built-in digits"
        )
    return f"{folder / dataset} has no {part} files of {dataset!r}: check the name, or name a folder with --data"


def _shown(dataset: str) -> str:
    return dataset.upper() if dataset.islower() else dataset


def _built_in(part: Part) -> Digits:
    """Load scikit-learn's 8x8 digits (UCI Optical Recognition of Handwritten Digits), put into MNIST's geometry."""
    from sklearn.datasets import load_digits as load_bundled

    values, labels = load_bundled(return_X_y=True)
    chosen = slice(_BUILT_IN_TRAINING) if part == "train" else slice(_BUILT_IN_TRAINING, None)
    images = np.stack([_enlarged(row.reshape(8, 8) / 16.0) for row in np.asarray(values)[chosen]])
    return Digits(f"built-in digits {part}", images, np.asarray(labels)[chosen].astype(np.uint8))


def _enlarged(image: np.ndarray) -> np.ndarray:
    from PIL import Image

    from digitpad.core import ink_maps

    smooth = Image.fromarray(np.pad(image, 1).astype(np.float32)).resize((80, 80), Image.Resampling.BICUBIC)
    return to_bytes(ink_maps.digit_image(np.clip(np.asarray(smooth), 0, 1)).pixels)
