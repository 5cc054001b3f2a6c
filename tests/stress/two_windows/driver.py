"""Reads commands for a window from standard input and writes their results."""

import json
import os
import sys
import threading
import time
import traceback
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from tests.stress.fault_injection import FaultInjector
from tests.stress.two_windows.commands import Commands

_PULSE = 0.005  # seconds between two checks of the event loop


class ExceptionLog:
    """Collects uncaught exceptions."""

    def __init__(self) -> None:
        self.found: list[str] = []
        sys.excepthook = self._on_exception
        for name in ("excepthook", "unraisablehook"):
            place = threading if name == "excepthook" else sys
            setattr(place, name, lambda told: self._on_exception(told.exc_type, told.exc_value, told.exc_traceback))

    def taken(self) -> list[str]:
        """Return the exceptions since the last call."""
        found, self.found = self.found, []
        return found

    def _on_exception(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.found.append("".join(traceback.format_exception(kind, error, trace))[-2000:])


class Driver(QObject):
    """Reads commands in a separate thread, runs them in the main thread and answers them."""

    came = Signal(str)

    def __init__(self, commands: Commands, faults: ExceptionLog, injector: FaultInjector) -> None:
        super().__init__(commands)
        self._commands, self._faults, self._injector = commands, faults, injector
        self._beat, self._still = time.perf_counter(), 0.0
        self.came.connect(self._on_line, Qt.ConnectionType.QueuedConnection)
        self._pulse = QTimer(self)
        self._pulse.setTimerType(Qt.TimerType.PreciseTimer)
        self._pulse.timeout.connect(self._on_pulse)

    def start(self) -> None:
        """Start to read."""
        self._pulse.start(int(1000 * _PULSE))
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.came.emit(line)
        os._exit(3)  # the controlling process has ended

    @Slot()
    def _on_pulse(self) -> None:
        now = time.perf_counter()
        self._still = max(self._still, now - self._beat - _PULSE)
        self._beat = now

    @Slot(str)
    def _on_line(self, line: str) -> None:
        asked: dict[str, Any] = json.loads(line)
        self._beat, self._still = time.perf_counter(), 0.0
        self._injector.waits.clear()
        begun, result, problem = time.monotonic(), None, ""
        try:
            result = getattr(self._commands, f"do_{asked.pop('do')}")(**asked)
        except Exception as error:
            problem = "".join(traceback.format_exception(error))[-2000:]
        self._on_pulse()
        answer = {
            "result": result,
            "problem": problem,
            "said": self._commands.said,
            "faults": self._faults.taken(),
            "still": round(self._still, 3),
            "seconds": round(time.monotonic() - begun, 3),
            "waits": self._injector.waits,
        }
        # Without Python's file object, which a full disk or a closed stream may have broken.
        os.write(1, json.dumps(answer).encode() + b"\n")
