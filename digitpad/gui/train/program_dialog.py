"""The settings of the form as a program: to read, to copy, to save."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QWidget

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import data_folder
from digitpad.core.programs.program import program_of, save_program, source_folder
from digitpad.core.training.recipes import Recipe
from digitpad.gui.help.term_label import explain
from digitpad.gui.session.file_dialogs import choose_save_path, safe_name
from digitpad.gui.session.session import Session
from digitpad.gui.theme.scaling import resize_window
from digitpad.gui.threads.serial_worker import SerialWorker
from digitpad.gui.train.form.training_form import TrainingForm
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.widgets.sentences import error_text


@dataclass(frozen=True, slots=True)
class _Request:
    recipe: Recipe
    name: str
    path: Path


class ProgramDialog(QDialog):
    """Shows a program; Copy and Save."""

    def __init__(self, program: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "train#program")
        self.setWindowTitle(self.tr("As a program"))
        resize_window(self, 760, 620)
        intro = QLabel(self.tr("This program trains the same model without digitpad, and prints the same figures."))
        self.code = QPlainTextEdit(program)
        self._hint = QLabel(hint)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy_button = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        self.save_button = buttons.addButton(self.tr("Save…"), QDialogButtonBox.ButtonRole.ActionRole)
        for button in (self.copy_button, self.save_button):
            button.setAutoDefault(False)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        self.code.setReadOnly(True)
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.code.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.code.setAccessibleName(self.windowTitle())
        for label in (intro, self._hint):
            label.setProperty("role", "hint")
            label.setWordWrap(True)
        self._hint.setVisible(bool(hint))

        vbox(intro, (self.code, 1), self._hint, buttons, parent=self, margins=(16, 16, 16, 16), spacing=12)

        buttons.rejected.connect(self.reject)
        self.copy_button.clicked.connect(self._on_copy)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code.toPlainText())


class ProgramActions(QObject):
    """Opens the dialog for the form's settings, and saves the program in the background."""

    def __init__(self, session: Session, form: TrainingForm, messages: MessageBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._form, self._messages = session, form, messages
        self._worker = SerialWorker(_save, parent=session)

        form.program_requested.connect(self._on_requested)
        self._worker.answered.connect(self._on_saved)
        self._worker.failed.connect(self._on_failed)

    def save_to(self, recipe: Recipe, name: str, path: Path) -> None:
        """Save the program of a recipe to a file."""
        self._worker.submit(_Request(recipe, name, path))

    @Slot()
    def _on_requested(self) -> None:
        recipe, name = self._form.recipe, self._form.recipe_name or "recipe"
        if recipe is None:
            return
        try:
            program = program_of(recipe, name)
        except DigitpadError as error:
            self._messages.warn(str(error))
            return
        folder = source_folder(recipe, data_folder())
        hint = "" if folder is None else self.tr("The files of the data set are in {}").format(folder)
        dialog = ProgramDialog(program, hint, cast("QWidget", self.parent()))
        dialog.save_button.clicked.connect(lambda: self._ask_path(recipe, name, dialog))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()  # not exec(): that would block the guide too

    def _ask_path(self, recipe: Recipe, name: str, dialog: QWidget) -> None:
        file_name = f"{safe_name(name, 'program')}.py"
        title, filters = self.tr("Save the program"), {"py": "*.py"}
        if path := choose_save_path(dialog, self._session.settings, title, file_name, filters):
            self.save_to(recipe, name, path)

    @Slot(object, object)
    def _on_saved(self, request: _Request, folder: Path | None) -> None:
        if folder is None:
            self._messages.inform(self.tr("Saved to {}").format(request.path))
        else:
            text = self.tr("Saved to {}, and its data to {}")
            self._messages.inform(text.format(request.path, folder))

    @Slot(object, object)
    def _on_failed(self, _request: _Request, error: Exception) -> None:
        self._messages.warn(error_text(error, self.tr("The program cannot be saved.")))


def _save(request: _Request) -> Path | None:
    return save_program(request.recipe, request.name, request.path, data_folder())
