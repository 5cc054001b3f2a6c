"""Importing and exporting the user's digits: asks for a place, and says how it went."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from digitpad.gui.my_digits.export import Exported, Kind, MyDigitsExport
from digitpad.gui.session.file_dialogs import choose_file, choose_folder, choose_save_path
from digitpad.gui.session.my_digits_snapshot import digits_words
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.widgets.sentences import error_text

if TYPE_CHECKING:
    from digitpad.core.my_digits.importing import ImportCounts
    from digitpad.core.my_digits.record import MyDigit


class ImportExportActions(QObject):
    """Imports go through the digits' own thread, exports through another, so that nothing waits for them."""

    def __init__(self, session: Session, messages: MessageBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._messages = session, messages
        self._export = MyDigitsExport(session, self)
        self._imported = ""  # what came of an import, to be said when that is seen

        session.my_digits.imported.connect(self._on_imported)
        session.my_digits.read.connect(self._on_read)
        self._export.progressed.connect(self._on_progressed)
        self._export.exported.connect(self._on_exported)
        self._export.cancelled.connect(self._on_cancelled)
        self._export.failed.connect(self._on_failed)

    @property
    def _window(self) -> QWidget:
        # Not kept: each would hold the other, and neither would go when the window does.
        return cast("QWidget", self.parent())

    @Slot()
    def import_file(self) -> None:
        """Ask for a file, and import it."""
        kinds = self.tr("Ink, samples.csv and IDX files ({})").format("*.jsonl *.jsonl.gz samples.csv *ubyte *ubyte.gz")
        filters = ";;".join((kinds, self.tr("All files (*)")))
        if path := choose_file(self._window, self._session.settings, self.tr("Import digits"), filters):
            self.import_from(path)

    @Slot()
    def import_folder(self) -> None:
        """Ask for a folder, and import what is in it."""
        title = self.tr("Import a folder of pictures with samples.csv, or of IDX files")
        if folder := choose_folder(self._window, self._session.settings, title):
            self.import_from(folder)

    def import_from(self, path: Path) -> None:
        """Import a file or folder."""
        self._messages.inform(self.tr("Importing {}…").format(path.name))
        self._session.my_digits.import_from(path)

    def export(self, kind: Kind, digits: "Sequence[MyDigit]") -> None:
        """Ask where to, and export."""
        if self._export.is_busy:
            words = self.tr("Another export is being written: wait until it is done, or cancel it")
            self._messages.offer(words, self.tr("Cancel"), self._export.cancel)
        elif place := self._choose_path(kind):
            self.export_to(kind, digits, place)

    def export_to(self, kind: Kind, digits: "Sequence[MyDigit]", place: Path) -> None:
        """Export to the ink file `place`, or into a new folder in the folder `place`."""
        if kind == "pictures":
            sentence = self._progress_words(0, len(digits))
            self._messages.offer(sentence, self.tr("Cancel"), self._export.cancel, lasts=True)
        self._export.start(kind, place, self.tr("My digits"), digits)

    def _choose_path(self, kind: Kind) -> Path | None:
        window, settings = self._window, self._session.settings
        if kind != "ink":
            return choose_folder(window, settings, self.tr("Folder to export to"))
        filters = {"jsonl": self.tr("Ink (*.jsonl)"), "jsonl.gz": self.tr("Ink, compressed (*.jsonl.gz)")}
        return choose_save_path(window, settings, self.tr("Export"), self.tr("my-digits.jsonl"), filters)

    def _progress_words(self, done: int, total: int) -> str:
        return self.tr("Exporting {:,} of {:,} pictures…").format(done, total)

    @Slot(object)
    def _on_imported(self, counts: "ImportCounts") -> None:
        words = self.tr("{} added").format(digits_words(counts.added, self.tr))
        if counts.duplicates:
            one, several = self.tr("; 1 was there already"), self.tr("; {:,} were there already")
            words += one if counts.duplicates == 1 else several.format(counts.duplicates)
        if counts.skipped:
            words += self.tr("; {:,} left out, having no digit's label or no ink").format(counts.skipped)
        # Not yet: Select All would choose those that are still shown.
        self._imported = words

    @Slot()
    def _on_read(self) -> None:
        if self._imported:
            self._messages.inform(self._imported)
            self._imported = ""

    @Slot(int, int)
    def _on_progressed(self, done: int, total: int) -> None:
        self._messages.update_offer(self._progress_words(done, total))

    @Slot(object)
    def _on_exported(self, exported: Exported) -> None:
        self._messages.end_offer()
        words = self.tr("{} saved to {}").format(digits_words(exported.written, self.tr), exported.place)
        if exported.left_out:
            words += self.tr("; {:,} left out, having no strokes").format(exported.left_out)
        self._messages.inform(words)

    @Slot()
    def _on_cancelled(self) -> None:
        self._messages.end_offer()
        self._messages.inform(self.tr("The export was cancelled: nothing is left of it."))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.end_offer()
        self._messages.warn(error_text(error, self.tr("The export failed.")))
