"""Trains the runs of a sweep one after the other."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from digitpad.core.runs.training_job import TrainingJob
from digitpad.core.sweeps.grid import Sweep
from digitpad.core.sweeps.trainings import missing_jobs
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingEnded


class SweepQueue(QObject):
    """Starts the next training when one has ended; stopping a training ends the queue, and what is done is kept."""

    changed = Signal()
    ended = Signal(object)  # Sweep

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._sweep: Sweep | None = None
        self._waiting: list[TrainingJob] = []
        self._problems: dict[str, str] = {}
        self._is_running = False
        session.training.ended.connect(self._on_training_ended)

    @property
    def sweep(self) -> Sweep | None:
        """The sweep in progress, or the last one."""
        return self._sweep

    @property
    def is_running(self) -> bool:
        """Whether trainings follow each other."""
        return self._is_running

    @property
    def left(self) -> int:
        """How many trainings have not ended yet."""
        return len(self._waiting) + self._is_running

    @property
    def problems(self) -> dict[str, str]:
        """Why trainings failed, by the name of their run."""
        return dict(self._problems)

    def start(self, sweep: Sweep) -> None:
        """Train what a sweep still needs; while another training runs, nothing happens."""
        if self._is_running or self._session.training.is_busy:
            return
        self._sweep, self._problems = sweep, {}
        self._waiting = missing_jobs(sweep, self._session.runs.runs)
        self._is_running = True
        self._next()

    @Slot()
    def _next(self) -> None:
        """Start the next training, or end."""
        if not self._is_running:
            return
        if self._waiting:
            self._session.training.start(self._waiting.pop(0))
            self.changed.emit()
        else:
            self._end()

    def _end(self) -> None:
        self._is_running = False
        self.changed.emit()
        self.ended.emit(self._sweep)

    @Slot(object)
    def _on_training_ended(self, ended: TrainingEnded) -> None:
        if not self._is_running:
            return
        job = self._session.training.job
        if ended.problem and job is not None:
            self._problems[job.name] = ended.problem
        if ended.was_stopped:
            self._waiting.clear()
            self._end()
        else:
            self.changed.emit()
            QTimer.singleShot(0, self, self._next)  # when all others have seen the end of this one
