"""A thread that does what it is asked to, all of it and one thing after the other."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from digitpad.gui.threads.thread_errors import log_unexpected, user_facing_error


class SerialWorker(QThread):
    """Applies a function to every input, in the order they came; it starts with the first.

    `LatestOnlyWorker` drops superseded inputs; here every input is answered, also those that wait when it is to stop.
    """

    answered = Signal(object, object)  # the input, and its answer
    failed = Signal(object, object)  # the input, and the exception

    def __init__(
        self,
        function: Callable[[Any], object],
        ending: Callable[[], None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Make a thread; `ending` is called in it once all is done, to let go of what belongs to the thread."""
        super().__init__(parent)
        self._function, self._ending = function, ending
        self._condition = threading.Condition()
        self._inputs: deque[object] = deque()
        self._is_stopping = False

    def submit(self, value: object) -> None:
        """Ask for an answer to `value` after all that was asked before; once stopped there is nobody to ask."""
        with self._condition:
            if self._is_stopping:
                return
            self._inputs.append(value)
            self._condition.notify()
        if not self.isRunning():
            self.start()

    def stop(self) -> None:
        """Finish everything that was asked, however long it takes, and end the thread."""
        with self._condition:
            self._is_stopping = True
            self._condition.notify()
        self.wait()

    def run(self) -> None:
        """Work until stopped and done; runs in the thread."""
        while (inputs := self._next()) is not None:
            for value in inputs:
                try:
                    answer = self._function(value)
                except BaseException as error:
                    log_unexpected(error)
                    self.failed.emit(value, user_facing_error(error))
                else:
                    self.answered.emit(value, answer)
        if self._ending:
            self._ending()

    def _next(self) -> tuple[object, ...] | None:
        """Wait for an input, and return it alone in a tuple; None where there is to be no other."""
        with self._condition:
            while not self._inputs and not self._is_stopping:
                self._condition.wait()
            return (self._inputs.popleft(),) if self._inputs else None
