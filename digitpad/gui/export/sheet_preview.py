"""The print preview of a contact sheet, to print it or save it as a PDF."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QMarginsF, Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QPageLayout
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog
from PySide6.QtWidgets import QComboBox, QGraphicsView, QLineEdit, QToolBar, QToolButton, QWidget

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.samples import Samples
from digitpad.gui.accessibility.screen_reader import name_by_label
from digitpad.gui.export.contact_sheet import print_sheet

_MARGIN_MM = 12


class SheetPreview(QPrintPreviewDialog):
    """A preview whose button saves a PDF if the system has no printer; deleted when closed."""

    printed = Signal(str)  # the path of the PDF; "" for a printer
    failed = Signal(str)

    def __init__(
        self,
        samples: Samples,
        indices: np.ndarray,
        title: str,
        proposed: Path,
        parent: QWidget | None = None,
        *,
        plot_columns: int = 0,
    ) -> None:
        self._printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        super().__init__(self._printer, parent)
        self._samples, self._indices, self._title = samples, indices, title
        self._plot_columns = plot_columns
        self._problem = ""
        self._printer.setDocName(title)
        self._printer.setCreator("digitpad")
        margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
        self._printer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
        if self._printer.outputFormat() == QPrinter.OutputFormat.PdfFormat:
            self._printer.setOutputFileName(str(proposed))
        self.setWindowTitle(self.tr("Print {}").format(title))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._pages = self.findChild(QGraphicsView)
        if toolbar := self.findChild(QToolBar):
            toolbar.setMovable(False)
            # Wide enough for the print button, which is the last.
            self.resize(toolbar.sizeHint().width() + 32, 800)
            self._name_parts(toolbar)

        self.paintRequested.connect(self._on_paint_requested)
        self.accepted.connect(self._on_accepted)

    def _name_parts(self, toolbar: QToolBar) -> None:
        """Let Tab reach the buttons, and give what Qt leaves nameless a name for screen readers."""
        for button in toolbar.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if scale := toolbar.findChild(QComboBox):
            name_by_label(scale, self.tr("Scale"))
        for field in toolbar.findChildren(QLineEdit):
            if not isinstance(field.parent(), QComboBox):
                field.setAccessibleName(self.tr("Page"))
        if self._pages is not None:
            self._pages.setAccessibleName(self.tr("Pages"))
            setattr(self._pages, "accessible_role", QAccessible.Role.Graphic)  # noqa: B010 - see screen_reader

    @Slot(QPrinter)
    def _on_paint_requested(self, printer: QPrinter) -> None:
        try:
            print_sheet(printer, self._samples, self._indices, self._title, self._plot_columns)
        except DigitpadError as error:
            self._problem = str(error)
        else:
            self._problem = ""

    @Slot()
    def _on_accepted(self) -> None:
        if self._problem:
            self.failed.emit(self._problem)
        else:
            is_pdf = self._printer.outputFormat() == QPrinter.OutputFormat.PdfFormat
            self.printed.emit(self._printer.outputFileName() if is_pdf else "")
