"""Pictures of a data set: of 28x28 px they are kept as they are, others are read as the pad reads them."""

import io
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path, PurePath

import numpy as np

from digitpad.core.datasets.formats.part_names import part_of
from digitpad.core.datasets.formats.progress import report_progress
from digitpad.core.datasets.formats.samples import LeftOutCounter, Parts, Samples, samples_of_pictures
from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.gzipped import damaged_error
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.digits import SIDE, to_bytes
from digitpad.core.images.idx_sets import Part
from digitpad.core.ink import image_files, strokes
from digitpad.core.ink.ink_files import WORDS, InkSample, digit_of_text, is_ink_file, read_ink

MAX_FILES = 300_000
MAX_DEPTH = 5  # folders: archives unpack to mnist/mnist/training/7
_MAX_EMBEDDED = 4_000_000  # px of a picture inside another file
_MAX_SMALL_FILE = 20_000  # bytes
# "label7", "digit_7", "class=7" anywhere; "seven_001"; "7_001" or "7"; "scan-12_7".
_NAMED = re.compile(r"(?:^|[^a-z])(?:label|digit|class|number)[-_= ]?([0-9])(?![0-9])", re.IGNORECASE)
_WORD = re.compile(rf"(?:^|[^a-z])({'|'.join(WORDS)})(?![a-z])", re.IGNORECASE)
_FIRST = re.compile(r"([0-9])(?![0-9]).*", re.DOTALL)
_LAST = re.compile(r".*[-_ .=]([0-9])", re.DOTALL)
_LEAST_NAMED = 0.9  # of the names say a label, or the pattern is not what the names mean


def is_picture(name: str) -> bool:
    """Return whether a file's ending is that of a picture."""
    return PurePath(name).suffix.lower() in image_files.ENDINGS


def decode_picture(content: bytes, path: Path) -> np.ndarray:
    """Decode a picture's bytes: (28, 28) uint8 as it is, another size float in [0, 1]; errors name `path`."""
    from PIL import Image

    try:
        with image_files.open_bytes(io.BytesIO(content)) as picture:
            _check_size(picture.width * picture.height, path)
            is_plain = picture.mode in ("1", "L", "P", "RGB") and "transparency" not in picture.info
            if picture.size == (SIDE, SIDE) and is_plain:
                return np.asarray(picture.convert("L"))
            return image_files.pixels_of_picture(picture)
    except DigitpadError:
        raise
    except Image.UnidentifiedImageError as error:
        raise DigitpadError(
            "{path} has a picture in a format that cannot be read: save it as PNG", path=path
        ) from error
    # For a damaged picture Pillow's decoders raise almost anything.
    except Exception as error:
        raise damaged_error(path) from error


def _check_size(pixels: int, path: Path) -> None:
    if pixels > _MAX_EMBEDDED:
        raise DigitpadError(
            "{path} has a picture of more than {count:,} px: shrink it first", path=path, count=_MAX_EMBEDDED
        )


def read_picture_file(path: Path) -> np.ndarray:
    """Read a picture file as `decode_picture`; raises DigitpadError."""
    try:
        # A scan may be large: it is decoded by the reader that can shrink it.
        if regular_file_size(path) > _MAX_SMALL_FILE:
            return image_files.read_picture(path)
        return decode_picture(path.read_bytes(), path)
    except OSError as error:
        raise read_error(path, error) from error


def labels_of_folders(files: Sequence[Path], folder: Path) -> tuple[list[int | None], list[Part | None]]:
    """Return the digit and the part that the folders above each file say."""
    labels: list[int | None] = []
    parts: list[Part | None] = []
    for file in files:
        above = file.relative_to(folder).parts[:-1]
        labels.append(next((label for name in reversed(above) if (label := digit_of_text(name)) is not None), None))
        parts.append(next((part for name in reversed(above) if (part := part_of(name)) is not None), None))
    return labels, parts


