"""The threads: work away from the GUI thread, with answers that come back as signals."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal, Slot

from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.threads.thread_errors import log_unexpected, user_facing_error

# Longer than any one piece of work takes, loading torch from a slow disk included.
_PATIENCE_MS = 30_000


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    number: int
    generation: int
    value: object


class LatestOnlyWorker(QThread):
    """Applies a function to the newest input; what was superseded before its turn is dropped.

    Answers come in the order of their inputs. After `forget`, no answer to anything earlier comes.
    """

    answered = Signal(object)
    failed = Signal(object)
    _finished = Signal(object, object, object)

    def __init__(
        self, function: Callable[[Any], object], parent: QObject | None = None, *, priority: PadPriority | None = None
    ) -> None:
        """Make a thread; while it owes an answer it has the right of way."""
        super().__init__(parent)
        self._function = function
        self._priority = priority or PadPriority()
        self._condition = threading.Condition()
        self._inputs: list[_Task] = []  # none or one
        self._generation = 0
        self._stopping = False
        self._submitted = self._delivered = 0  # number of the newest input, and of the newest one done with
        self._finished.connect(self._on_finished)

    def submit(self, value: object) -> None:
        """Ask for an answer to `value`, instead of what is still waiting."""
        with self._condition:
            self._submitted += 1
            self._inputs = [_Task(self._submitted, self._generation, value)]
            self._priority.acquire()
            self._condition.notify()

    def forget(self) -> None:
        """Drop what is waiting, and the answer to what is being worked on."""
        with self._condition:
            self._inputs = []
            self._delivered = self._submitted
            self._generation += 1
            self._priority.release()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is waiting or being worked on."""
        with self._condition:
            return self._submitted == self._delivered

    def stop(self) -> None:
        """End the thread; the work in hand is finished first."""
        self.requestInterruption()
        with self._condition:
            self._stopping = True
            self._generation += 1
            self._priority.release()
            self._condition.notify()
        self.wait(_PATIENCE_MS)

    def run(self) -> None:
        """Work until stopped; runs in the thread."""
        while (task := self._next()) is not None:
            try:
                self._finished.emit(task, self._function(task.value), None)
            except BaseException as error:
                log_unexpected(error)
                self._finished.emit(task, None, user_facing_error(error))

    def _next(self) -> "_Task | None":
        with self._condition:
            while not self._inputs and not self._stopping:
                self._condition.wait()
            return None if self._stopping else self._inputs.pop()

    @Slot(object, object, object)
    def _on_finished(self, task: "_Task", result: object, error: Exception | None) -> None:
        if task.generation != self._generation:
            return
        self._delivered = task.number
        if error is not None:
            self.failed.emit(error)
        else:
            self.answered.emit(result)
        if self.is_settled:
            self._priority.release()
