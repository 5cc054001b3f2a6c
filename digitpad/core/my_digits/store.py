"""Read and change My digits, the user's labelled drawings; a finished change survives a crash."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError, write_error
from digitpad.core.files.atomic import check_writable, fsync_dir, temp_path
from digitpad.core.images.digits import CLASSES, Digits
from digitpad.core.images.idx_sets import Part, part_name
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.mnist_geometry import SIZE
from digitpad.core.my_digits.database import (
    connect,
    damage_error,
    is_damage_error,
    make_private,
    open_database,
    sqlite_errors,
    transaction,
)
from digitpad.core.my_digits.dataset import database_path, empty_error, read_samples
from digitpad.core.my_digits.record import MyDigit, NewDigit, checked_digit, new_digit, parse_time

INSERT = """INSERT INTO drawings (label, predicted, model, created, digest, image, strokes)
    VALUES (:label, :predicted, :model, :created, :digest, :image, :strokes)"""
INSERT_NEW = """INSERT INTO drawings (label, predicted, model, created, digest, image, strokes)
    SELECT :label, :predicted, :model, :created, :digest, :image, :strokes WHERE NOT EXISTS
    (SELECT 1 FROM drawings WHERE digest = :digest AND label = :label AND deleted IS NULL)"""
SCORES = """SELECT model, sum(predicted = label), count(*) FROM drawings
    WHERE deleted IS NULL AND predicted IS NOT NULL GROUP BY model ORDER BY model"""
# The inner query selects the ids of a page, so that images and strokes before the page are not read.
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
    """Return the parameters of `INSERT`."""
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
    """Return the digit of a row; raise `damage_error` if it is damaged. An invalid time becomes the start of 1970."""
    if type(row["label"]) is not int or not isinstance(row["image"], bytes) or len(row["image"]) != SIZE * SIZE:
        raise damage_error("invalid row")
    return MyDigit(
        id=row["id"],
        label=row["label"],
        image=np.frombuffer(row["image"], np.uint8).reshape(SIZE, SIZE),
        line=row["strokes"] or "",
        predicted=row["predicted"],
        model=row["model"],
        created=parse_time(str(row["created"])) or datetime.fromtimestamp(0, UTC),
    )


def is_same_file(path: Path, other: Path) -> bool:
    """Return whether two paths name one existing file."""
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def format_time(time: datetime) -> str:
    """Format a time in UTC, so that texts sort like times."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class ModelAccuracy:
    """How many of the user's digits a model predicted when they were drawn, and how many of them correctly."""

    model: str
    right: int
    asked: int

    @property
    def share(self) -> float:
        """The accuracy in [0, 1]; nan without predictions."""
        return self.right / self.asked if self.asked else float("nan")


