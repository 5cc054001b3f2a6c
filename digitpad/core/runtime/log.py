"""The log: what went wrong inside the program, in the user's folder.

Every program writes a file of its own, so that two windows never wait for each other or turn each other's pages. A file
is begun by the first error, with the last warnings that came before it; it has two parts of 256 KB at most, and the
newest eight parts in the folder are kept: 2 MB. A log that cannot be written is none, and nothing else changes.
"""

import contextlib
import logging
import os
import platform
import sys
import time
from collections import Counter, deque
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from digitpad import __version__
from digitpad.core.files.paths import user_logs
from digitpad.core.runtime.fault_report import fault_of, place_of, redact

if TYPE_CHECKING:
    from logging.handlers import RotatingFileHandler

_LOGGER = "digitpad"
_LARGEST = 256 * 1024  # bytes
_KEPT = 8
_MOST_KINDS = 500
_MOST_HELD = 20
_ENDING = ".log"

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def open_log() -> "LogFile":
    """Let what modules say by `logging.getLogger("digitpad…")` be written; begin no file before there is something."""
    handler = LogFile()
    logging.getLogger(_LOGGER).addHandler(handler)
    if os.environ.get("DIGITPAD_DEBUG"):
        handler.copy = logging.StreamHandler()
    return handler


def close_log(handler: "LogFile") -> None:
    """End a log."""
    logging.getLogger(_LOGGER).removeHandler(handler)
    handler.close()


def environment() -> str:
    """Return the versions of what is at work in this process, a line each; what is not loaded is not named."""
    loaded = (name for name in ("PySide6", "numpy", "torch") if name in sys.modules)
    known = ((name, getattr(sys.modules[name], "__version__", "")) for name in loaded)
    lines = [f"digitpad {__version__}", f"Python {platform.python_version()}"]
    lines += [f"{name} {version}" for name, version in known if version]
    return "\n".join([*lines, f"System {platform.platform()} ({platform.machine()})"])


def note_crash(traceback: str) -> None:
    """Log what faulthandler wrote when an earlier program crashed."""
    logging.getLogger(_LOGGER).critical("an earlier program crashed", extra={"traceback": traceback})


class LogFile(logging.Handler):
    """Writes records to a file of this program's; where the same comes again and again, ever more rarely."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(_Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self.copy: logging.Handler | None = None  # where a developer sees it as well, in full
        self._file: RotatingFileHandler | None = None
        self._path: Path | None = None
        self._counts: Counter[str] = Counter()
        self._held: deque[str] = deque(maxlen=_MOST_HELD)  # warnings, of no use to anybody until something fails

    @property
    def path(self) -> Path | None:
        """The file; None while nothing was written, or nothing could be."""
        return self._path if self._path is not None and os.path.isfile(self._path) else None  # noqa: PTH113 - never raises

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record the first, the 10th, the 100th time."""
        if self.copy is not None:
            self.copy.handle(record)
        with contextlib.suppress(Exception):  # nothing that a log does may matter
            count = self._count(record)
            if count and str(count).strip("0") == "1":
                again = f" (for the {count:,}th time)" if count > 1 else ""
                self._take(self.format(record) + again, is_error=record.levelno >= logging.ERROR)

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(Exception):
            if self._file is not None:
                self._file.close()
        super().close()

    def _count(self, record: logging.LogRecord) -> int:
        """Return how often the like was said, 0 where too many kinds were."""
        error = record.exc_info[1] if record.exc_info else None
        key = record.getMessage()[:200] if error is None else f"{type(error).__name__} {place_of(error)}"
        if key not in self._counts and len(self._counts) >= _MOST_KINDS:
            return 0
        self._counts[key] += 1
        return self._counts[key]

    def _take(self, text: str, *, is_error: bool) -> None:
        if self._file is None and not is_error:
            self._held.append(text)
            return
        if self._file is None:
            self._file = self._begun()
            _write_line(self._file, "\n".join((environment(), *self._held)))
        _write_line(self._file, text)

    def _begun(self) -> "RotatingFileHandler":
        from logging.handlers import RotatingFileHandler

        folder = user_logs()
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"digitpad-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}{_ENDING}"
        _prune(folder)
        file = RotatingFileHandler(
            self._path, maxBytes=_LARGEST, backupCount=1, encoding="utf-8", errors="backslashreplace", delay=True
        )
        file.handleError = _ignore  # a full disk is told of by what the user does, and not by this
        return file


class _Discreet(logging.Formatter):
    """Writes exceptions as `fault_text` does; a message is what this program or Qt says, capped."""

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the base's name
        return "" if ei[1] is None else fault_of(ei[1]).text

    def format(self, record: logging.LogRecord) -> str:
        plain = logging.makeLogRecord({**record.__dict__, "msg": redact(record.getMessage()), "args": ()})
        plain.exc_text = None  # another handler's may hold everything
        return "\n".join(filter(None, (super().format(plain), getattr(record, "traceback", ""))))


def _write_line(file: "RotatingFileHandler", text: str) -> None:
    file.emit(logging.makeLogRecord({"msg": text}))


def _ignore(record: logging.LogRecord) -> None:
    del record


def _prune(folder: Path) -> None:
    """Delete all but the newest files; another program may do so at the same time."""
    ages: dict[Path, float] = {}
    for path in folder.glob(f"digitpad-*{_ENDING}*"):
        with contextlib.suppress(OSError):
            ages[path] = path.stat().st_mtime
    for path in sorted(ages, key=lambda path: ages[path], reverse=True)[_KEPT - 2 :]:  # room for the two to come
        with contextlib.suppress(OSError):
            path.unlink()
