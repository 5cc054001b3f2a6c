"""Saving the form's settings as a recipe of the user's."""

from typing import cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog, QWidget

from digitpad.core.errors import DigitpadError
from digitpad.core.training.recipe_files import save_recipe
from digitpad.gui.train.form.training_form import TrainingForm
from digitpad.gui.widgets.message_bar import MessageBar


class RecipeSaver(QObject):
    """Asks for a name, saves the recipe, and chooses it in the form."""

    def __init__(self, form: TrainingForm, messages: MessageBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._form, self._messages = form, messages

        form.save_as_recipe_requested.connect(self._on_save_requested)

    def save(self, name: str) -> None:
        """Save the form's settings under a name, or report why this failed."""
        if self._form.recipe is None:
            return
        try:
            path = save_recipe(name, self._form.recipe)
        except DigitpadError as error:
            self._messages.warn(str(error))
            return
        self._form.reload_recipes()
        self._form.set_recipe(name)
        self._messages.inform(self.tr("Saved to {}").format(path))

    @Slot()
    def _on_save_requested(self) -> None:
        window, proposed = cast("QWidget", self.parent()), f"{self._form.recipe_name or 'recipe'}-mine"
        name, accepted = QInputDialog.getText(window, self.tr("Save as recipe"), self.tr("Name"), text=proposed)
        if accepted:
            self.save(name.strip())
