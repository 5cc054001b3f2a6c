"""Fine-tunes a model on the user's digits; holds the result until it is kept or discarded."""

from collections.abc import Generator
from enum import Enum, auto
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from digitpad.core.errors import DigitpadError
from digitpad.core.fine_tuning.events import FineTuned, FineTuneEvent
from digitpad.core.models.model_files import ModelEntry
from digitpad.gui.session.fine_tuning_progress import TuningProgress
from digitpad.gui.threads.generator_service import GeneratorService
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.widgets.sentences import error_text, sentence


class FineTuningState(Enum):
    """State of the fine-tuning."""

    IDLE = auto()
    RUNNING = auto()
    STOPPING = auto()
    DONE = auto()  # the result is to be kept or discarded
    FAILED = auto()  # `problem` is the reason


class FineTuningService(GeneratorService):
    """One fine-tuning at a time. Nothing is written before `keep`."""

    state_changed = Signal(object)
    progressed = Signal(object)  # TuningProgress
    kept = Signal(object)  # ModelEntry
    keep_failed = Signal(str)  # the reason; the result can still be kept

    def __init__(self, parent: QObject | None = None, *, priority: PadPriority | None = None) -> None:
        super().__init__(parent, priority=priority or PadPriority())
        self._state = FineTuningState.IDLE
        self._entry: ModelEntry | None = None
        self._result: FineTuned | None = None
        self._progress = TuningProgress()
        self._problem = ""

    @property
    def state(self) -> FineTuningState:
        """State of the fine-tuning."""
        return self._state

    @property
    def is_busy(self) -> bool:
        """Whether a fine-tuning is in progress."""
        return self._state in (FineTuningState.RUNNING, FineTuningState.STOPPING)

    @property
    def entry(self) -> ModelEntry | None:
        """The base model of the current or the last fine-tuning."""
        return self._entry

    @property
    def result(self) -> FineTuned | None:
        """The result that is to be kept or discarded."""
        return self._result

    @property
    def progress(self) -> TuningProgress:
        """Progress of the fine-tuning."""
        return self._progress

    @property
    def problem(self) -> str:
        """Why it failed, a sentence; empty if it did not fail."""
        return self._problem

    def start(self, entry: ModelEntry) -> None:
        """Fine-tune a model; nothing happens if one is running, or has a result that is not kept or discarded."""
        if self._worker or self._result:
            return
        self._entry, self._problem, self._progress = entry, "", TuningProgress()
        self._start_worker(partial(_events, entry.path))
        self._set_state(FineTuningState.RUNNING)

    def stop(self) -> None:
        """Stop, without a result."""
        if self._worker and self._state is FineTuningState.RUNNING:
            self._set_state(FineTuningState.STOPPING)
            self._request_stop()

    def keep(self) -> None:
        """Save the result as one of the user's models; `kept` or `keep_failed` follows."""
        if self._result is None or self._entry is None:
            return
        from digitpad.core.fine_tuning.fine_tuned_models import save_fine_tuned

        try:
            entry = save_fine_tuned(self._result, made_from=self._entry.name)
        except DigitpadError as error:
            self.keep_failed.emit(sentence(str(error)))
            return
        self._result = None
        self._set_state(FineTuningState.IDLE)
        self.kept.emit(entry)

    def discard(self) -> None:
        """Forget the result."""
        if self._result is not None:
            self._result = None
            self._set_state(FineTuningState.IDLE)

    def close(self) -> None:
        if self._worker:
            self.stop()
            super().close()
            # The worker's last signals are queued, and the event loop may end before it delivers them.
            QCoreApplication.sendPostedEvents(self)

    def _set_state(self, state: FineTuningState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    def _handle_values(self, values: tuple[FineTuneEvent, ...]) -> None:
        for event in values:
            if isinstance(event, FineTuned):
                self._result = event
            self._progress = self._progress.after(event)
        self.progressed.emit(self._progress)

    def _handle_end(self, *, was_stopped: bool) -> None:
        # It may finish after a stop was requested: its result is then dropped.
        is_done = not was_stopped and self._result and self._state is FineTuningState.RUNNING
        self._end(FineTuningState.DONE if is_done else FineTuningState.IDLE)

    def _handle_error(self, error: Exception) -> None:
        self._problem = error_text(error, self.tr("Training on your digits failed."))
        self._end(FineTuningState.FAILED)

    def _end(self, state: FineTuningState) -> None:
        if state is not FineTuningState.DONE:
            self._result = None
        self._set_state(state)


def _events(path: Path) -> Generator[FineTuneEvent, None, None]:
    """Read the user's digits, and fine-tune a model; runs in the worker thread."""
    from digitpad.core.fine_tuning.fine_tuned_models import fine_tune_base, fine_tune_digits
    from digitpad.core.my_digits.store import MyDigits

    with MyDigits.open() as store:
        if store.problem:
            raise DigitpadError(store.problem)
        digits = fine_tune_digits(store)
    from digitpad.core.fine_tuning.loop import fine_tune
    from digitpad.core.models.model_files import load_model

    yield from fine_tune(load_model(path).model, digits, fine_tune_base())
