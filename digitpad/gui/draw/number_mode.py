"""Number mode: connects the answers, the boxes over the pad, and the digit images."""

from PySide6.QtCore import QObject, QPointF, Slot

from digitpad.core.ink.drawing import Drawing
from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.draw.answer.answer_panel import AnswerPanel
from digitpad.gui.draw.canvas import InkCanvas
from digitpad.gui.draw.digit_boxes import DigitBoxes
from digitpad.gui.session.session import Session


class NumberMode(QObject):
    """Shows where the digits are, and highlights the digit under the pointer in all views."""

    def __init__(
        self, session: Session, canvas: InkCanvas, boxes: DigitBoxes, panel: AnswerPanel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._canvas, self._boxes, self._panel = session, canvas, boxes, panel
        self._strip, self._images = panel.numbers.view.strip, panel.number_images_view

        canvas.stroke_started.connect(self._on_stroke_started)
        canvas.pointer_moved.connect(self._on_pointer_moved)
        session.pad.drawing_changed.connect(self._on_drawing_changed)
        session.models.chosen_changed.connect(boxes.clear)
        session.recognition.reads_numbers_changed.connect(boxes.clear)
        session.recognition.answered.connect(self._on_answered)
        self._strip.pointed.connect(self._highlight)
        self._images.pointed.connect(self._highlight_and_scroll)

    @Slot()
    def _on_stroke_started(self) -> None:
        self._boxes.clear()
        self._highlight(-1)

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if not answer.question.as_number:
            return
        chosen = self._session.models.chosen.source
        readings = zip(answer.question.models, answer.readings, strict=True)
        reading = next((reading for model, reading in readings if model == chosen), None)
        lines = () if reading is None else reading.lines
        self._images.show_images([[read.image.pixels for read in line.digits] for line in lines])
        drawing = answer.question.drawing
        if reading is None or self._canvas.is_drawing or drawing is not self._session.pad.drawing:
            self._boxes.clear()
        else:
            self._boxes.show_reading(drawing, reading)

    @Slot(object)
    def _on_drawing_changed(self, drawing: Drawing) -> None:
        if drawing is not self._boxes.drawing:
            self._boxes.clear()

    @Slot(object)
    def _on_pointer_moved(self, spot: QPointF | None) -> None:
        if self._session.recognition.reads_numbers and not self._canvas.is_drawing:
            self._highlight_and_scroll(-1 if spot is None else self._boxes.index_at(spot))

    @Slot(int)
    def _highlight_and_scroll(self, place: int) -> None:
        if place != self._boxes.highlighted:
            self._highlight(place)
            self._strip.scroll_to(place)

    @Slot(int)
    def _highlight(self, place: int) -> None:
        for shown in (self._boxes, self._strip, self._images):
            shown.highlight(place)