def labels_of_names(names: Sequence[str]) -> list[int | None]:
    """Return the digit that each file name says, by the first pattern that nearly all names have; else only None."""
    stems = [PurePath(name).stem for name in names]
    for pattern in (_NAMED.search, _WORD.search, _FIRST.fullmatch, _LAST.fullmatch):
        found = [pattern(stem) for stem in stems]
        labels = [digit_of_text(match[1]) if match else None for match in found]
        known = [label for label in labels if label is not None]
        # "scan_1", "scan_2" … are numbers of pictures, not labels, unless one comes twice.
        is_counting = pattern == _LAST.fullmatch and max(Counter(known).values(), default=0) < 2
        if len(known) >= _LEAST_NAMED * len(stems) and known and not is_counting:
            return labels
    return [None] * len(stems)


def read_folder(folder: Path, files: Sequence[Path]) -> Parts:
    """Read the pictures and ink files of a folder, labelled by the folders that they are in or by their names.

    A drawing in an ink file that has a label of its own keeps it. Raise DigitpadError if no file has a label.
    """
    labels, parts = labels_of_folders(files, folder)
    if all(label is None for label in labels):
        labels = labels_of_names([file.name for file in files])
    if all(label is None for label in labels) and not any(is_ink_file(file) for file in files):
        raise DigitpadError(
            "the {count:,} pictures in {path} have no labels: put them into folders named 0 to 9, or begin their names "
            "with the digit, such as 7_001.png",
            count=len(files),
            path=folder,
        )
    groups: dict[Part | None, list[tuple[Path, int | None]]] = {}
    for file, label, part in zip(files, labels, parts, strict=True):
        groups.setdefault(part, []).append((file, label))
    found: Parts = {part: _read_group(folder, group) for part, group in groups.items()}
    refused = [samples.left_out["unreadable"] for samples in found.values() if "unreadable" in samples.left_out]
    if 2 * sum(what.count for what in refused) > len(files):  # a few are left out, but then it is no such folder
        raise DigitpadError("{problem}", problem=refused[0].first)
    return found


def _read_group(folder: Path, group: Sequence[tuple[Path, int | None]]) -> Samples:
    left_out = LeftOutCounter()
    pictures = chain.from_iterable(_read_one(folder, file, label, left_out) for file, label in group)
    return samples_of_pictures(pictures, limit=MAX_FILES, path=folder, expected=len(group), left_out=left_out)


def _read_one(folder: Path, file: Path, label: int | None, left_out: LeftOutCounter) -> list[tuple[np.ndarray, int]]:
    """Read a picture, or the drawings of an ink file; what has no label and what cannot be read is left out."""
    try:
        if is_ink_file(file):
            return list(drawings(read_ink(file), left_out, label, file.name))
        if label is not None:
            return [(read_picture_file(file), label)]
        left_out.add("no label", file.name)
    except DigitpadError as error:
        left_out.add("unreadable", str(error).replace(f"{folder}{os.sep}", ""))
    return []


def drawings(
    samples: Iterable[InkSample], left_out: LeftOutCounter, label: int | None = None, name: str = ""
) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the picture, (28, 28) uint8, and the digit of each drawing; `label` is for those that have none."""
    for sample in samples:
        digit = sample.digit if sample.digit is not None else label
        if digit is None:
            left_out.add("no label", name)
        elif not sample.ink:
            left_out.add("no ink", name)
        else:
            yield to_bytes(strokes.digit_image(sample.ink).pixels), digit


def files_below(folder: Path) -> list[Path]:
    """Return the files in a folder and at most `MAX_DEPTH` folders below, sorted; hidden ones are left out.

    Raise DigitpadError if the folder cannot be read, or holds more than `MAX_FILES`.
    """
    found: list[Path] = []

    def refuse(error: OSError) -> None:
        raise read_error(folder, error)

    for place, folders, names in os.walk(folder, onerror=refuse):
        report_progress(0, 0)
        depth = len(Path(place).relative_to(folder).parts)
        inside = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        folders[:] = inside if depth < MAX_DEPTH else []
        found += [Path(place, name) for name in sorted(names) if not name.startswith(".")]
        if len(found) > MAX_FILES:
            raise DigitpadError(
                "{path} has more than {count:,} files: choose a folder inside it", path=folder, count=MAX_FILES
            )
    return found
