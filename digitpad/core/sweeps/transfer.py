"""A run as bytes, to bring it home from another machine."""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from digitpad.core.errors import DigitpadError, read_error, write_error
from digitpad.core.files.atomic import remove_stale_temp_files, temp_path, write_atomically
from digitpad.core.files.paths import make_folder, user_runs
from digitpad.core.models.model_files import BEST, LAST
from digitpad.core.runs.batch_curve import CURVE
from digitpad.core.runs.new_folders import new_folder
from digitpad.core.runs.run_folder import INFO, METRICS, STATE, Run, path_text, read_run, write_info
from digitpad.core.runs.training_job import TrainingJob
from digitpad.core.runs.weight_history import HISTORY
from digitpad.core.runs.writer import folder_stem

_FILES = (INFO, METRICS, BEST, LAST, STATE, CURVE, HISTORY)
_NEEDED = (INFO, METRICS, BEST)


@dataclass(frozen=True, slots=True, eq=False)
class PackedRun:
    """The files of a run by name, and the size in bytes that each had where it was trained."""

    files: dict[str, bytes]
    sizes: dict[str, int]


def pack_run(folder: Path) -> PackedRun:
    """Read the files of a run; raise DigitpadError if one cannot be read."""
    files, sizes = {}, {}
    for name in _FILES:
        path = folder / name
        try:
            sizes[name] = path.stat().st_size
            files[name] = path.read_bytes()
        except FileNotFoundError:  # not every run has all files
            continue
        except OSError as error:
            raise read_error(path, error) from error
    return PackedRun(files, sizes)


def unpack_run(packed: PackedRun, job: TrainingJob, data: Path) -> Run:
    """Write a run among the user's, whole or not at all, with the name, sweep and data folder of this machine.

    Raise DigitpadError if a file is missing or shorter than it was, it is no run of this job, or it cannot be written.
    """
    _check(packed, job)
    runs = user_runs()
    hidden = temp_path(runs)
    try:
        make_folder(runs)
        remove_stale_temp_files(runs)
        hidden.mkdir()
        for name, content in packed.files.items():
            write_atomically(hidden / name, content)
        run = read_run(hidden)
        if run.recipe.model != job.recipe.model or not run.rows:
            raise _damaged(job)
        info = replace(run.info, name=job.name, sweep=job.sweep, recipe_name=job.recipe_name, data=path_text(data))
        write_info(hidden, info)
        folder = new_folder(runs, folder_stem(info))
        if os.name == "nt":  # a folder does not replace an empty one there
            folder.rmdir()
        return read_run(hidden.rename(folder))
    except OSError as error:
        raise write_error(runs / job.name, error) from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _check(packed: PackedRun, job: TrainingJob) -> None:
    is_known = packed.files.keys() <= set(_FILES) and packed.files.keys() == packed.sizes.keys()
    if not is_known or not packed.files.keys() >= set(_NEEDED):
        raise _damaged(job)
    if any(len(content) != packed.sizes[name] for name, content in packed.files.items()):
        raise _damaged(job)


def _damaged(job: TrainingJob) -> DigitpadError:
    return DigitpadError("the files of “{run}” came home damaged: run the sweep again", run=job.name)
