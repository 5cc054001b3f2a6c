"""Python's hooks for exceptions that nothing catches: they are logged and reported."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from digitpad.core.runtime.error_report import ErrorReport, report_on

_log = logging.getLogger(__name__)
OnError = Callable[[ErrorReport], object]


@contextmanager
def catch_unhandled(on_error: OnError | None = None) -> Iterator[None]:
    """Within the block, log every unhandled exception and call `on_error`, in the thread of the exception.

    Exceptions in `__del__` (`sys.unraisablehook`) are only logged: they interrupt nothing that the user does.
    """
    previous = sys.excepthook, threading.excepthook, sys.unraisablehook

    def in_main_thread(_type: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            sys.__dict__.pop(name, None)  # their frames would keep the window alive
        log_exception("unhandled exception", error, on_error)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            log_exception("unhandled exception in a thread", args.exc_value, on_error)

    def in_destructor(args: "sys.UnraisableHookArgs") -> None:
        if args.exc_value is not None:
            log_exception("exception while an object was deleted", args.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = in_main_thread, in_thread, in_destructor
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = previous


def log_exception(message: str, error: BaseException, on_error: OnError | None = None) -> None:
    """Log an exception and call `on_error`. Never raises: the hooks would call it again."""
    with suppress(Exception):
        _log.error(message, exc_info=error)
    if on_error is not None:
        with suppress(Exception):
            on_error(report_on(error))
