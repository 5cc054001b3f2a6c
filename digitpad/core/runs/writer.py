"""Writing a run while it trains. A kill at any moment loses no epoch that was reported."""

import json
import os
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from digitpad.core.errors import DigitpadError, reason_of, write_error
from digitpad.core.evaluation.weight_images import weight_images
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.paths import user_runs
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.models.model_files import BEST, ModelCard, save_model
from digitpad.core.runs.batch_curve import BatchCurveWriter
from digitpad.core.runs.run_folder import (
    LAST,
    LOCK_POLL,
    LOCK_WAIT,
    METRICS,
    STATE,
    LeftOut,
    Outcome,
    Run,
    RunInfo,
    epoch_row,
    path_text,
    ranking_key,
    read_run,
    row_line,
    run_lock,
    update_info,
    write_info,
)
from digitpad.core.runs.weight_history import WeightHistoryWriter
from digitpad.core.training.events import EpochDone, Event, InterimTest, StepDone, TrainerState, TrainingStarted
from digitpad.core.training.recipes import Recipe, recipe_content

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

_FORMAT = "digitpad-state-1"
_KEY = "digitpad"
_KINDS = "biuf"  # NumPy's own number types
# AttributeError and TypeError: for example a number type that NumPy does not have.
_CONTENT_ERRORS = (AttributeError, KeyError, TypeError, ValueError, RecursionError, MemoryError)
_UNSAFE = re.compile(r"[^\w .+-]")
_MAX_STEM = 50  # characters of a folder name, up to four bytes each


def save_state(path: Path, state: TrainerState) -> None:
    """Write a state atomically."""
    header = json.dumps({"format": _FORMAT, "epoch": state.epoch, "notes": dict(state.notes)})
    arrays = {name: np.ascontiguousarray(array) for name, array in state.arrays.items()}
    write_atomically(path, save(arrays, metadata={_KEY: header}))


def load_state(path: Path) -> TrainerState:
    """Read a state that `save_state` wrote.

    Raise DigitpadError if the file is missing, damaged or not from digitpad.
    """
    try:
        regular_file_size(path)  # raises for a pipe, which would block
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {})[_KEY])
            if header["format"] != _FORMAT:
                raise DigitpadError(
                    "{path} is from another version of digitpad: update digitpad or start a new run", path=path
                )
            # safe_open maps the file, which a later state replaces, so copy.
            arrays = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 - no mapping
        if any(array.dtype.kind not in _KINDS for array in arrays.values()):
            raise ValueError("a number type of another library")
        if type(header["epoch"]) is not int or header["epoch"] < 1:
            raise ValueError("no such epoch")
        return TrainerState(epoch=header["epoch"], arrays=arrays, notes=dict(header["notes"]))
    except FileNotFoundError as error:
        raise DigitpadError(
            "{path} does not exist, so the run cannot be resumed: start a new run", path=path
        ) from error
    except (SafetensorError, OSError, *_CONTENT_ERRORS) as error:
        raise DigitpadError(
            "{path} is damaged, so the run cannot be resumed: its best weights are kept", path=path
        ) from error


