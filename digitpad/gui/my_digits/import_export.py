"""Import and export of the user's digits: asks for a path, and reports the result."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from digitpad.gui.export.export_actions import ExportActions
from digitpad.gui.my_digits.export import Exported, Kind, exporting
from digitpad.gui.session.file_dialogs import choose_file, choose_folder, choose_save_path
from digitpad.gui.session.my_digits_snapshot import digit_count_text
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from digitpad.core.my_digits.importing import ImportCounts
    from digitpad.core.my_digits.record import MyDigit


class ImportExportActions(ExportActions):
    """Imports run in the thread of the user's digits, exports in another, so that nothing waits for an export."""

    def __init__(self, session: Session, messages: MessageBar, parent: QWidget) -> None:
        super().__init__(session, messages, parent)
        self._imported = ""  # the result of an import, reported when the digits are shown

        session.my_digits.imported.connect(self._on_imported)
        session.my_digits.read.connect(self._on_read)

    @Slot()
    def import_file(self) -> None:
        """Ask for a file, and import it."""
        kinds = self.tr("Ink, samples.csv and IDX files ({})").format("*.jsonl *.jsonl.gz samples.csv *ubyte *ubyte.gz")
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

    def export(self, kind: Kind, digits: "Sequence[MyDigit]") -> None:
        """Ask for a path, and export."""
        if not self._is_refused() and (path := self._choose_path(kind)):
            self.export_to(kind, digits, path)

    def export_to(self, kind: Kind, digits: "Sequence[MyDigit]", path: Path) -> None:
        """Export to the ink file `path`, or into a new folder in the folder `path`."""
        name, pictures = self.tr("My digits"), self._progress_text(0, len(digits))
        text = pictures if kind == "pictures" else self.tr("Exporting…")
        self._run(lambda: exporting(kind, path, name, digits), text)

    def _choose_path(self, kind: Kind) -> Path | None:
        window, settings = self._window, self._session.settings
        if kind != "ink":
            return choose_folder(window, settings, self.tr("Folder to export to"))
        filters = {"jsonl": self.tr("Ink (*.jsonl)"), "jsonl.gz": self.tr("Ink, compressed (*.jsonl.gz)")}
        return choose_save_path(window, settings, self.tr("Export"), self.tr("my-digits.jsonl"), filters)

    def _result_text(self, result: object) -> str:
        assert isinstance(result, Exported)  # noqa: S101 - `exporting` ends with it
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

    @Slot()
    def _on_read(self) -> None:
        if self._imported:
            self._messages.inform(self._imported)
            self._imported = ""
