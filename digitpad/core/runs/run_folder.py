"""Runs: each training is a folder among the user's data, readable while it is written and after a crash.

A folder holds ``run.json`` (name, recipe with all settings, outcome), ``metrics.jsonl`` (a line a measured epoch),
``best.safetensors`` and ``last.safetensors`` (model files), and ``state.safetensors`` (what is needed to go on).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from filelock import FileLock, Timeout
from pydantic import AfterValidator, ConfigDict, FailFast, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.locks import exclusive_lock
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.idx_sets import Part
from digitpad.core.models.model_files import BEST
from digitpad.core.training.recipes import Recipe, parse_recipe

INFO, METRICS, STATE, LOCK = "run.json", "metrics.jsonl", "state.safetensors", ".lock"
LAST = "last.safetensors"
_LARGEST_INFO, _LARGEST_METRICS = 4 << 20, 64 << 20  # bytes
# Whoever looks whether a run is being trained holds its lock for a moment; whoever trains it, all the time.
LOCK_WAIT, LOCK_POLL = 0.2, 0.01  # seconds
_INFO_LOCK = ".info.lock"
LOCKS = frozenset({LOCK, _INFO_LOCK})
Outcome = Literal["unfinished", "finished", "stopped", "failed"]
_Name = Annotated[str, Field(min_length=1, max_length=120)]
_Figure = Annotated[float, Field(allow_inf_nan=False)]
# Samples left out for their suspect labels, by their index in the whole part. Of millions of wrong ones the first is
# told, for each message takes its time and memory.
LeftOut = dict[Part, Annotated[list[Annotated[int, Field(ge=0, lt=1 << 32)]], FailFast()]]


def _in_any_zone(time: datetime) -> datetime:
    """Refuse a time that not every time zone has; one without a zone is in UTC."""
    if not datetime.min.year < time.year < datetime.max.year:
        raise ValueError("no such time")
    return time if time.tzinfo else time.replace(tzinfo=UTC)


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="ignore"))
class RunInfo:
    """What ``run.json`` holds."""

    format: Literal["digitpad-run-1"] = "digitpad-run-1"
    name: _Name
    recipe_name: Annotated[str, Field(max_length=200)]
    recipe: dict[str, Any]
    created: Annotated[datetime, AfterValidator(_in_any_zone)]
    data: str = ""  # the data folder it was trained from
    outcome: Outcome = "unfinished"
    problem: str = ""  # why it failed
    versions: dict[str, str] = Field(default_factory=dict)
    left_out: LeftOut = Field(default_factory=dict)  # kept here, for marks may change before it is resumed


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="ignore"))
class EpochRow:
    """A measured epoch, as a line of ``metrics.jsonl``; figures as in `digitpad.core.training.events.EpochDone`."""

    epoch: Annotated[int, Field(ge=1, le=1_000_000)]
    train_loss: _Figure
    train_accuracy: _Figure
    test_loss: _Figure
    test_accuracy: _Figure
    seconds: Annotated[float, Field(ge=0, le=1e9)]


_INFO: TypeAdapter[RunInfo] = TypeAdapter(RunInfo)
_ROW: TypeAdapter[EpochRow] = TypeAdapter(EpochRow)
_MOST_KNOWN = 1000
# The rows of files that were read, with what says whether they have changed since.
_known_rows: "dict[Path, tuple[tuple[int, int, int], tuple[EpochRow, ...]]]" = {}


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A training as its folder shows it."""

    folder: Path
    info: RunInfo
    recipe: Recipe
    rows: tuple[EpochRow, ...]
    # Found when first asked for: a long training has tens of thousands of rows, and a table asks at each painting.
    _best: EpochRow | None = field(default=None, init=False, repr=False)
    _seconds: float | None = field(default=None, init=False, repr=False)

    @property
    def id(self) -> str:
        """The folder's name, by which the command line knows it."""
        return self.folder.name

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.info.name

    @property
    def best(self) -> EpochRow | None:
        """The best measured epoch, the earliest of equals; its weights are kept."""
        if self._best is None and self.rows:
            object.__setattr__(self, "_best", max(self.rows, key=ranking_key))
        return self._best

    @property
    def last(self) -> EpochRow | None:
        """The last measured epoch."""
        return self.rows[-1] if self.rows else None

    @property
    def seconds(self) -> float:
        """Time spent training, without measuring."""
        if self._seconds is None:
            object.__setattr__(self, "_seconds", sum(row.seconds for row in self.rows))
        return self._seconds or 0.0

    @property
    def has_model(self) -> bool:
        """Whether there are weights to use."""
        return (self.folder / BEST).is_file()

    @property
    def is_running(self) -> bool:
        """Whether this or another process is training it now, whatever it was when it was read."""
        # A finished one is never gone on with; and of one that was deleted filelock would make the folder anew.
        if self.info.outcome == "finished" or not self.folder.is_dir():
            return False
        lock = run_lock(self.folder)
        try:
            with lock.acquire(timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # where nothing can be written, nothing is trained
            return False

    @property
    def is_done(self) -> bool:
        """Whether nothing is left that a resumed training would do."""
        if self.info.outcome == "unfinished":  # killed after the last epoch, it has still to be brought to its end
            return False
        done = self.rows[-1].epoch if self.rows else 0
        return done >= self.recipe.training.epochs or self.info.outcome == "finished"

    @property
    def can_resume(self) -> bool:
        """Whether it could be resumed now."""
        return not self.is_done and not self.is_running


def ranking_key(row: EpochRow) -> tuple[float, float]:
    """Return what a measured epoch is judged by: test accuracy first, then a low test loss."""
    return row.test_accuracy, -row.test_loss


def run_lock(folder: Path) -> FileLock:
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
        if regular_file_size(path) > _LARGEST_INFO:
            raise DigitpadError("{path} is too long for a run's: delete the folder, or put run.json right", path=path)
        info = _INFO.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise DigitpadError("{folder} is no run: see 'digitpad runs'", folder=folder) from error
    except OSError as error:
        raise DigitpadError("{path} cannot be read: {reason}", path=path, reason=reason_of(error)) from error
    except (ValueError, RecursionError, ValidationError) as error:
        raise DigitpadError("{path} is damaged: delete the folder, or put run.json right", path=path) from error
    return Run(folder, info, parse_recipe(info.recipe, str(path)), _rows(folder / METRICS))


def write_info(folder: Path, info: RunInfo) -> None:
    """Write ``run.json``, whole or not at all."""
    content = {**asdict(info), "created": info.created.isoformat()}
    write_atomically(folder / INFO, json.dumps(content, indent=1, ensure_ascii=False).encode())


def update_info(folder: Path, **changes: object) -> RunInfo:
    """Change some of what ``run.json`` says now, and nothing that another window has written meanwhile.

    Raises
    ------
    DigitpadError
        Where it is gone or damaged, or cannot be written.

    """
    # Else the lock would make a folder that was just deleted anew.
    if not folder.is_dir():
        raise DigitpadError("{folder} is no run any more: it was deleted, perhaps in another window", folder=folder)
    with exclusive_lock(folder / INFO, folder / _INFO_LOCK):
        info = replace(read_run(folder).info, **changes)
        write_info(folder, info)
    return info


def epoch_row(values: Mapping[str, Any] | object) -> EpochRow:
    """Take a row's figures from an `EpochDone`, or from a line's content."""
    names = EpochRow.__dataclass_fields__
    content = values if isinstance(values, Mapping) else {name: getattr(values, name) for name in names}
    return _ROW.validate_python(content)


def _rows(path: Path) -> tuple[EpochRow, ...]:
    """Read the measured epochs; what a crash cut off, and all after it, is not counted.

    A file that is as it was is not read again: one of an eight-hour training takes half a second.
    """
    try:
        if regular_file_size(path) > _LARGEST_METRICS:
            return ()
        status = path.stat()
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = _known_rows.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except (OSError, DigitpadError):
        return ()
    rows = _rows_of(lines)
    if len(_known_rows) >= _MOST_KNOWN:
        _known_rows.clear()
    _known_rows[path] = (stamp, rows)
    return rows


def _rows_of(lines: Iterable[str]) -> tuple[EpochRow, ...]:
    rows: list[EpochRow] = []
    for line in lines:
        try:
            row = epoch_row(json.loads(line))
        except (ValueError, RecursionError, ValidationError):
            break
        if rows and row.epoch <= rows[-1].epoch:
            break
        rows.append(row)
    return tuple(rows)
