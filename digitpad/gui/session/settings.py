"""The user's settings, stored between sessions."""

import contextlib
from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from PySide6.QtCore import QByteArray, QDir, QSettings

from digitpad.core.detection.digit_detector import THRESHOLD
from digitpad.core.files.paths import make_folder, user_recipes
from digitpad.core.images.set_options import split_options
from digitpad.core.ink.drawing import PEN_SCALES
from digitpad.core.translation import tr
from digitpad.gui.theme.digit_colours import DigitColours
from digitpad.gui.theme.scaling import ZOOMS
from digitpad.gui.theme.theme import Appearance

DEFAULT_MODEL = "cnn"
WELCOME_CLOSED = "closed"
_BEFORE_LESSON, _CHANGED_BY_LESSONS = "before-lesson", ("model", "compare", "number", "steps", "inside", "break-it")
_RECENT_DATA, _MOST_RECENT = "recent-data", 5
T = TypeVar("T")


class _Setting(Generic[T]):
    """An attribute that is read from the settings file, and written to it.

    `read` converts the text in the file; if it raises ValueError, the setting has its default.
    """

    def __init__(self, key: str, default: T, read: Callable[[str], T]) -> None:
        self._key, self._default, self._read = key, default, read

    def __get__(self, settings: "Settings", owner: type) -> T:
        value = settings._store.value(self._key)  # noqa: SLF001 - part of Settings
        try:
            return self._default if value is None else self._read(str(value))
        except ValueError:
            return self._default

    def __set__(self, settings: "Settings", value: T) -> None:
        settings._store.setValue(self._key, value)  # noqa: SLF001


