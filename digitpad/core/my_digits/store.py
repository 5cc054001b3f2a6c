"""My digits: the user's own labelled drawings, in a database that keeps what it has said it keeps."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES, Digits
from digitpad.core.images.idx_sets import Part
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.mnist_geometry import SIZE
from digitpad.core.my_digits.database import damage_error, open_database, sqlite_errors, transaction
from digitpad.core.my_digits.dataset import database_path, read_samples
from digitpad.core.my_digits.record import MyDigit, NewDigit, checked_digit, new_digit, parse_time

INSERT = """INSERT INTO drawings (label, predicted, model, created, digest, image, strokes)
    VALUES (:label, :predicted, :model, :created, :digest, :image, :strokes)"""
INSERT_NEW = """INSERT INTO drawings (label, predicted, model, created, digest, image, strokes)
    SELECT :label, :predicted, :model, :created, :digest, :image, :strokes WHERE NOT EXISTS
    (SELECT 1 FROM drawings WHERE digest = :digest AND label = :label AND deleted IS NULL)"""
SCORES = """SELECT model, sum(predicted = label), count(*) FROM drawings
    WHERE deleted IS NULL AND predicted IS NOT NULL GROUP BY model ORDER BY model"""
# A page's ids are found first: the pictures and strokes of those before it are not read.
PAGE = {
    (False, True): """SELECT * FROM drawings WHERE id IN (SELECT id FROM drawings WHERE deleted IS NULL
        ORDER BY id DESC LIMIT :limit OFFSET :offset) ORDER BY id DESC""",
    (False, False): """SELECT * FROM drawings WHERE id IN (SELECT id FROM drawings WHERE deleted IS NULL
        ORDER BY id LIMIT :limit OFFSET :offset) ORDER BY id""",
    (True, True): """SELECT * FROM drawings WHERE id IN (SELECT id FROM drawings WHERE deleted IS NULL
        AND label = :label ORDER BY id DESC LIMIT :limit OFFSET :offset) ORDER BY id DESC""",
    (True, False): """SELECT * FROM drawings WHERE id IN (SELECT id FROM drawings WHERE deleted IS NULL
        AND label = :label ORDER BY id LIMIT :limit OFFSET :offset) ORDER BY id""",
}


def row_of(new: NewDigit) -> dict[str, object]:
    """Return the values of `INSERT`."""
    return {
        "label": new.label,
        "predicted": new.predicted,
        "model": new.model,
        "created": format_time(new.created),
        "digest": new.digest,
        "image": new.image.tobytes(),
        "strokes": new.line or None,
    }


def digit_of_row(row: sqlite3.Row) -> MyDigit:
    """Return the digit of a whole row; raises as SQLite where it is damaged.

    A time that cannot be read is the least of a digit: it becomes the beginning of 1970.
    """
    if type(row["label"]) is not int or not isinstance(row["image"], bytes) or len(row["image"]) != SIZE * SIZE:
        raise damage_error("a row is not as it was written")
    return MyDigit(
        id=row["id"],
        label=row["label"],
        image=np.frombuffer(row["image"], np.uint8).reshape(SIZE, SIZE),
        line=row["strokes"] or "",
        predicted=row["predicted"],
        model=row["model"],
        created=parse_time(str(row["created"])) or datetime.fromtimestamp(0, UTC),
    )


def format_time(time: datetime) -> str:
    """Write a time in UTC, so that texts sort as times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class ModelAccuracy:
    """How many of the user's digits a model got right when they were drawn, of those that it was asked about."""

    model: str
    right: int
    asked: int

    @property
    def share(self) -> float:
        """The share that was right, in [0, 1]; nan where none was asked about."""
        return self.right / self.asked if self.asked else float("nan")


