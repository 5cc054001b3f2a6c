"""The catalogue of data sets: what there is, whether it is here, and getting it."""

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from digitpad.core.datasets.download_sources import SOURCES
from digitpad.core.datasets.loading import BUILT_IN, MY_DIGITS, RAW_BUILT_IN, XOR, missing_files
from digitpad.core.errors import DigitpadError
from digitpad.core.images.idx_sets import PARTS, SETS, IdxSet, Part, find_pairs, looks_like_path, title_of
from digitpad.core.ink.ink_files import is_ink_file
from digitpad.core.my_digits.dataset import count_digits

if TYPE_CHECKING:
    from digitpad.core.datasets.download import DownloadProgress

_DESCRIPTIONS = {
    "mnist": "Handwritten digits, the set that everyone starts with.",
    "fashion-mnist": "Ten kinds of clothes and shoes in MNIST's format, harder to tell apart than digits.",
    "kmnist": "Ten Japanese characters in old cursive writing, in MNIST's format.",
    "qmnist": "MNIST made again from its source, with the 50,000 test digits that it had left out.",
    "emnist-digits": "Four times as many digits; they come in an archive of 562 MB, of which only these are kept.",
}


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """A data set of the catalogue, for people.

    Attributes
    ----------
    key
        What recipes and the command line call it.
    title, description
        Its name, and one sentence.
    training, test
        Number of images of each part; 0 where they would have to be counted.
    download
        What is to be fetched, in bytes; 0 where it is built in or the user's own.

    """

    key: str
    title: str
    description: str
    training: int
    test: int
    download: int = 0


@dataclass(frozen=True, slots=True)
class DatasetState:
    """Whether a data set can be trained on now, and a sentence that says so or what is wrong.

    `download` is what can be fetched to make it so, in bytes; 0 where nothing can.
    """

    is_ready: bool
    sentence: str
    download: int = 0


_BUILT_IN = (
    DatasetEntry(
        BUILT_IN, "Built-in digits", "Small digits that need no download, enlarged to MNIST's size.", 1437, 360
    ),
    DatasetEntry(
        RAW_BUILT_IN,
        "Built-in digits, 8x8",
        "The built-in digits as they came, 8 x 8 pixels; trained and tested on all of them.",
        1797,
        1797,
    ),
    DatasetEntry(XOR, "XOR", "The four points of exclusive or, which no network without a hidden layer learns.", 4, 4),
)


_MINE = DatasetEntry(MY_DIGITS, "My digits", "What you drew and labelled; one in five is held out for testing.", 0, 0)


def catalogue() -> list[DatasetEntry]:
    """Return the data sets that have a name, in the order to show them in."""
    return [*(_entry(idx_set) for idx_set in SETS.values()), _MINE, *_BUILT_IN]


def entry_of(key: str) -> DatasetEntry:
    """Return a data set's entry; a folder or an ink file named by its path has one as well.

    Raises
    ------
    DigitpadError
        Where no data set is called so.

    """
    if found := next((entry for entry in catalogue() if entry.key == key), None):
        return found
    if is_ink_file(Path(key)):
        return DatasetEntry(key, Path(key).name, "Drawings of your own.", 0, 0)
    if looks_like_path(key):
        return DatasetEntry(key, title_of(key), "A folder of your own.", 0, 0)
    keys = ", ".join(entry.key for entry in catalogue())
    raise DigitpadError(
        "no data set is called {key!r}: choose one of {keys}, or name a folder by its path", key=key, keys=keys
    )


def state_of(key: str, folder: Path, parts: Sequence[Part] = PARTS) -> DatasetState:
    """Say whether a data set, or some part of it, is here.

    Looks for files by their names and reads none, but for the list of the user's own digits; so it takes no time.

    Parameters
    ----------
    key
        A key of the catalogue, or the path of a folder or of an ink file.
    folder
        The data folder, see `digitpad.core.files.paths.data_folder`.
    parts
        What is wanted of it.

    """
    if any(entry.key == key for entry in _BUILT_IN):
        return DatasetState(is_ready=True, sentence="built in")
    if key == MY_DIGITS:
        return _state_of_mine(parts)
    if is_ink_file(Path(key)):
        is_ready = os.path.isfile(key)  # noqa: PTH113 - Path's raises where one may not look
        return DatasetState(is_ready, "ready" if is_ready else f"{key} does not exist: check the name")
    missing: list[Part] = [part for part in parts if len(find_pairs(key, part, folder)) != 1]
    if not missing:
        return DatasetState(is_ready=True, sentence="ready")
    if key not in SETS:
        return DatasetState(is_ready=False, sentence=missing_files(key, missing[0], folder))
    return _downloadable(SETS[key], [part for part in PARTS if len(find_pairs(key, part, folder)) != 1])


def _state_of_mine(parts: Sequence[Part]) -> DatasetState:
    try:
        counts = [count_digits(part) for part in parts]
    except DigitpadError as error:
        return DatasetState(is_ready=False, sentence=str(error))
    return DatasetState(is_ready=True, sentence=f"ready, {counts[0]:,} {'digit' if counts[0] == 1 else 'digits'}")


def _downloadable(known: IdxSet, missing: Sequence[Part]) -> DatasetState:
    size = _entry(known).download
    sentence = f"not downloaded ({megabytes(size)})"
    if len(missing) == 1:
        part = "training" if missing[0] == "train" else "test"
        sentence = f"the {part} part is not downloaded (the set has {megabytes(size)})"
    return DatasetState(is_ready=False, sentence=sentence, download=size)


def megabytes(size: int) -> str:
    """Write a size in bytes for people: "11.6 MB", "562 MB"."""
    return f"{size / 1e6:.0f} MB" if size >= 100e6 else f"{size / 1e6:.1f} MB"


def download_dataset(key: str, folder: Path) -> "Generator[DownloadProgress, None, None]":
    """Download a data set of the catalogue to its own folder in the data folder, and yield progress.

    What is there already and right is not fetched again. Closing the generator cancels; files that were finished stay.

    Raises
    ------
    DigitpadError
        Where the set is not one that can be downloaded, no mirror gave a file, or the folder cannot be written.

    """
    from digitpad.core.datasets import emnist_archive
    from digitpad.core.datasets.download import download, source_of

    own = folder / key
    source = source_of(key)
    if key != emnist_archive.KEY:
        yield from download(own, source.mirrors, source.resources)
    elif not emnist_archive.is_complete(own):
        yield from download(own, source.mirrors, source.resources)
        size = _entry(SETS[key]).download
        for state in emnist_archive.unpack(own / emnist_archive.ARCHIVE, own):
            yield replace(state, overall_done=size, overall_total=size)
    if key == emnist_archive.KEY:
        emnist_archive.discard_archive(own)


def _entry(idx_set: IdxSet) -> DatasetEntry:
    words = _DESCRIPTIONS[idx_set.key]
    return DatasetEntry(idx_set.key, idx_set.title, words, *idx_set.counts, SOURCES[idx_set.key].size)
