"""A thread that processes all its inputs, one after the other."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from digitpad.gui.threads.thread_errors import log_unexpected, user_facing_error


class SerialWorker(QThread):
    """Applies a function to every input, in order; the thread starts with the first input.

    Unlike `LatestOnlyWorker`, it drops no input unasked: `stop` finishes those that wait.
    """

    answered = Signal(object, object)  # input, result
    failed = Signal(object, object)  # input, exception

    def __init__(
        self,
        function: Callable[[Any], object],
        ending: Callable[[], None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Create a worker; `ending` is called at the end of the thread, to release what belongs to the thread."""
        super().__init__(parent)
        self._function, self._ending = function, ending
        self._condition = threading.Condition()
        self._inputs: deque[object] = deque()
        self._is_stopping = False

    def submit(self, value: object) -> None:
        """Add an input; ignored after `stop`."""
        with self._condition:
            if self._is_stopping:
                return
            self._inputs.append(value)
            self._condition.notify()
        if not self.isRunning():
            self.start()

    def drop(self) -> None:
        """Drop the inputs that wait; the current one is finished."""
        with self._condition:
            self._inputs.clear()

    def stop(self) -> None:
        """Process the remaining inputs, however long it takes, and end the thread."""
        with self._condition:
            self._is_stopping = True
            self._condition.notify()
        self.wait()

    def run(self) -> None:
        """Process inputs until stopped; runs in the worker thread."""
        while (inputs := self._next()) is not None:
            for value in inputs:
                try:
                    result = self._function(value)
                except BaseException as error:
                    log_unexpected(error)
                    self.failed.emit(value, user_facing_error(error))
                else:
                    self.answered.emit(value, result)
        if self._ending:
            self._ending()

    def _next(self) -> tuple[object, ...] | None:
        """Wait for an input and return it in a tuple (it may be None); return None at the end."""
        with self._condition:
            while not self._inputs and not self._is_stopping:
                self._condition.wait()
            return (self._inputs.popleft(),) if self._inputs else None
