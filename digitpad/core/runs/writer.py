"""Writing a run while it is trained, so that a kill at any moment loses nothing that was told."""

import json
import os
import re
import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.paths import user_runs
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.models.model_files import BEST, ModelCard, save_model
from digitpad.core.runs.run_folder import (
    LAST,
    LOCK_POLL,
    LOCK_WAIT,
    METRICS,
    STATE,
    EpochRow,
    LeftOut,
    Outcome,
    Run,
    RunInfo,
    epoch_row,
    ranking_key,
    read_run,
    run_lock,
    update_info,
    write_info,
)
from digitpad.core.training.events import EpochDone, TrainerState
from digitpad.core.training.recipes import Recipe, recipe_content

_FORMAT = "digitpad-state-1"
_KEY = "digitpad"
_KINDS = "biuf"  # NumPy's own numbers
# AttributeError and TypeError: among others, a type of numbers that NumPy has not.
_WRONG_CONTENT = (AttributeError, KeyError, TypeError, ValueError, RecursionError, MemoryError)


def save_state(path: Path, state: TrainerState) -> None:
    """Write a state, whole or not at all."""
    header = json.dumps({"format": _FORMAT, "epoch": state.epoch, "notes": dict(state.notes)})
    arrays = {name: np.ascontiguousarray(array) for name, array in state.arrays.items()}
    write_atomically(path, save(arrays, metadata={_KEY: header}))


def load_state(path: Path) -> TrainerState:
    """Read a state that `save_state` wrote.

    Raises
    ------
    DigitpadError
        Where the file is missing, damaged or not digitpad's.

    """
    try:
        regular_file_size(path)  # a pipe would be waited for
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {})[_KEY])
            if header["format"] != _FORMAT:
                raise DigitpadError(
                    "{path} is of another version of digitpad: update digitpad, or train anew", path=path
                )
            # safe_open maps the file; a copy stays when a later state takes its name.
            arrays = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 - no mapping
        if any(array.dtype.kind not in _KINDS for array in arrays.values()):
            raise ValueError("numbers that NumPy has only with another library")
        if type(header["epoch"]) is not int or header["epoch"] < 1:
            raise ValueError("no such epoch")
        return TrainerState(epoch=header["epoch"], arrays=arrays, notes=dict(header["notes"]))
    except FileNotFoundError as error:
        raise DigitpadError("{path} does not exist: there is nothing to go on from, train anew", path=path) from error
    except (SafetensorError, OSError, *_WRONG_CONTENT) as error:
        raise DigitpadError(
            "{path} is damaged: this training cannot go on, its best weights are kept", path=path
        ) from error


if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel


_UNUSUAL = re.compile(r"[^\w .+-]")
_LONGEST_STEM = 50  # of a folder's name, whose bytes may be four times as many


