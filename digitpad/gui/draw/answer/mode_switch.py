"""The switch between one digit and a whole number."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget


class ModeSwitch(QWidget):
    """Reports which of the two is wanted."""

    number_requested = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.one_digit, self.number = QToolButton(), QToolButton()
        self.one_digit.setToolTip(self.tr("All that is on the pad is one digit (N)"))
        self.number.setToolTip(self.tr("Read what is on the pad as a number, from left to right (N)"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for button, text, edge in (
            (self.one_digit, self.tr("One digit"), "left"),
            (self.number, self.tr("Number"), "right"),
        ):
            button.setText(text)
            button.setProperty("role", "segment")
            button.setProperty("edge", edge)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the pad
            self._group.addButton(button)
            layout.addWidget(button)
        self.one_digit.setChecked(True)

        self._group.buttonClicked.connect(self._on_clicked)

    def show_choice(self, *, is_number: bool) -> None:
        """Mark one of the two without asking for anything."""
        (self.number if is_number else self.one_digit).setChecked(True)

    @Slot()
    def _on_clicked(self) -> None:
        self.number_requested.emit(self.number.isChecked())
