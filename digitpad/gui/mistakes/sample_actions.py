"""Export and printing of samples: a contact sheet, a folder of pictures, a table."""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog

from digitpad.core.datasets.suspect_labels import export_marks, read_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.confusion_figure import write_confusion
from digitpad.core.evaluation.exporting import export_folder, write_csv
from digitpad.core.evaluation.samples import Samples
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.atomic_folder import ExportProgress
from digitpad.core.images.idx_sets import display_part_name
from digitpad.gui.export.contact_sheet import sheet_image
from digitpad.gui.export.export_actions import ExportActions
from digitpad.gui.export.png import png_bytes
from digitpad.gui.export.sheet_pages import check_count
from digitpad.gui.session.file_dialogs import choose_folder, choose_save_path, safe_name
from digitpad.gui.theme.digit_colours import DigitColours

Kind = Literal["sheet", "folder", "csv"]
_SUFFIXES: dict[Kind, str] = {"sheet": "png", "csv": "csv"}
# With a number and a suffix it is still a valid name in every file system, also in Korean.


class SampleActions(ExportActions):
    """Asks for a path, works in the background, and reports the result."""

    def export(
        self, samples: Samples, indices: Sequence[int] | np.ndarray, title: str, kind: Kind, *, plot_columns: int = 0
    ) -> None:
        """Ask for a path, and export; `title` describes the samples: "Wrong, most confident first"."""
        if self._may_export(len(indices), kind) and (path := self._choose_path(samples, title, kind)):
            self.export_to(samples, indices, title, kind, path, plot_columns=plot_columns)

    def export_to(
        self,
        samples: Samples,
        indices: Sequence[int] | np.ndarray,
        title: str,
        kind: Kind,
        path: Path,
        *,
        plot_columns: int = 0,
    ) -> None:
        """Export to the file `path`; for a folder of pictures, to a new folder in the folder `path`.

        A sheet is the plot that the window shows if `plot_columns` is not 0.
        """
        if not self._may_export(len(indices), kind):
            return
        chosen = np.array(indices, np.int64)  # a copy: the caller may change its array meanwhile
        if kind == "folder":
            name = _name_of(samples, title)
            self._run(lambda: _exporting(path, name, samples, chosen), self._progress_text(0, len(chosen)))
        elif kind == "csv":
            self._write(path, lambda: write_csv(path, samples, chosen))
        else:
            is_light = self._session.settings.digit_colours is DigitColours.LIGHT_ON_DARK
            sheet = partial(sheet_image, samples, chosen, title, plot_columns, light_on_dark=is_light)
            self._write(path, lambda: write_atomically(path, png_bytes(sheet())))

    def export_confusion(self, confusion: np.ndarray, title: str) -> None:
        """Ask for a path, and export a confusion matrix (n, n) as a table or as a figure."""
        kinds = {"csv": self.tr("Table (*.csv)"), "png": self.tr("Picture (*.png)"), "svg": self.tr("Figure (*.svg)")}
        name, window, settings = safe_name(title, "confusion"), self._window, self._session.settings
        if not self._is_refused() and (
            path := choose_save_path(window, settings, self.tr("Export"), f"{name}.csv", kinds)
        ):
            self._write(path, lambda: write_confusion(path, confusion, title))

    @Slot()
    def export_marks(self) -> None:
        """Ask for a path, and export all of the user's label marks as a table."""
        try:
            marks = read_marks()
        except DigitpadError as error:
            self._messages.warn(str(error))
            return
        if not marks:
            self._messages.warn(self.tr("No label is marked as wrong yet: mark one first"))
        elif not self._is_refused() and (path := self._choose_file(self.tr("label marks"), "csv")):
            self._write(path, lambda: export_marks(path, marks))

    def print_(
        self, samples: Samples, indices: Sequence[int] | np.ndarray, title: str, *, plot_columns: int = 0
    ) -> QDialog | None:
        """Show the print preview of a contact sheet; None if there are no samples, or too many."""
        if not self._fits(len(indices)):
            return None
        from digitpad.gui.export.sheet_preview import SheetPreview  # slow to load, and few users print

        proposed = Path(self._session.settings.folder) / f"{_name_of(samples, title)}.pdf"
        chosen = np.array(indices, np.int64)
        preview = SheetPreview(samples, chosen, title, proposed, self._window, plot_columns=plot_columns)
        preview.printed.connect(self._on_printed)
        preview.failed.connect(self._messages.warn)
        preview.show()
        return preview

    def _write(self, path: Path, write: Callable[[], object]) -> None:
        def writing() -> Generator[Path, None, None]:
            write()
            yield path

        self._run(writing, self.tr("Exporting {}…").format(path.name))

    def _may_export(self, count: int, kind: Kind) -> bool:
        """Report what prevents an export, before the user is asked for a path."""
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

    def _choose_path(self, samples: Samples, title: str, kind: Kind) -> Path | None:
        if kind != "folder":
            return self._choose_file(_name_of(samples, title), _SUFFIXES[kind])
        return choose_folder(self._window, self._session.settings, self.tr("Folder to save the pictures in"))

    def _choose_file(self, name: str, suffix: str) -> Path | None:
        kinds = {"png": self.tr("Contact sheet (*.png)"), "csv": self.tr("Table for spreadsheets (*.csv)")}
        filters = {suffix: kinds[suffix]}
        return choose_save_path(self._window, self._session.settings, self.tr("Export"), f"{name}.{suffix}", filters)

    @Slot(str)
    def _on_printed(self, pdf: str) -> None:
        if pdf:
            self._session.settings.folder = str(Path(pdf).parent)
        self._messages.inform(self._result_text(pdf) if pdf else self.tr("Sent to the printer."))


def _exporting(
    parent: Path, name: str, samples: Samples, indices: np.ndarray
) -> Generator[ExportProgress | Path, None, None]:
    for progress in export_folder(parent, name, samples, indices):
        yield progress.folder or progress


def _name_of(samples: Samples, title: str) -> str:
    """Return a file name: "softmax MNIST test wrong, most confident first"; a long one ends with a whole word."""
    text = " ".join((samples.model, display_part_name(samples.digits.name), title[:1].lower() + title[1:]))
    return safe_name(text, "samples")
