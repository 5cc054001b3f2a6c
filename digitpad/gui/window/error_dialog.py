"""The dialog for an unexpected error inside the program."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QTextEdit, QWidget

from digitpad.core.runtime.error_report import ErrorReport
from digitpad.core.runtime.log import environment_text
from digitpad.gui.window.log_folder import log_folder_text, show_log_folder


class ErrorDialog(QMessageBox):
    """Shows what happened, what is saved and what to do; the traceback is folded away and can be copied."""

    def __init__(self, report: ErrorReport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 1
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setIcon(QMessageBox.Icon.Information)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.setText(self.tr("Something went wrong inside digitpad."))
        self._set_advice(self.tr("The details and the log contain no drawings."))
        self.setDetailedText(f"{report.text}\n\n{environment_text()}\n")
        for details in self.findChildren(QTextEdit):
            details.setAccessibleName(self.tr("Details"))
        self.setDefaultButton(self.addButton(QMessageBox.StandardButton.Close))
        self._copy = self.addButton(self.tr("&Copy details"), QMessageBox.ButtonRole.ActionRole)
        show_log = self.addButton(self.tr("Show &log folder"), QMessageBox.ButtonRole.ActionRole)
        show_log.setToolTip(log_folder_text())
        for button, slot in ((self._copy, self._on_copy), (show_log, show_log_folder)):
            button.clicked.disconnect()  # a message box closes on every button
            button.clicked.connect(slot)

    @property
    def text_to_copy(self) -> str:
        """The text that the copy button copies: report and versions."""
        return self.detailedText()

    def count_another(self) -> None:
        """Show that one more error occurred."""
        self._count += 1
        self._set_advice(self.tr("Something went wrong {:,} times so far.").format(self._count))

    def _set_advice(self, hint: str) -> None:
        saved = self.tr("This is not your fault. Your drawing, your digits, trainings and models are still there.")
        advice = self.tr("You can continue. If something stops working, save your drawing and restart digitpad.")
        self.setInformativeText(f"{saved}\n\n{advice}\n\n{hint}")

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text_to_copy)
        self._copy.setText(self.tr("Copied"))
