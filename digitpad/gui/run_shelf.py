"""The runs, as the window knows them."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from digitpad.core.errors import DigitpadError
from digitpad.core.runs import Run, delete_run, list_runs, rename_run, restore_run


class RunShelf(QObject):
    """Reads the runs' folders when asked to, renames, deletes and brings back."""

    changed = Signal()
    deleted = Signal(object)
    renamed = Signal()
    problem_found = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[Run] = []
        self._aside: list[Path] = []

    @property
    def runs(self) -> list[Run]:
        """The runs, newest first, as they were when last read."""
        return list(self._runs)

    def refresh(self) -> None:
        """Read the folders again."""
        self._runs = list_runs()
        self.changed.emit()

    def rename(self, run: Run, name: str) -> None:
        """Give a run another name, or say why not."""
        try:
            rename_run(run, name)
        except DigitpadError as error:
            self.problem_found.emit(str(error))
        else:
            self.renamed.emit()
        self.refresh()

    def delete(self, runs: list[Run]) -> int:
        """Put runs aside until the window closes, and return how many; `undo_delete` brings the last ones back."""
        self._aside = []
        for run in runs:
            try:
                self._aside.append(delete_run(run))
            except DigitpadError as error:
                self.problem_found.emit(str(error))
            else:
                self.deleted.emit(run)
        self.refresh()
        return len(self._aside)

    def undo_delete(self) -> None:
        """Bring back what was deleted last."""
        for aside in self._aside:
            try:
                restore_run(aside)
            except DigitpadError as error:
                self.problem_found.emit(str(error))
        self._aside = []
        self.refresh()
