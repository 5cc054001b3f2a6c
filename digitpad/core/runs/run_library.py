"""The runs in the user data folder: list, find, rename, delete and restore."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from filelock import Timeout

from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.paths import make_folder, user_runs
from digitpad.core.images.idx_sets import looks_like_path
from digitpad.core.models.model_files import BEST, LAST, Epoch, find_model
from digitpad.core.runs.run_folder import (
    INFO,
    LOCK_POLL,
    LOCK_WAIT,
    LOCKS,
    METRICS,
    STATE,
    Run,
    has_links,
    read_info,
    read_run,
    run_lock,
    update_info,
)
from digitpad.core.translation import tr

_DELETED = ".deleted"
# Each shows that a folder without ``run.json`` was a run.
_FILES = (METRICS, BEST, LAST, STATE)

_LONG_AGO = 7 * 24 * 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class UnreadableRun:
    """A run that cannot be read: its folder, a sentence that says why, and when it was changed."""

    folder: Path
    problem: str
    changed: datetime

    @property
    def id(self) -> str:
        """The folder's name, which the command line uses."""
        return self.folder.name

    @property
    def name(self) -> str:
        """The folder's name: the name given by the user cannot be read."""
        return self.folder.name


def list_runs() -> list[Run]:
    """Read the user's runs, newest first, without those that cannot be read."""
    runs = []
    for folder in _run_folders():
        with contextlib.suppress(DigitpadError):
            runs.append(read_run(folder))
    return newest_first(runs)


def list_unreadable_runs() -> list[UnreadableRun]:
    """List the user's runs that are damaged, or from a newer version of digitpad, the last changed first."""
    found = []
    for folder in _run_folders():
        try:
            read_run(folder)
        except DigitpadError as error:
            if (folder / INFO).exists() or any((folder / name).exists() for name in _FILES):
                found.append(UnreadableRun(folder, _problem(folder, error), _changed(folder)))
    return sorted(found, key=lambda run: (run.changed, run.id), reverse=True)


def names_in_use() -> set[str]:
    """Return the names of the user's runs."""
    names = set()
    for folder in _run_folders():
        with contextlib.suppress(DigitpadError):
            names.add(read_info(folder).name)
    return names


def _run_folders() -> list[Path]:
    # A hidden folder holds deleted runs, or is a run that is being copied.
    try:
        return [path for path in user_runs().iterdir() if not path.name.startswith(".") and path.is_dir()]
    except OSError:
        return []


def _problem(folder: Path, error: DigitpadError) -> str:
    if os.path.lexists(folder / INFO):
        return str(error)
    return str(DigitpadError("{folder} has lost its file {name}: delete the folder", folder=folder, name=INFO))


