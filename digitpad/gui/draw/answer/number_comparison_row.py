"""A model's answer to a number in one line of the comparison."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QWidget

from digitpad.core.recognition.number import Reading
from digitpad.gui.draw.answer.number_label import NumberLabel
from digitpad.gui.draw.answer.number_text import NumberText, number_text

_LARGEST = 56


class NumberComparisonRow(QFrame):
    """The model's name, its number, and how sure it is of the digit that it is least sure of."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._share, self._verdict = QLabel(name), QLabel(), QLabel()
        self._number = NumberLabel(_LARGEST)
        self.setProperty("role", "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        for label, role in ((self._name, "name"), (self._share, "confidence-small"), (self._verdict, "caption")):
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self._name, self._verdict):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._number.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._share.setMinimumWidth(self._share.fontMetrics().horizontalAdvance("100.0 %"))
        self._name.setToolTip(name)

        layout = QGridLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setHorizontalSpacing(12)
        layout.setVerticalSpacing(0)
        layout.addWidget(self._name, 0, 0)
        layout.addWidget(self._verdict, 0, 1, 1, 2)
        layout.addWidget(self._number, 1, 0, 1, 2)
        layout.addWidget(self._share, 1, 2)
        layout.setColumnStretch(0, 2)
        layout.setColumnStretch(1, 3)
        layout.setRowStretch(1, 1)

    @property
    def answer(self) -> str:
        """The number; see `NumberAnswer`."""
        return self._number.text

    @property
    def description(self) -> str:
        """What is said of it, its share first."""
        return f"{self._share.text()} {self._verdict.text()}".strip()

    def show_reading(self, reading: Reading) -> None:
        """Show what was read."""
        said = number_text(reading, self.tr)
        # There is no room for advice here.
        self._set_text(NumberText(said.number, "", said.share, is_sure=False) if reading.is_refused else said)

    def show_nothing(self, reason: str) -> None:
        """Take the number back; say why, where that is only so for this model."""
        self._set_text(NumberText("", "", reason, is_sure=True))

    def _set_text(self, said: NumberText) -> None:
        self._number.show_number(said.number, is_sure=said.is_sure)
        for label, text in ((self._share, said.share), (self._verdict, said.verdict)):
            if label.text() != text:
                label.setText(text)
        self._verdict.setToolTip(said.verdict)
