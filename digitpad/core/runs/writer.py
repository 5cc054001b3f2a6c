"""Writing a run while it trains. A kill at any moment loses no epoch that was reported."""

import os
import re
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from filelock import FileLock

from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.evaluation.weight_images import weight_images
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.paths import user_runs
from digitpad.core.images.idx_sets import Part
from digitpad.core.models.model_files import BEST, LAST, ModelCard, save_model
from digitpad.core.runs.batch_curve import BatchCurveWriter
from digitpad.core.runs.new_folders import copy_run, new_folder
from digitpad.core.runs.run_folder import (
    INFO,
    METRICS,
    STATE,
    EpochRow,
    LeftOut,
    Outcome,
    Run,
    RunInfo,
    acquire_lock,
    epoch_row,
    path_text,
    ranking_key,
    read_run,
    row_line,
    update_info,
    write_info,
)
from digitpad.core.runs.state_file import load_state, save_state
from digitpad.core.runs.weight_history import WeightHistoryWriter
from digitpad.core.training.events import EpochDone, Event, InterimTest, StepDone, TrainerState, TrainingStarted
from digitpad.core.training.recipes import Recipe, recipe_content

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

_UNSAFE = re.compile(r"[^\w .+-]")
_LOOK_EVERY = 1.0  # seconds, whether the folder is still there
_MAX_STEM = 50  # characters of a folder name, up to four bytes each


class RunWriter:
    """Writes a run's folder; holds its lock from `create` or `resume` to `close`.

    The weights are written first, as the best or else as the last, then the epoch's line, then the state. After a kill
    in between the state is older than the last line, and a resumed training repeats those epochs with the same metrics.
    """

    def __init__(self, run: Run, lock: FileLock, state: TrainerState | None, *, is_new: bool = False) -> None:
        self.run, self.state, self._is_new = run, state, is_new
        self._lock = lock
        self._rows = list(run.rows)
        self._earlier = len(run.rows)  # epochs that this writer did not save
        self._best = run.best
        self._repeats: int | None = None  # the epoch whose line is already in the file
        self._next_look = 0.0
        self._last_model: tuple[DigitModel, ModelCard] | None = None
        done = state.epoch if state else 0
        self._curve = BatchCurveWriter(run.folder, done=done)
        self._history = WeightHistoryWriter(run.folder, done=done)
        if done:  # drop what is newer from the files too
            self._flush()

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
        digests: Mapping[Part, str] | None = None,
        parent: Run | None = None,
        sweep: str = "",
        runs: Path | None = None,
    ) -> Self:
        """Create the folder of a new run; with a parent, of one that continues it, with copies of its files.

        It is created in the folder `runs`, by default among the user's.

        Raise DigitpadError if the folder cannot be written, or the parent is being trained, or was deleted or damaged.
        """
        created = datetime.now(UTC).astimezone()
        info = RunInfo(
            name=name or "run",
            recipe_name=recipe_name,
            recipe=recipe_content(recipe),
            created=created,
            data=path_text(data),
            parent=parent.id if parent else "",
            sweep=sweep,
            versions=versions,
            digests=dict(digests or {}),
            left_out=left_out or {},
        )
        stem, runs = folder_stem(info), runs or user_runs()
        folder = new_folder(runs, stem) if parent is None else copy_run(parent, runs, stem, info)
        try:
            lock = acquire_lock(folder, name)
        except DigitpadError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        try:
            if parent is not None:
                return cls(read_run(folder), lock, load_state(folder / STATE, recipe.model), is_new=True)
            write_info(folder, info)
        except DigitpadError:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(Run(folder, info, recipe, ()), lock, None, is_new=True)

    @classmethod
    def resume(cls, run: Run, *, data: Path | None = None, digests: Mapping[Part, str] | None = None) -> Self:
        """Resume a run from its state; read it again, because another window may have continued it.

        `data` and `digests` are those of the data it goes on with.
        """
        if not run.folder.is_dir():
            raise DigitpadError("“{run}” was already deleted, perhaps in another window", run=run.name)
        lock = acquire_lock(run.folder, run.name)
        try:
            run = _read_unfinished(run.folder)
            state = load_state(run.folder / STATE, run.recipe.model) if (run.folder / STATE).is_file() else None
            rows, repeated = _split_rows(run, state)
            # All lines: an epoch that was reported stays, and the file ends with a whole line.
            _write_rows(run.folder / METRICS, run.rows)
            used: dict[str, Any] = {"data": path_text(data)} if data else {}
            if digests:
                used["digests"] = dict(digests)
            info = update_info(run.folder, outcome="unfinished", problem="", **used)
        except DigitpadError:
            lock.release()
            raise
        writer = cls(replace(run, info=info, rows=rows), lock, state)
        writer._repeats = repeated
        return writer

    def watch(self, event: Event) -> None:
        """Add a step, or another event of the training, to what is kept to look at; call it after each event.

        Raise DigitpadError if the run's folder was removed.
        """
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _LOOK_EVERY
            self._check_folder()
        if isinstance(event, StepDone):
            self._curve.add_step(event.epoch, event.step, event.loss, event.accuracy)
        elif isinstance(event, InterimTest):
            self._curve.add_test(event.epoch, event.step, event.loss, event.accuracy)
        elif isinstance(event, TrainingStarted):
            self._curve.start(event.steps_per_epoch)
            if (snapshot := event.snapshot) is not None and event.first_epoch == 1:
                self._history.add(0, lambda: weight_images(snapshot()))

    def save_epoch(self, event: EpochDone, card: ModelCard) -> None:
        """Save a measured epoch; call it before the epoch is reported.

        Raise DigitpadError if the run's folder was removed, or cannot be written.
        """
        row, folder = epoch_row(event), self.run.folder
        self._check_folder()
        # First: what is newer than the state is dropped when the run is resumed.
        self._history.add(event.epoch, lambda: weight_images(event.model))
        self._flush()
        is_best = self._best is None or ranking_key(row) > ranking_key(self._best)
        if is_best or not (folder / BEST).is_file():
            save_model(folder / BEST, event.model, card)
            self._best = row
        if not is_best or event.epoch == self.run.recipe.training.epochs:
            save_model(folder / LAST, event.model, card)
        self._rows.append(row)
        if self._repeats is None:
            _append(folder / METRICS, row_line(row))
        else:
            _write_rows(folder / METRICS, self._rows)
            self._repeats = None
        self._last_model = (event.model, card)
        # After the weights: with the state written, a resumed training would not make these weights again.
        if event.state is not None:
            save_state(folder / STATE, event.state)

    def close(self, outcome: Outcome, problem: str = "") -> Run:
        """Save the last weights and the outcome, and release the lock; delete a new run without an epoch of its own."""
        folder = self.run.folder
        self.run = replace(self.run, rows=tuple(self._rows))
        try:
            self._check_folder()  # or parts of the run would be created again
            if len(self._rows) == self._earlier and self._is_new:
                self._lock.release()
                shutil.rmtree(folder, ignore_errors=True)
                return self.run
            self._finish_history()
            if self._last_model:
                save_model(folder / LAST, *self._last_model)
            if outcome == "stopped" and self._rows[-1:] and self._rows[-1].epoch >= self.run.recipe.training.epochs:
                outcome = "finished"
            info = update_info(folder, outcome=outcome, problem=problem)
            self.run = replace(self.run, info=info)
        finally:
            self._lock.release()
        return self.run

    def _check_folder(self) -> None:
        if not (self.run.folder / INFO).is_file():
            raise DigitpadError(
                "the folder of “{run}” was removed during the training, which has ended: start it again",
                run=self.run.name,
            )

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


