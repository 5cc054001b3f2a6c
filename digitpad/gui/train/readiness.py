"""Whether a training can start: the settings are valid, and the data set is on this machine."""

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.datasets.catalogue import catalogue, sizes_of, state_of
from digitpad.core.files.paths import data_folder
from digitpad.gui.datasets.dataset_actions import DatasetActions
from digitpad.gui.session.session import Session
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.train.form.set_texts import Sizes
from digitpad.gui.train.form.training_form import TrainingForm
from digitpad.gui.train.start_state import Downloads, InvalidField, StartState, start_state
from digitpad.gui.train.training_launcher import TrainingLauncher
from digitpad.gui.widgets.message_bar import MessageBar


class TrainingReadiness(QObject):
    """Keeps the state of Start up to date, and shows the state of the data sets in the form and in the banner."""

    changed = Signal(object)  # StartState

    def __init__(
        self, session: Session, form: TrainingForm, launcher: TrainingLauncher, data: DatasetActions,
        messages: MessageBar,
    ) -> None:  # fmt: skip
        super().__init__(data)
        self._session, self._form, self._launcher = session, form, launcher
        self._data, self._messages = data, messages
        self._state: StartState | None = None
        self._sizes = LatestOnlyWorker(_sizes_of, session)

        self._sizes.answered.connect(form.show_sizes)
        data.own_data.chosen.connect(self._on_own_data_chosen)
        data.data_changed.connect(self.refresh)
        form.edited.connect(self.refresh)
        launcher.waiting_changed.connect(self.refresh)
        session.training.state_changed.connect(self.refresh_start)
        session.fine_tuning.state_changed.connect(self.refresh_start)

    @property
    def state(self) -> StartState:
        """What Start does now."""
        return self._state or self._current_state()

    @Slot()
    def refresh(self) -> None:
        """Check the data folder, and show what was found."""
        folder = data_folder()
        keys = {entry.key for entry in catalogue()} | {self._form.dataset}
        self._form.show_dataset_states({key: state_of(key, folder) for key in keys})
        if not self._sizes.isRunning():
            self._sizes.start()
        self._sizes.submit(self._form.dataset)
        self.refresh_start()

    @Slot()
    def refresh_start(self) -> None:
        """Emit the state of Start if it has changed, and update the banner."""
        state = self._current_state()
        if state != self._state:
            self._state = state
            self.changed.emit(state)

    def _current_state(self) -> StartState:
        session, form = self._session, self._form
        data = self._data.update_banner(form.dataset, wanted=not session.training.is_busy)
        problems = form.problems_by_field
        return start_state(
            session.training.state,
            is_tuning=session.fine_tuning.is_busy,
            invalid=[InvalidField(key, form.label_of(key), text) for key, text in problems.items()],
            dataset=form.dataset,
            data=data,
            downloads=Downloads(session.downloads.key, is_awaited=self._launcher.is_waiting),
        )

    @Slot(str)
    def _on_own_data_chosen(self, dataset: str) -> None:
        self._messages.hide()
        self._form.choose_dataset(dataset)


def _sizes_of(dataset: str) -> tuple[str, Sizes]:
    """Look up the number of images of a data set; called in the thread."""
    return dataset, sizes_of(dataset, data_folder())