def _changed(folder: Path) -> datetime:
    """Return when a run was changed; in a damaged one any time is possible."""
    try:
        path = folder / INFO
        return datetime.fromtimestamp((path if path.exists() else folder).stat().st_mtime, UTC).astimezone()
    except (OSError, ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def newest_first(runs: Iterable[Run]) -> list[Run]:
    """Sort runs for a list."""
    return sorted(runs, key=lambda run: (run.info.created.timestamp(), run.id), reverse=True)


def find_run(name: str) -> Run:
    """Find a run by its id, its name, or its folder; one in the current folder has the path "./name"."""
    if looks_like_path(name) and (run := _run_in(name)):
        return run
    runs = list_runs()
    for run in runs:
        if name == run.id:
            return run
    named = [run for run in runs if run.name == name]
    if len(named) == 1:
        return named[0]
    if named:
        raise DigitpadError(
            "several runs are named “{name}”: choose one of {choices}",
            name=name,
            choices=", ".join(run.id for run in named),
        )
    if not name.startswith(".") and Path(name).name == name and os.path.isdir(user_runs() / name):  # noqa: PTH112 - see above
        return read_run(user_runs() / name)  # raises, and says why it is not listed
    if run := _run_in(name):
        return run
    raise DigitpadError("there is no run “{name}”", name=name, hint=tr("see 'digitpad runs'"))


def _run_in(folder: str) -> Run | None:
    """Return the run of a folder; None if it has none."""
    if not os.path.isfile(os.path.join(folder, INFO)):  # noqa: PTH113, PTH118 - Path.is_file raises without permission
        return None
    # An absolute path, because "." and ".." are not the folder's name.
    return read_run(Path(os.path.abspath(folder)))  # noqa: PTH100 - resolve() would follow a link


def run_of_model(path: Path) -> Run | None:
    """Return the run that a model file belongs to, if it can be read."""
    if path.name not in (BEST, LAST):
        return None
    try:
        return read_run(path.absolute().parent)
    except DigitpadError:
        return None


def find_model_file(name: str, epoch: Epoch | None = None) -> Path:
    """Find a model as `find_model`, or a run by its name; of a run that of an epoch, see `Run.kept_model`.

    Raise DigitpadError if there is no such model, or an epoch is wanted and it is not a run's.
    """
    try:
        path = find_model(name)
    except DigitpadError:
        if not any(run.name == name for run in list_runs()):
            raise
        return find_run(name).kept_model(epoch).path
    if epoch is None and path == Path(name):
        return path
    if run := run_of_model(path):
        return run.kept_model(epoch).path
    if epoch is not None:
        raise DigitpadError(
            "“{name}” is not a run: only runs keep a best and a last epoch", name=name, hint=tr("leave out --epoch")
        )
    return path


def rename_run(run: Run, name: str) -> Run:
    """Rename a run, but not its folder."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise DigitpadError("the name of a run must have 1 to 120 characters: choose another name")
    return replace(run, info=update_info(run.folder, name=name))


def delete_run(run: Run | UnreadableRun) -> Path:
    """Move a run to a folder of deleted runs, and return its path there, for `restore_run`."""
    if not run.folder.is_dir():
        raise DigitpadError("“{run}” was already deleted, perhaps in another window", run=run.name)
    if (run.folder.parent / _DELETED).is_symlink():
        raise DigitpadError(
            "{folder} is a link to another folder: remove it and try again", folder=run.folder.parent / _DELETED
        )
    # The lock of a link would be written to what it leads to.
    with contextlib.nullcontext() if has_links(run.folder) else _not_training(run):
        return _move(run.folder, run.folder.parent / _DELETED / f"{os.getpid()}" / run.id)


def restore_run(aside: Path) -> Run | UnreadableRun:
    """Restore a deleted run; if its folder name is used by now, with a number after its id."""
    folder = _move(aside, aside.parents[2] / aside.name)
    try:
        return read_run(folder)
    except DigitpadError as error:
        return UnreadableRun(folder, _problem(folder, error), _changed(folder))


@contextlib.contextmanager
def _not_training(run: Run | UnreadableRun) -> Iterator[None]:
    """Keep others from training a run meanwhile."""
    lock = run_lock(run.folder)
    try:
        lock.acquire(timeout=LOCK_WAIT, poll_interval=LOCK_POLL)
        if os.name == "nt":  # a folder with an open file cannot be moved there
            lock.release()
    except Timeout as error:
        raise DigitpadError("“{run}” is being trained: stop it first", run=run.name) from error
    except OSError as error:
        raise _move_error(run.folder, error) from error
    try:
        yield
    finally:
        lock.release()


def purge_deleted() -> None:
    """Remove the runs that this process deleted, and those that a crashed one deleted long ago."""
    deleted = user_runs() / _DELETED
    if deleted.is_symlink():  # its target does not hold our deleted runs
        return
    for folder in deleted.glob("*"):
        with contextlib.suppress(OSError):
            if folder.name == str(os.getpid()) or time.time() - folder.stat().st_mtime > _LONG_AGO:
                shutil.rmtree(folder)
    with contextlib.suppress(OSError):
        deleted.rmdir()


def _move(source: Path, target: Path) -> Path:
    try:
        make_folder(target.parent)
        # Two runs may have the same id if the clock was set back.
        paths = (target if n == 1 else target.with_name(f"{target.name}-{n}") for n in count(1))
        return source.rename(next(path for path in paths if _is_free(path)))
    except OSError as error:
        raise _move_error(source, error) from error


def _move_error(folder: Path, error: OSError) -> DigitpadError:
    return DigitpadError(
        "{folder} cannot be moved ({reason}): check its permissions", folder=folder, reason=reason_of(error)
    )


def _is_free(folder: Path) -> bool:
    """Return whether a folder can be moved here; remove a folder that has only lock files."""
    if folder.is_dir() and {path.name for path in folder.iterdir()} <= LOCKS:
        shutil.rmtree(folder)
    return not os.path.lexists(folder)
