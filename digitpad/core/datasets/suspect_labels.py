"""Marks on samples whose label looks wrong to the user; stored in a separate file, so the data never changes."""

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
from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.csv_tables import Cell, write_table
from digitpad.core.files.locks import exclusive_lock
from digitpad.core.files.paths import user_folder
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_sets import PARTS, Part, display_part_name, looks_like_path
from digitpad.core.ink.ink_files import is_ink_file

FILE = "label-marks.json"
MAX_NOTE = 1000
_NOTE_SEPARATOR = "; "  # between the notes of two windows
_FORMATS, _FORMAT = "digitpad-label-marks-", "digitpad-label-marks-1"
_MAX_FILE_SIZE = 64 << 20  # bytes; a mark takes about 300
_Digit = Annotated[int, Field(ge=0, le=9)]
# Data set, part, and index in that part.
MarkKey = tuple[str, Part, int]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class SuspectLabel:
    """A sample whose label looks wrong.

    Attributes
    ----------
    dataset
        As returned by `dataset_key`.
    part, index
        The sample, counted from 0 in the whole part.
    label
        The label in the data set, in 0–9.
    digest
        16 hexadecimal digits that identify the sample's content, see `new_mark`.
    corrected
        The correct label, in 0–9; None if not given.
    note
        The user's note, up to 1,000 characters.
    marked
        The time of the mark, with its time zone.

    """

    dataset: Annotated[str, Field(min_length=1)]
    part: Part
    index: Annotated[int, Field(ge=0)]
    label: _Digit
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    corrected: _Digit | None = None
    note: Annotated[str, Field(max_length=MAX_NOTE)] = ""
    marked: AwareDatetime

    @property
    def key(self) -> MarkKey:
        """The sample; it has at most one mark."""
        return self.dataset, self.part, self.index


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class _Content:
    format: Literal["digitpad-label-marks-1"]
    # Stop at the first invalid mark: messages for millions of them would take much time and memory.
    marks: Annotated[tuple[SuspectLabel, ...], FailFast()]


_CONTENT = TypeAdapter(_Content)


def dataset_key(dataset: str) -> str:
    """Return the name of a data set in marks; a path becomes absolute, to be valid in any working folder."""
    is_path = looks_like_path(dataset) or is_ink_file(Path(dataset))
    return os.path.abspath(dataset) if is_path else dataset  # noqa: PTH100 - Path's keeps ".."


