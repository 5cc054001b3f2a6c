"""Recognises the drawing on the pad in the background."""

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.ink.drawing import Drawing
from digitpad.core.models.switched_off import Unit
from digitpad.core.recognition.recogniser import Answer, Failure, Question, Recogniser
from digitpad.gui.session.model_choice import ModelChoice
from digitpad.gui.session.settings import Settings
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.widgets.sentences import error_text


class RecognitionService(QObject):
    """Recognises the newest drawing with the compared models; superseded drawings are dropped."""

    answered = Signal(object)  # Answer
    became_ready = Signal()
    reads_numbers_changed = Signal(bool)
    problem_found = Signal(str)

    def __init__(
        self, settings: Settings, models: ModelChoice, parent: QObject | None = None, *, priority: PadPriority
    ) -> None:
        super().__init__(parent)
        self._settings, self._models = settings, models
        self._worker = LatestOnlyWorker(Recogniser().answer, self, priority=priority)
        self._reads_numbers = settings.reads_numbers
        self._switched_off: frozenset[Unit] = frozenset()  # units of the chosen model
        self._looks_inside = False
        self._is_ready = False
        self._reported_problem = ""

        self._worker.answered.connect(self._on_answered)
        self._worker.failed.connect(self._on_failed)
        models.chosen_changed.connect(self._on_chosen_changed)
        models.comparing_changed.connect(self._worker.forget)

    @property
    def is_ready(self) -> bool:
        """Whether the recogniser has answered once; before that it is loading."""
        return self._is_ready

    @property
    def is_settled(self) -> bool:
        """Whether the newest drawing has its answer."""
        return self._is_ready and self._worker.is_settled

    @property
    def reads_numbers(self) -> bool:
        """Whether a drawing is read as a whole number, and not as one digit."""
        return self._reads_numbers

    @Slot(bool)
    def set_reads_numbers(self, enabled: bool) -> None:
        """Read drawings as whole numbers, or as one digit each."""
        if enabled != self._reads_numbers:
            self._reads_numbers = self._settings.reads_numbers = enabled
            self._worker.forget()
            self.reads_numbers_changed.emit(enabled)

    def switch_off(self, units: frozenset[Unit]) -> None:
        """Let the chosen model answer without some of its units."""
        self._switched_off = units

    def look_inside(self, *, enabled: bool) -> None:
        """Let the answers for one digit have the values of the chosen model's layers."""
        self._looks_inside = enabled

    def start(self, drawing: Drawing) -> None:
        """Load the recogniser, and recognise a drawing as soon as it is loaded."""
        self._worker.start()
        self.recognise(drawing)

    def recognise(self, drawing: Drawing, *, seeks_several: bool = False) -> None:
        """Recognise a drawing; `answered` follows, unless a newer drawing comes first.

        With `seeks_several` the answer for one digit also says whether the drawing shows several.
        """
        if not drawing:
            # A late answer would be about ink that is not there any more.
            self._worker.forget()
        sources = tuple(entry.source for entry in self._models.compared)
        is_number = self._reads_numbers
        several = seeks_several and not is_number
        chosen, units, inside = self._models.chosen.source, self._switched_off, self._looks_inside and not is_number
        self._worker.submit(
            Question(drawing, sources, self._settings.threshold, is_number, several, chosen, units, inside)
        )

    @Slot()
    def _on_chosen_changed(self) -> None:
        self._reported_problem = ""
        self._worker.forget()

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if not self._is_ready:
            self._is_ready = True
            self.became_ready.emit()
        self.answered.emit(answer)
        problem = next((p.sentence for p in answer.predictions if isinstance(p, Failure)), "")
        if problem and self._models.remove_missing():
            return
        # A problem is reported once, and not after every move of the pen.
        is_new, self._reported_problem = problem != self._reported_problem, problem
        if problem and is_new:
            self.problem_found.emit(problem)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.problem_found.emit(error_text(error, self.tr("The recognition failed.")))
