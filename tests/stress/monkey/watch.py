"""Watch a window that a script controls, and collect all faults."""

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

LONGEST = 2.0  # seconds that the event loop may be blocked
_CHECK_INTERVAL = 0.2
_MB = 2**20
# Warnings about the display and QTest, not the program: there is no window manager for size hints; a point inside the
# window may be outside when its event arrives; other programs on the display use the clipboard too.
_HARMLESS = (
    "This plugin does not support",
    "propagateSizeHints",
    "occurs outside target window",
    "X11 selection owner",
)


class Watch:
    """A context manager that records uncaught exceptions, Qt warnings and a blocked event loop.

    A timer must call `beat`, which shows that the event loop is running.
    """

    def __init__(self, doing: Callable[[], str] = lambda: "", *, longest: float = LONGEST) -> None:
        self.faults: list[str] = []
        self.slowest = 0.0
        self._doing, self.longest = doing, longest
        self._before = (sys.excepthook, sys.unraisablehook, threading.excepthook)
        self._handler, self._is_handling = None, False  # the message handler that was installed before
        self._known_threads = set(threading.enumerate())
        self._ended = threading.Event()
        self._beaten, self._waited, self._is_reported = time.monotonic(), _waited(), False
        self._main = threading.main_thread().ident
        self._thread = threading.Thread(target=self._watch_event_loop, name="watchdog", daemon=True)

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
        """Install the hooks, in place of all others, such as the program's error log."""
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
        """Record that the event loop is running."""
        now, waited = time.monotonic(), _waited()
        self.slowest = max(self.slowest, now - self._beaten - (waited - self._waited))
        self._beaten, self._waited, self._is_reported = now, waited, False

    def new_threads(self) -> list[str]:
        """Return the names of new Python threads that Qt did not make, and of running QThreads."""
        found = [t.name for t in threading.enumerate() if t not in self._known_threads and not _is_qts(t)]
        return found + [type(thread).__name__ for thread in qthreads() if thread.isRunning()]

    def _watch_event_loop(self) -> None:
        while not self._ended.wait(_CHECK_INTERVAL):
            # Time spent waiting for a processor does not count; other slowdowns by a busy machine grow with its load.
            blocked = time.monotonic() - self._beaten - (_waited() - self._waited)
            if blocked > self.longest * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)) and not self._is_reported:
                self._is_reported = True
                with tempfile.TemporaryFile("w+") as file:
                    faulthandler.dump_traceback(file)
                    file.seek(0)
                    self.note(f"hang: the event loop was blocked for {blocked:.1f} s\n{file.read()}")

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.note("".join(traceback.format_exception(kind, error, trace)))

    def _on_unraisable(self, args: Any) -> None:
        what = "".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback))
        self.note(f"{args.err_msg} {args.object!r}\n{what}")

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        self.note("".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)))

    def _on_message(self, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not any(known in text for known in _HARMLESS):
            self.note(f"Qt warning: {text}\n{''.join(traceback.format_stack(limit=8))}")


def qthreads() -> list[QThread]:
    """Return all QThreads that Python knows, except the current one."""
    # By its type: isinstance accesses the object, and some of torch's objects then warn.
    found = [thing for thing in gc.get_objects() if issubclass(type(thing), QThread) and isValid(thing)]
    return [thread for thread in found if thread is not QThread.currentThread()]


def open_windows() -> list[QWidget]:
    """Return the top-level widgets, without the tooltip that Qt keeps."""
    return [widget for widget in QApplication.topLevelWidgets() if widget.metaObject().className() != "QTipLabel"]


def resident() -> float:
    """Return the resident memory of this process, MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MB


def open_files() -> int:
    """Return how many files, pipes and sockets are open."""
    return len(list(Path("/proc/self/fd").iterdir())) - 1


def objects_of(parent: QObject) -> int:
    """Return the number of QObjects below a parent."""
    return len(parent.findChildren(QObject))


def _waited() -> float:
    """Return the seconds that the main thread was ready but had to wait for a processor."""
    try:
        return int(Path(f"/proc/self/task/{os.getpid()}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def _is_qts(thread: threading.Thread) -> bool:
    """Return whether this is Python's placeholder for a thread that Python did not start."""
    return thread.name.startswith("Dummy")
