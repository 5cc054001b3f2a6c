"""A model's answer to a number, as one row of the comparison."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QWidget

from digitpad.core.recognition.prediction import WIDEST_PROBABILITY
from digitpad.core.recognition.reading import Reading
from digitpad.gui.draw.answer.digit_answer import spoken_text
from digitpad.gui.draw.answer.number_label import NumberLabel
from digitpad.gui.draw.answer.number_text import NumberText, number_text
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.elided_label import ElidedLabel

_LARGEST = 56


class NumberComparisonRow(QFrame):
    """The model's name, its number, and the confidence of its least sure digit."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._share, self._verdict = ElidedLabel(name), QLabel(), ElidedLabel()
        self._number = NumberLabel(_LARGEST)
        self.setProperty("role", "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        for label, role in ((self._name, "name"), (self._share, "confidence-small"), (self._verdict, "caption")):
            label.setProperty("role", role)
        for label in (self._name, self._verdict):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._number.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._share.setMinimumWidth(self._share.fontMetrics().horizontalAdvance(WIDEST_PROBABILITY))

        layout = QGridLayout(self)
        layout.setContentsMargins(px(12), px(6), px(12), px(6))
        layout.setHorizontalSpacing(px(12))
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
        """The number, as in `NumberAnswer`."""
        return self._number.text

    def show_reading(self, reading: Reading) -> None:
        """Show a reading."""
        self._set_text(number_text(reading))

    def show_nothing(self, reason: str) -> None:
        """Show no number, and the reason."""
        self._set_text(NumberText("", "", reason, is_sure=True))

    def _set_text(self, text: NumberText) -> None:
        self._number.show_number(text.number, is_sure=text.is_sure)
        for label, new in ((self._share, text.share), (self._verdict, text.verdict)):
            if label.text() != new:
                label.setText(new)
        self.setAccessibleName(spoken_text(self._name.text(), *text.number.split("\n"), text.share, text.verdict))
