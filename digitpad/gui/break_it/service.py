"""Lets the models read the distorted drawing, in threads."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from digitpad.core.datasets.loading import BUILT_IN, load_digits
from digitpad.core.files.paths import data_folder
from digitpad.core.images.digits import to_floats
from digitpad.core.images.idx_sets import find_pairs
from digitpad.core.ink.distortion import NEUTRAL, Distortion
from digitpad.core.ink.drawing import PEN_WIDTH, Drawing, enlarge_digit_image
from digitpad.core.models.model_files import ModelEntry
from digitpad.core.recognition.distorted_answers import Curve, DistortedAnswer, DistortionReader, Subject
from digitpad.gui.session.session import Session
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.widgets.sentences import error_text
from digitpad.gui.widgets.throttle import SignalThrottle

_ANSWERED_EVERY_MS = 33
# A curve takes as long as many answers: it waits until the pen and the other sliders rest.
_REST_MS = 150
_SAMPLE = 7


@dataclass(frozen=True, slots=True, eq=False)
class _CurveRequest:
    subject: Subject
    distortion: Distortion
    name: str
    is_newest: Callable[[], bool]


class BreakItService(QObject):
    """Owns the distortion. It computes only while its view is shown."""

    answered = Signal(object)  # DistortedAnswer
    curve_found = Signal(object)  # Curve
    models_changed = Signal()
    problem_found = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._reader = DistortionReader()
        self._worker = LatestOnlyWorker(self._answer, session, priority=session.priority)
        self._curve_worker = LatestOnlyWorker(self._curve, session)
        self._sample_worker = LatestOnlyWorker(_load_sample, session)
        self._distortion, self._name = NEUTRAL, "rotation"
        self._drawing: Drawing | None = None
        self._subject: Subject | None = None
        self._wanted_curve: tuple[object, ...] = ()
        self._curves = 0  # how many were asked for
        self._is_active = False
        self._throttle = SignalThrottle(_ANSWERED_EVERY_MS, self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)

        self._throttle.triggered.connect(self._compute)
        self._rest.timeout.connect(self._compute_curve)
        self._worker.answered.connect(self.answered)
        self._curve_worker.answered.connect(self._on_curve_found)
        self._sample_worker.answered.connect(self._on_sample_loaded)
        for worker in (self._worker, self._curve_worker, self._sample_worker):
            worker.failed.connect(self._on_failed)
        for changed in (session.models.chosen_changed, session.models.chosen_updated, session.models.entries_changed):
            changed.connect(self._on_models_changed)
        session.my_digits.kept.connect(self._refresh)

    @property
    def models(self) -> list[ModelEntry]:
        """The shipped models, and the chosen one if it is another."""
        entries, chosen = self._session.models.entries, self._session.models.chosen
        shipped = [entry for entry in entries if entry.is_shipped]
        return shipped if chosen.is_shipped else [*shipped, chosen]

    @property
    def sample_name(self) -> str:
        """What `show_sample` shows: "MNIST", or the built-in digits if MNIST is not at hand."""
        return "MNIST" if _is_mnist_at_hand() else self.tr("the built-in digits")

    @property
    def is_settled(self) -> bool:
        """Whether the newest drawing and distortion have their answers and their curve."""
        workers = self._worker, self._curve_worker, self._sample_worker
        is_waiting = self._throttle.is_waiting or self._rest.isActive()
        return not is_waiting and all(worker.is_settled for worker in workers)

    def show_drawing(self, drawing: Drawing) -> None:
        """Distort a drawing with some ink."""
        is_same_pen = self._subject is not None and self._subject.pen_width == self._pen_width
        if drawing is not self._drawing or not is_same_pen:
            self._drawing = drawing
            self._refresh()

    def show_nothing(self) -> None:
        """Distort nothing."""
        self._drawing = self._subject = None
        for worker in (self._worker, self._curve_worker):
            worker.forget()

    def distort(self, distortion: Distortion, name: str) -> None:
        """Distort the drawing; the curve is that of `name`, one of `SPANS`."""
        self._distortion, self._name = distortion, name
        self._throttle.throttle()

    def set_active(self, *, active: bool) -> None:
        """Start or stop computing."""
        if active != self._is_active:
            self._is_active = active
            self._compute()

    @Slot()
    def show_sample(self) -> None:
        """Put a digit of a data set on the pad, as one step that can be undone."""
        self._start(self._sample_worker)
        self._sample_worker.submit(_SAMPLE)

    @Slot()
    def _refresh(self) -> None:
        """Read the drawing again: it, its label or the models may have changed."""
        self._subject = None
        self._throttle.throttle()

    @Slot()
    def _on_models_changed(self) -> None:
        for worker in (self._worker, self._curve_worker):
            worker.forget()
        self.models_changed.emit()
        self._refresh()

    @Slot()
    def _compute(self) -> None:
        if self._drawing is None or not self._is_active:
            return
        self._subject = self._subject or self._new_subject(self._drawing)
        self._start(self._worker)
        self._worker.submit((self._subject, self._distortion))
        wanted = self._subject, self._name, self._distortion.with_value(self._name, getattr(NEUTRAL, self._name))
        if wanted != self._wanted_curve:
            self._wanted_curve = wanted
            self._curves += 1
            self._rest.start()

    def _new_subject(self, drawing: Drawing) -> Subject:
        models, chosen = self.models, self._session.models.chosen
        kept = self._session.my_digits.kept_as(drawing)
        label = drawing.label if kept is None else kept.label
        sources = tuple(entry.source for entry in models)
        return Subject(drawing, sources, sources.index(chosen.source), label, self._pen_width)

    @property
    def _pen_width(self) -> float:
        return PEN_WIDTH * self._session.settings.pen_scale

    @Slot()
    def _compute_curve(self) -> None:
        if self._subject is None or not self._is_active:
            self._wanted_curve = ()
            return
        number = self._curves
        self._start(self._curve_worker)
        self._curve_worker.submit(
            _CurveRequest(self._subject, self._distortion, self._name, lambda: self._curves == number)
        )

    @staticmethod
    def _start(worker: LatestOnlyWorker) -> None:
        if not worker.isRunning():
            worker.start()

    def _answer(self, request: tuple[Subject, Distortion]) -> DistortedAnswer:
        """Read the distorted drawing; runs in the thread."""
        return self._reader.answer(*request)

    def _curve(self, request: _CurveRequest) -> Curve | None:
        """Compute a curve; runs in the other thread."""

        def is_needed() -> bool:
            self._session.priority.wait_briefly()
            return request.is_newest()

        return self._reader.curve(request.subject, request.distortion, request.name, is_needed)

    @Slot(object)
    def _on_curve_found(self, curve: Curve | None) -> None:
        if curve is not None:
            self.curve_found.emit(curve)

    @Slot(object)
    def _on_sample_loaded(self, sample: Drawing) -> None:
        if not self._session.pad.drawing:  # else the user was faster, and drew something
            self._session.pad.change(sample, self.tr("sample"))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.problem_found.emit(error_text(error, self.tr("The drawing cannot be distorted.")))


def _is_mnist_at_hand() -> bool:
    return len(find_pairs("mnist", "test", data_folder())) == 1


def _load_sample(label: int) -> Drawing:
    """Return the first test image of a digit, with its label; runs in a thread."""
    digits = load_digits("mnist" if _is_mnist_at_hand() else BUILT_IN, "test", data_folder())
    first = int(np.flatnonzero(digits.labels == label)[0])
    return replace(enlarge_digit_image(to_floats(digits.images[first], digits.peak)), label=label)
