"""Removing what killed programs left in the user's folders, and the weight histories of old runs."""

import contextlib
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import Timeout

from digitpad.core.files.atomic import is_temp_file, remove_stale_temp_files
from digitpad.core.files.paths import user_folder, user_models, user_recipes, user_runs
from digitpad.core.runs.run_folder import INFO, LOCK, LOCKS, run_lock
from digitpad.core.runs.weight_history import HISTORY

_LONG_AGO = 24 * 3600.0  # seconds
_MAX_HISTORIES = 200_000_000  # bytes: those of more than a hundred runs


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
    drop_old_histories()
    with contextlib.suppress(OSError):
        emnist_archive.delete_archive(_data() / emnist_archive.KEY)


def drop_old_histories(limit: int = _MAX_HISTORIES) -> None:
    """Delete the weight histories of the oldest runs if all together are larger than `limit` bytes.

    The runs keep all else.
    """
    found: list[tuple[int, int, Path]] = []
    with contextlib.suppress(OSError):
        for path in user_runs().glob(f"[!.]*/{HISTORY}"):
            with contextlib.suppress(OSError):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode):
                    found.append((status.st_mtime_ns, status.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= limit:
            return
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size


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
