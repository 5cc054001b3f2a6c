"""What can be done with samples besides looking at them: a contact sheet, a folder of pictures, a table, paper."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, cast

import numpy as np
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QWidget

from digitpad.core.datasets.suspect_labels import SuspectLabel, export_marks, read_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.exporting import write_csv
from digitpad.core.evaluation.samples import Samples
from digitpad.core.files.atomic import write_atomically
from digitpad.gui.export.background_export import FolderExport
from digitpad.gui.export.contact_sheet import sheet_image
from digitpad.gui.export.sheet_pages import check_count
from digitpad.gui.session.file_dialogs import choose_folder, choose_save_path
from digitpad.gui.session.session import Session
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.widgets.png import png_bytes
from digitpad.gui.widgets.sentences import error_text

Kind = Literal["sheet", "folder", "csv"]
_ENDINGS: dict[Kind, str] = {"sheet": "png", "csv": "csv"}
# So that with its number and its ending it is a name in every file system, in Korean too.
_LONGEST_NAME = 60
_UNSAFE = '<>:"/\\|?*'


class SampleActions(QObject):
    """Asks for a place, works in the background, and says how it went."""

    def __init__(self, session: Session, messages: MessageBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._messages = session, messages
        self._writing = LatestOnlyWorker(_done, session)
        self._folder = FolderExport(session, self)

        self._writing.answered.connect(self._on_saved)
        self._writing.failed.connect(self._on_failed)
        self._folder.progressed.connect(self._on_progressed)
        self._folder.exported.connect(self._on_folder_saved)
        self._folder.cancelled.connect(self._on_cancelled)
        self._folder.failed.connect(self._on_folder_failed)

    @property
    def _window(self) -> QWidget:
        # Not kept: each would hold the other, and neither would go when the window does.
        return cast("QWidget", self.parent())

    @property
    def is_busy(self) -> bool:
        """Whether something is being written."""
        return self._folder.is_busy or not self._writing.is_settled

    def export(self, samples: Samples, indices: Sequence[int] | np.ndarray, title: str, kind: Kind) -> None:
        """Ask where to, and export; `title` says what is shown: "Wrong, the surest first"."""
        if self._may_export(len(indices), kind) and (place := self._asked(samples, title, kind)):
            self.export_to(samples, indices, title, kind, place)

    def export_to(
        self, samples: Samples, indices: Sequence[int] | np.ndarray, title: str, kind: Kind, place: Path
    ) -> None:
        """Export to a file; a folder of pictures goes into the folder `place`, under a name of its own."""
        if not self._may_export(len(indices), kind):
            return
        chosen = np.array(indices, np.int64)  # a copy: the caller's may change meanwhile
        if kind == "folder":
            sentence = self._progress_words(0, len(chosen))
            self._messages.offer(sentence, self.tr("Cancel"), self._folder.cancel, lasts=True)
            self._folder.start(place, _name_of(samples, title), samples, chosen)
            return
        self._write(partial(_write_table if kind == "csv" else _write_sheet, samples, chosen, title, place), place)

    @Slot()
    def export_marks(self) -> None:
        """Ask where to, and export all of the user's label marks as a table."""
        try:
            marks = read_marks()
        except DigitpadError as error:
            self._messages.warn(str(error))
            return
        if not marks:
            self._messages.warn(self.tr("No label is marked as suspect yet: mark one first"))
        elif not self._is_refused() and (place := self._asked_file(self.tr("label marks"), "csv")):
            self._write(partial(_write_marks, marks, place), place)

    def print_(self, samples: Samples, indices: Sequence[int] | np.ndarray, title: str) -> QDialog | None:
        """Show how a contact sheet will be on paper, to be printed from there; None where there can be none."""
        if not self._fits(len(indices)):
            return None
        from digitpad.gui.export.sheet_preview import SheetPreview  # printing takes a while to load, and few print

        proposed = Path(self._session.settings.folder) / f"{_name_of(samples, title)}.pdf"
        preview = SheetPreview(samples, np.array(indices, np.int64), title, proposed, self._window)
        preview.printed.connect(self._on_printed)
        preview.failed.connect(self._messages.warn)
        preview.show()
        return preview

    def _write(self, work: Callable[[], Path], place: Path) -> None:
        self._messages.inform(self.tr("Exporting {}…").format(place.name))
        if not self._writing.isRunning():
            self._writing.start()
        self._writing.submit(work)

    def _is_refused(self) -> bool:
        """Refuse a second export at a time."""
        if self._folder.is_busy:
            # With the button: the message that had it may be closed.
            words = self.tr("A folder is being exported: wait until it is done, or cancel it")
            self._messages.offer(words, self.tr("Cancel"), self._folder.cancel)
        elif self.is_busy:
            self._messages.warn(self.tr("Another export is being written: try again when it is done"))
        return self.is_busy

    def _may_export(self, count: int, kind: Kind) -> bool:
        """Say why nothing can be saved before anybody is asked for a place."""
        if self._is_refused():
            return False
        if not count:
            self._messages.warn(self.tr("There is no sample to export: choose some first"))
        return count > 0 and (kind != "sheet" or self._fits(count))

    def _fits(self, count: int) -> bool:
        try:
            check_count(count)
        except DigitpadError as error:
            self._messages.warn(str(error))
            return False
        return True

    def _asked(self, samples: Samples, title: str, kind: Kind) -> Path | None:
        if kind != "folder":
            return self._asked_file(_name_of(samples, title), _ENDINGS[kind])
        title = self.tr("Folder to save the pictures in")
        return choose_folder(self._window, self._session.settings, title)

    def _asked_file(self, name: str, ending: str) -> Path | None:
        kinds = {"png": self.tr("Contact sheet (*.png)"), "csv": self.tr("Table for spreadsheets (*.csv)")}
        filters = {ending: kinds[ending]}
        return choose_save_path(self._window, self._session.settings, self.tr("Export"), f"{name}.{ending}", filters)

    def _progress_words(self, done: int, total: int) -> str:
        return self.tr("Exporting {:,} of {:,} pictures…").format(done, total)

    @Slot(int, int)
    def _on_progressed(self, done: int, total: int) -> None:
        self._messages.update_offer(self._progress_words(done, total))

    @Slot(object)
    def _on_folder_saved(self, folder: Path) -> None:
        self._messages.end_offer()
        self._on_saved(folder)

    @Slot(object)
    def _on_saved(self, place: Path) -> None:
        self._messages.inform(self.tr("Saved to {}").format(place))

    @Slot()
    def _on_cancelled(self) -> None:
        self._messages.end_offer()
        self._messages.inform(self.tr("The export was cancelled: nothing is left of it."))

    @Slot(object)
    def _on_folder_failed(self, error: Exception) -> None:
        self._messages.end_offer()
        self._on_failed(error)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.warn(error_text(error, self.tr("The export failed.")))

    @Slot(str)
    def _on_printed(self, pdf: str) -> None:
        if pdf:
            self._session.settings.folder = str(Path(pdf).parent)
            self._on_saved(Path(pdf))
        else:
            self._messages.inform(self.tr("Sent to the printer."))


def _done(work: Callable[[], Path]) -> Path:
    return work()


def _write_table(samples: Samples, indices: np.ndarray, _title: str, place: Path) -> Path:
    write_csv(place, samples, indices)
    return place


def _write_sheet(samples: Samples, indices: np.ndarray, title: str, place: Path) -> Path:
    write_atomically(place, png_bytes(sheet_image(samples, indices, title)))
    return place


def _write_marks(marks: tuple[SuspectLabel, ...], place: Path) -> Path:
    export_marks(place, marks)
    return place


def _name_of(samples: Samples, title: str) -> str:
    """Return a name for a file: "softmax MNIST test wrong, the surest first"; a long one ends with a whole word."""
    words = " ".join((samples.model, samples.digits.name, title[:1].lower() + title[1:]))
    safe = "".join("-" if letter in _UNSAFE or not letter.isprintable() else letter for letter in words)
    name = " ".join(safe.split())
    if len(name) > _LONGEST_NAME:
        name = name[: _LONGEST_NAME + 1].rpartition(" ")[0] or name[:_LONGEST_NAME]
    return name.strip(" .,") or "samples"