class RunWriter:
    """Holds a run's lock from `create` or `resume` to `close`.

    The best weights go first, then the epoch's line, then the state. A kill in between leaves a state older than the
    last line: going on from it does those epochs again, with the same figures.
    """

    def __init__(self, run: Run, lock: FileLock, state: TrainerState | None, *, is_new: bool = False) -> None:
        self.run, self.state, self._is_new = run, state, is_new
        self._lock = lock
        self._rows = list(run.rows)
        self._best = run.best
        self._last_model: tuple[DigitModel, ModelCard] | None = None

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
        """Make a new run's folder."""
        created = datetime.now(UTC).astimezone()
        info = RunInfo(
            name=_words(name)[:120] or "run",
            recipe_name=_words(recipe_name)[:200],
            recipe=recipe_content(recipe),
            created=created,
            data=_words(str(data.absolute())),
            versions=versions,
            left_out=left_out or {},
        )
        # The name may be a file's or another run's, and so anything.
        stem = _UNUSUAL.sub("-", recipe_name)[:_LONGEST_STEM].lstrip(".") or "run"
        folder = _new_folder(user_runs(), f"{stem}-{created:%Y%m%d-%H%M%S}")
        lock = _locked(folder, name)
        try:
            write_info(folder, info)
        except DigitpadError:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(Run(folder, info, recipe, ()), lock, None, is_new=True)

    @classmethod
    def resume(cls, run: Run) -> Self:
        """Take up a run where its state is; another window may have gone on with it since it was read."""
        if not run.folder.is_dir():
            raise DigitpadError(
                "{name} is not there any more: it was deleted, perhaps in another window", name=run.name
            )
        lock = _locked(run.folder, run.name)
        try:
            run = _unfinished(run.folder)
            state = load_state(run.folder / STATE) if (run.folder / STATE).is_file() else None
            done = state.epoch if state else 0
            rows = tuple(row for row in run.rows if row.epoch <= done)
            lines = "".join(_line(row) for row in rows)
            write_atomically(run.folder / METRICS, lines.encode())
            info = update_info(run.folder, outcome="unfinished", problem="")
        except DigitpadError:
            lock.release()
            raise
        return cls(replace(run, info=info, rows=rows), lock, state)

    def save_epoch(self, event: EpochDone, card: ModelCard) -> None:
        """Keep a measured epoch, before anybody is told of it."""
        row, folder = epoch_row(event), self.run.folder
        if self._best is None or ranking_key(row) > ranking_key(self._best) or not (folder / BEST).is_file():
            save_model(folder / BEST, event.model, card)
            self._best = row
        _append(folder / METRICS, _line(row))
        self._rows.append(row)
        self._last_model = (event.model, card)
        if event.epoch == self.run.recipe.training.epochs:
            # Before the state: once that is there, no later program has these weights again.
            save_model(folder / LAST, event.model, card)
        if event.state is not None:
            save_state(folder / STATE, event.state)

    def close(self, outcome: Outcome, problem: str = "") -> Run:
        """Keep the last weights, say how it ended, and let the lock go; a new run without an epoch is not kept."""
        folder = self.run.folder
        self.run = replace(self.run, rows=tuple(self._rows))
        try:
            if not self._rows and self._is_new:
                self._lock.release()
                shutil.rmtree(folder, ignore_errors=True)
                return self.run
            if self._last_model:
                save_model(folder / LAST, *self._last_model)
            info = update_info(folder, outcome=outcome, problem=problem)
            self.run = replace(self.run, info=info)
        finally:
            self._lock.release()
        return self.run


def _words(text: str) -> str:
    """Replace bytes that are no text, which a file's name may have."""
    return text.encode(errors="replace").decode()


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
        reason = error.strerror or str(error)
        raise DigitpadError(
            "no run can be kept in {parent} ({reason}): make room there, or check its permissions",
            parent=parent,
            reason=reason,
        ) from error
    raise DigitpadError("{parent} has a thousand runs of this very second: try again", parent=parent)


def _locked(folder: Path, name: str) -> FileLock:
    lock = run_lock(folder)
    try:
        lock.acquire(timeout=LOCK_WAIT, poll_interval=LOCK_POLL)
    except Timeout as error:
        raise DigitpadError(
            "{name} is being trained already, in another window: stop it there first", name=name
        ) from error
    except OSError as error:
        raise DigitpadError(
            "{folder} cannot be written ({reason}): check its permissions", folder=folder, reason=reason_of(error)
        ) from error
    return lock


def _unfinished(folder: Path) -> Run:
    """Read a run as it is by now; raise where nothing of it is left to be done."""
    run = read_run(folder)
    if run.is_done:
        raise DigitpadError("{name} has done all its epochs: start a new run", name=run.name)
    return run


def _append(path: Path, line: str) -> None:
    """Add a line that is on the disk when this returns."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        reason = error.strerror or str(error)
        raise DigitpadError(
            "{path} cannot be written ({reason}): make room on the disk, then resume the run", path=path, reason=reason
        ) from error


def _line(row: EpochRow) -> str:
    return json.dumps(asdict(row)) + "\n"
