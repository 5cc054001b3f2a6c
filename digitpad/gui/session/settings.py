"""What is remembered from one start to the next."""

from PySide6.QtCore import QByteArray, QDir, QSettings

from digitpad.core.recognition.digit_detector import THRESHOLD
from digitpad.gui.theme.theme import Appearance

DEFAULT_MODEL = "cnn"


class Settings:
    """The user's choices, in the place where the system keeps such things."""

    def __init__(self) -> None:
        self._store = QSettings("digitpad", "digitpad")

    @property
    def model(self) -> str:
        """Name or path of the chosen model."""
        return str(self._store.value("model", DEFAULT_MODEL))

    @model.setter
    def model(self, name: str) -> None:
        self._store.setValue("model", name)

    @property
    def is_comparing(self) -> bool:
        """Whether several models answer side by side."""
        return self._flag("compare", default=False)

    @is_comparing.setter
    def is_comparing(self, value: bool) -> None:
        self._store.setValue("compare", value)

    @property
    def reads_numbers(self) -> bool:
        """Whether a drawing is read as a whole number."""
        return self._flag("number", default=False)

    @reads_numbers.setter
    def reads_numbers(self, value: bool) -> None:
        self._store.setValue("number", value)

    @property
    def shows_steps(self) -> bool:
        """Whether the steps from drawing to digit image are shown."""
        return self._flag("steps", default=True)

    @shows_steps.setter
    def shows_steps(self, value: bool) -> None:
        self._store.setValue("steps", value)

    @property
    def threshold(self) -> float:
        """The least digit score that is not refused, in [0, 1]."""
        try:
            value = float(str(self._store.value("threshold", THRESHOLD)))
        except ValueError:
            return THRESHOLD
        return value if 0 <= value <= 1 else THRESHOLD

    @threshold.setter
    def threshold(self, value: float) -> None:
        self._store.setValue("threshold", value)

    @property
    def appearance(self) -> Appearance:
        """Light, dark, or as the system."""
        value = str(self._store.value("appearance", Appearance.SYSTEM.value))
        return Appearance(value) if value in set(Appearance) else Appearance.SYSTEM

    @appearance.setter
    def appearance(self, value: Appearance) -> None:
        self._store.setValue("appearance", value.value)

    @property
    def folder(self) -> str:
        """The folder a file was last opened from or saved to."""
        return str(self._store.value("folder", QDir.homePath()))

    @folder.setter
    def folder(self, value: str) -> None:
        self._store.setValue("folder", value)

    @property
    def thumbnail_side(self) -> int:
        """Size of the images in the Mistakes tab, px; 0 where none was chosen."""
        text = str(self._store.value("thumbnails", "0"))
        # More figures Python refuses to read.
        return min(int(text), 512) if text.isdecimal() and len(text) < 10 else 0

    @thumbnail_side.setter
    def thumbnail_side(self, value: int) -> None:
        self._store.setValue("thumbnails", value)

    @property
    def geometry(self) -> QByteArray:
        """The window's size and place; empty at the first start."""
        value = self._store.value("geometry")
        return value if isinstance(value, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("geometry", value)

    def problem(self) -> str | None:
        """Return what is lost, or why nothing can be kept, as a sentence; None where all is well."""
        self._store.allKeys()  # for Qt reads no section before it is asked for
        self._store.sync()
        if self._store.isWritable() and self._store.status() == QSettings.Status.NoError:
            return None
        if self._store.status() == QSettings.Status.FormatError:
            return f"{self._store.fileName()} was damaged, and some of your choices are lost: make them again"
        return (
            f"{self._store.fileName()} cannot be written, so your choices last until you close the window: "
            "check the folder's permissions"
        )

    def _flag(self, key: str, *, default: bool) -> bool:
        # An INI file holds "true" and "false" as text.
        return str(self._store.value(key, default)).lower() == "true"
