"""What is done with the file of My digits, in the one thread that has it open."""

import contextlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from digitpad.core.errors import DigitpadError
from digitpad.core.ink.drawing import Drawing
from digitpad.core.my_digits.dataset import count_digits
from digitpad.gui.session.my_digits_snapshot import MyDigitsSnapshot

if TYPE_CHECKING:  # the window is to be seen before SQLite is loaded
    from digitpad.core.my_digits.record import MyDigit
    from digitpad.core.my_digits.store import MyDigits

_REMEMBERED = 200  # drawings: more than anybody goes back by Undo
# What was deleted can be brought back from any window that was open then.
_KEPT_DELETED = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Keep:
    """Keep a drawing, or if it is kept already say what else it is."""

    drawing: Drawing
    label: int
    predicted: int | None
    model: str


@dataclass(frozen=True, slots=True, eq=False)
class Remember:
    """Know that a drawing is a digit that is kept."""

    drawing: Drawing
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Relabel:
    """Give digits, by id, other labels."""

    labels: Mapping[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Delete:
    """Leave out digits, by id, until they are restored."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Restore:
    """Take back a deletion."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Import:
    """Add the digits of a file or folder."""

    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Read all there is."""


Job = Keep | Remember | Relabel | Delete | Restore | Import | Read


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What came of a Keep: the digit, and the label it had before, None where it is new."""

    digit: "MyDigit"
    before: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """What came of a job; `problem` is what the user is to know of the file, "" where all is well."""

    result: object
    problem: str = ""


class MyDigitsWorker:
    """Opens the file with the first job. Where that cannot be, the next job tries again."""

    def __init__(self) -> None:
        self._mine: MyDigits | None = None
        self._file: tuple[int, int] | None = None
        self._problem = ""
        self._numbers: dict[int, tuple[Drawing, int]] = {}

    def do(self, job: Job) -> Done:
        """Do a job; what it changes is on the disk then. Raises DigitpadError where that cannot be."""
        if isinstance(job, Remember):
            return Done(self._remember(job.drawing, job.number))
        try:
            result = self._done(job, self._opened())
        except DigitpadError as error:
            if not isinstance(error.__cause__, sqlite3.Error):
                raise
            self._let_go()
            if not self._sets_aside(error):
                raise
            result = self._done(job, self._opened())
        with contextlib.suppress(DigitpadError):
            count_digits()  # here, so that the window's own thread need not open the file to know
        problem, self._problem = self._problem, ""
        return Done(result, problem)

    def close(self) -> None:
        """Forget for good what was deleted long ago, and let go of the file."""
        if self._mine is not None:
            with contextlib.suppress(DigitpadError):
                self._mine.purge(before=datetime.now(UTC) - _KEPT_DELETED)
        self._let_go()

    def _sets_aside(self, error: DigitpadError) -> bool:
        """Open the file anew, if it was found damaged while it was open; tell whether that set it aside."""
        from digitpad.core.my_digits.database import is_damage_error

        return is_damage_error(error) and bool(self._opened().problem)

    def _done(self, job: Job, mine: "MyDigits") -> object:
        match job:
            case Keep():
                return self._kept(job, mine)
            case Relabel(labels):
                return sum(
                    mine.relabel_all([n for n, wanted in labels.items() if wanted == label], label)
                    for label in sorted(set(labels.values()))
                )
            case Delete(numbers):
                return mine.delete(numbers)
            case Restore(numbers):
                return mine.restore(numbers)
            case Import(path):
                from digitpad.core.my_digits.importing import import_digits

                return import_digits(mine, path)
            case _:
                return MyDigitsSnapshot.of(mine.all(), mine.accuracies())

    def _kept(self, job: Keep, mine: "MyDigits") -> Kept:
        _, number = self._numbers.get(id(job.drawing), (None, None))
        if number is not None:
            try:
                return Kept(*mine.exchange_label(number, job.label))
            except DigitpadError as error:
                if error.__cause__ is not None:
                    raise
                # It was deleted meanwhile, and is kept anew.
        digit = mine.add(job.drawing, job.label, predicted=job.predicted, model=job.model)
        self._remember(job.drawing, digit.id)
        return Kept(digit, None)

    def _remember(self, drawing: Drawing, number: int) -> None:
        # With the drawing itself, so that no other gets its id.
        self._numbers.pop(id(drawing), None)
        self._numbers[id(drawing)] = (drawing, number)
        while len(self._numbers) > _REMEMBERED:
            del self._numbers[next(iter(self._numbers))]

    def _opened(self) -> "MyDigits":
        if self._mine is not None and _identity(self._mine.path) != self._file:
            self._let_go()  # somebody moved it, or another window set it aside
            self._numbers.clear()
        if self._mine is None:
            from digitpad.core.my_digits.store import MyDigits

            self._mine = MyDigits.open()
            self._file, self._problem = _identity(self._mine.path), self._mine.problem or self._problem
            if self._mine.problem:
                self._numbers.clear()
        return self._mine

    def _let_go(self) -> None:
        if self._mine is not None:
            self._mine.close()
            self._mine = None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
