"""Importing and exporting the user's digits: asks for a place, and says how it went."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from digitpad.core.errors import DigitpadError, error_message
from digitpad.gui.my_digits.export import Exported, Kind, MyDigitsExport
from digitpad.gui.session.my_digits_snapshot import digits_words
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.message_bar import MessageBar

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
        words, everything = self.tr("Import digits"), self.tr("All files (*)")
        folder = self._session.settings.folder
        name, _ = QFileDialog.getOpenFileName(self._window, words, folder, f"{kinds};;{everything}")
        if name:
            self._session.settings.folder = str(Path(name).parent)
            self.import_from(Path(name))

    @Slot()
    def import_folder(self) -> None:
        """Ask for a folder, and import what is in it."""
        words = self.tr("Import a folder of pictures with samples.csv, or of IDX files")
        name = QFileDialog.getExistingDirectory(self._window, words, self._session.settings.folder)
        if name:
            self._session.settings.folder = name
            self.import_from(Path(name))

    def import_from(self, path: Path) -> None:
        """Import a file or folder."""
        self._messages.inform(self.tr("Importing {}…").format(path.name))
        self._session.my_digits.import_from(path)

    def export(self, kind: Kind, digits: "Sequence[MyDigit]") -> None:
        """Ask where to, and export."""
        if self._export.is_busy:
            words = self.tr("Another export is being written: wait until it is done, or cancel it")
            self._messages.offer(words, self.tr("Cancel"), self._export.cancel)
        elif place := self._asked_file() if kind == "ink" else self._asked_folder():
            self.export_to(kind, digits, place)

    def export_to(self, kind: Kind, digits: "Sequence[MyDigit]", place: Path) -> None:
        """Export to the ink file `place`, or into a new folder in the folder `place`."""
        if kind == "pictures":
            sentence = self._progress_words(0, len(digits))
            self._messages.offer(sentence, self.tr("Cancel"), self._export.cancel, stays=True)
        self._export.start(kind, place, self.tr("My digits"), digits)

    def _asked_folder(self) -> Path | None:
        words = self.tr("Where to put the folder")
        chosen = QFileDialog.getExistingDirectory(self._window, words, self._session.settings.folder)
        if chosen:
            self._session.settings.folder = chosen
        return Path(chosen) if chosen else None

    def _asked_file(self) -> Path | None:
        dialog = QFileDialog(self._window, self.tr("Export"), self._session.settings.folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("Ink (*.jsonl)"), self.tr("Ink, compressed (*.jsonl.gz)")])
        # The dialog itself adds the ending, so that it asks before anything is overwritten.
        dialog.setDefaultSuffix("jsonl")
        dialog.selectFile(self.tr("my-digits.jsonl"))
        is_chosen = dialog.exec()
        dialog.deleteLater()
        if not is_chosen:
            return None
        place = Path(dialog.selectedFiles()[0])
        self._session.settings.folder = str(place.parent)
        return place

    def _progress_words(self, done: int, total: int) -> str:
        return self.tr("Exporting {:,} of {:,} pictures…").format(done, total)

    @Slot(object)
    def _on_imported(self, counts: "ImportCounts") -> None:
        words = self.tr("{} added").format(digits_words(counts.added, self.tr))
        if counts.duplicates:
            one, several = self.tr("; 1 was there already"), self.tr("; {:,} were there already")
            words += one if counts.duplicates == 1 else several.format(counts.duplicates)
        if counts.left_out:
            words += self.tr("; {:,} left out, having no digit's label or no ink").format(counts.left_out)
        # Not yet: Select All would choose those that are still shown.
        self._imported = words

    @Slot()
    def _on_read(self) -> None:
        if self._imported:
            self._messages.inform(self._imported)
            self._imported = ""

    @Slot(int, int)
    def _on_progressed(self, done: int, total: int) -> None:
        self._messages.amend(self._progress_words(done, total))

    @Slot(object)
    def _on_exported(self, exported: Exported) -> None:
        self._messages.settle()
        words = self.tr("{} saved to {}").format(digits_words(exported.written, self.tr), exported.place)
        if exported.left_out:
            words += self.tr("; {:,} left out, having no strokes").format(exported.left_out)
        self._messages.inform(words)

    @Slot()
    def _on_cancelled(self) -> None:
        self._messages.settle()
        self._messages.inform(self.tr("The export was cancelled: nothing is left of it."))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.settle()
        known = isinstance(error, DigitpadError)
        self._messages.warn(str(error) if known else self.tr("The export failed: {}").format(error_message(error)))
