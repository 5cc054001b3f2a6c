"""The SQLite file of My digits: open it, migrate it, and rename it if it is damaged."""

import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from itertools import chain, count
from os.path import lexists
from pathlib import Path
from typing import Literal

from digitpad.core.errors import DigitpadError, write_error
from digitpad.core.files.locks import exclusive_lock
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.translation import tr

_WAIT = 10.0  # seconds; another window holds the file for some milliseconds
# Migration i converts a file from version i to i + 1 in one transaction. Never change a released one.
# Columns used for counting and sorting come before the image and the strokes, so that SQLite need not read those.
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
# Rows damaged by a failing disk: SQLite's integrity check knows no types, and a read-only one tests no CHECK.
_INVALID_ROW = """SELECT 1 FROM drawings WHERE typeof(label) != 'integer' OR label NOT BETWEEN 0 AND 9
    OR typeof(predicted) NOT IN ('integer', 'null') OR predicted NOT BETWEEN 0 AND 9
    OR typeof(image) != 'blob' OR length(image) != 784 OR typeof(strokes) NOT IN ('text', 'null')
    OR typeof(deleted) NOT IN ('text', 'null') OR typeof(model) != 'text' OR typeof(created) != 'text'
    OR typeof(digest) != 'text' LIMIT 1"""
