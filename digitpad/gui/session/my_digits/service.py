"""Keeps, changes and reads My digits in the background."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.ink.drawing import Drawing
from digitpad.gui.session.my_digits import worker as jobs
from digitpad.gui.session.my_digits.snapshot import MyDigitsSnapshot
from digitpad.gui.threads.serial_worker import SerialWorker
from digitpad.gui.widgets.sentences import error_text

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit

_J = TypeVar("_J", bound=jobs.Job)


class MyDigitsService(QObject):
    """Owns the only thread that opens the database; it starts with the first request.

    Requests are done in their order, and none is lost: closing waits for them. Each method returns its job, which the
    signal about its result carries. A signal comes when the change is on the disk.
    """

    kept = Signal(object, object, object)  # the drawing, the MyDigit, and its label before, None if it is new
    keep_failed = Signal(object, str)  # the drawing, and the reason
    relabelled = Signal(object, int)  # the Relabel, and the count
    deleted = Signal(object, int)  # the Delete, and the count
    restored = Signal(object, int)  # the Restore, and the count
    imported = Signal(object)  # ImportCounts
    backed_up = Signal(object, int)  # the path, and the count
    read = Signal(object)  # MyDigitsSnapshot
    read_failed = Signal(str)  # the reason
    changed = Signal()  # something was written
    problem_found = Signal(str)
    was_set_aside = Signal(str)  # `set_aside`
    finished = Signal()  # nothing waits any more; see `unsaved_digits`

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        worker = jobs.MyDigitsWorker()
        self.worker = SerialWorker(worker.do, worker.close, self)
        self.set_aside = ""  # report of the damaged file that was set aside last; "" if there was none
        self._known: dict[int, tuple[Drawing, MyDigit]] = {}  # by the drawing's Python id
        self._deleted: set[int] = set()  # ids of digits
        self._is_reading = False
        self._pending: list[jobs.Job] = []  # requests to write, in their order
        self._failed: dict[int, jobs.Keep] = {}  # the digits that could not be saved, by the drawing's Python id

        self.worker.answered.connect(self._on_answered)
        self.worker.failed.connect(self._on_failed)

    def kept_as(self, drawing: Drawing) -> "MyDigit | None":
        """Return the kept digit of a drawing; None if it is not kept."""
        _, digit = self._known.get(id(drawing), (None, None))
        return None if digit is None or digit.id in self._deleted else digit

    def keep(self, drawing: Drawing, label: int, *, predicted: int | None = None, model: str = "") -> jobs.Keep:
        """Keep a drawing, or relabel it if it is kept already; `kept` or `keep_failed` follows."""
        self._failed.pop(id(drawing), None)
        return self._submit(jobs.Keep(drawing, label, predicted, model))

    def remember(self, drawing: Drawing, digit: "MyDigit") -> None:
        """Remember the drawing of a kept digit: `keep` will relabel the digit."""
        self._remember(drawing, digit)
        self.worker.submit(jobs.Remember(drawing, digit.id))

    def relabel(self, labels: Mapping[int, int]) -> jobs.Relabel:
        """Change the labels of digits; the keys are their ids."""
        return self._submit(jobs.Relabel(dict(labels)))

    def delete(self, numbers: Iterable[int]) -> jobs.Delete:
        """Delete digits by id; `restore` brings them back."""
        return self._submit(jobs.Delete(tuple(map(int, numbers))))

    def restore(self, numbers: Iterable[int]) -> jobs.Restore:
        """Restore deleted digits by id."""
        return self._submit(jobs.Restore(tuple(map(int, numbers))))

    def import_from(self, path: Path) -> jobs.Import:
        """Add the digits of a file or folder, all or none; duplicates are not added."""
        return self._submit(jobs.Import(path))

    def back_up(self, path: Path) -> jobs.BackUp:
        """Write all digits into one file; `backed_up` or `problem_found` follows."""
        return self._submit(jobs.BackUp(path))

    @property
    def is_writing(self) -> bool:
        """Whether requests to write wait or are being done."""
        return bool(self._pending)

    @property
    def has_only_digits(self) -> bool:
        """Whether nothing but digits to save is waiting, which `save_beside` can save."""
        return all(isinstance(job, jobs.Keep) for job in self._pending)

    @property
    def unsaved_digits(self) -> tuple[jobs.Keep, ...]:
        """The digits that wait to be saved, and those that could not be saved; the newest label of each drawing."""
        waiting = {id(job.drawing): job for job in self._pending if isinstance(job, jobs.Keep)}
        return tuple((self._failed | waiting).values())

    def retry(self) -> None:
        """Save the digits again that could not be saved."""
        failed, self._failed = self._failed, {}
        for job in failed.values():
            self._submit(job)

    def save_beside(self) -> Path:
        """Save the unsaved digits in a new file in the user's folder, and no longer here. Raises DigitpadError."""
        path = jobs.save_beside(self.unsaved_digits)
        self.forget_unsaved()
        return path

    def forget_unsaved(self) -> None:
        """Drop everything that waits to be written; what is being written is finished."""
        self.worker.drop()
        self._pending.clear()
        self._failed.clear()

    def _submit(self, job: _J) -> _J:
        self._pending.append(job)
        self.worker.submit(job)
        return job

    def _end(self, job: jobs.Job) -> None:
        if job in self._pending:
            self._pending.remove(job)
            if not self._pending:
                self.finished.emit()

    def request_read(self) -> None:
        """Read all digits; `read` or `read_failed` follows. Requests during a read share its result."""
        if not self._is_reading:
            self._is_reading = True
            self.worker.submit(jobs.Read())

    @Slot(object, object)
    def _on_answered(self, job: jobs.Job, done: jobs.JobResult) -> None:
        if done.problem:
            self._known.clear()  # they were in the file that was set aside
            self.set_aside = done.problem
            self.was_set_aside.emit(done.problem)
        self._report(job, done.result)
        if not isinstance(job, jobs.Read | jobs.Remember | jobs.BackUp):
            self.changed.emit()
        self._end(job)

    def _report(self, job: jobs.Job, result: object) -> None:
        match job, result:
            case jobs.Keep(drawing), jobs.KeepResult(digit, before):
                self._remember(drawing, digit)
                self.kept.emit(drawing, digit, before)
            case jobs.Relabel(labels), int():
                self._relabel_known(labels, result)
                self.relabelled.emit(job, result)
            case jobs.Delete(numbers), int():
                self._deleted.update(numbers)
                self.deleted.emit(job, result)
            case jobs.Restore(numbers), int():
                self._deleted.difference_update(numbers)
                self.restored.emit(job, result)
            case jobs.Import(), _:
                self.imported.emit(result)
            case jobs.BackUp(path), int():
                self.backed_up.emit(path, result)
            case jobs.Read(), MyDigitsSnapshot():
                self._is_reading = False
                self._update_known(result)
                self.read.emit(result)

    @Slot(object, object)
    def _on_failed(self, job: jobs.Job, error: Exception) -> None:
        problem = error_text(error, self.tr("My digits cannot be used."))
        if isinstance(job, jobs.Keep):
            if job in self._pending:
                self._failed[id(job.drawing)] = job
            self.keep_failed.emit(job.drawing, problem)
        elif isinstance(job, jobs.Read):
            self._is_reading = False
            self.read_failed.emit(problem)
        else:
            self.problem_found.emit(problem)
        self._end(job)

    def _remember(self, drawing: Drawing, digit: "MyDigit") -> None:
        jobs.remember_drawing(self._known, drawing, digit)
        self._deleted.discard(digit.id)

    def _relabel_known(self, labels: Mapping[int, int], count: int) -> None:
        for key, (drawing, digit) in self._known.items():
            if digit.id in labels:
                self._known[key] = (drawing, replace(digit, label=labels[digit.id]))
        if not count:
            self._deleted.update(labels)
        elif count < len(labels):
            self.request_read()  # to find out which digits are gone

    def _update_known(self, snapshot: MyDigitsSnapshot) -> None:
        """Update the digits of known drawings; another window may have changed or deleted them."""
        found = {digit.id: digit for digit in snapshot.digits} if self._known else {}
        for key, (drawing, digit) in self._known.items():
            if digit.id in found:
                self._known[key] = (drawing, found[digit.id])
                self._deleted.discard(digit.id)
            else:
                self._deleted.add(digit.id)
