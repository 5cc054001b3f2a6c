"""Watching a window that is driven by a script: what goes wrong anywhere is collected."""

import faulthandler
import gc
import os
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PySide6.QtCore import QMessageLogContext, QObject, QThread, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

LONGEST = 2.0  # seconds that the event loop may stay away
_LOOK_EVERY = 0.2
_MB = 2**20
# The display's and QTest's, not the program's: no window manager takes hints about sizes, and a place that was in the
# window when it was chosen may be outside when the event comes; others on the display want its clipboard too.
_HARMLESS = (
    "This plugin does not support",
    "propagateSizeHints",
    "occurs outside target window",
    "X11 selection owner",
)


class Watch:
    """Takes all hooks for what goes wrong while it is entered; `beat` tells it that the event loop came round."""

    def __init__(self, doing: Callable[[], str] = lambda: "", *, longest: float = LONGEST) -> None:
        self.faults: list[str] = []
        self.slowest = 0.0
        self._doing, self.longest = doing, longest
        self._before = (sys.excepthook, sys.unraisablehook, threading.excepthook)
        self._handler, self._is_handling = None, False  # who was told before what Qt says
        self._known_threads = set(threading.enumerate())
        self._ended = threading.Event()
        self._beaten, self._waited, self._told = time.monotonic(), _waited(), False
        self._main = threading.main_thread().ident
        self._thread = threading.Thread(target=self._look_out, name="watchdog", daemon=True)

    def __enter__(self) -> Self:
        self.install_hooks()
        self._known_threads.add(self._thread)
        self.beat()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        sys.excepthook, sys.unraisablehook, threading.excepthook = self._before
        qInstallMessageHandler(self._handler)

    def install_hooks(self) -> None:
        """Be told of what goes wrong, in place of whoever was until now, the program's own log among them."""
        sys.excepthook = self._on_exception
        sys.unraisablehook = self._on_unraisable
        threading.excepthook = self._on_thread
        before = qInstallMessageHandler(self._on_message)
        if not self._is_handling:
            self._is_handling, self._handler = True, before

    def note(self, fault: str) -> None:
        """Add a fault."""
        self.faults.append(f"{fault} [{self._doing()}]")
        sys.stderr.write(f"FAULT {self.faults[-1]}\n")
        sys.stderr.flush()

    def beat(self) -> None:
        """Say that the event loop came round."""
        now, waited = time.monotonic(), _waited()
        self.slowest = max(self.slowest, now - self._beaten - (waited - self._waited))
        self._beaten, self._waited, self._told = now, waited, False

    def new_threads(self) -> list[str]:
        """Name Python's threads that were not there at first and that Qt did not make, and Qt's that run."""
        found = [t.name for t in threading.enumerate() if t not in self._known_threads and not _is_qts(t)]
        return found + [type(thread).__name__ for thread in qthreads() if thread.isRunning()]

    def _look_out(self) -> None:
        while not self._ended.wait(_LOOK_EVERY):
            # Time in which the machine ran others is not ours; what they take of it in other ways grows with the load.
            away = time.monotonic() - self._beaten - (_waited() - self._waited)
            if away > self.longest * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)) and not self._told:
                self._told = True
                with tempfile.TemporaryFile("w+") as file:
                    faulthandler.dump_traceback(file)
                    file.seek(0)
                    self.note(f"hang: the event loop stayed away for {away:.1f} s\n{file.read()}")

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.note("".join(traceback.format_exception(kind, error, trace)))

    def _on_unraisable(self, args: Any) -> None:
        what = "".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback))
        self.note(f"{args.err_msg} {args.object!r}\n{what}")

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        self.note("".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)))

    def _on_message(self, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not any(known in text for known in _HARMLESS):
            self.note(f"Qt says: {text}\n{''.join(traceback.format_stack(limit=8))}")


def qthreads() -> list[QThread]:
    """Return all of Qt's threads that Python knows."""
    # By its type alone: isinstance asks the thing, and some of torch's warn at that.
    found = [thing for thing in gc.get_objects() if issubclass(type(thing), QThread) and isValid(thing)]
    return [thread for thread in found if thread is not QThread.currentThread()]


def open_windows() -> list[QWidget]:
    """Return the top-level widgets, without the one tip that Qt keeps."""
    return [widget for widget in QApplication.topLevelWidgets() if widget.metaObject().className() != "QTipLabel"]


def resident() -> float:
    """Return the memory that this process holds, MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MB


def open_files() -> int:
    """Return how many files, pipes and sockets are open."""
    return len(list(Path("/proc/self/fd").iterdir())) - 1


def objects_of(parent: QObject) -> int:
    """Count what Qt holds below an object."""
    return len(parent.findChildren(QObject))


def _waited() -> float:
    """Return for how many seconds this process's first thread has been ready but not running."""
    try:
        return int(Path(f"/proc/self/task/{os.getpid()}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def _is_qts(thread: threading.Thread) -> bool:
    """Say whether Python made this up for a thread it did not start."""
    return thread.name.startswith("Dummy")
