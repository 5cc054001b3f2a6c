"""Crashes of the interpreter: faulthandler writes the traceback to a file, and the next start finds it there.

All windows append to one file, which stays empty as long as nothing crashes.
"""

import contextlib
import faulthandler
import logging
from collections.abc import Iterator
from pathlib import Path

from digitpad.core.files.paths import make_folder
from digitpad.core.runtime.error_report import shorten_paths

_NAME = "crash.txt"
_MAX_BYTES = 64 * 1024
_log = logging.getLogger(__name__)


@contextlib.contextmanager
def record_crashes(folder: Path) -> Iterator[None]:
    """Within the block, a crash writes its traceback to a file in `folder`, if that can be written."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            make_folder(folder)
            file = stack.enter_context((folder / _NAME).open("a", encoding="utf-8"))
            faulthandler.enable(file)
            stack.callback(faulthandler.disable)
        yield


def log_previous_crash(folder: Path) -> bool:
    """Move the traceback of an earlier crash to the log; return whether there was a crash."""
    try:
        with (folder / _NAME).open("r+b") as file:
            text = file.read(_MAX_BYTES).decode("utf-8", "replace").strip()
            file.truncate(0)
    except OSError:
        return False
    if text:
        _log.critical("an earlier session crashed", extra={"details": f"\n{shorten_paths(text)}"})
    return bool(text)