# The statement ANALYZE creates it.
_HARMLESS = {("table", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)")}
# SQLITE_ERROR: the tables are not the expected ones.
# SQLITE_INTERRUPT: see `check_content`.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_INTERRUPT)
_MIN_SIZE = 512  # bytes: SQLite's smallest page
_COMPANIONS = ("-wal", "-shm", "-journal")
# Steps of SQLite that a check may take: integrity checks of real files take less than one step a byte.
_STEPS_AT_ONCE, _MIN_STEPS = 100_000, 20
_State = Literal["valid", "indices", "damaged"]  # "indices": only these are damaged; REINDEX repairs them


def open_database(path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> tuple[sqlite3.Connection, str]:
    """Open the file or create it; every commit is synced to the disk. Only the user may read it.

    The file alone holds all committed digits: there is no write-ahead log. A file in which an older digitpad used one
    is converted, unless another window of that digitpad has it open; then the next opening converts it.

    Returns
    -------
    tuple
        The connection, for this thread and without implicit transactions; and a sentence if a damaged file was
        renamed and an empty one created, else "".

    Raises
    ------
    DigitpadError
        If it is from a newer digitpad, and then it is not changed, or cannot be opened or written.

    """
    # Without the lock, one of two windows could rename the new file of the other.
    with exclusive_lock(path, path.with_name(f".{path.name}.lock")):
        state = _state_of(path, migrations)
        problem = _rename_damaged(path) if state == "damaged" else ""
        make_private(path)
        with sqlite_errors(path):
            return _open_valid(path, migrations, reindex=state == "indices"), problem


def make_private(path: Path) -> None:
    """Create the file if it is missing, and let nobody else read it; SQLite gives its journal the same mode.

    Raise DigitpadError if it cannot be created.
    """
    try:
        # An existing file is not opened: closing it would end the locks of other connections of this process.
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            with suppress(OSError):  # it belongs to another user
                path.chmod(mode & 0o700)
    except FileNotFoundError:
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise write_error(path, error) from error
    except OSError as error:
        raise write_error(path, error) from error


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Convert SQLite's errors to a DigitpadError."""
    try:
        yield
    except sqlite3.Error as error:
        if not hasattr(error, "sqlite_errorcode"):  # a programming error
            raise
        raise _error_for(path, error) from error
    except UnicodeDecodeError:  # Python could not decode SQLite's message, which quotes the file's content
        cause = damage_error("undecodable names")
        raise _error_for(path, cause) from cause


def is_damage_error(error: DigitpadError) -> bool:
    """Return whether an error of `sqlite_errors` means that the file is damaged; `open_database` then renames it."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & 0xFF in _DAMAGED


def damage_error(message: str) -> sqlite3.DatabaseError:
    """Return an error as SQLite raises it for a damaged file; raise it inside `sqlite_errors`."""
    error = sqlite3.DatabaseError(message)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block in a transaction with a write lock; roll back if it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _error_for(path: Path, error: sqlite3.Error) -> DigitpadError:
    code = error.sqlite_errorcode & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return DigitpadError("{path} cannot be written (the disk is full): free some disk space", path=path)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return DigitpadError("{path} cannot be written: check its permissions", path=path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DigitpadError("{path} is in use by another window: try again", path=path)
    if code in _DAMAGED:
        return DigitpadError(
            "{path} is damaged: open the My digits tab, which renames it and creates an empty one", path=path
        )
    return DigitpadError("{path} cannot be used: check the disk and try again", path=path)


def connect(path: Path, mode: Literal["ro", "rw", "rwc"], *, is_immutable: bool = False) -> sqlite3.Connection:
    """Open the file without migration, for this thread and without implicit transactions.

    An immutable file is read alone, without locks; journals beside it are not used. Never open the file like that
    while this process uses it: closing it would end the locks of the other connections.
    """
    uri = f"{path.absolute().as_uri()}?mode={mode}{'&immutable=1' if is_immutable else ''}"
    connection = sqlite3.connect(uri, uri=True, timeout=_WAIT, isolation_level=None)
    connection.text_factory = _text
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for reading; everything that is read is of the same moment. Raises sqlite3.Error.

    Nothing is changed, except that the transaction of a writer that was killed is rolled back.
    """
    connection = connect(path, "ro")
    try:
        try:
            _begin_reading(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            connection.close()
            connection = connect(path, "rw")
            _begin_reading(connection)
        yield connection
    finally:
        connection.close()


def _begin_reading(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    connection.execute("PRAGMA user_version").fetchone()


def _state_of(path: Path, migrations: Sequence[Sequence[str]]) -> _State:
    """Check a file without changing it, except when SQLite must roll back an interrupted transaction first."""
    try:
        size = regular_file_size(path)
    except FileNotFoundError:
        return "valid"
    except OSError as error:
        raise write_error(path, error) from error
    if size < _MIN_SIZE:  # SQLite treats a file of one byte as empty and would overwrite it
        return "damaged" if size else "valid"
    try:
        with reading(path) as connection:
            return check_content(connection, path, migrations)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _DAMAGED:
            return "damaged"
        raise _error_for(path, error) from error
    except UnicodeDecodeError:  # see `sqlite_errors`
        return "damaged"


def check_content(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS
) -> _State:
    """Check the schema, the pages and the rows of a file that may be hostile, in a time bounded by its size.

    Raises DigitpadError if it is from a newer digitpad, and sqlite3.Error if it cannot be read.
    """
    steps = count()
    most = _MIN_STEPS + regular_file_size(path) // _STEPS_AT_ONCE
    # A page that is its own child several times would be read for ever.
    connection.set_progress_handler(lambda: next(steps) > most, _STEPS_AT_ONCE)
    try:
        version = schema_version(connection, path, len(migrations))
        # Check the schema first: a foreign view or trigger could run forever or use all memory.
        if not has_expected_schema(connection, version, migrations):
            return "damaged"
        is_intact = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
        if not is_intact and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            return "damaged"
        if version == len(migrations) and connection.execute(_INVALID_ROW).fetchone():
            return "damaged"
    finally:
        connection.set_progress_handler(None, 0)
    return "valid" if is_intact else "indices"


def has_expected_schema(
    connection: sqlite3.Connection, version: int, migrations: Sequence[Sequence[str]] = MIGRATIONS
) -> bool:
    """Return whether a file has exactly the tables and indices of its version; version 0 has none."""
    with closing(sqlite3.connect(":memory:")) as expected:
        for statement in chain.from_iterable(migrations[: max(0, version)]):
            expected.execute(statement)
        return _schema(connection) - _HARMLESS == _schema(expected)


def _schema(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Return type, name and SQL, with single spaces, of each item of a file's schema."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema")
    return {(str(kind), str(name), " ".join(str(sql).split())) for kind, name, sql in rows}


def _rename_damaged(path: Path) -> str:
    """Rename a damaged file and its companions; return a sentence for the user."""
    # The words allow a line break in the sentence: text is not broken at a hyphen before a number.
    stamp = datetime.now().astimezone().strftime("on-%Y%m%d-at-%H%M%S")
    names = (f"{path.stem}.damaged-{stamp}{'' if n == 1 else f'-{n}'}{path.suffix}" for n in count(1))
    target = next(
        new for new in map(path.with_name, names) if not any(lexists(f"{new}{end}") for end in ("", *_COMPANIONS))
    )
    try:
        # The file itself is the last: SQLite would delete an old log beside a new file.
        for end in (*_COMPANIONS, ""):
            if lexists(f"{path}{end}"):
                Path(f"{path}{end}").rename(f"{target}{end}")
    except OSError as error:
        raise write_error(path, error) from error
    return tr("{path} was damaged: it is now called {new_name}. Import your digits from an export.").format(
        path=path, new_name=target.name
    )


def _open_valid(path: Path, migrations: Sequence[Sequence[str]], *, reindex: bool) -> sqlite3.Connection:
    connection = connect(path, "rwc")
    try:
        _leave_log(connection)
        # EXTRA syncs the folder after the journal is deleted: a journal that comes back would undo the commit.
        connection.execute("PRAGMA synchronous = EXTRA")
        # Until the commit other windows can read, also during a large import.
        connection.execute("PRAGMA cache_spill = OFF")
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


def _leave_log(connection: sqlite3.Connection) -> None:
    """Write the log of an older digitpad into the file, which then needs no log any more."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * _WAIT)}")


def schema_version(connection: sqlite3.Connection, path: Path, newest: int = len(MIGRATIONS)) -> int:
    """Return the file's version, 0 if it is empty; raise DigitpadError if it is from a newer digitpad."""
    version = _version(connection)
    if version > newest:
        raise DigitpadError(
            "{path} is from a newer version of digitpad: update digitpad, or move the file away", path=path
        )
    return version


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _text(stored: bytes) -> str:
    """Decode a text that a failing disk may have changed."""
    return stored.decode(errors="replace")
