"""Errors of worker threads."""

import logging

from digitpad.core.errors import DigitpadError
from digitpad.core.runtime.libraries import import_failure

_log = logging.getLogger(__name__)


def user_facing_error(error: BaseException) -> BaseException:
    """Return the error to show: for a library that cannot be loaded, one that names it and the next step."""
    return import_failure(error) if isinstance(error, ImportError) else error


def log_unexpected(error: BaseException) -> None:
    """Log an exception, unless it is a DigitpadError, which the user can fix."""
    if not isinstance(error, DigitpadError):
        _log.error("work in a thread failed", exc_info=(type(error), error, error.__traceback__))
