"""The data set that was opened last stays in memory, so that both of its parts, and a preview, read it once."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from threading import Lock

import numpy as np

from digitpad.core.datasets.formats.opening import OpenedDataset, open_dataset
from digitpad.core.datasets.formats.pictures import MAX_DEPTH
from digitpad.core.datasets.formats.samples import Samples
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES, Digits
from digitpad.core.images.idx_sets import PARTS, Part
from digitpad.core.images.set_options import Options
from digitpad.core.translation import tr, tr_noop

_last: dict[tuple[str, int], tuple[str, OpenedDataset]] = {}
_known: dict[tuple[str, int], "KnownSet"] = {}
_lock = Lock()
_NO_PART = {
    "train": tr_noop("{path} has no training samples, only test samples: choose the file of the training part too"),
    "test": tr_noop("{path} has no test samples: choose another file"),
}


@dataclass(frozen=True, slots=True)
class KnownSet:
    """The number of training and test samples of a set that was opened, and whether the test samples were held out."""

    training: int
    test: int
    is_split: bool


def opened(path: Path, seed: int = 0) -> tuple[OpenedDataset, str]:
    """Open a data set, or return it again if its files are the same; with a text that changes when they do.

    Raise DigitpadError if it cannot be read.
    """
    key, stamp = (str(path), seed), _stamp(path)
    with _lock:
        known = _last.get(key)
        if known is None or known[0] != stamp:
            _last.clear()
            found = open_dataset(path, seed)
            known = _last[key] = stamp, found
            training, test = (len(found.parts.get(part, ())) for part in PARTS)
            _known[key] = KnownSet(training, test, found.is_split)
        return known[1], stamp


def known_set(path: Path, seed: int = 0) -> KnownSet | None:
    """Return what is known of a set that was opened before, without reading it again; else None."""
    return _known.get((str(path), seed))


def digits_of(found: OpenedDataset, part: Part, options: Options, name: str) -> Digits:
    """Return one part of a data set as the user said that it is read.

    Raise DigitpadError if it has no such part, or labels that are no digits.
    """
    if (samples := found.parts.get(part)) is None:
        raise no_part_error(found.path, part)
    images, labels = as_read(samples, options)
    check_labels(labels, found.path, options)
    return Digits(name, np.ascontiguousarray(images), labels.astype(np.uint8))


def no_part_error(path: Path, part: Part) -> DigitpadError:
    """Return the error for a data set without training or without test samples."""
    return DigitpadError(_NO_PART[part], path=path)


def as_read(samples: Samples, options: Options) -> tuple[np.ndarray, np.ndarray]:
    """Return the images and labels as the user said that they are read; the labels may be no digits."""
    images = samples.images
    is_stored = ~samples.is_normalised[:, None, None]
    if options.transpose:
        images = np.where(is_stored, images.transpose(0, 2, 1), images)
    if options.invert:
        images = np.where(is_stored, 255 - images, images)
    return images, labels_as_read(samples.labels, options)


def labels_as_read(labels: np.ndarray, options: Options) -> np.ndarray:
    """Return labels as the user said that they are read."""
    return np.where(labels == CLASSES, 0, labels) if options.ten_is_zero else labels


def check_labels(labels: np.ndarray, path: Path, options: Options) -> None:
    """Raise DigitpadError if labels, as they are read with these options, are no digits."""
    wrong = labels[(labels < 0) | (labels >= CLASSES)]
    if (wrong == CLASSES).any() and wrong.max() == CLASSES and labels.min() >= 1:
        raise DigitpadError(
            "{path} has labels from 1 to 10: say that 10 means the digit 0",
            path=path,
            hint=tr("write {dataset}").format(
                dataset=f"{path.name}{Options(options.invert, options.transpose, True, options.seed).text}"
            ),
        )
    if len(wrong):
        raise DigitpadError(
            "{path} has the label {label}, but labels must be 0 to 9: choose another file",
            path=path,
            label=int(wrong[0]),
        )


def _stamp(path: Path) -> str:
    """Return a text that changes when a file, one beside it, or a file in a folder changes."""
    count = size = newest = 0
    pending = [(path if os.path.isdir(path) else path.parent, 0)]  # noqa: PTH112 - Path's raises if access is denied
    depth = MAX_DEPTH if os.path.isdir(path) else 0  # noqa: PTH112
    while pending:
        folder, level = pending.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending += [(Path(entry.path), level + 1)] if level < depth else []
                        continue
                    if not depth and PurePath(entry.name).suffix != path.suffix:
                        continue
                    state = entry.stat()
                    count, size = count + 1, size + state.st_size
                    newest = max(newest, state.st_mtime_ns)
        except OSError:
            continue  # opening it reports the error
    return f"{count}-{size}-{newest}"
