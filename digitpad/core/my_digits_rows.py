"""A digit as a row of My digits' file, and what is asked of it in SQL."""

import sqlite3
from datetime import UTC, datetime

import numpy as np

from digitpad.core.geometry import SIZE
from digitpad.core.my_digit import MyDigit, NewDigit, time_of
from digitpad.core.my_digits_file import damage

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
        "created": text_of(new.created),
        "digest": new.digest,
        "image": new.image.tobytes(),
        "strokes": new.line or None,
    }


def digit_in(row: sqlite3.Row) -> MyDigit:
    """Return the digit of a whole row; raises as SQLite where it is damaged.

    A time that cannot be read is the least of a digit: it becomes the beginning of 1970.
    """
    if type(row["label"]) is not int or not isinstance(row["image"], bytes) or len(row["image"]) != SIZE * SIZE:
        raise damage("a row is not as it was written")
    return MyDigit(
        id=row["id"],
        label=row["label"],
        image=np.frombuffer(row["image"], np.uint8).reshape(SIZE, SIZE),
        line=row["strokes"] or "",
        predicted=row["predicted"],
        model=row["model"],
        created=time_of(str(row["created"])) or datetime.fromtimestamp(0, UTC),
    )


def text_of(time: datetime) -> str:
    """Write a time in UTC, so that texts sort as times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")