def new_mark(
    digits: Digits, dataset: str, part: Part, index: int, *, corrected: int | None = None, note: str = ""
) -> SuspectLabel:
    """Make a mark for a sample with the current time; `put_marks` stores it.

    Parameters
    ----------
    digits
        That part of the data set, or its first samples.
    dataset, part, index
        The sample, counted from 0.
    corrected
        The correct label, in 0–9.
    note
        Up to 1,000 characters.

    Returns
    -------
    SuspectLabel
        Its digest is the start of the SHA-256 of the image's bytes, row by row, and the label's byte.

    Raises
    ------
    DigitpadError
        If there is no such sample, or `corrected` or `note` is not valid.

    """
    if not 0 <= index < len(digits):
        raise DigitpadError(
            "{name} has no sample {index}: choose one from 0 to {last}",
            name=display_part_name(digits.name),
            index=index,
            last=len(digits) - 1,
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
        if error.errors()[0]["loc"][0] == "note":
            raise DigitpadError(
                "the note is not a text of at most {max_length:,} characters: shorten it", max_length=MAX_NOTE
            ) from error
        raise DigitpadError("the corrected label is not a digit: choose one from 0 to 9") from error


def read_marks() -> tuple[SuspectLabel, ...]:
    """Read the user's marks, sorted by set, part and index; none if there is no file.

    Raise DigitpadError if the file cannot be read, is damaged, or is from a newer digitpad; it is not changed.
    """
    path = _file()
    try:
        if regular_file_size(path) > _MAX_FILE_SIZE:
            raise DigitpadError("{path} is too large: repair it, or move it away to start again", path=path)
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        file_format = str(content.get("format", "")) if isinstance(content, dict) else ""
        if file_format.startswith(_FORMATS) and file_format != _FORMAT:
            raise DigitpadError(
                "{path} is from another version of digitpad: update digitpad, or move the file away", path=path
            )
        marks = _CONTENT.validate_python(content).marks
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise read_error(path, error) from error
    except (ValueError, RecursionError) as error:  # pydantic's ValidationError is a ValueError
        raise DigitpadError("{path} is damaged: repair it, or move it away to start again", path=path) from error
    return _sorted({mark.key: mark for mark in marks})


def put_marks(marks: Iterable[SuspectLabel], seen: Iterable[SuspectLabel] | None = None) -> tuple[SuspectLabel, ...]:
    """Store marks, each in place of an earlier one on the same sample; return all stored marks.

    Parameters
    ----------
    marks
        The new marks.
    seen
        The marks that the caller knew; None for all. If another window has changed a mark since, its note is joined
        with the new one.

    Raises
    ------
    DigitpadError
        As `read_marks`, and if the user's folder cannot be written; nothing is changed then.

    """
    new, known = list(marks), _known(seen)

    def put(stored: dict[MarkKey, SuspectLabel]) -> None:
        for mark in new:
            before = _pop(stored, mark.key)
            is_unseen = known is not None and before is not None and before not in known
            stored[mark.key] = _merge(before, mark) if is_unseen and before else mark

    return _update(put)


def remove_marks(keys: Iterable[MarkKey], seen: Iterable[SuspectLabel] | None = None) -> tuple[SuspectLabel, ...]:
    """Delete the marks of samples; return all stored marks.

    A mark that another window has changed since it was `seen` stays; None deletes all. Raises as `put_marks`.
    """
    removed, known = list(keys), _known(seen)

    def remove(stored: dict[MarkKey, SuspectLabel]) -> None:
        for key in removed:
            before = _pop(stored, key)
            if before is not None and known is not None and before not in known:
                stored[before.key] = before

    return _update(remove)


def marks_of_samples(
    digits: Digits, dataset: str, part: Part, marks: Iterable[SuspectLabel]
) -> dict[int, SuspectLabel]:
    """Return the marks on these samples by index, without those of other data under the same name.

    If both parts of a set have the same samples, a mark in one part also holds in the other.

    Parameters
    ----------
    digits
        That part of the data set, or its first samples.
    dataset, part
        The source of the samples.
    marks
        As returned by `read_marks`.

    """
    key = dataset_key(dataset)
    parts = _equal_parts(key, part)
    candidates = (mark for mark in marks if mark.dataset == key and mark.part in parts and mark.index < len(digits))
    return {mark.index: mark for mark in candidates if mark.digest == _digest(digits, mark.index)}


def without_samples(digits: Digits, indices: Iterable[int]) -> Digits:
    """Return the digits without some samples; indices out of range are ignored.

    Raise DigitpadError if no sample would be left.
    """
    is_left = np.ones(len(digits), bool)
    is_left[[index for index in set(indices) if 0 <= index < len(digits)]] = False
    count = len(digits) - int(is_left.sum())
    if not count:
        return digits
    if count == len(digits):
        raise DigitpadError(
            "every label of {name} is marked as suspect: remove marks, or include the marked samples",
            name=display_part_name(digits.name),
        )
    # English, as all names that files may keep; `display_part_name` translates it.
    name = f"{digits.name} without {count:,} suspect label{'' if count == 1 else 's'}"
    return Digits(name, digits.images[is_left], digits.labels[is_left], digits.peak)


def export_marks(path: Path, marks: Iterable[SuspectLabel]) -> None:
    """Write marks as CSV, one per line; see `digitpad.core.files.csv_tables.format_csv` for how notes are written.

    Raise DigitpadError if the file cannot be written.
    """
    names = ("dataset", "part", "index", "label", "corrected", "note", "digest", "marked")
    write_table(path, names, ([_cell(getattr(mark, name)) for name in names] for mark in marks))


def _cell(value: str | int | datetime | None) -> Cell:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _file() -> Path:
    return user_folder() / FILE


def _digest(digits: Digits, index: int) -> str:
    return sha256(digits.images[index].tobytes() + bytes([int(digits.labels[index])])).hexdigest()[:16]


def _equal_parts(dataset: str, part: Part) -> tuple[Part, ...]:
    """Return the parts of a set with the same samples as this one."""
    return (part,) if has_parts(dataset) else PARTS


def _pop(stored: dict[MarkKey, SuspectLabel], key: MarkKey) -> SuspectLabel | None:
    """Remove the mark on a sample and return it; None if there is none."""
    dataset, part, index = key
    marks = [stored.pop((dataset, equal, index), None) for equal in _equal_parts(dataset, part)]
    return next((mark for mark in marks if mark), None)


def _known(seen: Iterable[SuspectLabel] | None) -> set[SuspectLabel] | None:
    return None if seen is None else set(seen)


def _merge(before: SuspectLabel, mark: SuspectLabel) -> SuspectLabel:
    """Join the marks of two windows on one sample; the later correction wins."""
    notes = list(dict.fromkeys(note for note in (before.note, mark.note) if note))
    corrected = before.corrected if mark.corrected is None else mark.corrected
    note = _NOTE_SEPARATOR.join(notes)
    if len(note) > MAX_NOTE:
        raise DigitpadError(
            "another window has added a note to sample {index}, and both notes together are too long: "
            "open the tab again and shorten them",
            index=mark.index,
        )
    return replace(mark, note=note, corrected=corrected)


def _sorted(marks: dict[MarkKey, SuspectLabel]) -> tuple[SuspectLabel, ...]:
    return tuple(marks[key] for key in sorted(marks))


def _update(change: Callable[[dict[MarkKey, SuspectLabel]], None]) -> tuple[SuspectLabel, ...]:
    """Read, change and write the marks under a lock."""
    path = _file()
    with exclusive_lock(path, path.with_name(f".{FILE}.lock")):
        before = {mark.key: mark for mark in read_marks()}
        marks = dict(before)
        change(marks)
        if marks != before:
            write_atomically(path, _CONTENT.dump_json(_Content(format=_FORMAT, marks=_sorted(marks)), indent=1))
    return _sorted(marks)
