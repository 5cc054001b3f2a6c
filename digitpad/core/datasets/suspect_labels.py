"""Label marks: samples whose label looks wrong to the user, kept beside the data and never changing it."""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import AwareDatetime, ConfigDict, FailFast, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.datasets.loading import has_parts
from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.csv_tables import Cell, write_table
from digitpad.core.files.locks import exclusive_lock
from digitpad.core.files.paths import user_folder
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_sets import PARTS, Part, looks_like_path
from digitpad.core.ink.ink_files import is_ink_file

FILE = "label-marks.json"
LONGEST_NOTE = 1000
_BETWEEN = "; "  # notes of two windows
_FORMATS, _FORMAT = "digitpad-label-marks-", "digitpad-label-marks-1"
_LARGEST = 64 << 20  # bytes; a mark takes some 300
_Digit = Annotated[int, Field(ge=0, le=9)]
# Data set, part, and index in that part.
MarkKey = tuple[str, Part, int]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class SuspectLabel:
    """A sample whose label looks wrong.

    Attributes
    ----------
    dataset
        As `dataset_key` has it.
    part, index
        Which sample, counted from 0 in the whole of that part.
    label
        What the set says, in 0–9.
    digest
        16 hexadecimal digits that tell whether it is still the same sample, see `new_mark`.
    corrected
        What it should be, in 0–9; None where nobody said.
    note
        The user's own words, up to 1,000 characters.
    marked
        When, with its time zone.

    """

    dataset: Annotated[str, Field(min_length=1)]
    part: Part
    index: Annotated[int, Field(ge=0)]
    label: _Digit
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    corrected: _Digit | None = None
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""
    marked: AwareDatetime

    @property
    def key(self) -> MarkKey:
        """Which sample it is about; there is one mark for each."""
        return self.dataset, self.part, self.index


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class _Content:
    format: Literal["digitpad-label-marks-1"]
    # Of millions of wrong ones the first is told, for each message takes its time and memory.
    marks: Annotated[tuple[SuspectLabel, ...], FailFast()]


_CONTENT = TypeAdapter(_Content)


def dataset_key(dataset: str) -> str:
    """Return what a data set is called in marks: a path absolute, so that it holds wherever digitpad is started."""
    is_path = looks_like_path(dataset) or is_ink_file(Path(dataset))
    return os.path.abspath(dataset) if is_path else dataset  # noqa: PTH100 - Path's keeps ".."


def new_mark(
    digits: Digits, dataset: str, part: Part, index: int, *, corrected: int | None = None, note: str = ""
) -> SuspectLabel:
    """Make a mark for a sample, as of now; `put_marks` keeps it.

    Parameters
    ----------
    digits
        That part of the data set; the first so many samples of it will do.
    dataset, part, index
        Which sample, counted from 0.
    corrected
        What the label should be, in 0–9.
    note
        Up to 1,000 characters.

    Returns
    -------
    SuspectLabel
        Its digest is the start of the SHA-256 of the image's bytes, row by row, and the label's byte.

    Raises
    ------
    DigitpadError
        Where there is no such sample, or `corrected` or `note` are not what they should be.

    """
    if not 0 <= index < len(digits):
        raise DigitpadError(
            "{name} has no sample {index}: choose one of 0 to {number}",
            name=digits.name,
            index=index,
            number=len(digits) - 1,
        )
    try:
        return SuspectLabel(
            dataset=dataset_key(dataset),
            part=part,
            index=index,
            label=int(digits.labels[index]),
            digest=_digest(digits, index),
            corrected=corrected,
            note=note,
            marked=datetime.now(UTC),
        )
    except ValidationError as error:
        found = error.errors()[0]
        raise DigitpadError(
            "the mark's {value} cannot be kept ({found}): change it", value=found["loc"][0], found=found["msg"]
        ) from error


def read_marks() -> tuple[SuspectLabel, ...]:
    """Read the user's marks, in the order of set, part and index; there are none where there is no file.

    Raises
    ------
    DigitpadError
        Where the file cannot be read, is damaged, or of a newer digitpad; it stays as it is.

    """
    path = _file()
    try:
        if regular_file_size(path) > _LARGEST:
            raise DigitpadError(
                "{path} is too long for label marks: put it right, or move it away to begin anew", path=path
            )
        content = json.loads(path.read_text(encoding="utf-8"))
        form = str(content.get("format", "")) if isinstance(content, dict) else ""
        if form.startswith(_FORMATS) and form != _FORMAT:
            raise DigitpadError(
                "{path} is of another version of digitpad: update digitpad, or move the file away", path=path
            )
        marks = _CONTENT.validate_python(content).marks
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise DigitpadError(
            "{path} cannot be read ({reason}): check its permissions", path=path, reason=reason_of(error)
        ) from error
    except (ValueError, RecursionError) as error:  # pydantic's own is a ValueError
        raise DigitpadError("{path} is damaged: put it right, or move it away to begin anew", path=path) from error
    return _in_order({mark.key: mark for mark in marks})


