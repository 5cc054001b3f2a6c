"""Fine-tuning on the user's digits: starts it, stops it, and holds what came of it until it is kept or thrown away."""

from collections.abc import Generator
from enum import Enum, auto
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from digitpad.core.errors import DigitpadError
from digitpad.core.fine_tuning.events import FineTuned, FineTuneEvent
from digitpad.core.models.model_files import ModelEntry
from digitpad.gui.session.fine_tuning_progress import TuningProgress
from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.widgets.sentences import error_text


class FineTuningState(Enum):
    """What the fine-tuner does."""

    IDLE = auto()
    RUNNING = auto()
    STOPPING = auto()
    DONE = auto()  # a result waits to be kept or thrown away
    FAILED = auto()  # `problem` says why


class FineTuningService(QObject):
    """One fine-tuning at a time, in a thread of its own. Nothing is written before `keep`."""

    state_changed = Signal(object)
    progressed = Signal(object)  # TuningProgress
    kept = Signal(object)  # ModelEntry
    keep_failed = Signal(str)  # the result still waits

    def __init__(self, parent: QObject | None = None, *, way: PadPriority | None = None) -> None:
        super().__init__(parent)
        self._way = way or PadPriority()
        self._state = FineTuningState.IDLE
        self._thread: GeneratorWorker | None = None
        self._entry: ModelEntry | None = None
        self._result: FineTuned | None = None
        self._progress = TuningProgress()
        self._problem = ""

    @property
    def state(self) -> FineTuningState:
        """What the fine-tuner does."""
        return self._state

    @property
    def is_busy(self) -> bool:
        """Whether a fine-tuning is in progress."""
        return self._state in (FineTuningState.RUNNING, FineTuningState.STOPPING)

    @property
    def entry(self) -> ModelEntry | None:
        """The model that it starts from, or did last."""
        return self._entry

    @property
    def result(self) -> FineTuned | None:
        """What waits to be kept or thrown away."""
        return self._result

    @property
    def progress(self) -> TuningProgress:
        """How far it is."""
        return self._progress

    @property
    def problem(self) -> str:
        """Why it failed, a sentence; else empty."""
        return self._problem

    @property
    def thread_(self) -> GeneratorWorker | None:
        """The thread of the fine-tuning in progress."""
        return self._thread

    def start(self, entry: ModelEntry) -> None:
        """Begin, from a model's file; nothing happens while there is one, or its result waits."""
        if self._thread or self._result:
            return
        self._entry, self._problem, self._progress = entry, "", TuningProgress()
        self._thread = GeneratorWorker(partial(_events, entry.path), self, priority=self._way)
        self._thread.yielded.connect(self._on_yielded)
        self._thread.returned.connect(self._on_returned)
        self._thread.stopped.connect(self._on_stopped)
        self._thread.errored.connect(self._on_errored)
        self._enter(FineTuningState.RUNNING)
        self._thread.start()

    def stop(self) -> None:
        """End it; nothing is left of it."""
        if self._thread and self._state is FineTuningState.RUNNING:
            self._enter(FineTuningState.STOPPING)
            self._thread.ask_to_stop()

    def keep(self) -> None:
        """Save the result among the user's models; where that cannot be it still waits."""
        if self._result is None or self._entry is None:
            return
        from digitpad.core.fine_tuning.fine_tuned_models import save_fine_tuned

        try:
            entry = save_fine_tuned(self._result, made_from=self._entry.name)
        except DigitpadError as error:
            self.keep_failed.emit(str(error))
            return
        self._result = None
        self._enter(FineTuningState.IDLE)
        self.kept.emit(entry)

    def discard(self) -> None:
        """Forget the result."""
        if self._result is not None:
            self._result = None
            self._enter(FineTuningState.IDLE)

    def close(self) -> None:
        """End it, and wait until its thread is gone."""
        if self._thread:
            self.stop()
            self._thread.stop()
            # How it ended is on its way; the event loop that would bring it may be at its end.
            QCoreApplication.sendPostedEvents(self)

    def _enter(self, state: FineTuningState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    @Slot(tuple)
    def _on_yielded(self, events: tuple[FineTuneEvent, ...]) -> None:
        for event in events:
            if isinstance(event, FineTuned):
                self._result = event
            self._progress = self._progress.after(event)
        self.progressed.emit(self._progress)

    @Slot()
    def _on_returned(self) -> None:
        # Where it was stopped at its very end, it was stopped.
        self._end(
            FineTuningState.DONE if self._result and self._state is FineTuningState.RUNNING else FineTuningState.IDLE
        )

    @Slot()
    def _on_stopped(self) -> None:
        self._end(FineTuningState.IDLE)

    @Slot(object)
    def _on_errored(self, error: Exception) -> None:
        self._problem = error_text(error, self.tr("Training on your digits failed."))
        self._end(FineTuningState.FAILED)

    def _end(self, state: FineTuningState) -> None:
        if self._thread:
            self._thread.wait()
            self._thread.deleteLater()
            self._thread = None
        if state is not FineTuningState.DONE:
            self._result = None
        self._enter(state)


def _events(path: Path) -> Generator[FineTuneEvent, None, None]:
    """Read the digits as they are now, and fine-tune a model; runs in the thread."""
    from digitpad.core.fine_tuning.fine_tuned_models import fine_tune_base, fine_tune_digits
    from digitpad.core.my_digits.store import MyDigits

    with MyDigits.open() as mine:
        if mine.problem:
            raise DigitpadError(mine.problem)
        own = fine_tune_digits(mine)
    from digitpad.core.fine_tuning.loop import fine_tune
    from digitpad.core.models.model_files import load_model

    yield from fine_tune(load_model(path).model, own, fine_tune_base())
