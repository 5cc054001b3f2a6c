"""Labels for the digits of a number: each is kept in My digits, one after the other."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.ink.drawing import Drawing, digit_image, enlarge_digit_image
from digitpad.core.ink.strokes import Ink
from digitpad.core.recognition.reading import ReadDigit
from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.draw.digit_boxes import DigitBoxes
from digitpad.gui.draw.label_buttons import LabelButtons
from digitpad.gui.session.my_digits.worker import Delete, Relabel
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """A digit of the number, and the drawing that is kept of it."""

    read: ReadDigit
    drawing: Drawing


class NumberLabels(QObject):
    """The label buttons and the digit keys label the marked digit; then the next one without a label is marked."""

    all_kept = Signal()  # each digit of the number

    def __init__(
        self, session: Session, buttons: LabelButtons, boxes: DigitBoxes, messages: MessageBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._buttons, self._boxes, self._messages = session, buttons, boxes, messages
        self._number: Drawing | None = None  # the drawing with the digits
        self._places: list[_Place] = []
        self._current = 0
        session.recognition.answered.connect(self._on_answered)
        session.pad.drawing_changed.connect(self._on_drawing_changed)
        session.recognition.reads_numbers_changed.connect(self._forget)
        session.my_digits.kept.connect(self._on_kept)
        session.my_digits.deleted.connect(self._on_changed)
        session.my_digits.relabelled.connect(self._on_changed)
        session.my_digits.restored.connect(self._show)

    @property
    def current(self) -> int:
        """The place of the digit that the next label is for, from 0."""
        return self._current

    @property
    def labels(self) -> dict[int, int]:
        """The labels of the digits that are kept, by place."""
        kept = ((n, self._session.my_digits.kept_as(place.drawing)) for n, place in enumerate(self._places))
        return {number: digit.label for number, digit in kept if digit is not None}

    def keep(self, label: int) -> None:
        """Keep the marked digit with a label."""
        if not self._places or self._number is not self._session.pad.drawing:
            return
        place, model = self._places[self._current], self._session.models.chosen.card.name
        predicted = place.read.prediction.best
        self._session.my_digits.keep(place.drawing, label, predicted=predicted, model=model)

    def move(self, step: int) -> None:
        """Mark another digit."""
        if self._places:
            self._current = min(max(self._current + step, 0), len(self._places) - 1)
            self._show()

    @Slot()
    def _forget(self) -> None:
        self._number, self._places, self._current = None, [], 0

    @Slot(object)
    def _on_drawing_changed(self, drawing: Drawing) -> None:
        if drawing is not self._number:
            self._forget()

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        question = answer.question
        if not question.as_number or question.drawing is not self._session.pad.drawing:
            return
        chosen = self._session.models.chosen.source
        readings = zip(question.models, answer.readings, strict=True)
        reading = next((reading for model, reading in readings if model == chosen), None)
        digits = () if reading is None else reading.digits
        before = self._places if question.drawing is self._number else []
        known = {place.read.box: place for place in before}
        self._number = question.drawing
        self._places = [
            _Place(read, known[read.box].drawing if read.box in known else _drawing_of(read, question.drawing))
            for read in digits
        ]
        self._current = min(self._current, max(len(digits) - 1, 0)) if before else 0
        self._show()

    @Slot(object, object, object)
    def _on_kept(self, drawing: Drawing, digit: "MyDigit", before: int | None) -> None:
        number = next((n for n, place in enumerate(self._places) if place.drawing is drawing), None)
        if number is None:
            return
        labels, count = self.labels, len(self._places)
        missing = [*range(number + 1, count), *range(number)]
        self._current = next((n for n in missing if n not in labels), number)
        self._show()
        text = self.tr("Digit {} of {} saved as {} in My digits").format(number + 1, count, digit.label)
        if len(labels) == count:
            text = self.tr("All {} digits are saved in My digits").format(count)
            self.all_kept.emit()
        my_digits = self._session.my_digits
        undo = (
            partial(my_digits.delete, (digit.id,)) if before is None else partial(my_digits.relabel, {digit.id: before})
        )
        self._messages.offer(text, self.tr("Undo"), undo)

    @Slot(object, int)
    def _on_changed(self, _job: Relabel | Delete, _count: int) -> None:
        if self._places:
            labels = self.labels
            self._current = next((n for n in range(len(self._places)) if n not in labels), self._current)
            self._show()

    @Slot()
    def _show(self) -> None:
        """Show the marked digit and the labels."""
        if not self._places:
            return
        labels = self.labels
        self._boxes.show_labels(labels, self._current)
        self._buttons.show_answer(self._places[self._current].read.digit, labels.get(self._current))


def _drawing_of(read: ReadDigit, number: Drawing) -> Drawing:
    """Return the drawing of one digit: its strokes, if they alone give the image that the model got, or that image."""
    left, top, right, bottom = read.box
    if number.picture is None:
        inside = [
            stroke
            for stroke in number.ink.strokes
            if left - 1 <= stroke[:, 0].min() and stroke[:, 0].max() <= right + 1
            and top - 1 <= stroke[:, 1].min() and stroke[:, 1].max() <= bottom + 1
        ]  # fmt: skip
        drawing = Drawing(ink=Ink(tuple(inside), number.ink.pen_width))
        if inside and np.abs(digit_image(drawing).pixels - read.image.pixels).max() < 1 / 255:
            return drawing
    return enlarge_digit_image(read.image.pixels)