def folder_stem(info: RunInfo) -> str:
    """Return the name of a run's folder, if that is free: its recipe and the time."""
    # The recipe's name may be that of a file or of another run, so it can be anything.
    recipe = _UNSAFE.sub("-", info.recipe_name)[:_MAX_STEM].lstrip(".") or "run"
    return f"{recipe}-{info.created:%Y%m%d-%H%M%S}"


def _split_rows(run: Run, state: TrainerState | None) -> tuple[tuple[EpochRow, ...], int | None]:
    """Return the epochs before a state, and the one after it that is repeated, or None.

    A kill between an epoch's line and its state leaves one more line. More lines are of epochs whose state was lost:
    raise DigitpadError rather than train them again.
    """
    done = state.epoch if state else 0
    rows, newer = [row for row in run.rows if row.epoch <= done], [row for row in run.rows if row.epoch > done]
    if len(newer) > 1:
        raise DigitpadError(
            "“{run}” cannot be resumed, because the state after its last epoch is missing: start a new run. Its "
            "{epochs:,} epochs and its best weights are kept",
            run=run.name,
            epochs=run.rows[-1].epoch,
        )
    return tuple(rows), newer[0].epoch if newer else None


def _write_rows(path: Path, rows: Iterable[EpochRow]) -> None:
    write_atomically(path, "".join(map(row_line, rows)).encode())


def _read_unfinished(folder: Path) -> Run:
    """Read a run again; raise DigitpadError if it has no epochs left."""
    run = read_run(folder)
    if run.is_done:
        raise DigitpadError(
            "“{run}” has finished all its epochs: train it longer, or start a new run",
            hint="--epochs N",
            run=run.name,
        )
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
