"""Errors of worker threads: what is logged, and what the user is told."""

import logging

from digitpad.core.errors import DigitpadError
from digitpad.core.runtime.libraries import import_failure

_log = logging.getLogger(__name__)


def user_facing_error(error: BaseException) -> BaseException:
    """Return what the window is to tell of: for a library that cannot be loaded, which one and what to do."""
    return import_failure(error) if isinstance(error, ImportError) else error


def log_unexpected(error: BaseException) -> None:
    """Log what is no error of the user's; the window says in a sentence what did not work."""
    if not isinstance(error, DigitpadError):
        _log.error("work in a thread failed", exc_info=(type(error), error, error.__traceback__))
