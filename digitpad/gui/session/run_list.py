"""The list of runs; the folders are read in the background."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.errors import DigitpadError
from digitpad.core.runs.differences import SettingChange, changed_settings
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import (
    UnreadableRun,
    delete_run,
    list_runs,
    list_unreadable_runs,
    newest_first,
    rename_run,
    restore_run,
)
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.widgets.sentences import error_text


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """The runs, newest first, those that cannot be read, the folders of those that can be resumed, and what differs."""

    runs: tuple[Run, ...] = ()
    unreadable: tuple[UnreadableRun, ...] = ()
    resumable: frozenset[Path] = frozenset()
    changes: Mapping[Path, tuple[SettingChange, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Deletion:
    """The runs that were deleted together: their names, and the folders where they are kept."""

    names: tuple[str, ...]
    asides: tuple[Path, ...]


class RunList(QObject):
    """Reads, renames, deletes and restores runs; also those that cannot be read, which can only be deleted."""

    changed = Signal()
    deleted = Signal(list)  # of Run and UnreadableRun
    restored = Signal(list)  # of Run and UnreadableRun
    renamed = Signal()
    problem_found = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listed = _Listed()
        self._was_read = False
        self._deletions: list[_Deletion] = []  # the last one at the end
        self.worker = LatestOnlyWorker(_read_runs, self)
        self.worker.answered.connect(self._on_read)
        self.worker.failed.connect(self._on_failed)

    @property
    def runs(self) -> list[Run]:
        """The runs that are known, newest first."""
        return list(self._listed.runs)

    @property
    def resumable(self) -> frozenset[Path]:
        """The folders of the runs that can be resumed."""
        return self._listed.resumable

    @property
    def unreadable(self) -> list[UnreadableRun]:
        """The runs that are damaged, or of a newer version."""
        return list(self._listed.unreadable)

    @property
    def changes(self) -> Mapping[Path, tuple[SettingChange, ...]]:
        """What differs from the recipe of each run, by the run's folder."""
        return self._listed.changes

    @property
    def was_read(self) -> bool:
        """Whether the folders have been read once."""
        return self._was_read

    @property
    def is_settled(self) -> bool:
        """Whether no folder is being read."""
        return self.worker.is_settled

    def refresh(self) -> None:
        """Read the folders again; `changed` follows."""
        if not self.worker.isRunning():
            self.worker.start()
        self.worker.submit(None)

    def add(self, *runs: Run) -> None:
        """Add runs to the list, or replace them, without reading their folders."""
        folders = {run.folder for run in runs}
        others = [known for known in self._listed.runs if known.folder not in folders]
        resumable = {run.folder for run in runs if not run.is_done}
        self._set_runs([*runs, *others], (self._listed.resumable - folders) | resumable)
        if not folders <= self._listed.changes.keys():
            self.refresh()  # the recipe of a new run is read in the thread

    def remove(self, *folders: Path) -> None:
        """Remove runs from the list that do not exist any more."""
        unreadable = tuple(known for known in self._listed.unreadable if known.folder not in folders)
        self._listed = replace(self._listed, unreadable=unreadable)
        kept = [known for known in self._listed.runs if known.folder not in folders]
        self._set_runs(kept, self._listed.resumable.difference(folders))

    def rename(self, run: Run, name: str) -> None:
        """Rename a run; `renamed` or `problem_found` follows."""
        try:
            renamed = rename_run(run, name)
        except DigitpadError as error:
            self.problem_found.emit(str(error))
            self.refresh()
        else:
            self.renamed.emit()
            self.add(renamed)

    @property
    def deleted_last(self) -> tuple[str, ...]:
        """The names of the runs that `undo_delete` restores; empty if there are none."""
        return self._deletions[-1].names if self._deletions else ()

    def delete(self, runs: Sequence[Run | UnreadableRun]) -> int:
        """Delete runs, and return their count. Until the window closes, each `undo_delete` takes back one deletion."""
        asides: list[Path] = []
        gone: list[Run | UnreadableRun] = []
        for run in runs:
            try:
                asides.append(delete_run(run))
            except DigitpadError as error:
                self.problem_found.emit(str(error))
            else:
                gone.append(run)
        if gone:
            self.deleted.emit(gone)
            self._deletions.append(_Deletion(tuple(run.name for run in gone), tuple(asides)))
        self.remove(*(run.folder for run in gone))
        if len(gone) < len(runs):
            self.refresh()
        return len(gone)

    @Slot()
    def undo_delete(self) -> None:
        """Restore the runs that were deleted last; `restored` follows."""
        restored: list[Run | UnreadableRun] = []
        for folder in self._deletions.pop().asides if self._deletions else ():
            try:
                restored.append(restore_run(folder))
            except DigitpadError as error:
                self.problem_found.emit(str(error))
        damaged = [run for run in restored if isinstance(run, UnreadableRun)]
        self._listed = replace(self._listed, unreadable=(*damaged, *self._listed.unreadable))
        self.add(*(run for run in restored if isinstance(run, Run)))
        if restored:
            self.restored.emit(restored)

    def _set_runs(self, runs: Iterable[Run], resumable: frozenset[Path]) -> None:
        # A read in progress may have missed this change: its result is dropped, and the folders are read again.
        is_reading = not self.worker.is_settled
        self.worker.forget()
        self._listed = replace(self._listed, runs=tuple(newest_first(runs)), resumable=resumable)
        self.changed.emit()
        if is_reading:
            self.refresh()

    @Slot(object)
    def _on_read(self, listed: _Listed) -> None:
        self._listed, self._was_read = listed, True
        self.changed.emit()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.problem_found.emit(error_text(error, self.tr("The runs cannot be listed.")))


def _read_runs(_: None) -> _Listed:
    """Read the runs' folders; called in the thread."""
    runs = list_runs()
    # `can_resume` opens the lock file of the run, and `changed_settings` its recipe, so they are read here.
    resumable = frozenset(run.folder for run in runs if run.can_resume)
    changes = {run.folder: changed_settings(run.recipe, run.info.recipe_name) for run in runs}
    return _Listed(tuple(runs), tuple(list_unreadable_runs()), resumable, changes)
