"""Removing what killed programs left in the user's folders."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import Timeout

from digitpad.core.files.atomic import is_temp_file, remove_stale_temp_files
from digitpad.core.files.paths import user_folder, user_models, user_recipes, user_runs
from digitpad.core.runs.run_folder import INFO, LOCK, LOCKS, run_lock

_LONG_AGO = 24 * 3600.0  # seconds


def remove_leftovers() -> None:
    """Remove unfinished files and runs that are a day old; those that cannot be removed stay.

    In other folders every write removes old leftovers, see `digitpad.core.files.atomic`.
    """
    from digitpad.core.datasets import emnist_archive  # imported late: the window needs it only for downloads

    for folder in _folders():
        with contextlib.suppress(OSError):
            if folder.parent == user_runs():
                _remove_empty_run(folder)
            remove_stale_temp_files(folder)
    with contextlib.suppress(OSError):
        emnist_archive.delete_archive(_data() / emnist_archive.KEY)


def _folders() -> Iterator[Path]:
    yield from (user_folder(), user_models(), user_runs(), user_recipes(), user_recipes().parent, _data())
    for parent in (user_runs(), _data()):
        with contextlib.suppress(OSError):  # not readable
            yield from [path for path in parent.iterdir() if path.is_dir() and not path.is_symlink()]


def _data() -> Path:
    """Return the program's data folder; a folder chosen by the user may belong to others."""
    return user_folder() / "data"


def _remove_empty_run(folder: Path) -> None:
    """Remove a run's folder that has no ``run.json``."""
    if (folder / INFO).exists() or abs(time.time() - folder.stat().st_mtime) < _LONG_AGO:
        return
    # Hidden folders hold deleted runs. Nothing that others put there is touched.
    entries = list(folder.iterdir())
    if folder.name.startswith(".") or any(path.name not in LOCKS and not is_temp_file(path.name) for path in entries):
        return
    with contextlib.suppress(Timeout), run_lock(folder).acquire(timeout=0):
        for path in {*entries, folder / LOCK}:  # the lock's file is created here if it is missing
            path.unlink()
    folder.rmdir()
