"""The user's digits written for other programs, in the background."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from digitpad.gui.export.background_export import BackgroundExport

if TYPE_CHECKING:
    from digitpad.core.files.atomic_folder import ExportProgress
    from digitpad.core.my_digits.record import MyDigit

Kind = Literal["ink", "pictures", "idx"]


@dataclass(frozen=True, slots=True)
class Exported:
    """Where the digits are, how many, and how many are not, having no strokes."""

    place: Path
    written: int
    left_out: int


class MyDigitsExport(BackgroundExport):
    """What comes of it is an `Exported`."""

    def start(self, kind: Kind, place: Path, name: str, digits: "Sequence[MyDigit]") -> None:
        """Write an ink file `place`, or a folder of that name in it; while another is written, nothing happens."""
        self.run(lambda: _exporting(kind, place, name, digits))


def _exporting(
    kind: Kind, place: Path, name: str, digits: "Sequence[MyDigit]"
) -> "Generator[ExportProgress | Exported, None, None]":
    from digitpad.core.my_digits.exporting import export_idx, export_ink, export_pictures

    if kind == "ink":
        counts = export_ink(place, digits)
        yield Exported(place, counts.written, counts.skipped)
    elif kind == "idx":
        yield Exported(export_idx(place, name, digits), len(digits), 0)
    else:
        for progress in export_pictures(place, name, digits):
            yield progress if progress.folder is None else Exported(progress.folder, len(digits), 0)
