"""Fuzz target: files of My digits, which are used, refused or set aside."""

import hashlib
import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from tests.stress.fuzz.mutation import mutated, nasty_text
from tests.stress.fuzz.sandbox import Target

if TYPE_CHECKING:
    from digitpad.core.ink.drawing import Drawing
    from digitpad.core.my_digits.store import MyDigits

_NAME = "my-digits.sqlite3"
_FOREVER = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
_COLUMNS = "id, deleted, label, predicted, model, created, digest, image, strokes"
_AWAY = "ALTER TABLE drawings RENAME TO others"
_SCHEMAS = (
    f"CREATE TRIGGER t AFTER INSERT ON drawings BEGIN UPDATE drawings SET label = ({_FOREVER}); END",  # noqa: S608
    f"CREATE TRIGGER t BEFORE UPDATE ON drawings BEGIN SELECT ({_FOREVER}); END",
    "CREATE TRIGGER t AFTER INSERT ON drawings BEGIN DELETE FROM drawings; END",
    "CREATE TRIGGER t BEFORE UPDATE ON drawings BEGIN SELECT RAISE(ABORT, 'no'); END",
    "CREATE TRIGGER t AFTER INSERT ON drawings BEGIN SELECT load_extension('/tmp/evil'); END",
    "CREATE TRIGGER t AFTER INSERT ON drawings BEGIN SELECT writefile('/tmp/evil', 'x'); END",
    "CREATE VIEW v AS SELECT randomblob(1000000000)",
    "CREATE TABLE drawings2 (a)",
    (
        "UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON drawings (hex(zeroblob(400000000)))', name = 'i' "
        "WHERE name LIKE '%_by_label'"
    ),
    "UPDATE sqlite_schema SET sql = replace(sql, 'length(image)', 'length(hex(zeroblob(400000000)))')",
    "UPDATE sqlite_schema SET sql = replace(sql, 'strokes TEXT', 'strokes TEXT, g AS (randomblob(900000000))')",
    "UPDATE sqlite_schema SET sql = replace(sql, 'digest TEXT', 'digest TEXT COLLATE nocase')",
    "UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'drawings'",
    (
        "UPDATE sqlite_schema SET sql = 'CREATE VIRTUAL TABLE drawings USING nothing(a)', rootpage = 0 "
        "WHERE name = 'drawings'"
    ),
    "UPDATE sqlite_schema SET type = 'trigger' WHERE name LIKE 'drawings_by%'",
    "ALTER TABLE drawings ADD COLUMN g DEFAULT 'x'",
    _AWAY,
    "ALTER TABLE drawings DROP COLUMN strokes",
    "CREATE VIRTUAL TABLE f USING fts5(a)",
    f"{_AWAY};CREATE VIEW drawings AS SELECT {_COLUMNS} FROM others",  # noqa: S608
    f"{_AWAY};CREATE VIEW drawings AS SELECT {_COLUMNS} FROM others WHERE 0 < ({_FOREVER})",  # noqa: S608
    f"DROP TABLE drawings;CREATE TABLE drawings ({_COLUMNS})",
)
_VALUES = (
    *(None, 0, 7, -1, 10, 256, 1 << 62, 1.5, 5.0, "", "7", "x", "\x00", "\ufffd", b"", b"\xff" * 784, b"\x00" * 784),
    *("0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "2026-01-01", "not a time", "é" * 784, "a" * 784),
    *('{"strokes": [[[0, 0], [5, 5]]]}', '{"strokes": [[[1e308, -1e308]]]}', '{"strokes": 5}', "[" * 5000, b"{}"),
)


def _prepare(draw: Random, folder: Path) -> Path:
    os.environ["XDG_DATA_HOME"] = str(folder)
    path = folder / "digitpad" / _NAME
    path.parent.mkdir()
    prepare_database(draw, path)
    return path


def prepare_database(draw: Random, path: Path) -> None:
    """Make a damaged or hostile database, or something else at its path."""
    draw.choice(_KINDS)(draw, path)


def _use(path: Path) -> None:
    """Use it as the program does: read as a data set, open, list, add, change."""
    from digitpad.core.errors import DigitpadError
    from digitpad.core.my_digits.dataset import content_stamp, count_digits, open_my_digits
    from digitpad.core.my_digits.store import MyDigits

    content_stamp()
    for part in ("train", "test"):
        with suppress(DigitpadError), open_my_digits(part) as kept:
            count_digits(part)
            images, labels = kept.read()
            assert images.shape == (len(labels), 28, 28) and (labels < 10).all()  # noqa: PT018
    has_log = any(Path(f"{path}{end}").exists() for end in ("-wal", "-journal"))
    before = _digest(path)
    with MyDigits.open() as mine:
        if mine.problem:
            (aside,) = (p for p in path.parent.glob("*.damaged-*") if p.suffix == path.suffix)
            assert has_log or _digest(aside) == before, "what was set aside is another file"
        _used(mine)


def _used(mine: "MyDigits") -> None:
    from digitpad.core.errors import DigitpadError

    digits = mine.all()
    for digit in digits[:20]:
        _ = digit.created.astimezone().isoformat(), digit.digest, digit.part, f"{digit.model}"
        assert 0 <= digit.label <= 9, "no digit"
        with suppress(DigitpadError):
            assert digit.drawing is not None
    _ = mine.counts(), mine.accuracies(), mine.count()
    with suppress(DigitpadError):
        mine.digits()
    kept = mine.add(_drawing(), 3, predicted=4, model="soak")
    assert mine.relabel(kept.id, 5)[0].label == 5
    assert mine.delete([kept.id]) == 1
    assert mine.restore([kept.id]) == 1
    assert [digit.id for digit in mine.all(limit=1)] == [kept.id], "what was kept is not there"
    mine.delete([kept.id])
    mine.purge()


@lru_cache
def _drawing() -> "Drawing":
    from digitpad.core.ink.drawing import Drawing
    from digitpad.core.ink.strokes import Ink

    return Drawing(ink=Ink.of([[[50, 50], [120, 200], [60, 210]]]))


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    except OSError:
        return ""


@lru_cache
def _seed() -> bytes:
    """Return a valid file with some digits, one of them deleted."""
    from digitpad.core.my_digits.store import MyDigits

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / _NAME
        with MyDigits.open(path) as mine:
            for label in range(7):
                mine.add(_drawing(), label, predicted=label or None, model="cnn" if label else "")
            mine.delete([2])
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("UPDATE drawings SET created = '2026-11-21T12:00:00.000000+00:00'")
            connection.execute("UPDATE drawings SET deleted = created WHERE deleted IS NOT NULL")
            connection.commit()
            connection.execute("VACUUM")
        return path.read_bytes()


def _flipped(draw: Random, path: Path) -> None:
    """Change bits or bytes in used parts of the file."""
    content = bytearray(_seed())
    used = [at for at, byte in enumerate(content) if byte]
    for _ in range(draw.choice((1, 1, 2, 4, 16))):
        at = draw.choice(used) if draw.random() < 0.9 else draw.randrange(len(content))
        content[at] = content[at] ^ (1 << draw.randrange(8)) if draw.random() < 0.6 else draw.randrange(256)
    path.write_bytes(content)


def _changed(draw: Random, path: Path) -> None:
    path.write_bytes(mutated([_seed()], draw))


def _with_other_rows(draw: Random, path: Path) -> None:
    """Write values of every kind into the rows, without the checks."""
    path.write_bytes(_seed())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for _ in range(draw.randint(1, 3)):
            column = draw.choice(_COLUMNS.split(", "))
            value = nasty_text(draw) if draw.random() < 0.2 else draw.choice(_VALUES)
            with suppress(sqlite3.Error, UnicodeEncodeError):
                connection.execute(f"UPDATE drawings SET {column} = ? WHERE id = ?", (value, draw.randint(1, 7)))  # noqa: S608
        connection.commit()


def _with_huge_rows(draw: Random, path: Path) -> None:
    path.write_bytes(_seed())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        column, size = (
            draw.choice(("image", "strokes", "model", "created", "digest")),
            draw.choice((1 << 16, 1 << 20, 8 << 20)),
        )
        value = draw.choice((bytes(size), "a" * size, "[" * size))
        connection.execute(f"UPDATE drawings SET {column} = ? WHERE id = ?", (value, draw.randint(1, 7)))  # noqa: S608
        connection.commit()


def _with_other_schema(draw: Random, path: Path) -> None:
    path.write_bytes(_seed())
    with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.Error):
        if draw.random() < 0.2:
            connection.execute(f"PRAGMA user_version = {draw.choice((0, 2, 1000, -1, 2147483647))}")
        else:
            connection.execute("PRAGMA writable_schema = ON")
            connection.executescript(draw.choice(_SCHEMAS))
        connection.commit()