class _Geometry:
    """Size and position of a window; empty before it was closed for the first time."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __get__(self, settings: "Settings", owner: type) -> QByteArray:
        value = settings._store.value(self._key)  # noqa: SLF001 - part of Settings
        return value if isinstance(value, QByteArray) else QByteArray()

    def __set__(self, settings: "Settings", value: QByteArray) -> None:
        settings._store.setValue(self._key, value)  # noqa: SLF001


def _read_flag(text: str) -> bool:
    return text.lower() == "true"


def _read_threshold(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def _read_pen_scale(text: str) -> float:
    if float(text) not in PEN_SCALES:
        raise ValueError
    return float(text)


def _read_zoom(text: str) -> float:
    return min(max(float(text), ZOOMS[0]), ZOOMS[-1])


class Settings:
    """The user's choices, stored where the system keeps settings."""

    model = _Setting("model", DEFAULT_MODEL, str)  # name or path of the chosen model
    zoom = _Setting("zoom", 1.0, _read_zoom)  # the size of everything; 1 is the usual size
    is_comparing = _Setting("compare", default=False, read=_read_flag)  # whether several models answer side by side
    reads_numbers = _Setting("number", default=False, read=_read_flag)  # whether a drawing is a whole number
    shows_steps = _Setting("steps", default=True, read=_read_flag)  # from the drawing to the digit image
    shows_inside = _Setting("inside", default=False, read=_read_flag)  # the network on the pad
    shows_break_it = _Setting("break-it", default=False, read=_read_flag)  # distortions of the drawing
    starts_afresh = _Setting("start-afresh", default=True, read=_read_flag)  # the pad, after a drawing was kept
    threshold = _Setting("threshold", THRESHOLD, _read_threshold)  # lowest digit score that is accepted, in [0, 1]
    pen_scale = _Setting("pen-width", 1.0, _read_pen_scale)  # one of PEN_SCALES
    reduces_motion = _Setting[bool | None]("reduce-motion", None, _read_flag)  # None: as the system
    high_contrast = _Setting[bool | None]("high-contrast", None, _read_flag)  # None: as the system
    language = _Setting("language", "", str)  # such as "ko"; empty: as the system
    welcome_done = _Setting("welcome-done", "", str)  # the cards of the first start that were used, or WELCOME_CLOSED
    geometry, layers_geometry, guide_geometry = map(_Geometry, ("geometry", "layers-geometry", "guide-geometry"))
    # Size of the images in the Mistakes tab in px; 0 if the user has not chosen one.
    thumbnail_side = _Setting("thumbnails", 0, lambda text: max(0, min(int(text), 512)))

    def __init__(self) -> None:
        with contextlib.suppress(OSError):  # then the settings are not kept
            make_folder(user_recipes().parent)  # Qt would create it for all users
        self._store = QSettings("digitpad", "digitpad")
        self._recover_from_lesson()

    def begin_lesson(self) -> None:
        """Remember the choices that a lesson changes."""
        if not self._store.contains(_BEFORE_LESSON):
            known = {key: self._store.value(key) for key in _CHANGED_BY_LESSONS}
            self._store.setValue(_BEFORE_LESSON, {key: value for key, value in known.items() if value is not None})

    def end_lesson(self) -> None:
        """Forget what `begin_lesson` remembered: it has been restored."""
        self._store.remove(_BEFORE_LESSON)

    def _recover_from_lesson(self) -> None:
        """Restore what `begin_lesson` remembered, if the program ended during a lesson."""
        before = self._store.value(_BEFORE_LESSON)
        self.end_lesson()
        if isinstance(before, dict):
            for key in _CHANGED_BY_LESSONS:
                if key in before:
                    self._store.setValue(key, before[key])
                else:
                    self._store.remove(key)

    def lesson_progress(self, key: str) -> tuple[int, frozenset[int]]:
        """Return the step of a lesson that was shown last and the steps that are done, both from 0."""
        place, _, done = str(self._store.value(f"lessons/{key}", "")).partition(";")
        try:
            return max(0, int(place)), frozenset(int(part) for part in done.split(".") if part)
        except ValueError:
            return 0, frozenset()

    def set_lesson_progress(self, key: str, step: int, done: Collection[int]) -> None:
        """Remember the step of a lesson and the steps that are done, from 0."""
        self._store.setValue(f"lessons/{key}", f"{step};{'.'.join(map(str, sorted(done)))}")

    @property
    def recent_data(self) -> list[str]:
        """The user's own data that was used last, the newest first: paths with their options."""
        held = self._store.value(_RECENT_DATA) or []
        return [str(dataset) for dataset in (held if isinstance(held, list) else [held])][:_MOST_RECENT]

    def add_recent_data(self, dataset: str) -> None:
        """Remember data that is used; of the same with other options only these are kept."""
        path = split_options(dataset)[0]
        others = [known for known in self.recent_data if split_options(known)[0] != path]
        self._store.setValue(_RECENT_DATA, [dataset, *others][:_MOST_RECENT])

    @property
    def appearance(self) -> Appearance:
        """Light, dark, or as the system."""
        value = str(self._store.value("appearance", Appearance.SYSTEM.value))
        return Appearance(value) if value in set(Appearance) else Appearance.SYSTEM

    @appearance.setter
    def appearance(self, value: Appearance) -> None:
        self._store.setValue("appearance", value.value)

    @property
    def digit_colours(self) -> DigitColours:
        """The colours of ink and paper in pictures of digits."""
        value = str(self._store.value("digit-colours", DigitColours.THEME.value))
        return DigitColours(value) if value in set(DigitColours) else DigitColours.THEME

    @digit_colours.setter
    def digit_colours(self, value: DigitColours) -> None:
        self._store.setValue("digit-colours", value.value)

    @property
    def folder(self) -> str:
        """The folder that the user last opened a file from or saved one to."""
        return str(self._store.value("folder", QDir.homePath()))

    @folder.setter
    def folder(self, value: str) -> None:
        self._store.setValue("folder", value)

    def problem(self) -> str | None:
        """Return a sentence about settings that are lost or cannot be saved; None if all is well."""
        self._store.allKeys()  # Qt reads a section only when it is needed
        self._store.sync()
        if self._store.isWritable() and self._store.status() == QSettings.Status.NoError:
            return None
        if self._store.status() == QSettings.Status.FormatError:
            text = tr("{path} was damaged, and some of your settings are lost: choose them again")
        else:
            text = tr(
                "{path} cannot be written, so your settings last until you close the window: check its permissions"
            )
        return text.format(path=self._store.fileName())
