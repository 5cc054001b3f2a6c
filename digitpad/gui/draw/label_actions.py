"""Saving the drawing with a label: connects the pad, the ten buttons below it, and My digits."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.ink.drawing import Drawing
from digitpad.core.models.model_files import ModelEntry
from digitpad.core.recognition.prediction import Prediction
from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.draw.label_buttons import LabelButtons
from digitpad.gui.session.my_digits.service import MyDigitsService
from digitpad.gui.session.my_digits.worker import Delete, Job, Relabel
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit


class LabelActions(QObject):
    """Enables the buttons as soon as the drawing on the pad has been answered."""

    ready_changed = Signal(bool)  # whether there is a drawing that can be kept
    kept_changed = Signal(bool)  # whether the drawing on the pad was kept just now

    def __init__(self, session: Session, buttons: LabelButtons, messages: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._buttons, self._messages = session, buttons, messages
        self._answered: Drawing | None = None
        self._predicted: int | None = None
        self._answer: int | None = None  # the same, or None if the model was not sure enough
        self._model = ""
        self._undo_message, self._undo_id = "", 0  # the last message with Undo, and its digit
        self._undoing: set[Job] = set()

        my_digits = session.my_digits
        session.recognition.answered.connect(self._on_answered)
        session.models.chosen_changed.connect(self.clear)
        session.recognition.reads_numbers_changed.connect(self._on_reading_changed)
        session.pad.drawing_changed.connect(self._on_drawing_changed)
        my_digits.kept.connect(self._on_kept)
        my_digits.keep_failed.connect(self._on_keep_failed)
        my_digits.was_set_aside.connect(messages.warn_until_closed)
        my_digits.deleted.connect(self._on_changed)
        my_digits.relabelled.connect(self._on_changed)
        my_digits.restored.connect(self._refresh_buttons)
        my_digits.read.connect(self._refresh_buttons)
        self._on_reading_changed()

    @Slot(int)
    def keep(self, label: int) -> None:
        """Save the drawing with a label; does nothing while no drawing has been answered."""
        if self._answered is None or not self._buttons.is_ready:
            return
        saved = self._session.my_digits.kept_as(self._answered)
        if saved is None or saved.label != label:
            self._retract_undo()  # its Undo would undo two steps
            self._session.my_digits.keep(self._answered, label, predicted=self._predicted, model=self._model)

    @Slot()
    def clear(self) -> None:
        """Disable the buttons until the next answer."""
        self._answered = None
        self._buttons.show_nothing()
        self.ready_changed.emit(False)

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        drawing, session = answer.question.drawing, self._session
        if drawing is not session.pad.drawing or not drawing:
            return  # a stroke is being drawn
        if answer.question.as_number:
            return  # `NumberLabels` keeps its digits
        sources = [entry.source for entry in session.models.compared]
        if list(answer.question.models) != sources:
            return
        prediction = answer.predictions[sources.index(session.models.chosen.source)]
        if isinstance(prediction, Prediction) and prediction.is_blank:
            return
        self._answered = drawing
        self._predicted, self._answer, self._model = None, None, ""
        if isinstance(prediction, Prediction):
            is_several = any(answer.readings)
            self._predicted, self._answer = prediction.best, None if is_several else prediction.digit
            self._model = self._name_of(session.models.chosen)
        self._refresh_buttons()

    @Slot(object)
    def _on_drawing_changed(self, drawing: Drawing) -> None:
        if drawing is not self._answered:
            self.clear()
            self._retract_undo()
            self.kept_changed.emit(False)

    @Slot()
    def _on_reading_changed(self) -> None:
        self.clear()
        self._retract_undo()

    @Slot()
    def _refresh_buttons(self) -> None:
        if self._answered is not None:
            saved = self._session.my_digits.kept_as(self._answered)
            self._buttons.show_answer(self._answer, None if saved is None else saved.label)
            self.ready_changed.emit(True)

    @Slot(object, object, object)
    def _on_kept(self, drawing: Drawing, digit: "MyDigit", before: int | None) -> None:
        if drawing is not self._answered:
            return
        self._refresh_buttons()
        self.kept_changed.emit(True)
        sentence = self.tr("Saved as {} in My digits").format(digit.label)
        self._undo_message, self._undo_id = sentence, digit.id
        undo = partial(_undo_keep, self._session.my_digits, digit.id, before, self._undoing)
        self._messages.offer(sentence, self.tr("Undo"), undo)

    @Slot(object, int)
    def _on_changed(self, job: Relabel | Delete, count: int) -> None:
        if self._undo_id in (job.labels if isinstance(job, Relabel) else job.numbers):
            self._retract_undo()
        if job in self._undoing:
            self._undoing.discard(job)
            if not count:
                gone = self.tr("The digit was already deleted from My digits, perhaps in another window.")
                self._messages.inform(gone)
        self._refresh_buttons()

    def _retract_undo(self) -> None:
        """Hide the message with Undo."""
        if self._undo_message:
            self._messages.retract(self._undo_message)
            self._undo_message, self._undo_id = "", 0

    @Slot(object, str)
    def _on_keep_failed(self, _drawing: Drawing, sentence: str) -> None:
        self._messages.warn(self.tr("The digit was not saved: {}").format(sentence))

    def _name_of(self, entry: ModelEntry) -> str:
        """Return a model's name for My digits: all epochs of a training are one model."""
        run = self._session.training.run
        return run.name if entry.live is not None and run is not None else entry.card.name


def _undo_keep(my_digits: MyDigitsService, number: int, before: int | None, undoing: set[Job]) -> None:
    """Restore the label that a digit had before, or delete a new digit."""
    undoing.add(my_digits.delete((number,)) if before is None else my_digits.relabel({number: before}))
