"""My digits as a data set: their file is read as it is at that moment, and never written."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_folder
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.digits import CLASSES
from digitpad.core.images.idx_sets import Part
from digitpad.core.ink.mnist_geometry import SIZE
from digitpad.core.my_digits.database import connect, damage_error, has_expected_schema, schema_version, sqlite_errors

KEY = "my-digits"
FILE = "my-digits.sqlite3"
# Of the user's digits one in so many is held out, to tell what training on the others brought.
_HELD_OUT = 5
_NONE = "My digits holds none yet: draw some and say what they are"
_NONE_OF: dict[Part, str] = {
    "train": "My digits holds none to learn from yet: draw some more and say what they are",
    "test": "My digits holds none to test on yet, for one in five is held out: draw some more and say what they are",
}

_OTHER_PART: dict[Part, str] = {
    "train": "or take those that are held out (--part test)",
    "test": "or take those to learn from (--part train)",
}

_State = tuple[tuple[int, ...], ...]
# The digits of the file that was counted last, and its state then: the window asks whenever a tab is shown.
_known_counts: dict[Path, tuple[_State, tuple[int, frozenset[Part]]]] = {}


def part_of(number: int) -> Part:
    """Return the part of a digit by its id, by chance but always the same: one in five is for testing."""
    hashed = int.from_bytes(sha256(str(number).encode()).digest()[:4])
    return "test" if hashed % _HELD_OUT == 0 else "train"


def database_path() -> Path:
    """Return where the user's digits are; it need not exist yet."""
    return user_folder() / FILE


def count_digits(part: Part | None = None) -> int:
    """Return how many digits the user has, with `part` after seeing that it is not empty. No image is read.

    Raises
    ------
    DigitpadError
        Where there are none, or the file cannot be read.

    """
    count, parts = _counts()
    if not count:
        raise DigitpadError(_NONE)
    if part is not None and part not in parts:
        raise DigitpadError(_NONE_OF[part])
    return count


def _counts() -> tuple[int, frozenset[Part]]:
    """Return how many digits there are, and which parts are not empty; a file that is as it was is not read again."""
    path = database_path()
    state = _state_of(path)  # before it is read: what is changed meanwhile is read the next time
    known = _known_counts.get(path)
    if known is None or known[0] != state:
        with _reading() as connection:
            numbers = [row[0] for row in connection.execute("SELECT id FROM drawings WHERE deleted IS NULL")]
        parts = frozenset[Part]([part_of(number) for number in numbers])
        known = state, (len(numbers), parts)
        _known_counts.clear()
        _known_counts[path] = known
    return known[1]


def _state_of(path: Path) -> _State:
    """Return what changes with every change of the file, which may be in its log still."""
    found = []
    for file in (path, path.with_name(f"{path.name}-wal")):
        try:
            status = file.stat()
        except OSError:
            found.append(())
        else:
            found.append((status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(found)


def content_stamp() -> str:
    """Return what is another text as soon as a digit or a label is another; "" where there are none to be read."""
    try:
        with _reading() as connection:
            return _stamp(connection)
    except DigitpadError:
        return ""


@contextmanager
def open_my_digits(part: Part) -> Iterator["StoredPart"]:
    """Open one part of the user's digits as they are now, whatever is changed meanwhile.

    Raises
    ------
    DigitpadError
        Where it holds none, or the file cannot be read.

    """
    with _reading() as connection:
        yield StoredPart(connection, part)


class StoredPart:
    """One part of My digits, at one moment.

    Attributes
    ----------
    stamp
        A text that no other content has.

    """

    def __init__(self, connection: sqlite3.Connection, part: Part) -> None:
        self._connection = connection
        self._part: Part = part
        self.stamp = _stamp(connection)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Return images (n, 28, 28) uint8, 0 background, 255 ink, and labels (n,) uint8; raise where there are none."""
        images, labels = read_samples(self._connection, self._part)
        if not len(labels):
            has_others = len(read_samples(self._connection, None)[1]) > 0
            raise DigitpadError(f"{_NONE_OF[self._part]}, {_OTHER_PART[self._part]}" if has_others else _NONE)
        return images, labels


def read_samples(connection: sqlite3.Connection, part: Part | None) -> tuple[np.ndarray, np.ndarray]:
    """Return images (n, 28, 28) uint8 and labels (n,) uint8 of one part or of all, oldest first."""
    query = "SELECT id, label, image FROM drawings WHERE deleted IS NULL ORDER BY id"
    rows = [row for row in connection.execute(query) if part in (None, part_of(row[0]))]
    if not all(type(label) is int and 0 <= label < CLASSES and _is_image(image) for _, label, image in rows):
        raise damage_error("a row is not as it was written")
    images = np.frombuffer(bytearray().join(row[2] for row in rows), np.uint8).reshape(-1, SIZE, SIZE)
    return images, np.array([row[1] for row in rows], np.uint8)


def _is_image(stored: object) -> bool:
    return isinstance(stored, bytes) and len(stored) == SIZE * SIZE


@contextmanager
def _reading() -> Iterator[sqlite3.Connection]:
    path = database_path()
    try:
        size = regular_file_size(path)
    except OSError:
        size = 0
    if not size:
        raise DigitpadError(_NONE)
    with sqlite_errors(path), closing(connect(path, "ro")) as connection:
        connection.execute("BEGIN")  # all that is read is of one moment
        version = schema_version(connection, path)
        if not has_expected_schema(connection, version):
            raise damage_error("there is more in it than digitpad's tables, or less")
        if not version:
            raise DigitpadError(_NONE)
        yield connection


def _stamp(connection: sqlite3.Connection) -> str:
    # The digest is the image's, so this needs none of them; a digit's image never changes.
    query = "SELECT id, label, digest FROM drawings WHERE deleted IS NULL ORDER BY id"
    hashed = sha256()
    for row in connection.execute(query):
        hashed.update(repr(tuple(row)).encode())
    return hashed.hexdigest()
