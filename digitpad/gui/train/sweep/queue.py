"""Trains the runs of a sweep, one after the other or several at a time."""

import time

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from digitpad.core.runs.training_job import TrainingJob
from digitpad.core.sweeps.grid import Sweep
from digitpad.core.sweeps.trainings import TrainingDone, missing_jobs, run_sweep
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingEnded
from digitpad.gui.threads.generator_service import GeneratorService
from digitpad.gui.widgets.sentences import error_text

_REFRESH_SECONDS = 2.0


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
        self._side_by_side = _SideBySide(session, self)
        self._side_by_side.done.connect(self._on_done)
        self._side_by_side.ended.connect(self._on_all_ended)
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
        return len(self._waiting) + (self._is_running and self._side_by_side.worker is None)

    @property
    def problems(self) -> dict[str, str]:
        """Why trainings failed, by the name of their run."""
        return dict(self._problems)

    def start(self, sweep: Sweep, at_a_time: int = 1) -> None:
        """Train what a sweep still needs, so many runs at a time; while another training runs, nothing happens."""
        if self._is_running or self._session.training.is_busy:
            return
        self._sweep, self._problems = sweep, {}
        self._waiting = missing_jobs(sweep, self._session.runs.runs)
        self._is_running = True
        if at_a_time > 1 and len(self._waiting) > 1:
            self._side_by_side.start(sweep, at_a_time)
            self.changed.emit()
        else:
            self._next()

    @Slot()
    def stop(self) -> None:
        """Stop the trainings; what is done is kept, and the others can be resumed."""
        if self._side_by_side.worker is not None:
            self._side_by_side.stop()
        elif self._is_running:
            self._session.training.stop()

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

    @Slot(object)
    def _on_done(self, done: TrainingDone) -> None:
        self._waiting = [job for job in self._waiting if job.name != done.job.name]
        if done.problem:
            self._problems[done.job.name] = done.problem
        if done.run is not None:
            self._session.runs.add(done.run)
        self.changed.emit()

    @Slot(str)
    def _on_all_ended(self, problem: str) -> None:
        if problem and self._sweep is not None:
            self._problems[self._sweep.id] = problem
        self._waiting.clear()
        self._end()
        self._session.runs.refresh()  # also those that were stopped

    def _end(self) -> None:
        self._is_running = False
        self.changed.emit()
        self.ended.emit(self._sweep)

    @Slot(object)
    def _on_training_ended(self, ended: TrainingEnded) -> None:
        if not self._is_running or self._side_by_side.worker is not None:
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


class _SideBySide(GeneratorService):
    """Trains the runs of a sweep in processes."""

    done = Signal(object)  # TrainingDone
    ended = Signal(str)  # why not all could be trained, or ""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session  # its threads end with the window
        self._refreshed = 0.0

    def start(self, sweep: Sweep, at_a_time: int) -> None:
        """Train what a sweep still needs."""
        self._start_worker(lambda: run_sweep(sweep, jobs=at_a_time), self._session)

    def stop(self) -> None:
        """End the processes."""
        self._request_stop()

    def _handle_values(self, values: tuple[object, ...]) -> None:
        for value in values:
            if isinstance(value, TrainingDone):
                self.done.emit(value)
        if (now := time.monotonic()) - self._refreshed >= _REFRESH_SECONDS:
            self._refreshed = now
            self._session.runs.refresh()  # the list of runs shows their epochs

    def _handle_end(self, *, was_stopped: bool) -> None:
        self.ended.emit("")

    def _handle_error(self, error: Exception) -> None:
        self.ended.emit(error_text(error, self.tr("The trainings failed.")))
