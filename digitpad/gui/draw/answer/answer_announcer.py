"""Lets a screen reader say the answer when the pad has come to rest."""

from PySide6.QtCore import QObject, QTimer, Slot

from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.accessibility.screen_reader import announce
from digitpad.gui.draw.answer.answer_panel import AnswerPanel
from digitpad.gui.draw.canvas import InkCanvas
from digitpad.gui.session.session import Session

_REST_MS = 800  # the next stroke of a digit begins sooner


class AnswerAnnouncer(QObject):
    """Says an answer once, when nothing was drawn for a moment; the same answer again only for another drawing."""

    def __init__(self, session: Session, canvas: InkCanvas, panel: AnswerPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas, self._panel = canvas, panel
        self._answered: Answer | None = None  # the newest answer that was not said yet
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._on_rested)
        session.recognition.answered.connect(self._on_answered)

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        self._answered = answer
        self._rest.start()

    @Slot()
    def _on_rested(self) -> None:
        if self._canvas.is_drawing:
            self._rest.start()
        elif self._answered is not None and self._answered.question.drawing and self._panel.isVisible():
            self._answered = None
            announce(self._panel, self._panel.spoken_answer)
