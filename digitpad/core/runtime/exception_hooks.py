"""What nobody caught: Python's hooks, which tell the log and whoever else wants to know."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from digitpad.core.runtime.fault_report import Fault, fault_of

_log = logging.getLogger(__name__)
Told = Callable[[Fault], object]


@contextmanager
def hooked(tell: Told | None = None) -> Iterator[None]:
    """Within the block every exception that nobody caught is logged and told, from whichever thread.

    What comes when an object is thrown away (`sys.unraisablehook`) is logged only: nothing the user did was broken off.
    """
    before = sys.excepthook, threading.excepthook, sys.unraisablehook

    def on_exception(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        # The interpreter remembers the last one, and by its frames the window.
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            with suppress(AttributeError):
                delattr(sys, name)
        note("nobody caught this", error, tell)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            note("nobody caught this in a thread", args.exc_value, tell)

    def on_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
        if unraisable.exc_value is not None:
            note("this came when an object was thrown away", unraisable.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = on_exception, in_thread, on_unraisable
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before


def note(words: str, error: BaseException, tell: Told | None = None) -> None:
    """Log an exception, and tell of it; this never raises, for it would be called again."""
    with suppress(Exception):
        _log.error(words, exc_info=(type(error), error, error.__traceback__))
    if tell is not None:
        with suppress(Exception):
            tell(fault_of(error))
