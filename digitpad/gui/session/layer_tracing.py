"""Follows the drawing on the pad, or the selected sample, through the layers of a model."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.images.digits import to_bytes
from digitpad.core.models.model_files import ModelEntry, display_name
from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.session.inside_service import InsideService
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.widgets.sentences import error_text

if TYPE_CHECKING:  # they would bring torch, or delay the start
    from digitpad.core.evaluation.layer_rows import Engine, FollowedImage, LayerFollower, LayerRequest
    from digitpad.core.evaluation.samples import Sample, Samples
    from digitpad.core.models.model_files import LoadedModel


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is followed: an image, its title, and the model; without a label it is a drawing."""

    title: str
    model_name: str
    request: "LayerRequest"

    @property
    def is_drawing(self) -> bool:
        """Whether it is the drawing on the pad, which has no label of its own."""
        return self.request.label is None


class LayerTracing(QObject):
    """Owns the subject and how it is computed. It computes only while it is active: while its window is shown."""

    window_requested = Signal(bool)  # whether for the pixels
    inside_requested = Signal()
    subject_changed = Signal()
    followed = Signal(object)  # FollowedImage
    problem_found = Signal(str)

    def __init__(self, parent: QObject | None = None, *, priority: PadPriority) -> None:
        super().__init__(parent)
        self._priority = priority
        self.inside = InsideService(parent or self, priority=priority)  # the same image in the view "Inside"
        self._follower: LayerFollower | None = None  # used in the thread
        self._worker = LatestOnlyWorker(self._follow, parent)
        self._subject: Subject | None = None
        self._waiting: tuple[Answer, ModelEntry] | None = None  # followed as soon as the window is shown
        self._last: tuple[Answer, ModelEntry] | None = None  # of the pad, also while a sample is followed
        self._has_samples = False  # whether Mistakes is shown
        self._shown_inside: Path | LoadedModel | None = None
        self._hint = ""
        self._is_active = False
        self._engine: Engine | None = None  # the one that trained the model
        self._draw = 0  # the seed of the dropout; 0 drops nothing
        self._label: int | None = None  # of drawings

        self._worker.answered.connect(self._on_answered)
        self._worker.failed.connect(self._on_failed)

    @property
    def subject(self) -> Subject | None:
        """What is followed; None for nothing."""
        return self._subject

    @property
    def hint(self) -> str:
        """Why nothing is followed, and what to do."""
        return self._hint or self.tr("Draw a digit on the pad, or select a sample in Mistakes.")

    @property
    def is_settled(self) -> bool:
        """Whether the newest subject has its rows."""
        return self._worker.is_settled

    def show_answer(self, answer: Answer, entry: ModelEntry) -> None:
        """Follow the drawing of an answer through a model."""
        self._waiting = self._last = answer, entry
        if self._is_active:
            self._follow_waiting()

    def note_answer(self, answer: Answer, entry: ModelEntry) -> None:
        """Follow the drawing of an answer while the pad is hidden, if the drawing is newer than the followed sample."""
        before, self._last = self._last, (answer, entry)
        is_new = before is None or before[0].question.drawing != answer.question.drawing
        if not self._has_samples and (is_new or self._subject is None or self._subject.is_drawing):
            self.show_answer(answer, entry)

    def enter_samples(self) -> None:
        """Follow samples only, until `leave_samples`."""
        self._has_samples = True

    def leave_samples(self) -> None:
        """Follow the drawing again, if no sample is followed."""
        self._has_samples = False
        if self._subject is None and self._last is not None:
            self.show_answer(*self._last)

    def _follow_waiting(self) -> None:
        if self._waiting is None:
            return
        (answer, entry), self._waiting = self._waiting, None
        if answer.question.as_number:
            self._show(None, self.tr("A number is several digits: choose “One digit” on the Draw tab."))
        elif answer.image.is_blank:
            self._show(None, "")
        else:
            from digitpad.core.evaluation.layer_rows import LayerRequest

            request = LayerRequest(to_bytes(answer.image.pixels), 255, entry.source)
            self._show(Subject(self.tr("Your drawing"), display_name(entry), request))

    def show_sample(self, samples: "Samples | None", sample: "Sample | None") -> None:
        """Follow a sample through the model that predicted it; None for none."""
        self._waiting = None
        if samples is None or sample is None:
            self._show(None, "")
            return
        from digitpad.core.evaluation.layer_rows import LayerRequest
        from digitpad.core.evaluation.sample_filter import sample_name

        model: Path | LoadedModel | None = samples.loaded_model
        raw = samples.loaded.sample_set.raw_pixels
        request = LayerRequest(sample.image, sample.peak, model, sample.label, raw_pixels=raw)
        self._show(Subject(sample_name(samples, sample), samples.model, request))

    def _show(self, subject: Subject | None, hint: str = "") -> None:
        self._subject, self._hint = subject, hint
        self.subject_changed.emit()
        if subject is None or subject.request.model is None:
            self.inside.show_nothing(self.hint if subject is None else self.tr("Choose a model to look inside."))
        else:
            if subject.request.model != self._shown_inside:
                self.inside.forget_model()
            self._shown_inside = subject.request.model
            self.inside.show_image(subject.request.model, subject.request.inputs)
        self._compute()

    def set_active(self, *, active: bool) -> None:
        """Start or stop computing."""
        self._is_active = active
        if active:
            self._follow_waiting()
        self._compute()

    def set_engine(self, engine: "Engine") -> None:
        """Compute with PyTorch, or with the NumPy engine."""
        self._engine = engine
        self._compute()

    def set_label(self, label: int | None) -> None:
        """Set the label of drawings; None is the predicted digit."""
        self._label = label
        self._compute()

    @Slot(bool)
    def set_dropout(self, enabled: bool) -> None:
        """Drop units, as in training, or none."""
        self._draw = int(enabled)
        self._compute()

    @Slot()
    def draw_dropout(self) -> None:
        """Draw anew which units are dropped."""
        self._draw += 1
        self._compute()

    def _compute(self) -> None:
        self._worker.forget()  # what is still computed belongs to something else
        if self._subject is None or not self._is_active:
            return
        if not self._worker.isRunning():
            self._worker.start()
        request = self._subject.request
        label = self._label if self._subject.is_drawing else request.label
        seed = self._draw or None
        self._worker.submit(replace(request, label=label, engine=self._engine, dropout_seed=seed))

    def _follow(self, request: "LayerRequest") -> "FollowedImage":
        """Follow an image; runs in the thread. The answer on the pad comes first."""
        from digitpad.core.evaluation.layer_rows import LayerFollower

        self._priority.wait_briefly()
        self._follower = self._follower or LayerFollower()
        return self._follower.follow(request)

    @Slot(object)
    def _on_answered(self, followed: "FollowedImage") -> None:
        self.followed.emit(followed)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.problem_found.emit(error_text(error, self.tr("The layers cannot be computed.")))
