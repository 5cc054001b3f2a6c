"""Open a data set in any format that digitpad can read: `open_dataset`."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from digitpad.core.datasets.formats import text_tables
from digitpad.core.datasets.formats.idx_folder import read_idx
from digitpad.core.datasets.formats.matlab import read_mat
from digitpad.core.datasets.formats.numpy_files import read_npy, read_npz
from digitpad.core.datasets.formats.parquet import read_parquet
from digitpad.core.datasets.formats.part_names import part_of, siblings
from digitpad.core.datasets.formats.pickles import read_pickle
from digitpad.core.datasets.formats.pictures import files_below, is_picture, read_folder
from digitpad.core.datasets.formats.samples import Parts, Samples, joined
from digitpad.core.errors import DigitpadError
from digitpad.core.files.gzipped import open_unpacked, reading
from digitpad.core.images.idx_sets import Part
from digitpad.core.ink.ink_files import READ_SUFFIXES, digit_of_text, is_ink_file, looks_like_ink
from digitpad.core.translation import tr, tr_noop

_LOOKED_AT = 200  # names in a folder
_OPENED = 20  # files of a folder, if no name says what they are
_HEAD = 1024  # bytes that tell what a file is
_TEST_SHARE = 5  # one sample in so many is held out for testing
_PICTURE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM", b"RIFF")


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name to show, how its files begin, and its reader, or how to convert it."""

    title: str
    matches: Callable[[bytes], bool]
    read: Callable[[Path], Parts] | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedDataset:
    """A data set as its files hold it.

    Attributes
    ----------
    path
        The file or folder.
    format
        The name of its format, to show.
    parts
        The samples of each part.
    is_split
        Whether the files have no test part, so that one sample in five was held out.

    """

    path: Path
    format: str
    parts: Mapping[Part, Samples]
    is_split: bool = False


