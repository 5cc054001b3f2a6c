"""A thread that drains a generator."""

import contextlib
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Generator

from PySide6.QtCore import QObject, QThread, Signal

from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.threads.thread_errors import log_unexpected, user_facing_error

# Values go to the window in batches: often enough to look live, rarely enough to leave the window time.
_BATCH_SECONDS = 1 / 8
# Longer than any single step takes, even loading torch from a slow disk.
_PATIENCE_MS = 30_000


class GeneratorWorker(QThread):
    """Drains a generator in a thread. To stop, it closes the generator, so that the generator's own cleanup runs.

    The values come in batches, in order; then exactly one of `returned`, `stopped` and `errored` comes.

    With a pace it waits between steps: some values end a step, and all values until then come at once.
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
        ends_step: Callable[[object], bool] = lambda _: False,
    ) -> None:
        """Create a thread; with a `priority` it runs at low priority, and waits while the pad holds that priority.

        `ends_step` returns whether a value ends a step, see `set_pace`; it is called in the thread.
        """
        super().__init__(parent)
        self._make = make
        self._priority = priority
        self._ends_step = ends_step
        self._condition = threading.Condition()
        self._is_paused = self._is_stopping = False
        self._pace = 0.0
        self._is_allowed = False  # whether `step` was called since the last step
        self._is_between_steps = False
        self._step_began = 0.0
        self._batch: list[object] = []
        self._sent = 0.0

    def pause(self) -> None:
        """Pause after the current value."""
        with self._condition:
            self._is_paused = True

    def resume(self) -> None:
        """Continue."""
        with self._condition:
            self._is_paused = False
            self._condition.notify()

    def set_pace(self, seconds: float) -> None:
        """Begin a step at least so many seconds after the one before; `math.inf` waits for `step`."""
        with self._condition:
            self._pace, self._is_allowed = seconds, False
            self._condition.notify()

    def step(self) -> None:
        """Allow one more step; of several calls during a step only one counts."""
        with self._condition:
            self._is_allowed = True
            self._condition.notify()

    def request_stop(self) -> None:
        """Close the generator after the current value; at once if it is paused or waits between steps."""
        with self._condition:
            self._is_stopping = True
            self._condition.notify()

    def stop(self) -> None:
        """Request a stop, and wait for the thread to end."""
        self.request_stop()
        self.wait(_PATIENCE_MS)

    def run(self) -> None:
        """Drain the generator; runs in the worker thread."""
        if self._priority:
            _lower_priority()
        try:
            with contextlib.closing(self._make()) as values:
                is_done = self._drain(values)
        except BaseException as error:
            # Also SystemExit: the window must learn that the work has ended.
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
            self._is_between_steps = self._ends_step(value)
            if time.monotonic() - self._sent >= _BATCH_SECONDS:
                self._send()
        return False

    def _may_continue(self) -> bool:
        if self._priority:
            self._priority.wait_briefly()
        with self._condition:
            if self._waiting_time() or (self._pace and self._is_between_steps):
                self._send()  # the window shows all values before the wait
            while seconds := self._waiting_time():
                self._condition.wait(None if seconds == math.inf else seconds)
            if self._is_between_steps:
                self._is_allowed, self._step_began = False, time.monotonic()
            return not self._is_stopping

    def _waiting_time(self) -> float:
        """Return how many seconds to wait now, until `notify` at the latest; 0 to continue."""
        if self._is_stopping:
            return 0.0
        if self._is_paused:
            return math.inf
        if not self._is_between_steps or (self._pace == math.inf and self._is_allowed):
            return 0.0
        return max(0.0, self._step_began + self._pace - time.monotonic())

    def _send(self) -> None:
        if self._batch:
            self.yielded.emit(tuple(self._batch))
            self._batch = []
            self._sent = time.monotonic()


def _lower_priority() -> None:
    """Lower the priority of this thread and of threads it starts; only Linux has a priority for each thread."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