class MyDigits:
    """The user's own digits.

    For the thread that opened it; another thread, as another window, opens its own. What a method has done is on the
    disk when it returns. Every method raises DigitpadError where the file cannot be read or written.

    Attributes
    ----------
    path
        The file.
    problem
        A sentence where a damaged file was set aside when this was opened, else "".

    """

    def __init__(self, path: Path, connection: sqlite3.Connection, problem: str) -> None:
        connection.row_factory = sqlite3.Row
        self.path, self.problem, self._connection = path, problem, connection

    @classmethod
    def open(cls, path: Path | None = None) -> "MyDigits":
        """Open the user's file, or the one named; it need not be there yet. Raises as `open_database`."""
        place = database_path() if path is None else path
        return cls(place, *open_database(place))

    def __enter__(self) -> "MyDigits":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        self._connection.close()

    def add(self, drawing: Drawing, label: int, *, predicted: int | None = None, model: str = "") -> MyDigit:
        """Keep a drawing; `predicted` is what the model of that name took it for. Raises as `new_digit`."""
        new = new_digit(drawing, label, predicted=predicted, model=model)
        with self._writing():
            number = self._connection.execute(INSERT, row_of(new)).lastrowid
        return self._one(number or 0)

    def add_all(self, digits: Sequence[NewDigit]) -> int:
        """Keep those whose image is not there yet under the same label, all or none; return how many that were."""
        with self._writing():
            return sum(self._connection.execute(INSERT_NEW, row_of(new)).rowcount for new in digits)

    def relabel(self, number: int, label: int) -> MyDigit:
        """Say that the digit of that id is another; raises where there is none, or `label` is no digit."""
        return self.exchange_label(number, label)[0]

    def exchange_label(self, number: int, label: int) -> tuple[MyDigit, int]:
        """Relabel as `relabel` does; return also the label that the digit had."""
        values = (checked_digit(label), number)
        with self._writing():
            before = self._one(number).label
            self._connection.execute("UPDATE drawings SET label = ? WHERE id = ? AND deleted IS NULL", values)
            return self._one(number), before

    def relabel_all(self, numbers: Iterable[int], label: int) -> int:
        """Say that the digits of these ids are another, all or none; return how many were there."""
        changes = [(checked_digit(label), int(number)) for number in numbers]
        return self._changed("UPDATE drawings SET label = ? WHERE id = ? AND deleted IS NULL", changes)

    def delete(self, numbers: Iterable[int]) -> int:
        """Leave out the digits of these ids until they are restored or purged; return how many were there."""
        now = format_time(datetime.now(UTC))
        changes = [(now, int(number)) for number in numbers]
        return self._changed("UPDATE drawings SET deleted = ? WHERE id = ? AND deleted IS NULL", changes)

    def restore(self, numbers: Iterable[int]) -> int:
        """Take back `delete`; return how many came back."""
        changes = [(int(number),) for number in numbers]
        return self._changed("UPDATE drawings SET deleted = NULL WHERE id = ? AND deleted IS NOT NULL", changes)

    def purge(self, *, before: datetime | None = None) -> int:
        """Forget for good what was deleted, all of it or what was before a time; return how many that were."""
        limit = "9999" if before is None else format_time(before)
        return self._changed("DELETE FROM drawings WHERE deleted < ?", [(limit,)])

    def all(
        self, label: int | None = None, *, newest_first: bool = True, limit: int | None = None, offset: int = 0
    ) -> tuple[MyDigit, ...]:
        """Return the digits, or those of a label, in the order they were kept; `limit` of them from `offset` on."""
        values = {"label": label, "limit": -1 if limit is None else limit, "offset": offset}
        with sqlite_errors(self.path):
            return tuple(map(digit_of_row, self._connection.execute(PAGE[label is not None, newest_first], values)))

    def count(self) -> int:
        """Return how many digits there are."""
        return int(self.counts().sum())

    def counts(self) -> np.ndarray:
        """Return how many there are of each label, (10,) int64."""
        counts = np.zeros(CLASSES, np.int64)
        with sqlite_errors(self.path):
            query = "SELECT label, count(*) FROM drawings WHERE deleted IS NULL GROUP BY label"
            for label, count in self._connection.execute(query):
                if label not in range(CLASSES):
                    raise damage_error("a label is none")
                counts[int(label)] = count
        return counts

    def accuracies(self) -> tuple[ModelAccuracy, ...]:
        """Return how each model did that was asked, in the order of their names."""
        with sqlite_errors(self.path):
            return tuple(ModelAccuracy(*row) for row in self._connection.execute(SCORES))

    def digits(self, part: Part | None = None) -> Digits:
        """Return the digits to train with and to evaluate on, oldest first; one part of them, or all.

        Raises
        ------
        DigitpadError
            Where there are none.

        """
        with sqlite_errors(self.path):
            images, labels = read_samples(self._connection, part)
        name = {None: "my digits", "train": "my digits train", "test": "my digits test"}[part]
        if not len(labels):
            raise DigitpadError("there are no {name} yet: draw some and say what they are, or import some", name=name)
        return Digits(name, images, labels)

    def _writing(self) -> AbstractContextManager[None]:
        return _written(self.path, self._connection)

    def _changed(self, statement: str, values: Sequence[tuple[object, ...]]) -> int:
        with self._writing():
            return sum(self._connection.execute(statement, each).rowcount for each in values)

    def _one(self, number: int) -> MyDigit:
        with sqlite_errors(self.path):
            query = "SELECT * FROM drawings WHERE id = ? AND deleted IS NULL"
            row = self._connection.execute(query, (number,)).fetchone()
            if row is not None:
                return digit_of_row(row)
        raise DigitpadError(
            "My digits has no drawing {number} any more: it was deleted, perhaps in another window", number=number
        )


@contextmanager
def _written(path: Path, connection: sqlite3.Connection) -> Iterator[None]:
    with sqlite_errors(path), transaction(connection):
        yield
