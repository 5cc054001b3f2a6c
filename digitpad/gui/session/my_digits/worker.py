"""Jobs on the database of My digits, done in the one thread that has it open."""

import contextlib
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from digitpad.core.errors import DigitpadError
from digitpad.core.ink.drawing import Drawing
from digitpad.core.my_digits.dataset import database_path, refresh_count
from digitpad.gui.session.my_digits.snapshot import MyDigitsSnapshot

if TYPE_CHECKING:  # the window is shown before SQLite is loaded
    from digitpad.core.my_digits.record import MyDigit
    from digitpad.core.my_digits.store import MyDigits

T = TypeVar("T")
_MAX_DRAWINGS = 200  # more than users go back by Undo
# Another window that was open at the deletion can still restore the digits.
_KEPT_DELETED = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Keep:
    """Keep a drawing; if it is kept already, change its label."""

    drawing: Drawing
    label: int
    predicted: int | None
    model: str


@dataclass(frozen=True, slots=True, eq=False)
class Remember:
    """Remember that a drawing shows a kept digit."""

    drawing: Drawing
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Relabel:
    """Change the labels of digits; the keys are their ids."""

    labels: Mapping[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Delete:
    """Delete digits by id; they can be restored."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Restore:
    """Restore deleted digits by id."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Import:
    """Add the digits of a file or folder."""

    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class BackUp:
    """Write all digits into one file."""

    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Read all digits."""


Job = Keep | Remember | Relabel | Delete | Restore | Import | BackUp | Read


@dataclass(frozen=True, slots=True, eq=False)
class KeepResult:
    """Result of a Keep: the digit, and its label before; None if it is new."""

    digit: "MyDigit"
    before: int | None


@dataclass(frozen=True, slots=True, eq=False)
class JobResult:
    """Result of a job; `problem` reports a damaged file that was set aside, "" if there was none."""

    result: object
    problem: str = ""


class MyDigitsWorker:
    """Opens the database for the first job; if that fails, the next job tries again."""

    def __init__(self) -> None:
        self._store: MyDigits | None = None
        self._file: tuple[int, int] | None = None
        self._problem = ""
        self._ids: dict[int, tuple[Drawing, int]] = {}

    def do(self, job: Job) -> JobResult:
        """Do a job, and write its changes to the disk. Raises DigitpadError if that fails."""
        if isinstance(job, Remember):
            remember_drawing(self._ids, job.drawing, job.number)
            return JobResult(None)
        try:
            result = self._do(job, self._open())
        except DigitpadError as error:
            if not isinstance(error.__cause__, sqlite3.Error):
                raise
            self._close()
            from digitpad.core.my_digits.database import is_damage_error

            # A file that was damaged while it was open is set aside when it is opened again.
            if not is_damage_error(error) or not self._open().problem:
                raise
            result = self._do(job, self._open())
        with contextlib.suppress(DigitpadError):
            refresh_count()  # here, so that the window's thread does not have to open the file
        problem, self._problem = self._problem, ""
        return JobResult(result, problem)

    def close(self) -> None:
        """Erase digits that were deleted long ago, and close the database."""
        if self._store is not None:
            with contextlib.suppress(DigitpadError):
                self._store.stop_waiting()  # the window is closed already; the next time will do
                self._store.purge(before=datetime.now(UTC) - _KEPT_DELETED)
        self._close()

    def _do(self, job: Job, store: "MyDigits") -> object:
        match job:
            case Keep():
                return self._keep(job, store)
            case Relabel(labels):
                return sum(
                    store.relabel_all([n for n, wanted in labels.items() if wanted == label], label)
                    for label in sorted(set(labels.values()))
                )
            case Delete(numbers) | Restore(numbers):
                return (store.delete if isinstance(job, Delete) else store.restore)(numbers)
            case Import(path):
                from digitpad.core.my_digits.importing import import_digits

                return import_digits(store, path)
            case BackUp(path):
                return store.back_up(path)
            case _:
                return MyDigitsSnapshot.of(store.all(), store.accuracies())

    def _keep(self, job: Keep, store: "MyDigits") -> KeepResult:
        _, number = self._ids.get(id(job.drawing), (None, None))
        if number is not None:
            try:
                return KeepResult(*store.relabel(number, job.label))
            except DigitpadError as error:
                if error.__cause__ is not None:
                    raise
                # It was deleted in the meantime, and is added again.
        digit = store.add(job.drawing, job.label, predicted=job.predicted, model=job.model)
        remember_drawing(self._ids, job.drawing, digit.id)
        return KeepResult(digit, None)

    def _open(self) -> "MyDigits":
        if self._store is not None and _file_identity(self._store.path) != self._file:
            self._close()  # the user moved it, or another window set it aside
            self._ids.clear()
        if self._store is None:
            from digitpad.core.my_digits.store import MyDigits

            self._store = MyDigits.open()
            self._file, self._problem = _file_identity(self._store.path), self._store.problem or self._problem
            if self._store.problem:
                self._ids.clear()
        return self._store

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None


def save_beside(digits: Iterable[Keep]) -> Path:
    """Write digits into a new file in the user's folder, which can be imported; return its path. Raises DigitpadError.

    It is for digits that cannot be written to the file of My digits.
    """
    from digitpad.core.my_digits.record import new_digit
    from digitpad.core.my_digits.store import MyDigits

    stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    names = (f"my-digits-unsaved-{stamp}{'' if n == 1 else f'-{n}'}.sqlite3" for n in count(1))
    path = next(path for path in map(database_path().with_name, names) if not path.exists())
    try:
        with MyDigits.open(path) as store:
            store.add_all([new_digit(d.drawing, d.label, predicted=d.predicted, model=d.model) for d in digits])
    except DigitpadError:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise
    finally:
        with contextlib.suppress(OSError):
            path.with_name(f".{path.name}.lock").unlink(missing_ok=True)
    return path


def remember_drawing(memory: dict[int, tuple[Drawing, T]], drawing: Drawing, value: T) -> None:
    """Store a value for a drawing, by its Python id; the oldest drawings are forgotten."""
    memory.pop(id(drawing), None)
    memory[id(drawing)] = (drawing, value)  # with the drawing: while it lives, no other object gets its id
    while len(memory) > _MAX_DRAWINGS:
        del memory[next(iter(memory))]


def _file_identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
