"""Samples and what models say of them, gathered in the background."""

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.evaluation.evaluator import Evaluator, Looking, Request
from digitpad.core.evaluation.samples import Samples
from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.widgets.sentences import error_text


class EvaluationService(QObject):
    """Works on the newest request; an earlier one is cancelled, and what it had finished is kept."""

    progressed = Signal(object)  # Looking
    finished = Signal(object)  # Samples
    failed = Signal(str)
    cancelled = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        evaluator: Evaluator | None = None,
        way: PadPriority | None = None,
    ) -> None:
        super().__init__(parent)
        self._way = way or PadPriority()
        self._evaluator = evaluator or Evaluator()
        self._thread: GeneratorWorker | None = None
        self._request: Request | None = None  # what is wanted, until it is done
        self._running: Request | None = None
        self._later: Request | None = None  # what is wanted after that

    @property
    def thread_(self) -> GeneratorWorker | None:
        """The thread at work."""
        return self._thread

    @property
    def is_busy(self) -> bool:
        """Whether something is being gathered."""
        return self._request is not None

    def evaluate(self, request: Request, *, after: bool = False) -> None:
        """Gather; one of `finished`, `failed` and `cancelled` tells how it ended, unless another request comes.

        With `after` what is being gathered is finished first: of requests that come faster than they can be answered,
        as from a model in training, one in a few is answered rather than none.
        """
        if after and self._request:
            self._later = request
            return
        self._request, self._later = request, None
        if self._thread:
            self._thread.ask_to_stop()
        else:
            self._start()

    def cancel(self) -> None:
        """Stop after the images in hand."""
        self._later = None
        if self._request:
            self._request = None
            if self._thread:
                self._thread.ask_to_stop()

    def close(self) -> None:
        """Stop, and wait until the thread is gone."""
        self._request = self._later = None
        if self._thread:
            self._thread.stop()

    def _start(self) -> None:
        request = self._running = self._request
        if request is None:
            return
        self._thread = GeneratorWorker(lambda: self._evaluator.gather(request), self, priority=self._way)
        self._thread.yielded.connect(self._on_yielded)
        self._thread.returned.connect(self._on_ended)
        self._thread.stopped.connect(self._on_ended)
        self._thread.errored.connect(self._on_errored)
        self._thread.start()

    @Slot(tuple)
    def _on_yielded(self, states: tuple[Looking | Samples, ...]) -> None:
        if self._running is None or self._running is not self._request:
            return
        newest = states[-1]
        if isinstance(newest, Samples):
            self._request = self._running = None
            self.finished.emit(newest)
        else:
            self.progressed.emit(newest)

    @Slot()
    def _on_ended(self) -> None:
        was_cancelled = self._running is not None
        self._let_go()
        self._request, self._later = self._request or self._later, None
        if self._request:
            self._start()
        elif was_cancelled:
            self.cancelled.emit()

    @Slot(object)
    def _on_errored(self, error: Exception) -> None:
        is_newest = self._running is self._request
        self._let_go()
        if is_newest:
            self._request = self._later = None
            self.failed.emit(error_text(error, self.tr("The evaluation failed.")))
        elif self._request:
            self._start()

    def _let_go(self) -> None:
        if self._thread:
            self._thread.wait()
            self._thread.deleteLater()
        self._thread = self._running = None
