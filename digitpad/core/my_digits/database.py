"""The SQLite file of My digits: opened, brought up to date, and set aside where it is damaged."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import chain, count
from os.path import lexists
from pathlib import Path
from typing import Literal

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_error
from digitpad.core.files.locks import exclusive_lock
from digitpad.core.files.size_check import regular_file_size

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
# What a failing disk makes of a row: SQLite's own check knows no types, and tests no CHECK where it may not write.
_ODD = """SELECT 1 FROM drawings WHERE typeof(label) != 'integer' OR label NOT BETWEEN 0 AND 9
    OR typeof(predicted) NOT IN ('integer', 'null') OR predicted NOT BETWEEN 0 AND 9
    OR typeof(image) != 'blob' OR length(image) != 784 OR typeof(strokes) NOT IN ('text', 'null')
    OR typeof(deleted) NOT IN ('text', 'null') OR typeof(model) != 'text' OR typeof(created) != 'text'
    OR typeof(digest) != 'text' LIMIT 1"""
# Made by SQLite itself where somebody has it gather figures.
_HARMLESS = {("table", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)")}
# SQLITE_ERROR: the tables are not those they should be.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_SMALLEST = 512  # bytes: SQLite's smallest page
_BESIDE = ("-wal", "-shm", "-journal")
_State = Literal["sound", "indices", "damaged"]  # "indices": these alone are damaged, and can be made anew


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
    # Of two windows that find a damaged file one would set aside the other's new one.
    with exclusive_lock(path, path.with_name(f".{path.name}.lock")):
        state = _state_of(path, migrations)
        problem = _set_aside(path) if state == "damaged" else ""
        with sqlite_errors(path):
            return _begun(path, migrations, reindex=state == "indices"), problem


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Say what SQLite says as a sentence for the user."""
    try:
        yield
    except sqlite3.Error as error:
        if not hasattr(error, "sqlite_errorcode"):  # wrong use, not a file's fault
            raise
        raise DigitpadError(_sentence(path, error)) from error
    except UnicodeDecodeError:  # of SQLite's own message, which quotes what is in the file
        cause = damage_error("it has names that are no text")
        raise DigitpadError(_sentence(path, cause)) from cause


def is_damage_error(error: DigitpadError) -> bool:
    """Tell whether a sentence of `sqlite_errors` says that the file is damaged: opened anew it is set aside."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & 0xFF in _DAMAGED


def damage_error(what: str) -> sqlite3.DatabaseError:
    """Make the error that SQLite would raise, had it noticed what was read; `sqlite_errors` makes the sentence."""
    error = sqlite3.DatabaseError(what)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
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


def connect(path: Path, mode: Literal["ro", "rw", "rwc"]) -> sqlite3.Connection:
    """Open the file as it is, for this thread; without transactions of its own."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=_WAIT, isolation_level=None)
    connection.text_factory = _text
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _state_of(path: Path, migrations: Sequence[Sequence[str]]) -> _State:
    """Look at a file without changing a byte of it, unless a beginning that was broken off must be undone first."""
    try:
        size = regular_file_size(path)
    except FileNotFoundError:
        return "sound"
    except OSError as error:
        raise write_error(path, error) from error
    if size < _SMALLEST:  # SQLite takes a single byte for an empty file, and would write over it
        return "damaged" if size else "sound"
    try:
        try:
            return _looked_at(path, "ro", migrations)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            return _looked_at(path, "rw", migrations)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _DAMAGED:
            return "damaged"
        raise DigitpadError(_sentence(path, error)) from error
    except UnicodeDecodeError:  # see `sqlite_errors`
        return "damaged"


def _looked_at(path: Path, mode: Literal["ro", "rw"], migrations: Sequence[Sequence[str]]) -> _State:
    with closing(connect(path, mode)) as connection:
        version = schema_version(connection, path, len(migrations))
        # First of all: a view or a trigger of somebody else's may take for ever, or all memory.
        if not has_expected_schema(connection, version, migrations):
            return "damaged"
        is_whole = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
        if not is_whole and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            return "damaged"
        if version == len(migrations) and connection.execute(_ODD).fetchone():
            return "damaged"
        return "sound" if is_whole else "indices"


def has_expected_schema(
    connection: sqlite3.Connection, version: int, migrations: Sequence[Sequence[str]] = MIGRATIONS
) -> bool:
    """Tell whether a file has the tables and indices of its version, and nothing else; none at all for version 0."""
    with closing(sqlite3.connect(":memory:")) as wanted:
        for statement in chain.from_iterable(migrations[: max(0, version)]):
            wanted.execute(statement)
        return _things_in(connection) - _HARMLESS == _things_in(wanted)


def _things_in(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Return type, name and SQL of all that is in a file's schema, with single spaces."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema")
    return {(str(kind), str(name), " ".join(str(sql).split())) for kind, name, sql in rows}


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
        raise write_error(path, error) from error
    return (
        f"{path} was damaged and is kept as {kept.name}, and an empty one was begun: import your digits from an export"
    )


def _begun(path: Path, migrations: Sequence[Sequence[str]], *, reindex: bool) -> sqlite3.Connection:
    connection = connect(path, "rwc")
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if reindex:
            connection.execute("REINDEX")
        for version in range(_version(connection), len(migrations)):
            with transaction(connection):
                for statement in migrations[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
    except BaseException:
        connection.close()
        raise
    return connection


def schema_version(connection: sqlite3.Connection, path: Path, newest: int = len(MIGRATIONS)) -> int:
    """Return the file's version, 0 where nothing is in it yet; raise where it is of a newer digitpad."""
    version = _version(connection)
    if version > newest:
        raise DigitpadError(
            "{path} is of a newer version of digitpad: update digitpad, or move the file away", path=path
        )
    return version


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _text(stored: bytes) -> str:
    """Read a text that a failing disk may have changed."""
    return stored.decode(errors="replace")
