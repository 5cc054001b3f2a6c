"""My digits for the window: asked for here, done in a thread, and told by signals."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.ink.drawing import Drawing
from digitpad.gui.session.my_digits_snapshot import MyDigitsSnapshot
from digitpad.gui.session.my_digits_worker import (
    Delete,
    Done,
    Import,
    Job,
    Keep,
    Kept,
    MyDigitsWorker,
    Read,
    Relabel,
    Remember,
    Restore,
)
from digitpad.gui.threads.serial_worker import SerialWorker
from digitpad.gui.widgets.sentences import error_text

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit

_REMEMBERED = 200


class MyDigitsService(QObject):
    """The only one who has the database open, in one thread of its own that starts with the first request.

    Requests are done in the order they were made, and none is lost: closing waits for them. Each returns its job, which
    the signal about it carries. What a signal tells of is on the disk.
    """

    kept = Signal(object, object, object)  # the drawing, the MyDigit, and the label it had; None where it is new
    keep_failed = Signal(object, str)  # the drawing, and why
    relabelled = Signal(object, int)  # the Relabel, and how many
    deleted = Signal(object, int)  # the Delete, and how many
    restored = Signal(object, int)  # the Restore, and how many
    imported = Signal(object)  # ImportCounts
    read = Signal(object)  # MyDigitsSnapshot
    read_failed = Signal(str)  # why
    changed = Signal()  # something was written
    problem_found = Signal(str)
    was_set_aside = Signal(str)  # `set_aside`

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        desk = MyDigitsWorker()
        self.worker = SerialWorker(desk.do, desk.close, self)
        self._known: dict[int, tuple[Drawing, MyDigit]] = {}  # by the drawing's id
        self._gone: set[int] = set()  # ids of digits
        self._is_reading = False
        self._set_aside = ""

        self.worker.answered.connect(self._on_answered)
        self.worker.failed.connect(self._on_failed)

    @property
    def set_aside(self) -> str:
        """What the user is to know of a damaged file that was set aside last; "" where none was."""
        return self._set_aside

    def kept_as(self, drawing: Drawing) -> "MyDigit | None":
        """Return the digit as which a drawing is kept; None where it is not."""
        _, digit = self._known.get(id(drawing), (None, None))
        return None if digit is None or digit.id in self._gone else digit

    def keep(self, drawing: Drawing, label: int, *, predicted: int | None = None, model: str = "") -> Keep:
        """Keep a drawing; the same one again is relabelled instead. `save_state` or `keep_failed` comes."""
        job = Keep(drawing, label, predicted, model)
        self.worker.submit(job)
        return job

    def remember(self, drawing: Drawing, digit: "MyDigit") -> None:
        """Know a drawing that was made of a digit which is kept: `keep` will relabel it."""
        self._know(drawing, digit)
        self.worker.submit(Remember(drawing, digit.id))

    def relabel(self, labels: Mapping[int, int]) -> Relabel:
        """Give digits, by id, other labels."""
        job = Relabel(dict(labels))
        self.worker.submit(job)
        return job

    def delete(self, numbers: Iterable[int]) -> Delete:
        """Delete digits by id; `restore` brings them back."""
        job = Delete(tuple(map(int, numbers)))
        self.worker.submit(job)
        return job

    def restore(self, numbers: Iterable[int]) -> Restore:
        """Bring back deleted digits by id."""
        job = Restore(tuple(map(int, numbers)))
        self.worker.submit(job)
        return job

    def import_from(self, path: Path) -> Import:
        """Add the digits of a file or folder, all or none; those that are there already are not added again."""
        job = Import(path)
        self.worker.submit(job)
        return job

    def ask(self) -> None:
        """Read all there is; `read` or `read_failed` comes. One answer is enough for several who wait."""
        if not self._is_reading:
            self._is_reading = True
            self.worker.submit(Read())

    @Slot(object, object)
    def _on_answered(self, job: Job, done: Done) -> None:
        if done.problem:
            self._known.clear()  # they were in the file that was set aside
            self._set_aside = done.problem
            self.was_set_aside.emit(done.problem)
        self._tell(job, done.result)
        if not isinstance(job, Read | Remember):
            self.changed.emit()

    def _tell(self, job: Job, result: object) -> None:
        match job, result:
            case Keep(drawing), Kept(digit, before):
                self._know(drawing, digit)
                self.kept.emit(drawing, digit, before)
            case Relabel(labels), int():
                self._relabel_known(labels)
                if not result:
                    self._gone.update(labels)
                elif result < len(labels):
                    self.ask()  # only the file can tell which are gone
                self.relabelled.emit(job, result)
            case Delete(numbers), int():
                self._gone.update(numbers)
                self.deleted.emit(job, result)
            case Restore(numbers), int():
                self._gone.difference_update(numbers)
                self.restored.emit(job, result)
            case Import(), _:
                self.imported.emit(result)
            case Read(), MyDigitsSnapshot():
                self._is_reading = False
                self._compare(result)
                self.read.emit(result)

    @Slot(object, object)
    def _on_failed(self, job: Job, error: Exception) -> None:
        problem = error_text(error, self.tr("My digits cannot be used."))
        if isinstance(job, Keep):
            self.keep_failed.emit(job.drawing, problem)
            return
        if isinstance(job, Read):
            self._is_reading = False
            self.read_failed.emit(problem)
        else:
            self.problem_found.emit(problem)

    def _know(self, drawing: Drawing, digit: "MyDigit") -> None:
        # With the drawing itself, so that no other gets its id.
        self._known.pop(id(drawing), None)
        self._known[id(drawing)] = (drawing, digit)
        self._gone.discard(digit.id)
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]

    def _relabel_known(self, labels: Mapping[int, int]) -> None:
        for key, (drawing, digit) in self._known.items():
            if digit.id in labels:
                self._known[key] = (drawing, replace(digit, label=labels[digit.id]))

    def _compare(self, shelf: MyDigitsSnapshot) -> None:
        """See what has become of the digits that are remembered, in this window or another."""
        there = {digit.id: digit for digit in shelf.digits} if self._known else {}
        for key, (drawing, digit) in self._known.items():
            if digit.id in there:
                self._known[key] = (drawing, there[digit.id])
                self._gone.discard(digit.id)
            else:
                self._gone.add(digit.id)
