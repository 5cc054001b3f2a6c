"""What the reader of a format gives: pictures of 28x28 px, and the labels as the file has them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from digitpad.core.datasets.formats.limits import MAX_SAMPLES, normalisation_limit, too_large_error
from digitpad.core.datasets.formats.progress import report_progress
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES, SIDE, to_bytes
from digitpad.core.images.idx_sets import Part
from digitpad.core.ink.ink_files import digit_of_text

_CHUNK = 4096  # pictures that are converted at a time
# A smaller picture is enlarged before the pad's normalisation, which expects lines of some pixels.
_SMALL, _ENLARGED = 20, 80
# Up to this side, px, a grey picture whose rim is even is taken as it is: the search for ink takes 0.1 s each.
_CLEAN_SIDE = 128
_EVEN_SHARE, _EVEN = 0.6, 0.12  # so much of the rim differs by at most so much of the range
_MAX_SIDE = 1024
_COLOUR_WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as Pillow converts


Reason = Literal["no ink", "no label", "unreadable"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many samples were left out, and of the first: the name of its file, or why it cannot be read; may be ""."""

    count: int
    first: str = ""


class LeftOutCounter:
    """Counts what is left out, by the reason."""

    def __init__(self) -> None:
        self.found: dict[Reason, LeftOut] = {}

    def add(self, reason: Reason, first: str = "", count: int = 1) -> None:
        """Count samples; `first` is kept of the first ones only."""
        known = self.found.get(reason, LeftOut(0, first))
        self.found[reason] = LeftOut(known.count + count, known.first)

    def update(self, others: "Samples") -> None:
        """Add what was left out of other samples."""
        for reason, what in others.left_out.items():
            self.add(reason, what.first, what.count)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Labelled pictures.

    Attributes
    ----------
    images
        (n, 28, 28) uint8.
    labels
        (n,) int64, as in the file.
    is_normalised
        (n,) bool: whether the pad's normalisation made the picture, from one of another size; it is light on dark.
    sizes
        How many pictures had each width and height in the file, px.
    left_out
        What was left out, by the reason.

    """

    images: np.ndarray
    labels: np.ndarray
    is_normalised: np.ndarray
    sizes: Mapping[tuple[int, int], int] = field(default_factory=dict)
    left_out: Mapping[Reason, LeftOut] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    def chosen(self, indices: np.ndarray) -> "Samples":
        """Return these samples only; `sizes` and `left_out` stay those of all."""
        return replace(
            self,
            images=self.images[indices],
            labels=self.labels[indices],
            is_normalised=self.is_normalised[indices],
        )


# The parts of a data set; None for samples that say nothing about their part.
Parts = dict[Part | None, Samples]


def joined(samples: Sequence[Samples]) -> Samples:
    """Return all samples in order."""
    if len(samples) == 1:
        return samples[0]
    sizes: Counter[tuple[int, int]] = Counter()
    left_out = LeftOutCounter()
    for one in samples:
        sizes.update(one.sizes)
        left_out.update(one)
    return Samples(
        np.concatenate([one.images for one in samples]),
        np.concatenate([one.labels for one in samples]),
        np.concatenate([one.is_normalised for one in samples]),
        sizes,
        left_out.found,
    )


def samples_of_pictures(
    pictures: Iterable[tuple[np.ndarray, int]],
    *,
    limit: int,
    path: Path,
    expected: int,
    left_out: LeftOutCounter | None = None,
) -> Samples:
    """Make samples of pictures and labels: 28x28 uint8 is kept, others are float in [0, 1] and are normalised.

    `expected` is about how many there are; `left_out` may be counted by the iterator too.

    Raise DigitpadError if there are more than `limit` pictures.
    """
    images, labels, normalised = [], [], []
    left_out = left_out or LeftOutCounter()
    sizes: Counter[tuple[int, int]] = Counter()
    for number, (picture, label) in enumerate(pictures):
        if number == limit:
            raise too_large_error(path)
        report_progress(number, expected)
        sizes[picture.shape[1], picture.shape[0]] += 1
        is_stored = picture.dtype == np.uint8
        image = picture if is_stored else normalised_picture(picture)
        if not is_stored and not image.any():
            left_out.add("no ink")
            continue
        images.append(image)
        labels.append(label)
        normalised.append(not is_stored)
    stacked = np.stack(images) if images else np.empty((0, SIDE, SIDE), np.uint8)
    return Samples(stacked, np.array(labels, np.int64), np.array(normalised, bool), sizes, left_out.found)


def normalised_picture(picture: np.ndarray) -> np.ndarray:
    """Convert a picture, float in [0, 1], grey or sRGB, to (28, 28) uint8 in the geometry of the pad."""
    from PIL import Image

    from digitpad.core.detection.ink_finder import find_ink
    from digitpad.core.ink import ink_mask

    ink = _clean_ink(picture) if picture.ndim == 2 and max(picture.shape) <= _CLEAN_SIDE else None
    if ink is not None and max(ink.shape) < _SMALL:
        height, width = (max(1, round(side * _ENLARGED / max(ink.shape))) for side in ink.shape)
        size = width, height
        smooth = Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC)
        ink = np.clip(np.asarray(smooth), 0, 1)
    return to_bytes(ink_mask.digit_image(find_ink(picture.astype(np.float32)) if ink is None else ink).pixels)


def _clean_ink(picture: np.ndarray) -> np.ndarray | None:
    """Return the ink of a picture on even ground, float32 in [0, 1], whichever of the two is lighter; else None."""
    ground = float(np.median(rim_of(picture)))
    low, high = float(picture.min()), float(picture.max())
    is_even = np.abs(rim_of(picture) - ground) <= _EVEN * (high - low)
    if (
        high - low < _EVEN
        or is_even.mean() < _EVEN_SHARE
        or not min(ground - low, high - ground) <= _EVEN * (high - low)
    ):
        return None
    ink = (picture - ground) if high - ground > ground - low else (ground - picture)
    return np.pad(np.clip(ink / ink.max(), 0, 1), 1).astype(np.float32)


def rim_of(pictures: np.ndarray) -> np.ndarray:
    """Return the outermost pixels of pictures, (…, height, width), as (…, pixels)."""
    edges = (pictures[..., 0, :], pictures[..., -1, :], pictures[..., :, 0], pictures[..., :, -1])
    return np.concatenate(edges, axis=-1)


def samples_of_arrays(path: Path, images: np.ndarray, labels: np.ndarray) -> Samples:
    """Make samples of two arrays of any usual shape.

    Parameters
    ----------
    path
        The file, for errors.
    images
        (n, pixels) of square pictures, (n, height, width), or with colours (n, height, width, 1, 3 or 4) or
        (n, 1 or 3, height, width); or the same with n as last axis. Values 0–255, 0–1, 0–16 for 8x8 px, 0–65535,
        true and false, or −1 to 1.
    labels
        (n,) whole numbers, or texts such as "7", (n, 1), (1, n), or (n, 10) with a one for the digit.

    Raises
    ------
    DigitpadError
        If they are not pictures and labels.

    """
    digits = labels_of(path, labels)
    pictures = _grey(path, _in_order(path, images, len(digits)))
    height, width = pictures.shape[1:]
    low, scale = _range(path, pictures)
    sizes = {(width, height): len(digits)}
    if (height, width) == (SIDE, SIDE):
        is_same = pictures.dtype == np.uint8 and scale == 255
        stored = pictures if is_same else _scaled(pictures, low, scale)
        return Samples(np.ascontiguousarray(stored), digits, np.zeros(len(digits), bool), sizes)
    floats = (np.clip((picture.astype(np.float32) - low) / scale, 0, 1) for picture in pictures)
    pairs = zip(floats, digits.tolist(), strict=True)
    found = samples_of_pictures(pairs, limit=normalisation_limit(path), path=path, expected=len(digits))
    return replace(found, sizes=sizes)


def labels_of(path: Path, labels: np.ndarray) -> np.ndarray:
    """Return labels of any usual shape as (n,) int64; raises DigitpadError."""
    labels = np.asarray(labels)
    if labels.dtype.kind in "SU":
        labels = _digits_of_texts(path, labels)
    if labels.ndim == 2 and labels.shape[1] == CLASSES and labels.shape[0] > 1:
        labels = labels.argmax(axis=1)  # one column for each digit
    if labels.dtype.kind not in "biuf" or labels.size > MAX_SAMPLES:
        raise _no_labels_error(path)
    labels = labels.reshape(-1)
    if labels.dtype.kind == "f" and not (np.isfinite(labels).all() and (labels == np.round(labels)).all()):
        raise _no_labels_error(path)
    if labels.size and not -(10**9) < labels.min() <= labels.max() < 10**9:
        raise _no_labels_error(path)
    return labels.astype(np.int64)


def _digits_of_texts(path: Path, labels: np.ndarray) -> np.ndarray:
    try:
        texts, indices = np.unique(labels.astype(str), return_inverse=True)
    except ValueError as error:  # not ASCII, or no characters
        raise _no_labels_error(path) from error
    digits = [digit_of_text(str(text)) for text in texts]
    if None in digits:
        raise _no_labels_error(path)
    return np.array(digits, np.int64)[indices]


def _no_labels_error(path: Path) -> DigitpadError:
    return DigitpadError("the labels in {path} are not whole numbers: labels must be 0 to 9", path=path)


def _in_order(path: Path, images: np.ndarray, count: int) -> np.ndarray:
    """Return the images with their number as the first axis."""
    if images.dtype.kind not in "biuf":
        raise _no_pictures_error(path, images)
    if images.ndim >= 2 and images.shape[0] != count and images.shape[-1] == count:
        images = np.moveaxis(images, -1, 0)
    if images.ndim < 2 or images.shape[0] != count:
        raise DigitpadError(
            "{path} has {labels:,} labels for pictures of the shape {shape}: the numbers must be equal",
            path=path,
            labels=count,
            shape=images.shape,
        )
    return images


def _grey(path: Path, images: np.ndarray) -> np.ndarray:
    """Return images of any usual shape as (n, height, width)."""
    if images.ndim == 2:
        side = round(images.shape[1] ** 0.5)
        if side * side != images.shape[1]:
            raise DigitpadError(
                "{path} has {columns} numbers for each picture, which is no square as 784 is: choose another file",
                path=path,
                columns=images.shape[1],
            )
        images = images.reshape(len(images), side, side)
    if images.ndim == 4 and images.shape[1] in (1, 3) and images.shape[3] not in (1, 3, 4):
        images = np.moveaxis(images, 1, -1)
    if images.ndim == 4 and images.shape[3] in (3, 4):
        chunks = range(0, len(images), _CHUNK)
        images = np.concatenate(
            [images[start : start + _CHUNK, :, :, :3].astype(np.float32) @ _COLOUR_WEIGHTS for start in chunks]
            or [np.empty((0, *images.shape[1:3]), np.float32)]
        )
    elif images.ndim == 4 and images.shape[3] == 1:
        images = images[:, :, :, 0]
    if images.ndim != 3 or not (1 < images.shape[1] <= _MAX_SIDE and 1 < images.shape[2] <= _MAX_SIDE):
        raise _no_pictures_error(path, images)
    return images


def _no_pictures_error(path: Path, images: np.ndarray) -> DigitpadError:
    return DigitpadError(
        "{path} has an array of the shape {shape}, which are no pictures: (n, 784) or (n, 28, 28) numbers are needed",
        path=path,
        shape=images.shape,
    )


def _range(path: Path, images: np.ndarray) -> tuple[float, float]:
    """Return the value of no ink and the difference to full ink."""
    if not images.size:
        return 0.0, 255.0
    low, high = float(images.min()), float(images.max())
    scales = [1.0, 255.0, 65535.0]
    if images.shape[1:] == (8, 8) and images.dtype.kind != "b":
        scales.insert(1, 16.0)  # scikit-learn's digits
    if images.dtype == np.uint8:
        scales = [scale for scale in scales if scale > 1 or high == 1]
    if low < 0 and low >= -1 and high <= 1:
        return -1.0, 2.0
    scale = next((scale for scale in scales if low >= 0 and high <= scale), None)
    if scale is None:  # also for NaN
        raise DigitpadError(
            "{path} has pixels from {low:g} to {high:g}: save it with values from 0 to 255 or from 0 to 1",
            path=path,
            low=low,
            high=high,
        )
    return 0.0, scale


def _scaled(images: np.ndarray, low: float, scale: float) -> np.ndarray:
    result = np.empty(images.shape, np.uint8)
    for start in range(0, len(images), _CHUNK):
        chunk = images[start : start + _CHUNK].astype(np.float32)
        result[start : start + _CHUNK] = np.round(np.clip((chunk - low) / scale, 0, 1) * 255)
    return result
