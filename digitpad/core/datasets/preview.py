"""A look at the user's own data before it is used, in whatever format it is."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from digitpad.core.datasets.formats.cache import as_read, check_labels, known_set, labels_as_read, no_part_error, opened
from digitpad.core.datasets.formats.opening import OpenedDataset
from digitpad.core.datasets.formats.samples import Samples
from digitpad.core.datasets.formats.summary import Summary, random_samples, summary_of
from digitpad.core.datasets.loading import KEYS, has_parts, is_usual_idx, load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_sets import PARTS, Part, find_pairs, folder_of
from digitpad.core.images.set_options import Options, split_options
from digitpad.core.translation import tr


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What is shown of a data set before it is used.

    Attributes
    ----------
    dataset
        Its path or name, and the options that follow it.
    path
        Where it is.
    summary
        What it holds.
    samples
        Some of them, of all labels alike, as the files have them.

    """

    dataset: str
    path: Path
    summary: Summary
    samples: Samples

    @property
    def takes_options(self) -> bool:
        """Whether pictures are used as they are, so that inverting them or swapping rows and columns means anything."""
        return self.summary.normalised < self.summary.total

    def shown(self, options: Options) -> tuple[np.ndarray, np.ndarray]:
        """Return the images (n, 28, 28) uint8 and labels (n,) of the samples, as they are read with options."""
        return as_read(self.samples, options)

    def problem(self, options: Options, *, needs_training: bool) -> str:
        """Return why it cannot be used with these options, or ""."""
        labels = np.array(list(self.summary.counts))
        try:
            check_labels(labels_as_read(labels, options), self.path, options)
            if needs_training and not self.summary.training:
                raise no_part_error(self.path, "train")
        except DigitpadError as error:
            return str(error)
        return ""


def preview_of(dataset: str, folder: Path) -> Preview:
    """Open a data set of the user and look at it, see `open_for_preview`."""
    found = open_for_preview(dataset, folder)
    return Preview(dataset, found.path, summary_of(found), random_samples(found))


def open_for_preview(dataset: str, folder: Path) -> OpenedDataset:
    """Open a data set of the user, which is kept in memory until it is used.

    Parameters
    ----------
    dataset
        A path, or a name in the data folder or the working directory; options that follow it are not applied.
    folder
        The data folder, see `digitpad.core.files.paths.data_folder`.

    Raises
    ------
    DigitpadError
        If it cannot be read.

    """
    name, options = split_options(dataset)
    path = folder_of(name, folder)
    if not has_parts(name):
        samples = _samples_of(load_digits(name, "test", folder), is_normalised=True)
        return OpenedDataset(path, tr("ink file"), {"train": samples, "test": samples})
    parts: list[Part] = [part for part in PARTS if len(find_pairs(name, part, folder)) == 1]
    if all(is_usual_idx(name, part, folder) for part in PARTS):
        found: dict[Part, Samples] = {part: _samples_of(load_digits(name, part, folder)) for part in parts}
        if not found:
            load_digits(name, "train", folder)  # raises the error
        return OpenedDataset(path, tr("IDX files"), found)
    return opened(path, options.seed)[0]


def summary_lines(dataset: str, folder: Path) -> list[str]:
    """Return what to know about a data set of the user, for the command line; nothing for one of the catalogue.

    Raise DigitpadError if it cannot be read.
    """
    if dataset in KEYS:
        return []
    name, options = split_options(dataset)
    summary = summary_of(open_for_preview(dataset, folder))
    lines = [f"{Path(name).name}: {summary.what}", *summary.notes(options)]
    better = _better_options(summary, dataset)
    return [*lines, tr("to read it so: {dataset}").format(dataset=f"{name}{better}")] if better else lines


def is_split(dataset: str, folder: Path) -> bool:
    """Return whether a set of the user has no parts of its own, so that one sample in five is held out for testing."""
    try:
        return dataset not in KEYS and has_parts(dataset) and open_for_preview(dataset, folder).is_split
    except DigitpadError:
        return False  # loading it reports the error


def is_known_split(dataset: str, folder: Path) -> bool:
    """Return the same as `is_split` of a set that was opened before, for others False; reads nothing."""
    name, options = split_options(dataset)
    known = None if dataset in KEYS else known_set(folder_of(name, folder), options.seed)
    return known is not None and known.is_split


def _better_options(summary: Summary, dataset: str) -> str:
    """Return the options that should be added, or an empty text if they are as they should be."""
    _, options = split_options(dataset)
    fitting = replace(
        options,
        invert=options.invert or summary.looks_inverted,
        ten_is_zero=options.ten_is_zero or summary.has_ten,
    )
    return fitting.text if fitting != options else ""


def _samples_of(digits: Digits, *, is_normalised: bool = False) -> Samples:
    height, width = digits.size
    return Samples(
        digits.images,
        digits.labels.astype(np.int64),
        np.full(len(digits), is_normalised),
        {(width, height): len(digits)},
    )