def _with_rubbish_beside(draw: Random, path: Path) -> None:
    """Add an empty write-ahead log, or that of another file."""
    path.write_bytes(_seed() if draw.random() < 0.8 else mutated([_seed()], draw))
    for end in ("-wal", "-shm", "-journal"):
        if draw.random() < 0.5:
            place = Path(f"{path}{end}")
            content = draw.choice(
                (b"", draw.randbytes(5000), _seed(), _log()[draw.randrange(2)], b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
            )
            place.write_bytes(mutated([content], draw) if content and draw.random() < 0.5 else content)


@lru_cache
def _log() -> tuple[bytes, bytes]:
    """Return a log with changes that are not in the file yet, and its index."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / _NAME
        path.write_bytes(_seed())
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("UPDATE drawings SET label = 9")
            connection.commit()
            return Path(f"{path}-wal").read_bytes(), Path(f"{path}-shm").read_bytes()


def _of_another_kind(draw: Random, path: Path) -> None:
    kind = draw.randrange(7)
    if kind == 0:
        path.mkdir()
    elif kind == 1:
        os.mkfifo(path)
    elif kind == 2:
        path.symlink_to(draw.choice(("/dev/zero", "/dev/null", path.name, "/proc/self/mem", "/", "/etc/passwd")))
    elif kind == 3:
        path.write_bytes(
            draw.choice((b"", b"x", b"\x00" * 511, b"SQLite format 3\x00", b"\x00" * 4096, draw.randbytes(5000)))
        )
    elif kind == 4:
        path.write_bytes(_seed()[: draw.randrange(len(_seed()))])
    elif kind == 5:
        path.write_bytes(_seed())
        Path(f"{path}{draw.choice(('-wal', '-shm', '-journal'))}").mkdir()
    else:
        path.write_bytes(_seed())
        (path.parent / f".{_NAME}.lock").symlink_to(draw.choice(("/etc/passwd", "/dev/null", "nowhere", path.name)))


def _warm() -> None:
    """Use a valid file once, to import all libraries."""
    from digitpad.core.ink.drawing import enlarge_digit_image

    enlarge_digit_image(np.eye(28, dtype=np.float32))
    _log()
    before = os.environ.get("XDG_DATA_HOME")
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_DATA_HOME"] = place
        path = Path(place) / "digitpad" / _NAME
        path.parent.mkdir()
        path.write_bytes(_seed())
        _use(path)
    if before is not None:
        os.environ["XDG_DATA_HOME"] = before


_KINDS = (
    *(_flipped, _flipped, _flipped, _changed, _with_other_rows, _with_other_rows, _with_other_schema),
    *(_with_rubbish_beside, _of_another_kind),
)
DATABASE = Target("the database of My digits", _prepare, _use, warm=_warm, may_write=True)


def _huge(draw: Random, folder: Path) -> Path:
    os.environ["XDG_DATA_HOME"] = str(folder)
    path = folder / "digitpad" / _NAME
    path.parent.mkdir()
    _with_huge_rows(draw, path)
    return path


HUGE_ROWS = Target("the database with rows of megabytes", _huge, _use, warm=_warm, may_write=True)
