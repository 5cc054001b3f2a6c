"""The catalogue of data sets: titles, descriptions, whether a set is installed, and its download."""

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from digitpad.core.datasets.download_sources import SOURCES
from digitpad.core.datasets.formats.cache import known_set
from digitpad.core.datasets.formats.opening import may_hold_data, unreadable_error
from digitpad.core.datasets.loading import (
    BUILT_IN,
    GATES,
    MY_DIGITS,
    RAW_BUILT_IN,
    is_usual_idx,
    missing_files_error,
    unknown_dataset_error,
)
from digitpad.core.errors import DigitpadError, missing_file_error
from digitpad.core.files.paths import data_folder
from digitpad.core.images.idx_format import read_shape
from digitpad.core.images.idx_sets import (
    PARTS,
    SETS,
    IdxSet,
    Part,
    find_pairs,
    folder_of,
    looks_like_path,
    missing_files,
    title_of,
)
from digitpad.core.images.set_options import split_options
from digitpad.core.ink.ink_files import is_ink_file
from digitpad.core.my_digits.dataset import count_digits, part_counts
from digitpad.core.translation import tr, tr_noop, tr_plural

if TYPE_CHECKING:
    from digitpad.core.datasets.download import DownloadProgress

_DESCRIPTIONS = {
    "mnist": tr_noop("Handwritten digits, the usual first data set."),
    "fashion-mnist": tr_noop("Ten kinds of clothes and shoes in MNIST's format, harder to recognise than digits."),
    "kmnist": tr_noop("Ten Japanese characters in old cursive writing, in MNIST's format."),
    "qmnist": tr_noop("MNIST rebuilt from its source, with the 50,000 test digits that MNIST left out."),
    "emnist-digits": tr_noop("Four times as many digits as MNIST; the download is an archive of 562 MB."),
}


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """A data set of the catalogue.

    Attributes
    ----------
    key
        Its name in recipes and on the command line.
    title, description
        Its name to show, and one sentence.
    training, test
        Number of images of each part; 0 if unknown.
    download
        Size of the download in bytes; 0 if it is built in or the user's.

    """

    key: str
    title: str
    description: str
    training: int
    test: int
    download: int = 0


@dataclass(frozen=True, slots=True)
class DatasetState:
    """Whether a data set can be used now, a sentence for the user, and the bytes to download (0 if not possible).

    `gap` is a sentence that names the missing files of a set of which some are there; else it is empty.
    """

    is_ready: bool
    sentence: str
    download: int = 0
    gap: str = ""


_BUILT_IN = (BUILT_IN, RAW_BUILT_IN, *GATES)
_OTHER_ENTRIES = (
    DatasetEntry(
        MY_DIGITS,
        tr_noop("My digits"),
        tr_noop("Digits that you drew and labelled; one in five is held out for testing."),
        0,
        0,
    ),
    DatasetEntry(
        BUILT_IN,
        tr_noop("Built-in digits"),
        tr_noop("Small digits that need no download, enlarged to MNIST's size."),
        1437,
        360,
    ),
    DatasetEntry(
        RAW_BUILT_IN,
        tr_noop("Built-in digits, 8x8"),
        tr_noop("The built-in digits in their original size, 8x8 pixels; all are used for training and testing."),
        1797,
        1797,
    ),
    DatasetEntry(
        "xor", "XOR", tr_noop("The four points of exclusive or; a network needs a hidden layer to learn them."), 4, 4
    ),
    DatasetEntry(
        "and", "AND", tr_noop("Four points; the label is 1 if both inputs are 1. One line separates them."), 4, 4
    ),
    DatasetEntry("or", "OR", tr_noop("Four points; the label is 1 if an input is 1. One line separates them."), 4, 4),
    DatasetEntry(
        "nand", "NAND", tr_noop("Four points; the label is 0 if both inputs are 1. One line separates them."), 4, 4
    ),
)


def catalogue() -> list[DatasetEntry]:
    """Return the data sets that have a name, in the order to show them."""
    entries = (*map(_entry, SETS.values()), *_OTHER_ENTRIES)
    return [replace(entry, title=tr(entry.title), description=tr(entry.description)) for entry in entries]


def entry_of(key: str) -> DatasetEntry:
    """Return the entry of a data set; a path of a folder or of a file has one too.

    Raise DigitpadError if there is no data set of that name.
    """
    if entry := next((entry for entry in catalogue() if entry.key == key), None):
        return entry
    if is_ink_file(Path(key)):
        return DatasetEntry(key, Path(key).name, tr("Your drawings, from an ink file."), 0, 0)
    if looks_like_path(key) or os.path.lexists(folder_of(key, data_folder())):
        return DatasetEntry(key, title_of(key), tr("Your data, from a file or folder."), 0, 0)
    raise unknown_dataset_error(key)


def display_title(key: str) -> str:
    """Return a data set's name to show: "MNIST", or the name of its folder or file; reads nothing."""
    return next((entry.title for entry in catalogue() if entry.key == key), "") or title_of(key)


