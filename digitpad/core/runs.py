"""Runs: each training is a folder among the user's data, readable while it is written and after a crash.

A folder holds ``run.json`` (name, recipe with all settings, outcome), ``metrics.jsonl`` (a line a measured epoch),
``best.safetensors`` and ``last.safetensors`` (model files), and ``state.safetensors`` (what is needed to go on).
"""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from filelock import FileLock, Timeout
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.errors import DigitpadError
from digitpad.core.folders import user_runs
from digitpad.core.idx_sets import Part
from digitpad.core.recipes import Recipe, recipe_of
from digitpad.core.saving import write_atomically
from digitpad.core.storage import BEST

INFO, METRICS, STATE, LOCK = "run.json", "metrics.jsonl", "state.safetensors", ".lock"
LAST = "last.safetensors"
_DELETED = ".deleted"
_LARGEST_METRICS = 64 << 20
_LONG_AGO = 7 * 24 * 3600.0  # seconds
Outcome = Literal["unfinished", "finished", "stopped", "failed"]
_Name = Annotated[str, Field(min_length=1, max_length=120)]
_Figure = Annotated[float, Field(allow_inf_nan=False)]
# Samples left out for their suspect labels, by their index in the whole part.
LeftOut = dict[Part, list[Annotated[int, Field(ge=0)]]]


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="ignore"))
class RunInfo:
    """What ``run.json`` holds."""

    format: Literal["digitpad-run-1"] = "digitpad-run-1"
    name: _Name
    recipe_name: Annotated[str, Field(max_length=200)]
    recipe: dict[str, Any]
    created: datetime
    data: str = ""  # the data folder it was trained from
    outcome: Outcome = "unfinished"
    problem: str = ""  # why it failed
    versions: dict[str, str] = Field(default_factory=dict)
    left_out: LeftOut = Field(default_factory=dict)  # kept here, for marks may change before it is resumed


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="ignore"))
class Row:
    """A measured epoch, as a line of ``metrics.jsonl``; figures as in `digitpad.core.events.EpochDone`."""

    epoch: Annotated[int, Field(ge=1)]
    train_loss: _Figure
    train_accuracy: _Figure
    test_loss: _Figure
    test_accuracy: _Figure
    seconds: _Figure


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A training as its folder shows it."""

    folder: Path
    info: RunInfo
    recipe: Recipe
    rows: tuple[Row, ...]

    @property
    def id(self) -> str:
        """The folder's name, by which the command line knows it."""
        return self.folder.name

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.info.name

    @property
    def best(self) -> Row | None:
        """The best measured epoch, the earliest of equals; its weights are kept."""
        return max(self.rows, key=goodness, default=None)

    @property
    def last(self) -> Row | None:
        """The last measured epoch."""
        return self.rows[-1] if self.rows else None

    @property
    def seconds(self) -> float:
        """Time spent training, without measuring."""
        return sum(row.seconds for row in self.rows)

    @property
    def has_model(self) -> bool:
        """Whether there are weights to use."""
        return (self.folder / BEST).is_file()

    @property
    def is_running(self) -> bool:
        """Whether this or another process is training it now."""
        if self.info.outcome != "unfinished":
            return False
        lock = lock_of(self.folder)
        try:
            with lock.acquire(timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # where nothing can be written, nothing is trained
            return False

    @property
    def can_go_on(self) -> bool:
        """Whether there are epochs left that a resumed training would do."""
        done = self.rows[-1].epoch if self.rows else 0
        return done < self.recipe.training.epochs and self.info.outcome != "finished" and not self.is_running


def goodness(row: Row) -> tuple[float, float]:
    """Return what a measured epoch is judged by: test accuracy first, then a low test loss."""
    return row.test_accuracy, -row.test_loss


def lock_of(folder: Path) -> FileLock:
    """Return the lock that whoever trains a run holds; the system lets it go with the process."""
    return FileLock(folder / LOCK)


def read_run(folder: Path) -> Run:
    """Read a run's folder.

    Raises
    ------
    DigitpadError
        Where it is no run, or its description is damaged.

    """
    path = folder / INFO
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        info = TypeAdapter(RunInfo).validate_python(content)
    except FileNotFoundError as error:
        raise DigitpadError(f"{folder} is no run: see 'digitpad runs'") from error
    except OSError as error:
        raise DigitpadError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError, ValidationError) as error:
        raise DigitpadError(f"{path} is damaged: delete the folder, or put run.json right") from error
    return Run(folder, info, recipe_of(info.recipe, str(path)), _rows(folder / METRICS))


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
    return sorted(runs, key=lambda run: (run.info.created.timestamp(), run.id), reverse=True)


def find_run(name: str) -> Run:
    """Find a run by its id, its name, or its folder."""
    if (Path(name) / INFO).is_file():
        return read_run(Path(name))
    runs = list_runs()
    for run in runs:
        if name == run.id:
            return run
    named = [run for run in runs if run.name == name]
    if len(named) == 1:
        return named[0]
    if named:
        raise DigitpadError(f"several runs are named {name!r}: give one of {', '.join(run.id for run in named)}")
    raise DigitpadError(f"there is no run {name!r}: see 'digitpad runs'")


def write_info(folder: Path, info: RunInfo) -> None:
    """Write ``run.json``, whole or not at all."""
    content = {**asdict(info), "created": info.created.isoformat()}
    write_atomically(folder / INFO, json.dumps(content, indent=1, ensure_ascii=False).encode())


def rename_run(run: Run, name: str) -> Run:
    """Give a run another name; its folder keeps its own."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise DigitpadError("a run's name has 1 to 120 characters: choose another")
    info = replace(run.info, name=name)
    write_info(run.folder, info)
    return replace(run, info=info)


def delete_run(run: Run) -> Path:
    """Put a run aside, from where `restore_run` brings it back; return where it is."""
    if run.is_running:
        raise DigitpadError(f"{run.name} is being trained: stop it first")
    return _move(run.folder, run.folder.parent / _DELETED / f"{os.getpid()}" / run.id)


def restore_run(aside: Path) -> Run:
    """Bring a deleted run back."""
    return read_run(_move(aside, aside.parents[2] / aside.name))


def purge_deleted() -> None:
    """Remove for good what this process deleted, and what one that crashed did long ago."""
    deleted = user_runs() / _DELETED
    for folder in deleted.glob("*"):
        with contextlib.suppress(OSError):
            if folder.name == str(os.getpid()) or time.time() - folder.stat().st_mtime > _LONG_AGO:
                shutil.rmtree(folder)
    with contextlib.suppress(OSError):
        deleted.rmdir()


def row_of(values: Mapping[str, Any] | object) -> Row:
    """Take a row's figures from an `EpochDone`, or from a line's content."""
    names = Row.__dataclass_fields__
    content = values if isinstance(values, Mapping) else {name: getattr(values, name) for name in names}
    return TypeAdapter(Row).validate_python(content)


def _move(source: Path, target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        return source.rename(target)
    except OSError as error:
        raise DigitpadError(f"{source} cannot be moved ({error.strerror or error}): check the permissions") from error


def _rows(path: Path) -> tuple[Row, ...]:
    """Read the measured epochs; what a crash cut off, and all after it, is not counted."""
    try:
        if path.stat().st_size > _LARGEST_METRICS:
            return ()
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    rows: list[Row] = []
    for line in lines:
        try:
            row = row_of(json.loads(line))
        except (ValueError, RecursionError, ValidationError):
            break
        if rows and row.epoch <= rows[-1].epoch:
            break
        rows.append(row)
    return tuple(rows)
