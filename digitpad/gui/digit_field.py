"""A choice of any digit, or of one of the ten."""

from PySide6.QtWidgets import QWidget

from digitpad.core.specs import CLASSES
from digitpad.gui.combo_field import ComboField

_ANY = "any"


class DigitField(ComboField):
    """Names what the digit is of before each choice; can show that several were chosen elsewhere."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItem(f"{name}: {self.tr('any')}", _ANY)
        for digit in range(CLASSES):
            self.addItem(f"{name}: {digit}", str(digit))
        self.setPlaceholderText(f"{name}: {self.tr('several')}")
        self.setMinimumContentsLength(4)

    @property
    def digit(self) -> int | None:
        """The chosen digit."""
        key = self.currentData()
        return int(key) if key not in (None, _ANY) else None

    def show_digit(self, digit: int | None) -> None:
        """Show a digit, or any."""
        self.setCurrentIndex(0 if digit is None else digit + 1)

    def show_several(self) -> None:
        """Show that more than one was chosen."""
        self.setCurrentIndex(-1)
