"""A model's answer to a number: the number in large type, how sure it is, and its digits."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from digitpad.core.recognition.number import Reading
from digitpad.gui.draw.answer.digit_card_strip import DigitCardStrip
from digitpad.gui.draw.answer.number_label import NumberLabel
from digitpad.gui.draw.answer.number_text import NumberText, number_text

_LARGEST = 96


class NumberAnswer(QFrame):
    """Shows a reading, or why there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = NumberLabel(_LARGEST)
        self._share, self._verdict, self._reason = QLabel(), QLabel(), QLabel()
        self.strip = DigitCardStrip()
        self._pages = QStackedLayout()
        self.setProperty("role", "card")
        for label, role in ((self._share, "confidence-small"), (self._verdict, "muted"), (self._reason, "muted")):
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(label is not self._share)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._verdict.setMinimumHeight(2 * self._verdict.fontMetrics().height())
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self._share)
        line.addWidget(self._verdict, 1)
        answer = QWidget()
        column = QVBoxLayout(answer)
        column.setContentsMargins(12, 4, 12, 4)
        column.setSpacing(4)
        column.addWidget(self._number)
        column.addLayout(line)
        column.addStretch()
        column.addWidget(self.strip)
        self._pages.addWidget(self._reason)
        self._pages.addWidget(answer)
        self.setLayout(self._pages)

    @property
    def answer(self) -> str:
        """The large text: the number, "?" where a digit is not known, nothing for an empty pad."""
        return self._number.text

    @property
    def description(self) -> str:
        """What is said beside it: the least sure digit's share, and what to make of it; or why there is no number."""
        if self._pages.currentIndex() == 0:
            return self._reason.text()
        return f"{self._share.text()} {self._verdict.text()}".strip()

    def show_reading(self, reading: Reading) -> None:
        """Show what was read."""
        self._set_text(number_text(reading, self.tr))
        self.strip.show_reading(reading)
        self._pages.setCurrentIndex(1)

    def show_nothing(self, reason: str) -> None:
        """Take the number back and say why."""
        self._set_text(NumberText("", "", "", is_sure=True))
        self.strip.show_reading(None)
        self._reason.setText(reason)
        self._pages.setCurrentIndex(0)

    def _set_text(self, said: NumberText) -> None:
        self._number.show_number(said.number, is_sure=said.is_sure)
        for label, text in ((self._share, said.share), (self._verdict, said.verdict)):
            if label.text() != text:
                label.setText(text)
        self._share.setVisible(bool(said.share))
        self.setAccessibleName(self.tr("Answer {}, {} {}").format(said.number, said.share, said.verdict))
