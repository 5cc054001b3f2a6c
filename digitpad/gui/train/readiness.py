"""Whether a training can start: the settings are valid, and the data set is on this machine."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from digitpad.core.datasets.catalogue import catalogue, state_of
from digitpad.core.files.paths import data_folder
from digitpad.core.images.idx_sets import looks_like_path
from digitpad.gui.datasets.dataset_actions import DatasetActions
from digitpad.gui.session.training_service import TrainingService
from digitpad.gui.train.controls import TrainingButtons
from digitpad.gui.train.form.training_form import TrainingForm
from digitpad.gui.widgets.message_bar import MessageBar


class TrainingReadiness(QObject):
    """Shows the state of the data sets in the form, offers a missing one, and enables Start."""

    def __init__(
        self, training: TrainingService, form: TrainingForm, buttons: TrainingButtons, data: DatasetActions,
        messages: MessageBar,
    ) -> None:  # fmt: skip
        super().__init__(data)
        self._training, self._form, self._buttons = training, form, buttons
        self._data, self._messages = data, messages

        data.dataset_chosen.connect(self._on_dataset_chosen)
        data.data_changed.connect(self.refresh)
        form.recipe_changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Check the data folder, and show what was found."""
        folder = data_folder()
        keys = {entry.key for entry in catalogue()} | {self._form.dataset}
        self._form.show_dataset_states({key: state_of(key, folder) for key in keys})
        self.refresh_buttons()

    def refresh_buttons(self) -> None:
        """Enable Start if a training can start; otherwise its tooltip gives the reason."""
        state = self._data.update_banner(self._form.dataset, wanted=not self._training.is_busy)
        reason = (
            "" if state.is_ready else self.tr("The data set is not on this machine. See the message above the curves.")
        )
        if self._form.problems:
            reason = self._form.problems[0]
        can_start = self._form.is_valid and state.is_ready
        self._buttons.show_state(self._training.state, can_start=can_start, reason=reason)

    @Slot(str)
    def _on_dataset_chosen(self, key: str) -> None:
        self._messages.hide()
        if looks_like_path(key):
            self._form.add_folder(Path(key))
        else:
            self._form.choose_dataset(key)
