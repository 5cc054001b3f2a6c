"""Folders of new runs: empty, or with copies of the files of the run that is continued."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from filelock import Timeout

from digitpad.core.errors import DigitpadError, read_error, reason_of, write_error
from digitpad.core.files.atomic import remove_stale_temp_files, temp_path, write_atomically
from digitpad.core.files.paths import make_folder
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.models.model_files import BEST, LAST, MAX_FILE_SIZE
from digitpad.core.runs.batch_curve import CURVE
from digitpad.core.runs.run_folder import (
    LOCK_POLL,
    LOCK_WAIT,
    METRICS,
    STATE,
    Run,
    RunInfo,
    read_run,
    row_line,
    run_lock,
    write_info,
)
from digitpad.core.runs.state_file import load_state, save_state
from digitpad.core.runs.weight_history import HISTORY
from digitpad.core.training.early_stopping import without_stop


def new_folder(parent: Path, stem: str) -> Path:
    """Create an empty folder named `stem`, or with a number if that is in use."""
    try:
        make_folder(parent)
        for number in range(1, 1000):
            folder = parent / (stem if number == 1 else f"{stem}-{number}")
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder
    except OSError as error:
        raise DigitpadError(
            "runs cannot be saved in {folder} ({reason}): free some space or check its permissions",
            folder=parent,
            reason=reason_of(error),
        ) from error
    raise DigitpadError("{folder} already has 1000 runs of this second: try again", folder=parent)


def copy_run(parent: Run, runs: Path, stem: str, info: RunInfo) -> Path:
    """Copy a run's files to a new folder in `runs`, with another ``run.json``; a killed copy is never listed.

    Early stopping that ended the parent starts to wait anew.

    Raise DigitpadError if the parent is being trained, or was deleted or damaged, or the copy cannot be written.
    """
    hidden = temp_path(runs)
    try:
        with _not_in_training(parent):
            make_folder(runs)
            remove_stale_temp_files(runs)
            hidden.mkdir()
            _copy_files(read_run(parent.folder), hidden)
        write_info(hidden, info)
        folder = new_folder(runs, stem)
        if os.name == "nt":  # a folder does not replace an empty one there
            folder.rmdir()
        return hidden.rename(folder)
    except OSError as error:
        raise write_error(runs / stem, error) from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _copy_files(parent: Run, folder: Path) -> None:
    state = load_state(parent.folder / STATE, parent.recipe.model)
    # After a crash the last line may be newer than the state.
    rows = [row for row in parent.rows if row.epoch <= state.epoch]
    write_atomically(folder / METRICS, "".join(map(row_line, rows)).encode())
    save_state(folder / STATE, without_stop(state, parent.recipe.training.patience))
    for name in (BEST, LAST, CURVE, HISTORY):
        source = parent.folder / name
        try:
            if regular_file_size(source) <= MAX_FILE_SIZE:
                write_atomically(folder / name, source.read_bytes())
        except FileNotFoundError:  # an old run has no curve, and a killed one no last weights
            continue
        except OSError as error:
            raise read_error(source, error) from error


@contextlib.contextmanager
def _not_in_training(run: Run) -> Iterator[None]:
    """Keep others from training a run meanwhile; raise DigitpadError if one does."""
    if not run.folder.is_dir():  # or the lock would create it again
        raise DigitpadError("“{run}” was already deleted, perhaps in another window", run=run.name)
    lock = run_lock(run.folder)
    try:
        lock.acquire(timeout=LOCK_WAIT, poll_interval=LOCK_POLL)
    except Timeout as error:
        raise DigitpadError("“{run}” is being trained: stop it first", run=run.name) from error
    except OSError:  # a folder that cannot be written is not in training
        yield
        return
    try:
        yield
    finally:
        lock.release()
