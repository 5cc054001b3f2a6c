"""A thread that processes only its newest input."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal, Slot

from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.threads.thread_errors import log_unexpected, user_facing_error

# Longer than any input takes, even if torch is loaded from a slow disk.
_PATIENCE_MS = 30_000


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    number: int
    generation: int
    value: object


class LatestOnlyWorker(QThread):
    """Applies a function to the newest input; an input that waits is replaced by the next one.

    Results come in the order of their inputs. After `forget`, no result of an earlier input comes.
    """

    answered = Signal(object)
    failed = Signal(object)
    _finished = Signal(object, object, object)

    def __init__(
        self, function: Callable[[Any], object], parent: QObject | None = None, *, priority: PadPriority | None = None
    ) -> None:
        """Create a worker; it holds the `priority` until its newest input is processed."""
        super().__init__(parent)
        self._function = function
        self._priority = priority or PadPriority()
        self._condition = threading.Condition()
        self._inputs: list[_Task] = []  # none or one
        self._generation = 0
        self._stopping = False
        self._submitted = self._delivered = 0  # number of the newest input, and of the newest result
        self._finished.connect(self._on_finished)

    def submit(self, value: object) -> None:
        """Add an input, in place of one that waits."""
        with self._condition:
            self._submitted += 1
            self._inputs = [_Task(self._submitted, self._generation, value)]
            self._priority.acquire()
            self._condition.notify()

    def forget(self) -> None:
        """Drop the input that waits and the result of the current one."""
        with self._condition:
            self._inputs = []
            self._delivered = self._submitted
            self._generation += 1
            self._priority.release()

    @property
    def is_settled(self) -> bool:
        """Whether all inputs are processed or dropped."""
        with self._condition:
            return self._submitted == self._delivered

    def stop(self) -> None:
        """End the thread after the current input."""
        self.requestInterruption()
        with self._condition:
            self._stopping = True
            self._generation += 1
            self._priority.release()
            self._condition.notify()
        self.wait(_PATIENCE_MS)

    def run(self) -> None:
        """Process inputs until stopped; runs in the worker thread."""
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
