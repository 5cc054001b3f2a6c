"""The user's digits written as files for other programs."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from digitpad.core.files.atomic_folder import ExportProgress
    from digitpad.core.my_digits.record import MyDigit

Kind = Literal["ink", "pictures", "idx"]


@dataclass(frozen=True, slots=True)
class Exported:
    """Where the digits were written, how many, and how many were left out because they have no strokes."""

    path: Path
    written: int
    left_out: int


def exporting(
    kind: Kind, path: Path, name: str, digits: "Sequence[MyDigit]"
) -> "Generator[ExportProgress | Exported, None, None]":
    """Write the ink file `path`, or a new folder of this name in the folder `path`; yield the progress and the result.

    Raises
    ------
    DigitpadError
        If the file or the folder cannot be written.

    """
    from digitpad.core.my_digits.exporting import export_idx, export_ink, export_pictures

    if kind == "ink":
        counts = export_ink(path, digits)
        yield Exported(path, counts.written, counts.skipped)
    elif kind == "idx":
        yield Exported(export_idx(path, name, digits), len(digits), 0)
    else:
        for progress in export_pictures(path, name, digits):
            yield progress if progress.folder is None else Exported(progress.folder, len(digits), 0)
