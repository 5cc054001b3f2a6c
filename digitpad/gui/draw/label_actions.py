"""Keeping what is on the pad: joins the pad, the ten keys below it, and My digits."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from digitpad.core.ink.drawing import Drawing
from digitpad.core.models.model_files import ModelEntry
from digitpad.core.recognition.prediction import Prediction
from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.draw.label_buttons import LabelButtons
from digitpad.gui.session.my_digits_service import MyDigitsService
from digitpad.gui.session.my_digits_worker import Delete, Job, Relabel
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit


class LabelActions(QObject):
    """The keys can be used once the drawing that is kept would be the one that was answered."""

    def __init__(self, session: Session, buttons: LabelButtons, messages: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._buttons, self._messages = session, buttons, messages
        self._answered: Drawing | None = None
        self._predicted: int | None = None
        self._answer: int | None = None  # the same, unless the model was not sure enough
        self._model = ""
        self._undo_message, self._undo_id = "", 0  # the sentence with Undo that was said last, and of which digit
        self._undoing: set[Job] = set()

        own = session.my_digits
        buttons.label_requested.connect(self.keep)
        session.recognition.answered.connect(self._on_answered)
        session.models.chosen_changed.connect(self._on_model_changed)
        session.recognition.reads_numbers_changed.connect(self._on_reading_changed)
        session.pad.drawing_changed.connect(self._on_drawing_changed)
        own.kept.connect(self._on_kept)
        own.keep_failed.connect(self._on_keep_failed)
        own.was_set_aside.connect(messages.warn_until_closed)
        own.deleted.connect(self._on_changed)
        own.relabelled.connect(self._on_changed)
        own.restored.connect(self._refresh_buttons)
        own.read.connect(self._refresh_buttons)
        self._on_reading_changed(session.recognition.reads_numbers)

    @Slot(int)
    def keep(self, label: int) -> None:
        """Say what the drawing was; while there is none with its answer, nothing happens."""
        if self._answered is None or not self._buttons.is_ready:
            return
        kept = self._session.my_digits.kept_as(self._answered)
        if kept is None or kept.label != label:
            self._retract_undo()  # it would take back more than the step it names
            own = self._session.my_digits
            own.keep(self._answered, label, predicted=self._predicted, model=self._model)

    @Slot()
    def clear(self) -> None:
        """Wait for the answer to another drawing."""
        self._answered = None
        self._buttons.show_nothing()

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        drawing, session = answer.question.drawing, self._session
        if drawing is not session.pad.drawing or not drawing:
            return  # a stroke is under way
        if answer.question.as_number:
            return  # My digits are single ones
        sources = [entry.source for entry in session.models.compared]
        if list(answer.question.models) != sources:
            return
        said = answer.predictions[sources.index(session.models.chosen.source)]
        if isinstance(said, Prediction) and said.is_blank:
            return
        self._answered = drawing
        self._predicted = said.best if isinstance(said, Prediction) else None
        self._answer = said.digit if isinstance(said, Prediction) else None
        self._model = self._name_of(session.models.chosen) if isinstance(said, Prediction) else ""
        self._refresh_buttons()

    @Slot(object)
    def _on_drawing_changed(self, drawing: Drawing) -> None:
        if drawing is not self._answered:
            self.clear()
            self._retract_undo()

    @Slot(bool)
    def _on_reading_changed(self, is_number: bool) -> None:
        self.clear()
        self._retract_undo()
        single = self.tr("My digits are single digits: switch from Number to One digit (N) to keep a drawing")
        self._buttons.set_disabled_reason(single if is_number else "")

    @Slot()
    def _on_model_changed(self) -> None:
        self.clear()

    @Slot()
    def _refresh_buttons(self) -> None:
        if self._answered is not None:
            kept = self._session.my_digits.kept_as(self._answered)
            self._buttons.show_answer(self._answer, None if kept is None else kept.label)

    @Slot(object, object, object)
    def _on_kept(self, drawing: Drawing, digit: "MyDigit", before: int | None) -> None:
        if drawing is not self._answered:
            return
        self._refresh_buttons()
        sentence = self.tr("Kept as {} in My digits").format(digit.label)
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
                words = self.tr("The digit is in My digits no more: it was deleted before, perhaps in another window")
                self._messages.inform(words)
        self._refresh_buttons()

    def _retract_undo(self) -> None:
        """Offer no longer to take back what was kept."""
        if self._undo_message:
            self._messages.retract(self._undo_message)
            self._undo_message, self._undo_id = "", 0

    @Slot(object, str)
    def _on_keep_failed(self, _drawing: Drawing, sentence: str) -> None:
        self._messages.warn(self.tr("The digit was not kept: {}").format(sentence))

    def _name_of(self, entry: ModelEntry) -> str:
        """Return what a model is called in My digits: all epochs of a training are one model."""
        run = self._session.training.run
        return run.name if entry.live is not None and run is not None else entry.card.name


def _undo_keep(own: MyDigitsService, number: int, before: int | None, undoing: set[Job]) -> None:
    """Give a digit the label back that it had, or delete it where it is new."""
    undoing.add(own.delete((number,)) if before is None else own.relabel({number: before}))
