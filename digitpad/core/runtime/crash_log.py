"""Crashes of the interpreter itself: Python is gone then, but faulthandler has written where it was.

Every window has a file of its own for that, which is empty and goes when the window is closed. One with something in it
is a crash; who starts next takes it, once.
"""

import contextlib
import faulthandler
import os
import secrets
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from digitpad.core.runtime.fault_report import shortened

_MOST = 64 * 1024  # bytes of a crash that are read
_OLD = 7 * 86_400  # seconds; an empty file is left behind by kill -9 or a power cut


class CrashWatch:
    """Within the `with` block a crash is written to a file in `folder`; where that cannot be, it is not."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"crash-{os.getpid()}-{secrets.token_hex(4)}.txt"

    def __enter__(self) -> Self:
        self._files = contextlib.ExitStack()
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._files.enter_context(self._path.open("w", encoding="utf-8"))
            faulthandler.enable(file)
            self._files.callback(faulthandler.disable)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._files.close()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def take_crashes(folder: Path) -> list[str]:
    """Return what earlier programs wrote when they crashed, and delete it; the home folder is written as ~."""
    return [text for path in sorted(folder.glob("crash-*.txt")) if (text := _taken(path))]


def _taken(path: Path) -> str:
    try:
        state = path.stat()
        if not state.st_size:
            if time.time() - state.st_mtime > _OLD:
                path.unlink()
            return ""
        mine = path.with_suffix(f".{secrets.token_hex(4)}")
        path.rename(mine)  # of two windows that start at once, one has it
        with mine.open("rb") as file:
            text = file.read(_MOST).decode("utf-8", "replace")
        mine.unlink()
    except OSError:
        return ""
    return shortened(text).strip()
