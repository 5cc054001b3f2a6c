"""The log file: unexpected errors, in the user's log folder.

Each process writes its own file, so that two windows do not disturb each other. The first error creates the file,
which starts with the warnings before it. A file rotates at 256 KB and has one backup; the newest eight files are kept,
2 MB in all. Errors in writing the log are ignored.
"""

import contextlib
import logging
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from io import TextIOWrapper
from logging.handlers import MemoryHandler, RotatingFileHandler
from pathlib import Path
from types import TracebackType

from digitpad import __version__
from digitpad.core.files.paths import make_folder, user_logs
from digitpad.core.runtime.error_report import place_of, redact, report_on

_MAX_BYTES = 256 * 1024
_MAX_FILES = 8
_MAX_KINDS = 500
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


@contextlib.contextmanager
def log_to_file() -> "Iterator[LogFile]":
    """Within the block, write what modules report to `logging.getLogger("digitpad…")` to a file of this process.

    With DIGITPAD_DEBUG in the environment, standard error gets all of it as well, unredacted.
    """
    logger, file = logging.getLogger("digitpad"), LogFile()
    # Warnings wait here for the next error; the filter keeps their number below this capacity.
    buffer = MemoryHandler(10 * _MAX_KINDS, flushLevel=logging.ERROR, target=file, flushOnClose=False)
    buffer.addFilter(partial(_is_due, Counter()))
    handlers = [buffer, logging.StreamHandler()] if os.environ.get("DIGITPAD_DEBUG") else [buffer]
    for handler in handlers:
        logger.addHandler(handler)
    try:
        yield file
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()
        with contextlib.suppress(OSError):
            file.close()


def environment_text() -> str:
    """Return the versions of program, Python, loaded libraries and system, one per line."""
    libraries = {name: getattr(sys.modules.get(name), "__version__", "") for name in ("PySide6", "numpy", "torch")}
    lines = [f"digitpad {__version__}", f"Python {platform.python_version()}"]
    lines += [f"{name} {version}" for name, version in libraries.items() if version]
    return "\n".join([*lines, f"System {platform.platform()} ({platform.machine()})"])


class LogFile(RotatingFileHandler):
    """Write redacted records to a file of this process; the first record creates it."""

    def __init__(self) -> None:
        path = user_logs() / f"digitpad-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
        super().__init__(path, "a", _MAX_BYTES, 1, encoding="utf-8", errors="backslashreplace", delay=True)
        self.setFormatter(_RedactingFormatter())

    @property
    def path(self) -> Path | None:
        """The file; None if nothing was written, or nothing could be."""
        return Path(self.baseFilename) if os.path.isfile(self.baseFilename) else None  # noqa: PTH113 - never raises

    def _open(self) -> TextIOWrapper:
        folder = Path(self.baseFilename).parent
        make_folder(folder)
        # Their names sort by time. The new file and its backup need two places.
        for old in sorted(folder.glob("digitpad-*.log*"))[: -(_MAX_FILES - 2)]:
            with contextlib.suppress(OSError):  # another process may delete it at the same time
                old.unlink()
        stream = super()._open()
        stream.write(environment_text() + "\n")
        return stream

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of the base class
        """Ignore that the disk is full or the folder cannot be written."""


class _RedactingFormatter(logging.Formatter):
    """Leave user data out of messages and exceptions; `details` of a record is written as it is."""

    def __init__(self) -> None:
        text = "%(asctime)s %(levelname)s %(name)s: %(message)s%(repeats)s%(details)s"
        super().__init__(text, defaults={"repeats": "", "details": ""})

    def format(self, record: logging.LogRecord) -> str:
        # A copy: other handlers need the full message, and may have stored the full traceback in exc_text.
        fields = {**record.__dict__, "msg": redact(record.getMessage()), "args": (), "exc_text": None}
        return super().format(logging.makeLogRecord(fields))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the name of the base class
        return report_on(ei[1]).text if ei[1] else ""


def _is_due(counts: Counter[str], record: logging.LogRecord) -> bool:
    """Return whether the same error occurs for the 1st, 10th, 100th, … time; False for too many different ones."""
    error = record.exc_info[1] if record.exc_info else None
    key = record.getMessage()[:200] if error is None else f"{type(error).__name__} {place_of(error)}"
    if key not in counts and len(counts) >= _MAX_KINDS:
        return False
    counts[key] += 1
    record.repeats = f" ({counts[key]:,} times so far)" if counts[key] > 1 else ""
    return str(counts[key]).strip("0") == "1"
