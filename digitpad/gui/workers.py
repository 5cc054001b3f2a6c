"""The threads: work away from the GUI thread, with answers that come back as signals."""

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal, Slot

from digitpad.core.errors import DigitpadError
from digitpad.core.libraries import import_problem
from digitpad.gui.right_of_way import RightOfWay

# Longer than any one piece of work takes, loading torch from a slow disk included.
_PATIENCE_MS = 30_000
# What a generator yields goes to the window in batches: often enough to look live, and seldom enough to leave it time.
_BATCH_SECONDS = 1 / 8
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    number: int
    generation: int
    value: object


class LatestWins(QThread):
    """Applies a function to the newest input; what was superseded before its turn is dropped.

    Answers come in the order of their inputs. After `forget`, no answer to anything earlier comes.
    """

    answered = Signal(object)
    failed = Signal(object)
    _finished = Signal(object, object, object)

    def __init__(
        self, function: Callable[[Any], object], parent: QObject | None = None, *, way: RightOfWay | None = None
    ) -> None:
        """Make a thread; while it owes an answer it has the right of way."""
        super().__init__(parent)
        self._function = function
        self._way = way or RightOfWay()
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
            self._way.take()
            self._condition.notify()

    def forget(self) -> None:
        """Drop what is waiting, and the answer to what is being worked on."""
        with self._condition:
            self._inputs = []
            self._delivered = self._submitted
            self._generation += 1
            self._way.release()

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
            self._way.release()
            self._condition.notify()
        self.wait(_PATIENCE_MS)

    def run(self) -> None:
        """Work until stopped; runs in the thread."""
        while (task := self._next()) is not None:
            try:
                self._finished.emit(task, self._function(task.value), None)
            except BaseException as error:
                note_unforeseen(error)
                self._finished.emit(task, None, for_the_user(error))

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
            self._way.release()


class GeneratorThread(QThread):
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
        way: RightOfWay | None = None,
    ) -> None:
        """Make a thread; one with a way lets the window and the pad go first where both want a processor."""
        super().__init__(parent)
        self._make = make
        self._way = way
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
        if self._way:
            _let_others_go_first()
        try:
            with contextlib.closing(self._make()) as values:
                is_done = self._drain(values)
        except BaseException as error:
            # Whatever it is, SystemExit included: whoever waits for the end is told of it.
            note_unforeseen(error)
            self._send()
            self.errored.emit(for_the_user(error))
        else:
            self._send()
            (self.returned if is_done else self.stopped).emit()

    def _drain(self, values: Generator[object, None, None]) -> bool:
        while self._may_go_on():
            try:
                value = next(values)
            except StopIteration:
                return True
            self._batch.append(value)
            if time.monotonic() - self._sent >= _BATCH_SECONDS:
                self._send()
        return False

    def _may_go_on(self) -> bool:
        if self._way:
            self._way.wait()
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


def for_the_user(error: BaseException) -> BaseException:
    """Return what the window is to tell of: for a library that cannot be loaded, which one and what to do."""
    return import_problem(error) if isinstance(error, ImportError) else error


def note_unforeseen(error: BaseException) -> None:
    """Log what is no error of the user's; the window says in a sentence what did not work."""
    if not isinstance(error, DigitpadError):
        _log.error("work in a thread failed", exc_info=(type(error), error, error.__traceback__))


def _let_others_go_first() -> None:
    """Lower this thread's priority, and that of those it starts; elsewhere than on Linux this is the process's."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
