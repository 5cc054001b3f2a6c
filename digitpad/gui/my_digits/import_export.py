"""Import and export of the user's digits: asks for a path, and reports the result."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from digitpad.gui.export.export_actions import ExportActions
from digitpad.gui.session.file_dialogs import choose_file, choose_folder, choose_save_path
from digitpad.gui.session.my_digits.snapshot import digit_count_text
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from digitpad.core.files.atomic_folder import ExportProgress
    from digitpad.core.my_digits.importing import ImportCounts
    from digitpad.core.my_digits.record import MyDigit


Kind = Literal["ink", "pictures", "idx"]


@dataclass(frozen=True, slots=True)
class Exported:
    """Where the digits were written, how many, and how many were left out because they have no strokes."""

    path: Path
    written: int
    left_out: int


class ImportExportActions(ExportActions):
    """Imports run in the thread of the user's digits, exports in another, so that nothing waits for an export."""

    def __init__(self, session: Session, messages: MessageBar, parent: QWidget) -> None:
        super().__init__(session, messages, parent)
        self._imported = ""  # the result of an import, reported when the digits are shown

        session.my_digits.imported.connect(self._on_imported)
        session.my_digits.backed_up.connect(self._on_backed_up)
        session.my_digits.read.connect(self._on_read)

    @Slot()
    def import_file(self) -> None:
        """Ask for a file, and import it."""
        kinds = self.tr("Ink, samples.csv, IDX files and backups ({})").format(
            "*.jsonl *.jsonl.gz samples.csv *ubyte *ubyte.gz *.sqlite3"
        )
        filters = ";;".join((kinds, self.tr("All files (*)")))
        if path := choose_file(self._window, self._session.settings, self.tr("Import digits"), filters):
            self.import_from(path)

    @Slot()
    def import_folder(self) -> None:
        """Ask for a folder, and import its files."""
        title = self.tr("Import a folder of pictures with samples.csv, or of IDX files")
        if folder := choose_folder(self._window, self._session.settings, title):
            self.import_from(folder)

    def import_from(self, path: Path) -> None:
        """Import a file or folder."""
        self._messages.inform(self.tr("Importing {}…").format(path.name))
        self._session.my_digits.import_from(path)

    @Slot()
    def back_up(self) -> None:
        """Ask for a path, and write all digits into that file."""
        name = f"my-digits-{date.today():%Y-%m-%d}.sqlite3"
        filters = {"sqlite3": self.tr("My digits (*.sqlite3)")}
        if path := choose_save_path(self._window, self._session.settings, self.tr("Back up"), name, filters):
            self.back_up_to(path)

    def back_up_to(self, path: Path) -> None:
        """Write all digits into a file."""
        self._messages.inform(self.tr("Backing up to {}…").format(path.name))
        self._session.my_digits.back_up(path)

    def export(self, kind: Kind, digits: "Sequence[MyDigit]") -> None:
        """Ask for a path, and export."""
        if not self._is_refused() and (path := self._choose_path(kind)):
            self.export_to(kind, digits, path)

    def export_to(self, kind: Kind, digits: "Sequence[MyDigit]", path: Path) -> None:
        """Export to the ink file `path`, or into a new folder in the folder `path`."""
        name, pictures = self.tr("My digits"), self._progress_text(0, len(digits))
        text = pictures if kind == "pictures" else self.tr("Exporting…")
        self._run(lambda: _exporting(kind, path, name, digits), text)

    def _choose_path(self, kind: Kind) -> Path | None:
        window, settings = self._window, self._session.settings
        if kind != "ink":
            return choose_folder(window, settings, self.tr("Folder to export to"))
        filters = {"jsonl": self.tr("Ink (*.jsonl)"), "jsonl.gz": self.tr("Ink, compressed (*.jsonl.gz)")}
        return choose_save_path(window, settings, self.tr("Export"), self.tr("my-digits.jsonl"), filters)

    def _result_text(self, result: object) -> str:
        assert isinstance(result, Exported)  # noqa: S101 - `_exporting` ends with it
        text = self.tr("{} saved to {}").format(digit_count_text(result.written, self.tr), result.path)
        return text + self.tr("; {:,} left out: no strokes").format(result.left_out) if result.left_out else text

    @Slot(object)
    def _on_imported(self, counts: "ImportCounts") -> None:
        text = self.tr("{} added").format(digit_count_text(counts.added, self.tr))
        if counts.duplicates:
            one, several = self.tr("; 1 was there already"), self.tr("; {:,} were there already")
            text += one if counts.duplicates == 1 else several.format(counts.duplicates)
        if counts.skipped:
            text += self.tr("; {:,} left out: no digit as label, or no ink").format(counts.skipped)
        # Reported later: until the digits are read again, Select All would select only the old ones.
        self._imported = text

    @Slot(object, int)
    def _on_backed_up(self, path: Path, count: int) -> None:
        digits = digit_count_text(count, self.tr)
        self._messages.inform(self.tr("{} backed up to {}. Import… reads this file.").format(digits, path))

    @Slot()
    def _on_read(self) -> None:
        if self._imported:
            self._messages.inform(self._imported)
            self._imported = ""


def _exporting(
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
