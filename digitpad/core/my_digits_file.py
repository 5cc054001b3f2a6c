"""The SQLite file of My digits: opened, brought up to date, and set aside where it is damaged."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import count
from os.path import lexists
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from digitpad.core.errors import DigitpadError
from digitpad.core.saving import cannot_write

_WAIT = 10.0  # seconds; another window holds the file for some milliseconds
# Each brings a file from the version of its index to the next, in one transaction. What is released stays as it is.
# What is counted and listed by stands before the image and the strokes, so that those need not be read for it.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE drawings (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            deleted TEXT,
            label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 9),
            predicted INTEGER CHECK (predicted BETWEEN 0 AND 9),
            model TEXT NOT NULL DEFAULT '',
            created TEXT NOT NULL,
            digest TEXT NOT NULL,
            image BLOB NOT NULL CHECK (length(image) = 784),
            strokes TEXT
        )""",
        "CREATE INDEX drawings_by_label ON drawings (label) WHERE deleted IS NULL",
        "CREATE INDEX drawings_by_digest ON drawings (digest, label) WHERE deleted IS NULL",
        "CREATE INDEX drawings_by_model ON drawings (model, predicted, label) WHERE deleted IS NULL",
    ),
)
_COLUMNS = "SELECT id, deleted, label, predicted, model, created, digest, image, strokes FROM drawings LIMIT 0"
# SQLITE_ERROR: the tables are not those they should be.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_SMALLEST = 512  # bytes: SQLite's smallest page
_BESIDE = ("-wal", "-shm", "-journal")


def open_database(path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> tuple[sqlite3.Connection, str]:
    """Open the file, or begin one; every commit is on the disk when it returns.

    Returns
    -------
    tuple
        The connection, without transactions of its own, for this thread; and a sentence where a damaged file was
        set aside and an empty one begun, else "".

    Raises
    ------
    DigitpadError
        Where it is of a newer digitpad, and is not touched then, or cannot be opened or written.

    """
    with _alone(path):
        problem = _set_aside(path) if _is_damaged(path, migrations) else ""
        with told(path):
            return _begun(path, migrations), problem


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Say what SQLite says as a sentence for the user."""
    try:
        yield
    except sqlite3.Error as error:
        if not hasattr(error, "sqlite_errorcode"):  # wrong use, not a file's fault
            raise
        raise DigitpadError(_sentence(path, error)) from error


def is_damage(error: DigitpadError) -> bool:
    """Tell whether a sentence of `told` says that the file is damaged: opened anew it is set aside."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & 0xFF in _DAMAGED


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Change all or nothing, while no other window does."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _sentence(path: Path, error: sqlite3.Error) -> str:
    code = error.sqlite_errorcode & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return f"{path} cannot be written (the disk is full): make room on the disk"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return f"{path} cannot be written ({error}): check its permissions"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{path} is being written by another window for too long: try again"
    if code in _DAMAGED:
        return f"{path} is damaged ({error}): open the My digits tab, which sets it aside and begins an empty one"
    return f"{path} cannot be used ({error}): check the disk, and try again"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other windows from opening: of two that find a damaged file one would set aside the other's new one."""
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=_WAIT)
    except Timeout as error:
        raise DigitpadError(f"{path} is being opened by another window for too long: try again") from error
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        yield
    finally:
        lock.release()


def connected(path: Path, mode: Literal["ro", "rw", "rwc"]) -> sqlite3.Connection:
    """Open the file as it is, for this thread; without transactions of its own."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=_WAIT, isolation_level=None)


def _is_damaged(path: Path, migrations: Sequence[Sequence[str]]) -> bool:
    """Look at a file without changing a byte of it, unless a beginning that was broken off must be undone first."""
    if not path.is_file() or not (size := path.stat().st_size):
        return False
    if size < _SMALLEST:  # SQLite takes a single byte for an empty file, and would write over it
        return True
    try:
        try:
            return not _is_sound(path, "ro", len(migrations))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            return not _is_sound(path, "rw", len(migrations))
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _DAMAGED:
            return True
        raise DigitpadError(_sentence(path, error)) from error


def _is_sound(path: Path, mode: Literal["ro", "rw"], newest: int) -> bool:
    with closing(connected(path, mode)) as connection:
        version = version_of(connection, path, newest)
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            return False
        if version == newest:
            connection.execute(_COLUMNS)
        # A file without a version has nothing in it yet; another program's is not to be written to.
        return version > 0 or not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]


def _set_aside(path: Path) -> str:
    """Rename a damaged file and what belongs to it; return what the user is told."""
    # With words between, where a line can be broken: a hyphen before a figure is no such place.
    stamp = datetime.now().astimezone().strftime("on-%Y%m%d-at-%H%M%S")
    names = (f"{path.stem}.damaged-{stamp}{'' if n == 1 else f'-{n}'}{path.suffix}" for n in count(1))
    kept = next(
        kept for kept in map(path.with_name, names) if not any(lexists(f"{kept}{end}") for end in ("", *_BESIDE))
    )
    try:
        # The file itself goes last: beside a new one SQLite would delete an old log.
        for end in (*_BESIDE, ""):
            if lexists(f"{path}{end}"):
                Path(f"{path}{end}").rename(f"{kept}{end}")
    except OSError as error:
        raise cannot_write(path, error) from error
    return (
        f"{path} was damaged and is kept as {kept.name}, and an empty one was begun: import your digits from an export"
    )


def _begun(path: Path, migrations: Sequence[Sequence[str]]) -> sqlite3.Connection:
    connection = connected(path, "rwc")
    try:
        connection.text_factory = _text
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        for version in range(_version(connection), len(migrations)):
            with writing(connection):
                for statement in migrations[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
    except BaseException:
        connection.close()
        raise
    return connection


def version_of(connection: sqlite3.Connection, path: Path, newest: int = len(MIGRATIONS)) -> int:
    """Return the file's version, 0 where nothing is in it yet; raise where it is of a newer digitpad."""
    version = _version(connection)
    if version > newest:
        raise DigitpadError(f"{path} is of a newer version of digitpad: update digitpad, or move the file away")
    return version


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _text(stored: bytes) -> str:
    """Read a text that a failing disk may have changed."""
    return stored.decode(errors="replace")