def put_marks(marks: Iterable[SuspectLabel], seen: Iterable[SuspectLabel] | None = None) -> tuple[SuspectLabel, ...]:
    """Keep marks; one about the same sample is replaced. Return all there are now.

    Parameters
    ----------
    marks
        What to keep.
    seen
        The marks that whoever changes them had before their eyes; None for all. What another window has noted since
        on the same sample is kept beside the new note.

    Raises
    ------
    DigitpadError
        As `read_marks`, and where the user's folder cannot be written; nothing is changed then.

    """
    new, known = list(marks), _known(seen)

    def put(kept: dict[MarkKey, SuspectLabel]) -> None:
        for mark in new:
            before = _drop(kept, mark.key)
            is_news = known is not None and before is not None and before not in known
            kept[mark.key] = _both(before, mark) if is_news and before else mark

    return _changed(put)


def remove_marks(keys: Iterable[MarkKey], seen: Iterable[SuspectLabel] | None = None) -> tuple[SuspectLabel, ...]:
    """Forget the marks of some samples, marked or not; return all there are now.

    Those that another window has changed since they were `seen` stay; None is for all that there are. Raises as
    `put_marks`.
    """
    gone, known = list(keys), _known(seen)

    def remove(kept: dict[MarkKey, SuspectLabel]) -> None:
        for key in gone:
            before = _drop(kept, key)
            if before is not None and known is not None and before not in known:
                kept[before.key] = before

    return _changed(remove)


def marks_of_samples(
    digits: Digits, dataset: str, part: Part, marks: Iterable[SuspectLabel]
) -> dict[int, SuspectLabel]:
    """Choose the marks about these samples, by index; those of other data under the same name are left out.

    Where both parts of a set are the same samples, a mark made in one holds in the other.

    Parameters
    ----------
    digits
        That part of the data set, or the first so many samples of it.
    dataset, part
        Where they are from.
    marks
        As `read_marks` returns them.

    """
    key = dataset_key(dataset)
    parts = _parts_alike(key, part)
    here = (mark for mark in marks if mark.dataset == key and mark.part in parts and mark.index < len(digits))
    return {mark.index: mark for mark in here if mark.digest == _digest(digits, mark.index)}


def without_samples(digits: Digits, indices: Iterable[int]) -> Digits:
    """Leave samples out; indices that there are none of count for nothing.

    Raises
    ------
    DigitpadError
        Where no sample would be left.

    """
    kept = np.ones(len(digits), bool)
    kept[[index for index in set(indices) if 0 <= index < len(digits)]] = False
    count = len(digits) - int(kept.sum())
    if not count:
        return digits
    if count == len(digits):
        raise DigitpadError(
            "every label of {name} is marked as suspect: take marks away, or do not leave them out", name=digits.name
        )
    name = f"{digits.name} without {count:,} suspect {'label' if count == 1 else 'labels'}"
    return Digits(name, digits.images[kept], digits.labels[kept], digits.peak)


def export_marks(path: Path, marks: Iterable[SuspectLabel]) -> None:
    """Write marks as CSV, a line for each; see `digitpad.core.files.csv_tables.format_csv` for how notes are written.

    Raises
    ------
    DigitpadError
        Where the file cannot be written.

    """
    names = ("dataset", "part", "index", "label", "corrected", "note", "digest", "marked")
    write_table(path, names, ([_cell(getattr(mark, name)) for name in names] for mark in marks))


def _cell(value: str | int | datetime | None) -> Cell:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _file() -> Path:
    return user_folder() / FILE


def _digest(digits: Digits, index: int) -> str:
    return sha256(digits.images[index].tobytes() + bytes([int(digits.labels[index])])).hexdigest()[:16]


def _parts_alike(dataset: str, part: Part) -> tuple[Part, ...]:
    """Return the parts of a set that hold the same samples as this one."""
    return (part,) if has_parts(dataset) else PARTS


def _drop(kept: dict[MarkKey, SuspectLabel], key: MarkKey) -> SuspectLabel | None:
    """Take the mark on a sample away and return it; None where there is none."""
    dataset, part, index = key
    found = [kept.pop((dataset, alike, index), None) for alike in _parts_alike(dataset, part)]
    return next((mark for mark in found if mark), None)


def _known(seen: Iterable[SuspectLabel] | None) -> set[SuspectLabel] | None:
    return None if seen is None else set(seen)


def _both(before: SuspectLabel, mark: SuspectLabel) -> SuspectLabel:
    """Join what two windows said of one sample; where they would have it corrected differently the later is right."""
    notes = list(dict.fromkeys(note for note in (before.note, mark.note) if note))
    corrected = before.corrected if mark.corrected is None else mark.corrected
    note = _BETWEEN.join(notes)
    if len(note) > LONGEST_NOTE:
        raise DigitpadError(
            "another window has noted something on sample {index} as well, and both notes are too "
            "long for one: choose the tab again to see it, and shorten them",
            index=mark.index,
        )
    return replace(mark, note=note, corrected=corrected)


def _in_order(marks: dict[MarkKey, SuspectLabel]) -> tuple[SuspectLabel, ...]:
    return tuple(marks[key] for key in sorted(marks))


def _changed(change: Callable[[dict[MarkKey, SuspectLabel]], None]) -> tuple[SuspectLabel, ...]:
    """Read, change and write while no other window does."""
    path = _file()
    with exclusive_lock(path, path.with_name(f".{FILE}.lock")):
        former = {mark.key: mark for mark in read_marks()}
        kept = dict(former)
        change(kept)
        if kept != former:
            write_atomically(path, _CONTENT.dump_json(_Content(format=_FORMAT, marks=_in_order(kept)), indent=1))
    return _in_order(kept)
