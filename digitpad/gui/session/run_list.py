"""The runs, as the window knows them."""

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
    """What the folders say: the runs, newest first, and the folders of those that can be gone on with."""

    runs: tuple[Run, ...] = ()
    resumable: frozenset[Path] = frozenset()


class RunList(QObject):
    """Has the runs' folders read in the background, renames, deletes and brings back."""

    changed = Signal()
    deleted = Signal(object)
    renamed = Signal()
    problem_found = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listed = _Listed()
        self._was_read = False
        self._aside: list[Path] = []
        self.worker = LatestOnlyWorker(_listed, self)
        self.worker.answered.connect(self._on_read)
        self.worker.failed.connect(self._on_failed)

    @property
    def runs(self) -> list[Run]:
        """The runs, newest first, as they were when last read or told of."""
        return list(self._listed.runs)

    @property
    def resumable(self) -> frozenset[Path]:
        """The folders of the runs that can be gone on with, as far as was known then."""
        return self._listed.resumable

    @property
    def was_read(self) -> bool:
        """Whether the folders have been read once."""
        return self._was_read

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being read."""
        return self.worker.is_settled

    def refresh(self) -> None:
        """Have the folders read again; `changed` tells when that is done."""
        if not self.worker.isRunning():
            self.worker.start()
        self.worker.submit(None)

    def add(self, *runs: Run) -> None:
        """Take in runs as they are told of, without reading anything."""
        folders = {run.folder for run in runs}
        others = [known for known in self._listed.runs if known.folder not in folders]
        resumable = {run.folder for run in runs if not run.is_done}
        self._know([*runs, *others], (self._listed.resumable - folders) | resumable)

    def drop(self, *folders: Path) -> None:
        """Forget runs that are not there any more."""
        kept = [known for known in self._listed.runs if known.folder not in folders]
        self._know(kept, self._listed.resumable.difference(folders))

    def rename(self, run: Run, name: str) -> None:
        """Give a run another name, or say why not."""
        try:
            renamed = rename_run(run, name)
        except DigitpadError as error:
            self.problem_found.emit(str(error))
            self.refresh()
        else:
            self.renamed.emit()
            self.add(renamed)

    def delete(self, runs: list[Run]) -> int:
        """Put runs aside until the window closes, and return how many; `undo_delete` brings the last ones back."""
        self._aside = []
        gone = []
        for run in runs:
            try:
                self._aside.append(delete_run(run))
            except DigitpadError as error:
                self.problem_found.emit(str(error))
            else:
                gone.append(run.folder)
                self.deleted.emit(run)
        self.drop(*gone)
        if len(gone) < len(runs):
            self.refresh()
        return len(self._aside)

    def undo_delete(self) -> None:
        """Bring back what was deleted last."""
        restored = []
        for aside in self._aside:
            try:
                restored.append(restore_run(aside))
            except DigitpadError as error:
                self.problem_found.emit(str(error))
        self._aside = []
        self.add(*restored)

    def _know(self, runs: Iterable[Run], resumable: frozenset[Path]) -> None:
        """Take in what is certain; what is being read may be older, and is read again."""
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


def _listed(_: None) -> _Listed:
    """Read the runs' folders; runs in the thread."""
    runs = list_runs()
    # Whether another process trains one is asked by its lock, a file that is opened.
    return _Listed(tuple(runs), frozenset(run.folder for run in runs if run.can_resume))
