"""Kill scenario: writing My digits; a step is one change, the state is every digit, deleted ones too."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

import numpy as np

from digitpad.core.ink.drawing import PEN_WIDTH, Drawing
from digitpad.core.ink.ink_files import InkSample, write_ink
from digitpad.core.ink.strokes import Ink
from digitpad.core.my_digits.dataset import database_path
from digitpad.core.my_digits.importing import import_digits
from digitpad.core.my_digits.record import NewDigit, new_image
from digitpad.core.my_digits.store import MyDigits
from tests.stress.kills.requests import Place, check

TITLE = "kill -9 while My digits are written, {}"
VARIANTS = ("first digits", "many digits", "an import")
MAY_REPEAT_STEP = False
# Each is one atomic change.
_KINDS = ("add", "add", "add", "relabel", "add_all", "delete", "add", "restore", "delete", "relabel", "purge", "add")
_MANY = 400
_IMPORTS = 3
_THEN = datetime(2026, 1, 1, tzinfo=UTC)


def warm() -> None:
    """Import what the children need, once."""


def steps(place: Place, start: int) -> Iterator[int | None]:
    """Add, relabel, delete, restore, purge and import; each is acknowledged when the window would report it."""
    changes = _changes(place)
    if VARIANTS[place.variant] == "many digits" and not start and not database_path().exists():
        with MyDigits.open() as mine:
            mine.add_all([_image(number) for number in range(_MANY)])
    if VARIANTS[place.variant] == "an import":
        _write_strokes(place)
    yield None
    with MyDigits.open() as mine:
        check(not mine.problem, mine.problem)
        for number in range(start, len(changes)):
            changes[number](mine)
            yield number + 1


def found(_: Place) -> object:
    """Check the database with SQLite, and return all digits."""
    if not database_path().exists():
        return []
    with MyDigits.open() as mine:
        check(not mine.problem, mine.problem)
        shown = [(digit.id, digit.label, digit.digest, len(digit.image)) for digit in mine.all()]
        check(len(shown) == mine.count(), "the count is not that of the list")
    with closing(sqlite3.connect(database_path())) as connection:
        check(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the database is not sound")
        rows = connection.execute("SELECT id, deleted IS NULL, label, digest FROM drawings ORDER BY id").fetchall()
    check(
        [row[0] for row in rows if row[1]] == [digit[0] for digit in reversed(shown)],
        "the list is not what the file holds",
    )
    return [list(row) for row in rows]


def check_end(_: Place) -> object:
    """Check that the digits can be used for training."""
    with MyDigits.open() as mine:
        check(len(mine.digits()) == mine.count(), "not all can be trained with")
    return None


def _changes(place: Place) -> list[Callable[[MyDigits], object]]:
    """Return changes, the same for the same variant."""
    if VARIANTS[place.variant] == "an import":
        return [partial(_import, place=place, number=number) for number in range(_IMPORTS)]
    return [partial(_change, kind=kind, number=number) for number, kind in enumerate(_KINDS)]


def _change(mine: MyDigits, kind: str, number: int) -> None:
    drawing = _drawing(10_000 + number)
    match kind:
        case "relabel":
            mine.relabel_all([digit.id for digit in mine.all(limit=5)], number % 10)
        case "delete":
            mine.delete([digit.id for digit in mine.all(limit=3)])
        case "restore":
            mine.restore(range(1, 1000))
        case "purge":
            mine.purge()
        case "add_all":
            mine.add_all([_image(20_000 + each) for each in range(60)])
        case _:
            mine.add(drawing, number % 10, predicted=number % 7, model="mlp")


def _import(mine: MyDigits, place: Place, number: int) -> None:
    import_digits(mine, place.documents / f"strokes-{number}.jsonl")


def _write_strokes(place: Place) -> None:
    """Write a file as another program may export it."""
    for number in range(_IMPORTS):
        drawings = [_drawing(100 * number + each) for each in range(40)]
        samples = [InkSample(str(each), drawing.ink, each % 10) for each, drawing in enumerate(drawings)]
        write_ink(place.documents / f"strokes-{number}.jsonl", samples)


def _drawing(number: int) -> Drawing:
    points = np.random.default_rng(number).uniform(40, 240, (6, 2))
    return Drawing(ink=Ink.of([points[:4], points[4:]], PEN_WIDTH))


def _image(number: int) -> NewDigit:
    image = np.zeros((28, 28), np.uint8)
    image[6:22, 8:20] = np.random.default_rng(number).integers(0, 256, (16, 12))
    return new_image(image, number % 10, created=_THEN)
