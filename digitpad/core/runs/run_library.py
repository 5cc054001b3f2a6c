"""The runs in the user data folder: list, find, rename, delete and restore."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from filelock import Timeout

from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.paths import user_runs
from digitpad.core.runs.run_folder import INFO, LOCK_POLL, LOCK_WAIT, LOCKS, Run, read_run, run_lock, update_info

_DELETED = ".deleted"

_LONG_AGO = 7 * 24 * 3600.0  # seconds


def list_runs() -> list[Run]:
    """Read the user's runs, newest first; what cannot be read is left out."""
    try:
        folders = [path.parent for path in user_runs().glob(f"*/{INFO}")]
    except OSError:
        return []
    runs = []
    for folder in folders:
        with contextlib.suppress(DigitpadError):
            runs.append(read_run(folder))
    return newest_first(runs)


def newest_first(runs: Iterable[Run]) -> list[Run]:
    """Return runs in the order in which they are listed."""
    return sorted(runs, key=lambda run: (run.info.created.timestamp(), run.id), reverse=True)


def find_run(name: str) -> Run:
    """Find a run by its id, its name, or its folder."""
    if os.path.isfile(os.path.join(name, INFO)):  # noqa: PTH113, PTH118 - Path's raises where one may not look
        # Of "." and ".." only the whole path tells what the folder is called.
        return read_run(Path(os.path.abspath(name)))  # noqa: PTH100 - a link keeps its own name
    runs = list_runs()
    for run in runs:
        if name == run.id:
            return run
    named = [run for run in runs if run.name == name]
    if len(named) == 1:
        return named[0]
    if named:
        raise DigitpadError(
            "several runs are named {name!r}: give one of {choices}",
            name=name,
            choices=", ".join(run.id for run in named),
        )
    raise DigitpadError("there is no run {name!r}: see 'digitpad runs'", name=name)


def rename_run(run: Run, name: str) -> Run:
    """Give a run another name; its folder keeps its own."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise DigitpadError("a run's name has 1 to 120 characters: choose another")
    return replace(run, info=update_info(run.folder, name=name))


def delete_run(run: Run) -> Path:
    """Put a run aside, from where `restore_run` brings it back; return where it is."""
    if not run.folder.is_dir():
        raise DigitpadError("{name} is not there any more: it was deleted, perhaps in another window", name=run.name)
    if (run.folder.parent / _DELETED).is_symlink():
        raise DigitpadError(
            "{number} is a link to another folder: remove it, and try again", number=run.folder.parent / _DELETED
        )
    with _untrained(run):
        return _move(run.folder, run.folder.parent / _DELETED / f"{os.getpid()}" / run.id)


def restore_run(aside: Path) -> Run:
    """Bring a deleted run back; where another has its folder by now, with a number behind its id."""
    return read_run(_move(aside, aside.parents[2] / aside.name))


@contextlib.contextmanager
def _untrained(run: Run) -> Iterator[None]:
    """Let nobody begin to train a run meanwhile."""
    lock = run_lock(run.folder)
    try:
        lock.acquire(timeout=LOCK_WAIT, poll_interval=LOCK_POLL)
        if os.name == "nt":  # where a folder with an open file cannot be moved
            lock.release()
    except Timeout as error:
        raise DigitpadError("{name} is being trained: stop it first", name=run.name) from error
    except OSError as error:
        raise DigitpadError(
            "{folder} cannot be moved ({reason}): check the permissions", folder=run.folder, reason=reason_of(error)
        ) from error
    try:
        yield
    finally:
        lock.release()


def purge_deleted() -> None:
    """Remove for good what this process deleted, and what one that crashed did long ago."""
    deleted = user_runs() / _DELETED
    if deleted.is_symlink():  # nothing where it leads to was deleted here
        return
    for folder in deleted.glob("*"):
        with contextlib.suppress(OSError):
            if folder.name == str(os.getpid()) or time.time() - folder.stat().st_mtime > _LONG_AGO:
                shutil.rmtree(folder)
    with contextlib.suppress(OSError):
        deleted.rmdir()


def _move(source: Path, target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Where the clock was put back, two runs may have been given one id.
        places = (target if n == 1 else target.with_name(f"{target.name}-{n}") for n in count(1))
        return source.rename(next(place for place in places if _is_free(place)))
    except OSError as error:
        raise DigitpadError(
            "{source} cannot be moved ({reason}): check the permissions", source=source, reason=reason_of(error)
        ) from error


def _is_free(place: Path) -> bool:
    """Tell whether a folder can have this place; one that holds no more than locks is cleared away."""
    if place.is_dir() and {path.name for path in place.iterdir()} <= LOCKS:
        shutil.rmtree(place)
    return not os.path.lexists(place)
