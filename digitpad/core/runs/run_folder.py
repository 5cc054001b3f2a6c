"""Runs: each training is a folder in the user's data, readable while it is written and after a crash.

A folder has ``run.json`` (name, recipe, outcome), ``metrics.jsonl`` (a line per measured epoch), ``best.safetensors``
and ``last.safetensors`` (model files), ``state.safetensors`` (to resume), and what there was to see while it trained:
``batches.bin`` (`digitpad.core.runs.batch_curve`) and ``weights.bin`` (`digitpad.core.runs.weight_history`).
"""

import json
import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote_to_bytes

from filelock import FileLock, Timeout
from pydantic import AfterValidator, BeforeValidator, ConfigDict, FailFast, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.errors import DigitpadError, read_error, write_error
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.locks import exclusive_lock
from digitpad.core.files.paths import encodable, shortened
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.idx_sets import Part
from digitpad.core.models.model_files import BEST, LAST, Epoch
from digitpad.core.training.recipes import Recipe, RecipeError, parse_recipe
from digitpad.core.translation import tr

INFO, METRICS, STATE, LOCK = "run.json", "metrics.jsonl", "state.safetensors", ".lock"
# Bytes: a quarter of a million samples left out, and a million epochs of 240 characters.
_MAX_INFO, _MAX_METRICS = 8 << 20, 256 << 20
# A training holds the run's lock all the time; a check whether it is being trained holds it for a moment.
LOCK_WAIT, LOCK_POLL = 0.2, 0.01  # seconds
_INFO_LOCK = ".info.lock"
LOCKS = frozenset({LOCK, _INFO_LOCK})
_MAX_SECONDS = 1e9
_URI = "file://"
_NEWER = re.compile(r"digitpad-run-(?!1$)\d{1,9}")
Outcome = Literal["unfinished", "finished", "stopped", "failed"]
MAX_NAME, _MAX_RECIPE_NAME, _MAX_ID = 120, 200, 255  # characters
_Name = Annotated[str, BeforeValidator(lambda text: _short(text, MAX_NAME)), Field(min_length=1)]
_RunId = Annotated[str, BeforeValidator(lambda text: _short(text, _MAX_ID))]
_RecipeName = Annotated[str, BeforeValidator(lambda text: _short(text, _MAX_RECIPE_NAME))]
_Metric = Annotated[float, Field(allow_inf_nan=False)]
# A loss may be infinite or NaN where the training can go on; JSON has neither.
_Loss = Annotated[float, BeforeValidator(lambda value: math.nan if value is None else value)]
# Samples left out because of suspect labels, by their index in the whole part. FailFast: a file may have millions of
# wrong ones.
LeftOut = dict[Part, Annotated[list[Annotated[int, Field(ge=0, lt=1 << 32)]], FailFast()]]


def _short(text: object, limit: int) -> object:
    return shortened(text, limit) if isinstance(text, str) else text


def _in_any_zone(time: datetime) -> datetime:
    """Refuse the first and the last year, which not every time zone has; a time without a zone is in UTC."""
    if not datetime.min.year < time.year < datetime.max.year:
        raise ValueError("no such time")
    return time if time.tzinfo else time.replace(tzinfo=UTC)


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="ignore"))
class RunInfo:
    """The content of ``run.json``."""

    format: Literal["digitpad-run-1"] = "digitpad-run-1"
    name: _Name
    recipe_name: _RecipeName
    recipe: dict[str, Any]
    created: Annotated[datetime, AfterValidator(_in_any_zone)]
    data: str = ""  # the data folder it was trained from, see `path_text`
    parent: _RunId = ""  # the id of the run that it continues
    sweep: _RunId = ""  # the id of the sweep that it is part of, see `digitpad.core.sweeps.grid`
    outcome: Outcome = "unfinished"
    problem: str = ""  # why it failed
    versions: dict[str, str] = Field(default_factory=dict)
    digests: dict[Part, str] = Field(default_factory=dict)  # of each part's images and labels; none in old runs
    left_out: LeftOut = Field(default_factory=dict)  # stored, because marks may change before the run is resumed


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="ignore"))
class EpochRow:
    """A measured epoch, as a line of ``metrics.jsonl``; see `digitpad.core.training.events.EpochDone`.

    Losses may be infinite or NaN; in the file they are "Infinity" and null.
    """

    epoch: Annotated[int, Field(ge=1, le=1_000_000)]
    train_loss: _Loss
    train_accuracy: _Metric
    test_loss: _Loss
    test_accuracy: _Metric
    seconds: Annotated[float, Field(ge=0, le=_MAX_SECONDS)]


_INFO: TypeAdapter[RunInfo] = TypeAdapter(RunInfo)
_ROW: TypeAdapter[EpochRow] = TypeAdapter(EpochRow)
_MAX_CACHED = 1000
# The rows of each file read, with its inode, time and size, which change with it.
_row_cache: "dict[Path, tuple[tuple[int, int, int], tuple[EpochRow, ...]]]" = {}


