"""My digits as a data set: read-only access to the file in its current state."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_folder
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.digits import CLASSES
from digitpad.core.images.idx_sets import Part
from digitpad.core.ink.mnist_geometry import SIZE
from digitpad.core.my_digits.database import damage_error, has_expected_schema, reading, schema_version, sqlite_errors

KEY = "my-digits"
FILE = "my-digits.sqlite3"
# One digit in five is held out, to measure what training on the others brings.
_HELD_OUT = 5
_State = tuple[tuple[int, ...], ...]
# The counts of the last file and its state then: the window asks whenever a tab is shown.
_known_counts: dict[Path, tuple[_State, Counter[Part]]] = {}


def part_of(digit_id: int) -> Part:
    """Return the part of a digit from a hash of its id: one in five is for testing."""
    hashed = int.from_bytes(sha256(str(digit_id).encode()).digest()[:4])
    return "test" if hashed % _HELD_OUT == 0 else "train"


def database_path() -> Path:
    """Return the path of the database; it need not exist yet."""
    return user_folder() / FILE


def count_digits(part: Part | None = None) -> int:
    """Return how many digits the user has in total; with `part`, raise if that part is empty. Reads no image.

    Raise DigitpadError if there are none, or the file cannot be read.
    """
    counts = part_counts()
    if not counts:
        raise empty_error()
    if part is not None and part not in counts:
        raise empty_error(part)
    return counts.total()


def refresh_count() -> None:
    """Count the digits again: two changes within the precision of the disk's clock look like one."""
    _known_counts.clear()
    part_counts()


def empty_error(part: Part | None = None, hint: str = "") -> DigitpadError:
    """Return the error for My digits, or one part of it, without any digit."""
    if part is None:
        return DigitpadError("My digits is empty: draw some digits and label them")
    if part == "train":
        return DigitpadError("My digits has no digits for training yet: draw and label some more", hint=hint)
    return DigitpadError(
        "My digits has no digits for testing yet (one in five is held out): draw and label some more", hint=hint
    )


def part_counts() -> Counter[Part]:
    """Return the number of digits of each part that is not empty; an unchanged file is not read again.

    Raise DigitpadError if there are none, or the file cannot be read.
    """
    path = database_path()
    state = _state_of(path)  # before reading, so that a change in between is noticed the next time
    known = _known_counts.get(path)
    if known is None or known[0] != state:
        with _reading() as connection:
            ids = [row[0] for row in connection.execute("SELECT id FROM drawings WHERE deleted IS NULL")]
        known = state, Counter[Part](map(part_of, ids))
        _known_counts.clear()
        _known_counts[path] = known
    return known[1]


def _state_of(path: Path) -> _State:
    """Return a value that changes with every change of the file or of its log."""
    state = []
    for file in (path, path.with_name(f"{path.name}-wal")):
        try:
            status = file.stat()
        except OSError:
            state.append(())
        else:
            state.append((status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(state)


def content_stamp() -> str:
    """Return a hash of all digits and labels; "" if there are none or they cannot be read."""
    try:
        with _reading() as connection:
            return _stamp(connection)
    except DigitpadError:
        return ""


@contextmanager
def open_my_digits(part: Part) -> Iterator["StoredPart"]:
    """Open one part of the user's digits; later changes do not affect it.

    Raise DigitpadError if there are no digits, or the file cannot be read.
    """
    with _reading() as connection:
        yield StoredPart(connection, part)


class StoredPart:
    """A snapshot of one part of My digits; `stamp` is a hash of all of My digits."""

    def __init__(self, connection: sqlite3.Connection, part: Part) -> None:
        self._connection = connection
        self._part: Part = part
        self.stamp = _stamp(connection)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Return images (n, 28, 28) uint8, 0 background, 255 ink, and labels (n,) uint8; raise if there are none."""
        images, labels = read_samples(self._connection, self._part)
        if len(labels):
            return images, labels
        if not len(read_samples(self._connection, None)[1]):
            raise empty_error()
        raise empty_error(self._part, "--part test" if self._part == "train" else "--part train")


def read_samples(connection: sqlite3.Connection, part: Part | None) -> tuple[np.ndarray, np.ndarray]:
    """Return images (n, 28, 28) uint8 and labels (n,) uint8 of one part or all, oldest first."""
    query = "SELECT id, label, image FROM drawings WHERE deleted IS NULL ORDER BY id"
    rows = [row for row in connection.execute(query) if part in (None, part_of(row[0]))]
    if not all(type(label) is int and 0 <= label < CLASSES and _is_image(image) for _, label, image in rows):
        raise damage_error("invalid row")
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
        raise empty_error()
    with sqlite_errors(path), reading(path) as connection:
        version = schema_version(connection, path)
        if not has_expected_schema(connection, version):
            raise damage_error("unexpected schema")
        if not version:
            raise empty_error()
        yield connection


def _stamp(connection: sqlite3.Connection) -> str:
    # The digest identifies the image, which never changes, so no image is read.
    query = "SELECT id, label, digest FROM drawings WHERE deleted IS NULL ORDER BY id"
    hashed = sha256()
    for row in connection.execute(query):
        hashed.update(repr(tuple(row)).encode())
    return hashed.hexdigest()