class MyDigits:
    """The user's digits.

    Use it only in the thread that opened it; every thread and window opens its own. A change is on the disk when the
    method returns. Every method raises DigitpadError if the file cannot be read or written.

    Attributes
    ----------
    path
        The file.
    problem
        A sentence if a damaged file was renamed on opening, else "".

    """

    def __init__(self, path: Path, connection: sqlite3.Connection, problem: str) -> None:
        connection.row_factory = sqlite3.Row
        self.path, self.problem, self._connection = path, problem, connection

    @classmethod
    def open(cls, path: Path | None = None) -> "MyDigits":
        """Open the user's file, or another one; it need not exist yet. Raises as `open_database`."""
        path = database_path() if path is None else path
        return cls(path, *open_database(path))

    def __enter__(self) -> "MyDigits":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._connection.close()

    def add(self, drawing: Drawing, label: int, *, predicted: int | None = None, model: str = "") -> MyDigit:
        """Store a drawing; `predicted` is the prediction of the model of that name. Raises as `new_digit`."""
        new = new_digit(drawing, label, predicted=predicted, model=model)
        with self._writing():
            digit_id = self._connection.execute(INSERT, row_of(new)).lastrowid
        return self._get(digit_id or 0)

    def add_all(self, digits: Sequence[NewDigit]) -> int:
        """Store the digits that are not duplicates (same image and label), all or none; return how many were stored."""
        with self._writing():
            return sum(self._connection.execute(INSERT_NEW, row_of(new)).rowcount for new in digits)

    def relabel(self, digit_id: int, label: int) -> tuple[MyDigit, int]:
        """Change a digit's label; return the digit and its previous label.

        Raise DigitpadError if there is no such digit, or `label` is not a digit.
        """
        values = (checked_digit(label), digit_id)
        with self._writing():
            before = self._get(digit_id).label
            self._connection.execute("UPDATE drawings SET label = ? WHERE id = ? AND deleted IS NULL", values)
            return self._get(digit_id), before

    def relabel_all(self, ids: Iterable[int], label: int) -> int:
        """Change the label of digits, all or none; return how many exist."""
        changes = [(checked_digit(label), int(digit_id)) for digit_id in ids]
        return self._execute("UPDATE drawings SET label = ? WHERE id = ? AND deleted IS NULL", changes)

    def delete(self, ids: Iterable[int]) -> int:
        """Mark digits as deleted until they are restored or purged; return how many existed."""
        now = format_time(datetime.now(UTC))
        changes = [(now, int(digit_id)) for digit_id in ids]
        return self._execute("UPDATE drawings SET deleted = ? WHERE id = ? AND deleted IS NULL", changes)

    def restore(self, ids: Iterable[int]) -> int:
        """Undo `delete`; return how many digits were restored."""
        changes = [(int(digit_id),) for digit_id in ids]
        return self._execute("UPDATE drawings SET deleted = NULL WHERE id = ? AND deleted IS NOT NULL", changes)

    def purge(self, *, before: datetime | None = None) -> int:
        """Remove deleted digits permanently, all or those deleted before a time; return how many."""
        limit = "9999" if before is None else format_time(before)
        return self._execute("DELETE FROM drawings WHERE deleted < ?", [(limit,)])

    def all(
        self, label: int | None = None, *, newest_first: bool = True, limit: int | None = None, offset: int = 0
    ) -> tuple[MyDigit, ...]:
        """Return the digits, or those of one label, in the order of storing; `limit` of them from `offset` on."""
        values = {"label": label, "limit": -1 if limit is None else limit, "offset": offset}
        with sqlite_errors(self.path):
            return tuple(map(digit_of_row, self._connection.execute(PAGE[label is not None, newest_first], values)))

    def count(self) -> int:
        """Return how many digits there are."""
        return int(self.counts().sum())

    def counts(self) -> np.ndarray:
        """Return the number of digits of each label, (10,) int64."""
        counts = np.zeros(CLASSES, np.int64)
        with sqlite_errors(self.path):
            query = "SELECT label, count(*) FROM drawings WHERE deleted IS NULL GROUP BY label"
            for label, count in self._connection.execute(query):
                if label not in range(CLASSES):
                    raise damage_error("invalid label")
                counts[int(label)] = count
        return counts

    def accuracies(self) -> tuple[ModelAccuracy, ...]:
        """Return the accuracy of each model that made predictions, sorted by name."""
        with sqlite_errors(self.path):
            return tuple(ModelAccuracy(*row) for row in self._connection.execute(SCORES))

    def digits(self, part: Part | None = None) -> Digits:
        """Return the digits of one part or all, oldest first, for training and evaluation; raise if there are none."""
        with sqlite_errors(self.path):
            images, labels = read_samples(self._connection, part)
        if not len(labels):
            raise empty_error(part)
        return Digits(part_name("my digits", part) if part else "my digits", images, labels)

    def back_up(self, path: Path) -> int:
        """Write all digits into one new file, which replaces an older one as a whole; return how many there are.

        Raise DigitpadError if that is the file of My digits itself, or it cannot be written.
        """
        if is_same_file(path, self.path):
            raise DigitpadError("{path} is the file of My digits itself: choose another name", path=path)
        check_writable(path)
        part = temp_path(path.parent)
        try:
            make_private(part)
            with sqlite_errors(self.path):
                self._connection.execute("BEGIN")  # a backup would wait for other windows without end
                try:
                    digits = self.count()
                    self._copy_to(part, path)
                finally:
                    self._connection.execute("ROLLBACK")
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(path)
            fsync_dir(path.parent)
        except OSError as error:
            raise write_error(path, error) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        return digits

    def _copy_to(self, part: Path, path: Path) -> None:
        try:
            with sqlite_errors(path), closing(connect(part, "rw")) as target:
                self._connection.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
        except DigitpadError as error:
            if is_damage_error(error):  # the file that is read
                raise damage_error("unreadable page") from error
            raise

    def stop_waiting(self) -> None:
        """Raise at once, from now on, if another program uses the file."""
        self._connection.execute("PRAGMA busy_timeout = 0")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with sqlite_errors(self.path), transaction(self._connection):
            yield

    def _execute(self, statement: str, values: Sequence[tuple[object, ...]]) -> int:
        with self._writing():
            return sum(self._connection.execute(statement, each).rowcount for each in values)

    def _get(self, digit_id: int) -> MyDigit:
        with sqlite_errors(self.path):
            query = "SELECT * FROM drawings WHERE id = ? AND deleted IS NULL"
            row = self._connection.execute(query, (digit_id,)).fetchone()
            if row is not None:
                return digit_of_row(row)
        raise DigitpadError("drawing {id} was deleted, perhaps in another window: choose another one", id=digit_id)
