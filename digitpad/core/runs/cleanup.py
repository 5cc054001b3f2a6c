"""What programs that were killed left in the user's folders."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import Timeout

from digitpad.core.files.atomic import is_temp_file, remove_stale_temp_files
from digitpad.core.files.paths import user_folder, user_models, user_recipes, user_runs
from digitpad.core.runs.run_folder import INFO, LOCKS, run_lock

_LONG_AGO = 24 * 3600.0  # seconds


def remove_leftovers() -> None:
    """Remove what was begun a day ago or longer and never came to be; what cannot be removed stays.

    In other folders whoever writes there clears away, see `digitpad.core.files.atomic`.
    """
    from digitpad.core.datasets import emnist_archive  # which the window does without until something is downloaded

    for folder in _folders():
        with contextlib.suppress(OSError):
            if folder.parent == user_runs():
                _remove_empty_run(folder)
            remove_stale_temp_files(folder)
    with contextlib.suppress(OSError):
        emnist_archive.discard_archive(_data() / emnist_archive.KEY)


def _folders() -> Iterator[Path]:
    yield from (user_folder(), user_models(), user_recipes(), user_recipes().parent, _data())
    for parent in (user_runs(), _data()):
        with contextlib.suppress(OSError):  # one that may not be looked into
            yield from [path for path in parent.iterdir() if path.is_dir() and not path.is_symlink()]


def _data() -> Path:
    """Return the program's own data folder: another that is chosen may be anybody's."""
    return user_folder() / "data"


def _remove_empty_run(folder: Path) -> None:
    """Remove a run's folder that did not even get its description."""
    if (folder / INFO).exists() or abs(time.time() - folder.stat().st_mtime) < _LONG_AGO:
        return
    # Hidden folders hold what was deleted; and of what anybody else put there nothing is touched.
    entries = list(folder.iterdir())
    if folder.name.startswith(".") or any(path.name not in LOCKS and not is_temp_file(path.name) for path in entries):
        return
    with contextlib.suppress(Timeout), run_lock(folder).acquire(timeout=0):
        for path in entries:
            path.unlink()
    folder.rmdir()
