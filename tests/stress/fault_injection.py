"""A slow disk, a full one and a wrong clock, for a process that is made to suffer them."""

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

_harmless = threading.local()


@contextlib.contextmanager
def unharmed() -> Iterator[None]:
    """Let the block use the machine as it is."""
    _harmless.is_on = True
    try:
        yield
    finally:
        _harmless.is_on = False


def frames_of(frame: FrameType | None) -> list[str]:
    """Return where a frame was called from, as far as that is digitpad, the innermost first."""
    found = []
    while frame is not None:
        name = frame.f_code.co_filename
        if "/digitpad/" in name:
            found.append(f"{name.rpartition('/digitpad/')[2]}:{frame.f_code.co_name}")
        frame = frame.f_back
    return found


class World:
    """What is wrong with the machine; `waits` are the window's own waits for a slow disk: seconds and where."""

    def __init__(self, slow: float, home: Path) -> None:
        self.slow, self._home = slow, str(home)
        self.waits: list[tuple[float, str]] = []
        self._ahead = 0.0  # seconds
        if slow:
            self._slow_down()
        self._bend_time()

    def jump(self, seconds: float) -> None:
        """Let the clock be wrong by some seconds more."""
        self._ahead += seconds

    @staticmethod
    def fill_disk(*, full: bool) -> None:
        """Let no file grow beyond its first bytes, or let all grow again; works without root."""
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
            if (always or is_home) and not getattr(_harmless, "is_on", False):
                if threading.current_thread() is threading.main_thread():
                    self.waits.append((self.slow, " < ".join(frames_of(sys._getframe(1))[:4])))
                time.sleep(self.slow)
            return function(*arguments, **options)

        return slowed

    def _bend_time(self) -> None:
        """Replace the clocks that tell the date; those that only count are the system's and never jump."""
        true_time, world = time.time, self
        true = dt.datetime

        class Bent(true):
            @classmethod
            def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
                return true.now(tz) + dt.timedelta(seconds=world._ahead)

        time.time = lambda: true_time() + self._ahead
        dt.datetime = Bent
