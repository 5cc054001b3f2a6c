"""The data set that was opened last stays in memory, so that both of its parts, and a preview, read it once."""

import os
from pathlib import Path, PurePath
from threading import Lock

import numpy as np

from digitpad.core.datasets.formats.opening import OpenedDataset, open_dataset
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES, Digits
from digitpad.core.images.idx_sets import Part
from digitpad.core.images.set_options import Options
from digitpad.core.translation import tr_noop

_last: dict[tuple[str, int], tuple[str, OpenedDataset]] = {}
_lock = Lock()
_NO_PART = {
    "train": tr_noop("{path} has no training samples, only test samples: choose the file of the training part too"),
    "test": tr_noop("{path} has no test samples: choose another file"),
}


def opened(path: Path, seed: int = 0) -> tuple[OpenedDataset, str]:
    """Open a data set, or return it again if its files are the same; with a text that changes when they do.

    Raise DigitpadError if it cannot be read.
    """
    key, stamp = (str(path), seed), _stamp(path)
    with _lock:
        known = _last.get(key)
        if known is None or known[0] != stamp:
            _last.clear()
            known = _last[key] = stamp, open_dataset(path, seed)
        return known[1], stamp


def known_sizes(path: Path, seed: int = 0) -> tuple[int, int] | None:
    """Return the number of training and test samples of the set that was opened last, None for another one."""
    known = _last.get((str(path), seed))
    return (len(known[1].parts.get("train", ())), len(known[1].parts.get("test", ()))) if known else None


def digits_of(found: OpenedDataset, part: Part, options: Options, name: str) -> Digits:
    """Return one part of a data set as the user said that it is read.

    Raise DigitpadError if it has no such part, or labels that are no digits.
    """
    if (samples := found.parts.get(part)) is None:
        raise DigitpadError(_NO_PART[part], path=found.path)
    labels = samples.labels
    if options.ten_is_zero:
        labels = np.where(labels == CLASSES, 0, labels)
    wrong = labels[(labels < 0) | (labels >= CLASSES)]
    if (wrong == CLASSES).any() and wrong.max() == CLASSES and labels.min() >= 1:
        raise DigitpadError(
            "{path} has labels from 1 to 10: say that 10 means the digit 0",
            path=found.path,
            hint=f"write {found.path.name}{Options(options.invert, options.transpose, True, options.seed).text}",
        )
    if len(wrong):
        raise DigitpadError(
            "{path} has the label {label}, but labels must be 0 to 9: choose another file",
            path=found.path,
            label=int(wrong[0]),
        )
    images = samples.images
    is_stored = ~samples.is_normalised[:, None, None]
    if options.transpose:
        images = np.where(is_stored, images.transpose(0, 2, 1), images)
    if options.invert:
        images = np.where(is_stored, 255 - images, images)
    return Digits(name, np.ascontiguousarray(images), labels.astype(np.uint8))


def _stamp(path: Path) -> str:
    """Return a text that changes when a file, one beside it, or a file in a folder changes."""
    count = size = newest = 0
    pending = [(path if os.path.isdir(path) else path.parent, 0)]  # noqa: PTH112 - Path's raises if access is denied
    depth = 3 if os.path.isdir(path) else 0  # noqa: PTH112
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
