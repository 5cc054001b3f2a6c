"""The list of runs; the folders are read in the background."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.errors import DigitpadError
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import delete_run, list_runs, newest_first, rename_run, restore_run
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.widgets.sentences import error_text


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """The runs, newest first, and the folders of those that can be resumed."""

    runs: tuple[Run, ...] = ()
    resumable: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class _Deletion:
    """The runs that were deleted together: their names, and the folders where they are kept."""

    names: tuple[str, ...]
    asides: tuple[Path, ...]


class RunList(QObject):
    """Reads, renames, deletes and restores runs."""

    changed = Signal()
    deleted = Signal(object)
    restored = Signal(list)  # of Run
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

    def remove(self, *folders: Path) -> None:
        """Remove runs from the list that do not exist any more."""
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

    def delete(self, runs: list[Run]) -> int:
        """Delete runs, and return their count. Until the window closes, each `undo_delete` takes back one deletion."""
        asides, gone = [], []
        for run in runs:
            try:
                asides.append(delete_run(run))
            except DigitpadError as error:
                self.problem_found.emit(str(error))
            else:
                gone.append(run)
                self.deleted.emit(run)
        if gone:
            self._deletions.append(_Deletion(tuple(run.name for run in gone), tuple(asides)))
        self.remove(*(run.folder for run in gone))
        if len(gone) < len(runs):
            self.refresh()
        return len(gone)

    @Slot()
    def undo_delete(self) -> None:
        """Restore the runs that were deleted last; `restored` follows."""
        restored = []
        for folder in self._deletions.pop().asides if self._deletions else ():
            try:
                restored.append(restore_run(folder))
            except DigitpadError as error:
                self.problem_found.emit(str(error))
        self.add(*restored)
        if restored:
            self.restored.emit(restored)

    def _set_runs(self, runs: Iterable[Run], resumable: frozenset[Path]) -> None:
        # A read in progress may have missed this change: its result is dropped, and the folders are read again.
        is_reading = not self.worker.is_settled
        self.worker.forget()
        self._listed = _Listed(tuple(newest_first(runs)), resumable)
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
    # `can_resume` opens the lock file of the run, so it is read here.
    return _Listed(tuple(runs), frozenset(run.folder for run in runs if run.can_resume))
