"""A thread that drains a generator."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Generator

from PySide6.QtCore import QObject, QThread, Signal

from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.threads.thread_errors import log_unexpected, user_facing_error

# What a generator yields goes to the window in batches: often enough to look live, and seldom enough to leave it time.
_BATCH_SECONDS = 1 / 8
# Longer than any one piece of work takes, loading torch from a slow disk included.
_PATIENCE_MS = 30_000


class GeneratorWorker(QThread):
    """Drains a generator; what it yields comes in batches, in order. Stopping closes it, and its own cleanup runs.

    Of `returned`, `stopped` and `errored` exactly one comes, after everything that was yielded.
    """

    yielded = Signal(tuple)
    returned = Signal()
    stopped = Signal()
    errored = Signal(object)

    def __init__(
        self,
        make: Callable[[], Generator[object, None, None]],
        parent: QObject | None = None,
        *,
        priority: PadPriority | None = None,
    ) -> None:
        """Make a thread; one with a way lets the window and the pad go first where both want a processor."""
        super().__init__(parent)
        self._make = make
        self._priority = priority
        self._condition = threading.Condition()
        self._is_paused = self._is_stopping = False
        self._batch: list[object] = []
        self._sent = 0.0

    @property
    def is_paused(self) -> bool:
        """Whether it waits, or will after the value in hand."""
        return self._is_paused

    def pause(self) -> None:
        """Wait after the value in hand."""
        with self._condition:
            self._is_paused = True

    def resume(self) -> None:
        """Go on."""
        with self._condition:
            self._is_paused = False
            self._condition.notify()

    def ask_to_stop(self) -> None:
        """Close the generator after the value in hand; a paused one at once."""
        with self._condition:
            self._is_stopping = True
            self._condition.notify()

    def stop(self) -> None:
        """Ask to stop, and wait until it has."""
        self.ask_to_stop()
        self.wait(_PATIENCE_MS)

    def run(self) -> None:
        """Drain the generator; runs in the thread."""
        if self._priority:
            _lower_priority()
        try:
            with contextlib.closing(self._make()) as values:
                is_done = self._drain(values)
        except BaseException as error:
            # Whatever it is, SystemExit included: whoever waits for the end is told of it.
            log_unexpected(error)
            self._send()
            self.errored.emit(user_facing_error(error))
        else:
            self._send()
            (self.returned if is_done else self.stopped).emit()

    def _drain(self, values: Generator[object, None, None]) -> bool:
        while self._may_continue():
            try:
                value = next(values)
            except StopIteration:
                return True
            self._batch.append(value)
            if time.monotonic() - self._sent >= _BATCH_SECONDS:
                self._send()
        return False

    def _may_continue(self) -> bool:
        if self._priority:
            self._priority.wait_briefly()
        with self._condition:
            if self._is_paused and not self._is_stopping:
                self._send()  # what is shown while it waits is all there is
            while self._is_paused and not self._is_stopping:
                self._condition.wait()
            return not self._is_stopping

    def _send(self) -> None:
        if self._batch:
            self.yielded.emit(tuple(self._batch))
            self._batch = []
            self._sent = time.monotonic()


def _lower_priority() -> None:
    """Lower this thread's priority, and that of those it starts; elsewhere than on Linux this is the process's."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