class RunWriter:
    """Writes a run's folder; holds its lock from `create` or `resume` to `close`.

    The best weights are written first, then the epoch's line, then the state. After a kill in between the state is
    older than the last line, and a resumed training repeats those epochs with the same metrics.
    """

    def __init__(self, run: Run, lock: FileLock, state: TrainerState | None, *, is_new: bool = False) -> None:
        self.run, self.state, self._is_new = run, state, is_new
        self._lock = lock
        self._rows = list(run.rows)
        self._best = run.best
        self._last_model: tuple[DigitModel, ModelCard] | None = None
        done = state.epoch if state else 0
        self._curve = BatchCurveWriter(run.folder, done=done)
        self._history = WeightHistoryWriter(run.folder, done=done)

    @classmethod
    def create(
        cls,
        recipe: Recipe,
        recipe_name: str,
        *,
        name: str,
        data: Path,
        versions: dict[str, str],
        left_out: LeftOut | None = None,
    ) -> Self:
        """Create the folder of a new run."""
        created = datetime.now(UTC).astimezone()
        info = RunInfo(
            name=name or "run",
            recipe_name=recipe_name,
            recipe=recipe_content(recipe),
            created=created,
            data=path_text(data),
            versions=versions,
            left_out=left_out or {},
        )
        # The name may be that of a file or of another run, so it can be anything.
        stem = _UNSAFE.sub("-", recipe_name)[:_MAX_STEM].lstrip(".") or "run"
        folder = _new_folder(user_runs(), f"{stem}-{created:%Y%m%d-%H%M%S}")
        lock = _acquire_lock(folder, name)
        try:
            write_info(folder, info)
        except DigitpadError:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(Run(folder, info, recipe, ()), lock, None, is_new=True)

    @classmethod
    def resume(cls, run: Run) -> Self:
        """Resume a run from its state; read it again, because another window may have continued it."""
        if not run.folder.is_dir():
            raise DigitpadError("{run} was already deleted, perhaps in another window", run=run.name)
        lock = _acquire_lock(run.folder, run.name)
        try:
            run = _read_unfinished(run.folder)
            state = load_state(run.folder / STATE) if (run.folder / STATE).is_file() else None
            done = state.epoch if state else 0
            rows = tuple(row for row in run.rows if row.epoch <= done)
            lines = "".join(row_line(row) for row in rows)
            write_atomically(run.folder / METRICS, lines.encode())
            info = update_info(run.folder, outcome="unfinished", problem="")
        except DigitpadError:
            lock.release()
            raise
        writer = cls(replace(run, info=info, rows=rows), lock, state)
        writer._flush()
        return writer

    def watch(self, event: Event) -> None:
        """Add a step, or another event of the training, to what is kept to look at; call it after each event."""
        if isinstance(event, StepDone):
            self._curve.add_step(event.epoch, event.step, event.loss, event.accuracy)
        elif isinstance(event, InterimTest):
            self._curve.add_test(event.epoch, event.step, event.loss, event.accuracy)
        elif isinstance(event, TrainingStarted):
            self._curve.start(event.steps_per_epoch)
            if (snapshot := event.snapshot) is not None and event.first_epoch == 1:
                self._history.add(0, lambda: weight_images(snapshot()))

    def save_epoch(self, event: EpochDone, card: ModelCard) -> None:
        """Save a measured epoch; call it before the epoch is reported."""
        row, folder = epoch_row(event), self.run.folder
        # First: what is newer than the state is dropped when the run is resumed.
        self._history.add(event.epoch, lambda: weight_images(event.model))
        self._flush()
        if self._best is None or ranking_key(row) > ranking_key(self._best) or not (folder / BEST).is_file():
            save_model(folder / BEST, event.model, card)
            self._best = row
        _append(folder / METRICS, row_line(row))
        self._rows.append(row)
        self._last_model = (event.model, card)
        if event.epoch == self.run.recipe.training.epochs:
            # Before the state: with that written, a resumed training would not make these weights again.
            save_model(folder / LAST, event.model, card)
        if event.state is not None:
            save_state(folder / STATE, event.state)

    def close(self, outcome: Outcome, problem: str = "") -> Run:
        """Save the last weights and the outcome, and release the lock; delete a new run without an epoch."""
        folder = self.run.folder
        self.run = replace(self.run, rows=tuple(self._rows))
        try:
            if not self._rows and self._is_new:
                self._lock.release()
                shutil.rmtree(folder, ignore_errors=True)
                return self.run
            self._finish_history()
            if self._last_model:
                save_model(folder / LAST, *self._last_model)
            info = update_info(folder, outcome=outcome, problem=problem)
            self.run = replace(self.run, info=info)
        finally:
            self._lock.release()
        return self.run

    def _flush(self) -> None:
        self._curve.flush()
        self._history.flush()

    def _finish_history(self) -> None:
        """Keep the steps since the last group, and the last epoch's weights."""
        self._curve.flush(is_last=True)
        if self._last_model:
            model, _ = self._last_model
            self._history.add(self._rows[-1].epoch, lambda: weight_images(model), is_last=True)
            self._history.flush()


def _new_folder(parent: Path, stem: str) -> Path:
    try:
        parent.mkdir(parents=True, exist_ok=True)
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


def _acquire_lock(folder: Path, name: str) -> FileLock:
    lock = run_lock(folder)
    try:
        lock.acquire(timeout=LOCK_WAIT, poll_interval=LOCK_POLL)
    except Timeout as error:
        raise DigitpadError(
            "{run} is already being trained in another window: stop it there first", run=name
        ) from error
    except OSError as error:
        raise write_error(folder, error) from error
    return lock


def _read_unfinished(folder: Path) -> Run:
    """Read a run again; raise DigitpadError if it has no epochs left."""
    run = read_run(folder)
    if run.is_done:
        raise DigitpadError("{run} has finished all its epochs: start a new run", run=run.name)
    return run


def _append(path: Path, line: str) -> None:
    """Append a line, and return when it is on the disk."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DigitpadError(
            "{path} cannot be written ({reason}): free some space, then resume the run",
            path=path,
            reason=reason_of(error),
        ) from error
