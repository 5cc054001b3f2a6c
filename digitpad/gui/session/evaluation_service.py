"""Evaluates models on data sets in the background."""

from PySide6.QtCore import QObject, Signal

from digitpad.core.evaluation.evaluator import EvaluationRequest, Evaluator, ModelProgress
from digitpad.core.evaluation.samples import Samples
from digitpad.gui.threads.generator_service import GeneratorService
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.widgets.sentences import error_text


class EvaluationService(GeneratorService):
    """Answers the newest request; an earlier one is cancelled, and its finished predictions are kept."""

    progressed = Signal(object)  # ModelProgress
    finished = Signal(object)  # Samples
    failed = Signal(str)
    cancelled = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        evaluator: Evaluator | None = None,
        priority: PadPriority | None = None,
    ) -> None:
        super().__init__(parent, priority=priority or PadPriority())
        self._evaluator = evaluator or Evaluator()
        self._request: EvaluationRequest | None = None  # the newest one, until it is answered
        self._running: EvaluationRequest | None = None
        self._next: EvaluationRequest | None = None  # to be answered after that

    @property
    def is_busy(self) -> bool:
        """Whether a request is not answered yet."""
        return self._request is not None

    def evaluate(self, request: EvaluationRequest, *, after: bool = False) -> None:
        """Answer a request: `finished`, `failed` or `cancelled` follows, unless another request comes.

        With `after` the current request is finished first. So if requests come faster than they can be answered, as
        from a model in training, some of them are answered rather than none.
        """
        if after and self._request:
            self._next = request
            return
        self._request, self._next = request, None
        if self._worker:
            self._request_stop()
        else:
            self._start()

    def cancel(self) -> None:
        """Stop after the current batch of images."""
        self._next = None
        if self._request:
            self._request = None
            self._request_stop()

    def close(self) -> None:
        self._request = self._next = None
        super().close()

    def _start(self) -> None:
        request = self._running = self._request
        if request is not None:
            self._start_worker(lambda: self._evaluator.evaluate(request))

    def _handle_values(self, values: tuple[ModelProgress | Samples, ...]) -> None:
        if self._running is None or self._running is not self._request:
            return
        newest = values[-1]
        if isinstance(newest, Samples):
            self._request = self._running = None
            self.finished.emit(newest)
        else:
            self.progressed.emit(newest)

    def _handle_end(self, *, was_stopped: bool) -> None:  # finished samples reset `_running`
        was_cancelled, self._running = self._running is not None, None
        self._request, self._next = self._request or self._next, None
        if self._request:
            self._start()
        elif was_cancelled:
            self.cancelled.emit()

    def _handle_error(self, error: Exception) -> None:
        is_newest, self._running = self._running is self._request, None
        if is_newest:
            self._request = self._next = None
            self.failed.emit(error_text(error, self.tr("The evaluation failed.")))
        elif self._request:
            self._start()