def state_of(key: str, folder: Path, parts: Sequence[Part] = PARTS) -> DatasetState:
    """Return whether a data set, or parts of it, can be used now.

    Fast: checks file names only, and reads no file except the list of My digits.

    Parameters
    ----------
    key
        A key of the catalogue, or the path of a folder or of an ink file.
    folder
        The data folder, see `digitpad.core.files.paths.data_folder`.
    parts
        The parts that are needed.

    """
    ready = DatasetState(is_ready=True, sentence=tr("ready"))
    if key in _BUILT_IN:
        return ready
    if key == MY_DIGITS:
        return _state_of_my_digits(parts)
    if is_ink_file(Path(key)):
        is_file = os.path.isfile(folder_of(key, folder))  # noqa: PTH113 - Path's raises if access is denied
        return ready if is_file else _not_ready(missing_file_error(key))
    missing: list[Part] = [part for part in parts if len(find_pairs(key, part, folder)) != 1]
    if missing and key in SETS:
        return _state_to_download(SETS[key], missing[0], folder)
    error = _missing_error(key, folder, parts, missing[0]) if missing else None
    return ready if error is None else _not_ready(error)


def sizes_of(key: str, folder: Path) -> tuple[int, int] | None:
    """Return the number of training and of test images; None if only loading the set would tell.

    Reads the headers of installed files, which may be on a slow disk; of other sets the usual numbers are returned.
    """
    try:
        if key == MY_DIGITS:
            counts = part_counts()
            return counts["train"], counts["test"]
        found = [find_pairs(key, part, folder) for part in PARTS]
        if key not in _BUILT_IN and all(len(pairs) == 1 for pairs in found):
            train, test = (read_shape(pairs[0].images)[0] for pairs in found)
            return train, test
        if key not in _BUILT_IN and (known := known_set(folder_of(key, folder), split_options(key)[1].seed)):
            return known.training, known.test
    except DigitpadError:
        pass  # what is wrong with it is told elsewhere
    return usual_sizes(key)


def usual_sizes(key: str) -> tuple[int, int] | None:
    """Return the number of training and of test images that a set of the catalogue has; reads nothing."""
    entry = next((entry for entry in catalogue() if entry.key == key and entry.training), None)
    return (entry.training, entry.test) if entry else None


def _not_ready(error: DigitpadError) -> DatasetState:
    return DatasetState(is_ready=False, sentence=str(error))


def _missing_error(key: str, folder: Path, parts: Sequence[Part], missing: Part) -> DigitpadError | None:
    """Return what is wrong with data of the user; whether it can be read turns out when it is opened."""
    if any(is_usual_idx(key, part, folder) for part in parts):
        return missing_files_error(key, missing, folder)
    path = folder_of(key, folder)
    return None if may_hold_data(path) else unreadable_error(path)


def _state_of_my_digits(parts: Sequence[Part]) -> DatasetState:
    try:
        count = max(map(count_digits, parts))
    except DigitpadError as error:
        return _not_ready(error)
    text = tr_plural("ready, {count:,} digit", "ready, {count:,} digits", count)
    return DatasetState(is_ready=True, sentence=text.format(count=count))


def _state_to_download(idx_set: IdxSet, part: Part, folder: Path) -> DatasetState:
    size = _entry(idx_set).download
    if (found := missing_files(idx_set.key, folder)) is None:
        text = tr("not downloaded ({size})").format(size=megabytes(size))
        return DatasetState(is_ready=False, sentence=text, download=size)
    if not found[1]:  # the last file has just come
        return DatasetState(is_ready=True, sentence=tr("ready"))
    text = tr_plural(
        "{files} is missing (the set has {size})", "{files} are missing (the set has {size})", len(found[1])
    )
    text = text.format(files=", ".join(found[1]), size=megabytes(size))
    gap = str(missing_files_error(idx_set.key, part, folder))
    return DatasetState(is_ready=False, sentence=text, download=size, gap=gap)


def megabytes(size: int) -> str:
    """Format a size in bytes: "11.6 MB", "562 MB"."""
    return f"{size / 1e6:.0f} MB" if size >= 100e6 else f"{size / 1e6:.1f} MB"


def download_dataset(key: str, folder: Path) -> "Generator[DownloadProgress, None, None]":
    """Download a data set of the catalogue into a folder of its name in the data folder, and yield progress.

    Valid files are not downloaded again. Closing the generator cancels; finished files stay.

    Raise DigitpadError if the set has no download, no mirror delivers a file, or the folder cannot be written.
    """
    from digitpad.core.datasets import emnist_archive
    from digitpad.core.datasets.download import download, source_of

    target = folder / key
    source = source_of(key)
    if key != emnist_archive.KEY:
        yield from download(target, source.mirrors, source.resources)
        return
    if not emnist_archive.is_complete(target):
        yield from download(target, source.mirrors, source.resources)
        for state in emnist_archive.unpack(target / emnist_archive.ARCHIVE, target):
            yield replace(state, overall_done=source.size, overall_total=source.size)
    emnist_archive.delete_archive(target)


def _entry(idx_set: IdxSet) -> DatasetEntry:
    key = idx_set.key
    return DatasetEntry(key, idx_set.title, _DESCRIPTIONS[key], *idx_set.counts, SOURCES[key].size)
