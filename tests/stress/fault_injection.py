"""Inject faults into this process: a slow disk, a full disk, a wrong clock."""

import builtins
import contextlib
import datetime as dt
import io
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

_disabled = threading.local()


@contextlib.contextmanager
def without_faults() -> Iterator[None]:
    """Inject no faults in this thread during the block."""
    _disabled.is_on = True
    try:
        yield
    finally:
        _disabled.is_on = False


def digitpad_frames(frame: FrameType | None) -> list[str]:
    """Return the digitpad functions on the call stack of a frame, innermost first."""
    found = []
    while frame is not None:
        name = frame.f_code.co_filename
        if "/digitpad/" in name:
            found.append(f"{name.rpartition('/digitpad/')[2]}:{frame.f_code.co_name}")
        frame = frame.f_back
    return found


class FaultInjector:
    """Injects the faults; `waits` lists how long the main thread waited for the disk, and where."""

    def __init__(self, slow: float, home: Path) -> None:
        self.slow, self._home = slow, str(home)
        self.waits: list[tuple[float, str]] = []
        self._ahead = 0.0  # seconds
        if slow:
            self._slow_down()
        self._replace_clocks()

    def shift_clock(self, seconds: float) -> None:
        """Move the clock by some seconds."""
        self._ahead += seconds

    @staticmethod
    def fill_disk(*, full: bool) -> None:
        """Stop all files from growing, or let them grow again; works without root."""
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0 if full else hard, hard))

    def _slow_down(self) -> None:
        for module, name in (
            (builtins, "open"),
            (io, "open"),
            (os, "open"),
            (os, "fsync"),
            (os, "replace"),
            (os, "rename"),
        ):
            setattr(module, name, self._slowed(getattr(module, name), always=name == "fsync"))

    def _slowed(self, function: Callable[..., Any], *, always: bool) -> Callable[..., Any]:
        def slowed(*arguments: Any, **options: Any) -> Any:
            path = arguments[0] if arguments else ""
            is_home = isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self._home)
            if (always or is_home) and not getattr(_disabled, "is_on", False):
                if threading.current_thread() is threading.main_thread():
                    self.waits.append((self.slow, " < ".join(digitpad_frames(sys._getframe(1))[:4])))
                time.sleep(self.slow)
            return function(*arguments, **options)

        return slowed

    def _replace_clocks(self) -> None:
        """Replace the clocks that return a date; monotonic clocks are left alone."""
        true_time, injector = time.time, self
        true = dt.datetime

        class ShiftedDatetime(true):
            @classmethod
            def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
                return true.now(tz) + dt.timedelta(seconds=injector._ahead)

        time.time = lambda: true_time() + self._ahead
        dt.datetime = ShiftedDatetime