@dataclass(frozen=True, slots=True)
class KeptModel:
    """Weights that a run keeps: whether those of its best or of its last epoch, their file, and the epoch's metrics."""

    epoch: Epoch
    path: Path
    row: EpochRow | None


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A training, as read from its folder."""

    folder: Path
    info: RunInfo
    recipe: Recipe
    rows: tuple[EpochRow, ...]
    # Computed once: a long training has tens of thousands of rows, and tables ask at each repaint.
    _best: EpochRow | None = field(default=None, init=False, repr=False)
    _seconds: float | None = field(default=None, init=False, repr=False)

    @property
    def id(self) -> str:
        """The folder's name, which the command line uses."""
        return self.folder.name

    @property
    def name(self) -> str:
        """The name given by the user."""
        return self.info.name

    @property
    def data_folder(self) -> Path | None:
        """The data folder it was trained from, a full path; None if it is not known."""
        return path_of(self.info.data) if self.info.data else None

    @property
    def best(self) -> EpochRow | None:
        """The best measured epoch, the earliest of equals; ``best.safetensors`` has its weights.

        One whose test loss is NaN is the best only if there is no other.
        """
        if self._best is None and self.rows:
            object.__setattr__(self, "_best", max(self.rows, key=ranking_key))
        return self._best

    @property
    def last(self) -> EpochRow | None:
        """The last measured epoch."""
        return self.rows[-1] if self.rows else None

    @property
    def used(self) -> EpochRow | None:
        """The epoch whose model is used unless the user asks for the other one, see `kept_models`."""
        return self.kept_models[0].row if self.recipe.published.epochs else self.best

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
    def kept_models(self) -> tuple[KeptModel, ...]:
        """The models to choose from, first the one to use unless the user asks for the other.

        That is the best one, or for a recipe with published figures the last one, which these figures are about. There
        is one if both are the same epoch, or the last one is not kept or has weights that are not numbers.
        """
        best, last = self.best, self.last
        models = [KeptModel("best", self.folder / BEST, best)]
        if last is not best and last and not math.isnan(last.test_loss) and (self.folder / LAST).is_file():
            models.append(KeptModel("last", self.folder / LAST, last))
        return tuple(reversed(models) if self.recipe.published.epochs else models)

    def kept_model(self, epoch: Epoch | None = None) -> KeptModel:
        """Return the model of an epoch, or the one to use; raise DigitpadError if the last one is not kept."""
        models = self.kept_models
        chosen = next((model for model in models if epoch in (None, model.epoch)), models[0])
        if epoch == "last" and chosen.row is not self.last:
            raise DigitpadError(
                "“{run}” has no weights of its last epoch that can be used: choose its best epoch", run=self.name
            )
        return chosen

    @property
    def model_problem(self) -> str:
        """Why its weights cannot be used, a sentence; empty if they can, or there are none."""
        if self.best is None or not math.isnan(self.best.test_loss):
            return ""
        sentence = tr("the model of “{run}” cannot be used, because its loss is not a number: lower the learning rate")
        return sentence.format(run=self.name)

    @property
    def is_running(self) -> bool:
        """Whether this or another process is training it now."""
        # A finished run is never resumed, and filelock would recreate the folder of a deleted one.
        if self.info.outcome == "finished" or not self.folder.is_dir():
            return False
        lock = run_lock(self.folder)
        try:
            with lock.acquire(timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # a folder that cannot be written is not in training
            return False

    @property
    def is_done(self) -> bool:
        """Whether a resumed training would have nothing to do."""
        if self.info.outcome in ("unfinished", "failed"):  # ended after the last epoch: the end is still missing
            return False
        done = self.rows[-1].epoch if self.rows else 0
        return done >= self.recipe.training.epochs or self.info.outcome == "finished"

    @property
    def can_resume(self) -> bool:
        """Whether it can be resumed now."""
        return not self.is_done and not self.is_running


def path_text(path: Path) -> str:
    """Return a full path as JSON holds it; one that is not valid Unicode is a URI."""
    path = path.absolute()
    return text if encodable(text := str(path)) == text else path.as_uri()


def path_of(text: str) -> Path:
    """Return the path that `path_text` wrote."""
    if not text.startswith(_URI):
        return Path(text)
    path = os.fsdecode(unquote_to_bytes(text.removeprefix(_URI)))
    return Path(path.removeprefix("/") if os.name == "nt" else path)


def ranking_key(row: EpochRow) -> tuple[bool, float, float]:
    """Return the sort key of a measured epoch: a test loss that is a number, then test accuracy, then low test loss."""
    is_number = not math.isnan(row.test_loss)
    return is_number, row.test_accuracy, -row.test_loss if is_number else 0.0


def run_lock(folder: Path) -> FileLock:
    """Return the lock that a training holds; the system releases it with the process."""
    return FileLock(folder / LOCK)


def acquire_lock(folder: Path, name: str) -> FileLock:
    """Take the lock of the run `name`; raise DigitpadError if it is being trained, or its folder cannot be written."""
    _refuse_links(folder)
    lock = run_lock(folder)
    try:
        lock.acquire(timeout=LOCK_WAIT, poll_interval=LOCK_POLL)
    except Timeout as error:
        raise DigitpadError(
            "“{run}” is already being trained in another window: stop it there first", run=name
        ) from error
    except OSError as error:
        raise write_error(folder, error) from error
    return lock


def read_run(folder: Path) -> Run:
    """Read a run's folder.

    Raise DigitpadError if it is not a run, ``run.json`` is damaged, it is from a newer version of digitpad, or it is or
    contains a link: what is written to it would be written elsewhere.
    """
    _refuse_links(folder)
    info = read_info(folder)
    try:
        recipe = parse_recipe(info.recipe, str(folder / INFO))
    except RecipeError as error:
        raise DigitpadError(
            "{path} has settings that this version does not know ({problem}): update digitpad, or correct the file",
            path=folder / INFO,
            problem=error.problems[0],
        ) from error
    return Run(folder, info, recipe, _rows(folder / METRICS))


def has_links(folder: Path) -> bool:
    """Return whether a folder is a symbolic link or contains one; False if it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return folder.is_symlink() or any(entry.is_symlink() for entry in entries)
    except OSError:
        return False


def _refuse_links(folder: Path) -> None:
    if has_links(folder):
        raise DigitpadError(
            "{folder} is a link to another folder, or contains links: copy what they lead to", folder=folder
        )


def read_info(folder: Path) -> RunInfo:
    """Read ``run.json`` alone; raises as `read_run`, except that the recipe is not checked."""
    path = folder / INFO
    try:
        if regular_file_size(path) > _MAX_INFO:
            raise DigitpadError("{path} is too large: delete the run's folder or correct the file", path=path)
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        if isinstance(content, dict) and _NEWER.fullmatch(str(content.get("format"))):
            raise DigitpadError("{path} is from a newer version of digitpad: update digitpad", path=path)
        return _INFO.validate_python(content)
    except FileNotFoundError as error:
        raise DigitpadError("{folder} is not a run", folder=folder, hint=tr("see 'digitpad runs'")) from error
    except OSError as error:
        raise read_error(path, error) from error
    except (ValueError, RecursionError, ValidationError) as error:
        raise DigitpadError("{path} is damaged: delete the run's folder or correct the file", path=path) from error


def write_info(folder: Path, info: RunInfo) -> None:
    """Write ``run.json``, whole or not at all."""
    content = {**asdict(info), "created": info.created.isoformat()}
    write_atomically(folder / INFO, encodable(json.dumps(content, indent=1, ensure_ascii=False)).encode())


def update_info(folder: Path, **changes: object) -> RunInfo:
    """Change some values of ``run.json``, keeping what another window has changed meanwhile.

    Raise DigitpadError if it is missing or damaged, or cannot be written.
    """
    # Otherwise the lock would recreate the folder of a deleted run.
    if not folder.is_dir():
        raise DigitpadError("{folder} was deleted, perhaps in another window", folder=folder)
    with exclusive_lock(folder / INFO, folder / _INFO_LOCK):
        info = replace(read_run(folder).info, **changes)
        write_info(folder, info)
    return info


def epoch_row(values: Mapping[str, Any] | object) -> EpochRow:
    """Return the row of an `EpochDone`, or of a line's content."""
    names = EpochRow.__dataclass_fields__
    if isinstance(values, Mapping):
        return _ROW.validate_python(values)
    content = {name: getattr(values, name) for name in names}
    return _ROW.validate_python({**content, "seconds": min(max(content["seconds"], 0.0), _MAX_SECONDS)})


def row_line(row: EpochRow) -> str:
    """Return the line of ``metrics.jsonl`` of a measured epoch, valid JSON."""
    return json.dumps({name: _storable(value) for name, value in asdict(row).items()}, allow_nan=False) + "\n"


def _storable(value: float) -> float | str | None:
    if math.isfinite(value):
        return value
    return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _rows(path: Path) -> tuple[EpochRow, ...]:
    """Read the measured epochs, up to a line that a crash cut off.

    Unchanged files come from a cache: that of an eight-hour training takes half a second to read.
    """
    try:
        if regular_file_size(path) > _MAX_METRICS:
            return ()
        status = path.stat()
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        cached = _row_cache.get(path)
        if cached is not None and cached[0] == stamp:
            return cached[1]
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            rows = _rows_of(lines)
    except (OSError, DigitpadError):
        return ()
    if len(_row_cache) >= _MAX_CACHED:
        _row_cache.clear()
    _row_cache[path] = (stamp, rows)
    return rows


def _rows_of(lines: Iterable[str]) -> tuple[EpochRow, ...]:
    rows: list[EpochRow] = []
    for line in lines:
        try:
            row = _ROW.validate_python(json.loads(line))
        except (ValueError, RecursionError, ValidationError):
            break
        if rows and row.epoch <= rows[-1].epoch:
            break
        rows.append(row)
    return tuple(rows)
