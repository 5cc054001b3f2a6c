"""The lessons: those that come with the program, and the user's TOML files."""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import ASSETS, user_lessons
from digitpad.core.files.toml_files import SUFFIX, read_toml
from digitpad.core.lessons.lesson import Lesson, parse_lesson
from digitpad.core.translation import tr


@dataclass(frozen=True, slots=True)
class LessonEntry:
    """A file of a lesson.

    Attributes
    ----------
    title
        Its title; the name of the file if it cannot be read, and opening it says why.
    to_do
        The steps, from 0, in which something has to be done.

    """

    path: Path
    title: str
    is_shipped: bool
    to_do: frozenset[int] = frozenset()

    def is_finished(self, done: Collection[int]) -> bool:
        """Return whether all that has to be done is done, by the numbers of the steps."""
        return bool(self.to_do) and self.to_do.issubset(done)

    @property
    def key(self) -> str:
        """A name under which progress is kept."""
        return key_of(self.path)


def list_lessons() -> list[LessonEntry]:
    """Return the shipped lessons in the order to take them, then the user's by file name."""
    folders = ((ASSETS / "lessons", True), (user_lessons(), False))
    return [_entry(path, is_shipped=shipped) for folder, shipped in folders for path in _files(folder)]


def read_lesson(path: Path) -> Lesson:
    """Read a lesson; raise DigitpadError, a sentence with the file and the key, if it is not a lesson."""
    return parse_lesson(read_toml(path), str(path))


def key_of(path: Path) -> str:
    """Return the name under which the progress of a lesson's file is kept."""
    if path.parent == ASSETS / "lessons":
        return path.stem
    return sha256(str(path.absolute()).encode(errors="replace")).hexdigest()[:16]


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob(f"*{SUFFIX}"))
    except OSError:
        return []


def _entry(path: Path, *, is_shipped: bool) -> LessonEntry:
    try:
        lesson = read_lesson(path)
    except DigitpadError:
        return LessonEntry(path, path.name, is_shipped)
    to_do = (number for number, step in enumerate(lesson.steps) if step.done is not None)
    return LessonEntry(path, tr(lesson.title), is_shipped, frozenset(to_do))
