"""The section "Train on my digits": fine-tunes a model on the user's digits."""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from digitpad.core.models.model_files import ModelEntry, display_name
from digitpad.gui.accessibility.screen_reader import announce
from digitpad.gui.fine_tuning.pages import DonePage, RunningPage
from digitpad.gui.fine_tuning.start_models import start_models
from digitpad.gui.fine_tuning.start_page import StartPage
from digitpad.gui.help.term_label import explain
from digitpad.gui.session.fine_tuning_progress import TuningProgress
from digitpad.gui.session.fine_tuning_service import FineTuningState
from digitpad.gui.session.my_digits.snapshot import MyDigitsSnapshot, digit_count_text
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import DEFAULT_MODEL
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.widgets.boxes import vbox


class FineTuningPanel(QWidget):
    """Connects the session's fine-tuning with its pages."""

    pad_requested = Signal()  # show the pad
    result_shown = Signal()  # the result is laid out

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "my-digits#training")
        self._session = session
        self._training_count = self._held_out = 0
        self._was_read = False
        self._kept: ModelEntry | None = None
        title = QLabel(self.tr("Train on my digits"))
        self.start_page, self.running_page, self.done_page = StartPage(), RunningPage(), DonePage()
        title.setProperty("role", "title")

        pages = self.start_page, self.running_page, self.done_page
        vbox(title, *pages, parent=self, spacing=8, margins=(0, 0, 0, 8))

        self._connect()
        self._show_start()
        self._on_models_changed()
        self._on_state_changed(session.fine_tuning.state)

    def _connect(self) -> None:
        session, tuner = self._session, self._session.fine_tuning
        session.my_digits.read.connect(self._on_read)
        session.models.entries_changed.connect(self._on_models_changed)
        session.models.chosen_changed.connect(self._on_models_changed)
        session.runs.changed.connect(self._on_models_changed)
        session.training.state_changed.connect(self._on_trainer_changed)
        tuner.state_changed.connect(self._on_state_changed)
        tuner.progressed.connect(self._on_progressed)
        tuner.kept.connect(self._on_kept)
        tuner.keep_failed.connect(self.done_page.show_problem)
        self.start_page.start_requested.connect(self._on_start_requested)
        self.start_page.use_requested.connect(self._on_use_requested)
        self.running_page.stop_requested.connect(tuner.stop)
        self.done_page.keep_requested.connect(tuner.keep)
        self.done_page.discard_requested.connect(tuner.discard)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._session.runs.refresh()
        self._update_size_later()

    def _update_size_later(self) -> None:
        """Update the size for wrapped text, once the theme has set its fonts."""
        QTimer.singleShot(0, self, self.updateGeometry)

    @Slot()
    def _report_result(self) -> None:
        if self.isVisible():
            announce(self, self.done_page.spoken_result)
        QTimer.singleShot(0, self, self.result_shown.emit)  # after the layout

    @Slot(object)
    def _on_read(self, snapshot: MyDigitsSnapshot) -> None:
        self._was_read = True
        self._held_out = sum(digit.part == "test" for digit in snapshot.digits)
        self._training_count = len(snapshot) - self._held_out
        self._show_start()

    @Slot()
    def _on_models_changed(self) -> None:
        models = start_models(self._session, self.tr)
        keys = {model.key for model in models}
        pad_model = str(self._session.models.chosen.path)
        shipped = next((m.key for m in models if m.entry.is_shipped and m.entry.name == DEFAULT_MODEL), "")
        self.start_page.show_models(models, pad_model if pad_model in keys else shipped)
        self._show_kept()

    @Slot(object)
    def _on_trainer_changed(self, _state: TrainingState) -> None:
        self._show_start()

    @Slot()
    def _on_start_requested(self) -> None:
        if (entry := self.start_page.chosen) is None:
            return
        self._kept = None
        digits = digit_count_text(self._training_count, self.tr)
        self.running_page.start(self.tr("Training {} on your {}.").format(display_name(entry), digits))
        # Keeps the height, so that nothing below moves.
        self.running_page.setMinimumHeight(self.start_page.height())
        self._session.fine_tuning.start(entry)

    @Slot()
    def _on_use_requested(self) -> None:
        if self._kept is not None:
            self._session.models.choose(self._kept)
            self.pad_requested.emit()

    @Slot(object)
    def _on_progressed(self, progress: TuningProgress) -> None:
        if self._session.fine_tuning.state is FineTuningState.RUNNING:
            self.running_page.show_progress(progress)

    @Slot(object)
    def _on_kept(self, entry: ModelEntry) -> None:
        self._kept = entry
        self._show_kept()
        if self.isVisible():  # it is in two pages
            announce(self, self.start_page.kept)
            self.start_page.use.setFocus()

    @Slot(object)
    def _on_state_changed(self, state: FineTuningState) -> None:
        tuner = self._session.fine_tuning
        was_stopping = self.running_page.isVisibleTo(self) and not self.running_page.stop.isEnabled()
        if state is FineTuningState.STOPPING:
            self.running_page.show_stopping()
        if state is FineTuningState.DONE and tuner.result and tuner.entry:
            digits = digit_count_text(tuner.result.digit_count, self.tr)
            sentence = self.tr("{} after training on your {}. Accuracy:")
            self.done_page.show_result(tuner.result, sentence.format(display_name(tuner.entry), digits))
        if state in (FineTuningState.IDLE, FineTuningState.FAILED):
            self.start_page.show_note(tuner.problem, is_problem=True)
            if was_stopping:
                self.start_page.show_note(self.tr("Stopped; nothing was saved."))
            self._show_kept()
            self._show_start()
        self._show_page(state)

    def _show_page(self, state: FineTuningState) -> None:
        shown = {
            FineTuningState.DONE: self.done_page,
            FineTuningState.IDLE: self.start_page,
            FineTuningState.FAILED: self.start_page,
        }
        page = shown.get(state, self.running_page)
        page.show()
        if self.isAncestorOf(self.window().focusWidget()):
            self._take_focus(state)  # before Qt gives it to another widget, which a screen reader would tell
        for other in (self.start_page, self.running_page, self.done_page):
            if other is not page:
                other.hide()
        self._update_size_later()
        if page is self.done_page:
            QTimer.singleShot(0, self, self._report_result)

    def _take_focus(self, state: FineTuningState) -> None:
        if state is FineTuningState.DONE:
            done = self.done_page
            (done.keep if done.keep.isVisibleTo(self) else done.discard).setFocus()
        elif state in (FineTuningState.IDLE, FineTuningState.FAILED):
            self.start_page.start.setFocus()
        elif state is FineTuningState.RUNNING:
            self.running_page.stop.setFocus()

    def _show_start(self) -> None:
        """Show the digits to train on, or why training cannot start."""
        before = self.start_page.start.toolTip()
        reason = self._reason()
        if before and self.start_page.note == before:
            self.start_page.show_note("")  # no longer true
        sentence = self.tr("Trains a copy of a model on your handwriting. It still reads the handwriting of others.")
        if self._training_count:
            sentence += " " + self._digits_sentence()
        self.start_page.show_digits(sentence, reason)
        self._update_size_later()

    def _digits_sentence(self) -> str:
        digits = digit_count_text(self._training_count, self.tr)
        if not self._held_out:
            return self.tr("It trains on {}; none is held out for testing yet, so draw more.").format(digits)
        return self.tr("It trains on {}; {:,} are held out for testing.").format(digits, self._held_out)

    def _reason(self) -> str:
        if not self._was_read:
            return self.tr("Your digits are being loaded.")
        if not self._training_count:
            return self.tr("There are no digits to train on: draw some and choose their labels.")
        if self._session.training.is_busy and self._session.training.state is not TrainingState.PAUSED:
            return self.tr("A training is running: pause it, or wait until it ends.")
        return ""

    def _show_kept(self) -> None:
        if self._kept is None or all(known.path != self._kept.path for known in self._session.models.entries):
            self.start_page.show_kept("", can_be_used=False)
            return
        is_used = self._session.models.chosen.path == self._kept.path
        text = self.tr("✓ Saved as {}; the pad uses it.") if is_used else self.tr("✓ Saved as {}.")
        self.start_page.show_kept(text.format(self._kept.name), can_be_used=not is_used)