def _starts(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


def _is_pickle(head: bytes) -> bool:
    # Protocol 2 and later; 0 and 1 begin with a tuple, a dictionary or an array.
    return (head[:1] == b"\x80" and head[1:2] <= b"\x05") or head.startswith(
        (b"(lp", b"(dp", b"(cnumpy", b"((", b"cnumpy")
    )


def _is_text(head: bytes) -> bool:
    # In UTF-16 too, these marks are among the bytes.
    is_utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    first = head.strip().partition(b"\n")[0]
    has_marks = any(mark in first for mark in (b",", b";", b"\t"))
    return (is_utf16 or b"\0" not in head) and (has_marks or text_tables.is_row_of_numbers(first))


_UNPACK = tr_noop("{path} is an archive: unpack it, and choose its folder or one of its files")
_FORMATS: Sequence[Format] = (
    Format(
        tr_noop("MATLAB file"),
        lambda head: head.startswith(b"MATLAB 5.0") and head[126:128] in (b"IM", b"MI"),
        read_mat,
    ),
    Format(
        "HDF5",
        lambda head: head.startswith((b"\x89HDF", b"MATLAB 7.3")),
        refusal=tr_noop(
            "{path} is an HDF5 file, which cannot be read: save it in MATLAB with save(…, '-v7'), or in Python with "
            "numpy.savez"
        ),
    ),
    Format(tr_noop("NumPy archive"), lambda head: head.startswith(b"PK") and b".npy" in head, read_npz),
    Format(tr_noop("NumPy array"), _starts(b"\x93NUMPY"), read_npy),
    Format(
        tr_noop("PyTorch file"),
        lambda head: head.startswith(b"PK") and b"data.pkl" in head,
        refusal=tr_noop("{path} is a PyTorch file, which can run programs: save its tensors with numpy.savez"),
    ),
    Format(
        tr_noop("spreadsheet"),
        lambda head: head.startswith(b"PK") and (b"[Content_Types]" in head or b"mimetype" in head),
        refusal=tr_noop("{path} is a spreadsheet: save it as CSV"),
    ),
    Format(tr_noop("archive"), _starts(b"PK", b"7z\xbc\xaf", b"Rar!"), refusal=_UNPACK),
    Format(tr_noop("archive"), lambda head: head[257:262] == b"ustar", refusal=_UNPACK),
    Format(tr_noop("pickled arrays"), _is_pickle, read_pickle),
    Format(tr_noop("Parquet file"), _starts(b"PAR1"), read_parquet),
    Format(tr_noop("IDX files"), _starts(b"\0\0\x08\x03", b"\0\0\x08\x01", b"\0\0\x0c\x02"), read_idx),
    Format(
        tr_noop("picture"),
        _starts(*_PICTURE_STARTS),
        refusal=tr_noop("{path} is one picture: choose the folder with all of them"),
    ),
    Format(tr_noop("ink file"), looks_like_ink, lambda path: read_folder(path.parent, [path])),
    Format(tr_noop("table of pixels"), _is_text, text_tables.read_table),
)
# Endings of files that a folder may hold as a data set, and of all that a dialog offers.
_DATA_ENDINGS = (".csv", ".tsv", ".npz", ".npy", ".mat", ".pkl", ".pickle", ".parquet", ".pkl.gz", ".csv.gz", ".data")
FILE_ENDINGS = (*_DATA_ENDINGS, "ubyte", "ubyte.gz", *READ_SUFFIXES)


def open_dataset(path: Path, seed: int = 0) -> OpenedDataset:
    """Open a data set: a file in one of the formats of docs/data.md, or a folder of such files or of pictures.

    Parameters
    ----------
    path
        The file or folder. The file of the other part is found beside it: mnist_train.csv and mnist_test.csv.
    seed
        Chooses the samples to hold out, if the files have no test part.

    Raises
    ------
    DigitpadError
        If it cannot be read; the sentence says what can be read or how to convert it.

    """
    title, parts = _read_directory(path) if os.path.isdir(path) else _read_file(path)  # noqa: PTH112 - Path's raises
    parts = {part: samples for part, samples in parts.items() if len(samples)}
    if not parts:
        raise DigitpadError("{path} has no labelled pictures: choose another file or folder", path=path)
    training = [samples for part, samples in parts.items() if part != "test"]
    if "test" in parts:
        found: dict[Part, Samples] = {"test": parts["test"]}
        if training:
            found["train"] = joined(training)
        return OpenedDataset(path, tr(title), found)
    return OpenedDataset(path, tr(title), _split(joined(training), seed), is_split=True)


def may_hold_data(path: Path) -> bool:
    """Return whether a file, or by the names in it a folder, may be a data set; reads no file."""
    if not os.path.isdir(path):  # noqa: PTH112 - Path's raises if access is denied
        return True
    try:
        entries = list(islice(path.iterdir(), _LOOKED_AT))
    except OSError:
        return True  # opening it reports the error
    if any(_may_be_data(entry.name) or is_picture(entry.name) for entry in entries):
        return True
    inside = (entry for entry in entries if not entry.suffix and entry.is_dir())
    return any(
        _may_be_data(inner.name) or digit_of_text(folder.name) is not None or part_of(folder.name) is not None
        for folder in inside
        for inner in islice(folder.iterdir(), _LOOKED_AT)
    )


def is_data_name(name: str) -> bool:
    """Return whether a name is that of a table, of arrays, or of an IDX file; ink files are told by `is_ink_file`."""
    return name.lower().endswith(_DATA_ENDINGS) or "ubyte" in name.lower()


def _may_be_data(name: str) -> bool:
    return is_data_name(name) or is_ink_file(Path(name))


def format_of(path: Path) -> Format:
    """Return the format of a file, by how it begins; raises DigitpadError if it is none that can be read."""
    with reading(path), open_unpacked(path) as file:
        head = file.read(_HEAD)
    if not head:
        raise DigitpadError("{path} is empty: copy or download it again", path=path)
    known = next((known for known in _FORMATS if known.matches(head)), None)
    if known is None:
        raise unreadable_error(path)
    if known.refusal:
        raise DigitpadError(known.refusal, path=path)
    return known


def unreadable_error(path: Path) -> DigitpadError:
    """Return the error for a file or folder that is in no known format."""
    return DigitpadError(
        "{path} is no data set that can be read: choose a CSV table, .npz, .mat, .pkl.gz, Parquet, IDX or ink files, "
        "or a folder of pictures with a folder for each digit",
        path=path,
    )


def _read_file(path: Path) -> tuple[str, Parts]:
    """Read a file and that of the other part beside it."""
    known = format_of(path)
    try:
        names = [other.name for other in path.parent.iterdir()] if part_of(path.name) else []
    except OSError:  # the folder may be closed, though its file is not
        names = []
    return known.title, _read_all(known, siblings(path, names))


def _read_all(known: Format, files: Sequence[Path]) -> Parts:
    """Read files of one format; a file that says nothing about its parts has the part of its name."""
    found: Parts = {}
    for file in files:
        if known.read is text_tables.read_table and len(files) > 1 and not text_tables.has_labels(file):
            continue  # Kaggle's test.csv
        if known.read is None or (file != files[0] and format_of(file).read is not known.read):
            continue
        for part, samples in known.read(file).items():
            named = part if part is not None else part_of(file.name)
            if named is None or named not in found:
                found[named] = joined([found[named], samples]) if named in found else samples
    return found


def _read_directory(folder: Path) -> tuple[str, Parts]:
    files = files_below(folder)
    data = [file for file in files if file.name.lower().endswith(_DATA_ENDINGS)]
    pictures = [file for file in files if is_picture(file.name) or is_ink_file(file)]
    indexed = [file for file in files if "ubyte" in file.name.lower() or ".idx" in file.name.lower()]
    if indexed:
        return _FORMAT_OF_IDX, read_idx(indexed[0])
    if pictures and len(pictures) >= len(data):
        return _FORMAT_OF_FOLDER, read_folder(folder, pictures)
    if not data:
        return _read_file(_told_by_its_beginning(folder, files))
    known = format_of(data[0])
    chosen = _one_set(folder, data)
    return known.title, _read_all(known, chosen)


_FORMAT_OF_IDX, _FORMAT_OF_FOLDER = tr_noop("IDX files"), tr_noop("folder of pictures")


def _told_by_its_beginning(folder: Path, files: Sequence[Path]) -> Path:
    """Return the first file that is data, though its name does not say so; raise DigitpadError if there is none."""
    problem = unreadable_error(folder)
    for file in files[:_OPENED]:
        try:
            if format_of(file).read is not text_tables.read_table:  # a text may be anything
                return file
        except DigitpadError as error:
            # How to convert a file says more than that the folder has none.
            problem = error if error.template in {known.refusal for known in _FORMATS} else problem
    raise problem


def _one_set(folder: Path, files: Sequence[Path]) -> list[Path]:
    """Return a file of each part; raise DigitpadError if they are of several sets."""
    first = files[0]
    found = [first]
    for file in files[1:]:
        is_array = file.suffix.lower() == ".npy" or first.suffix.lower() == ".npy"
        if is_array or file.suffix.lower() == ".parquet":
            parts = {part_of(known.name) for known in found}
            found += [] if is_array or part_of(file.name) in parts else [file]
        elif part_of(file.name) in (None, *(part_of(known.name) for known in found)):
            names = f"{first.name}, {file.name}"
            raise DigitpadError(
                "{folder} holds more than one data set ({files}): choose one of the files", folder=folder, files=names
            )
        else:
            found.append(file)
    return found


def _split(samples: Samples, seed: int) -> Mapping[Part, Samples]:
    """Hold out one in five samples of each label, chosen by a seed; at least one if a label has two."""
    draw = np.random.default_rng(seed)
    is_test = np.zeros(len(samples), bool)
    for label in np.unique(samples.labels):
        indices = draw.permutation(np.flatnonzero(samples.labels == label))
        count = max(len(indices) // _TEST_SHARE, int(len(indices) > 1))
        is_test[indices[:count]] = True
    if not is_test.any():
        return {"train": samples, "test": samples}  # one picture of each digit
    test = replace(samples.chosen(np.flatnonzero(is_test)), sizes={}, left_out={})
    return {"train": samples.chosen(np.flatnonzero(~is_test)), "test": test}
