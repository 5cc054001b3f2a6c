"""A model's answer to a number: the number in large type, its confidence, and its digits."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QStackedLayout, QWidget

from digitpad.core.recognition.reading import Reading
from digitpad.gui.draw.answer.digit_answer import spoken_text
from digitpad.gui.draw.answer.digit_card_strip import DigitCardStrip
from digitpad.gui.draw.answer.number_label import NumberLabel
from digitpad.gui.draw.answer.number_text import NumberText, number_text
from digitpad.gui.widgets.boxes import hbox, vbox

_LARGEST = 96


class NumberAnswer(QFrame):
    """Shows a number, or the reason why there is none. Its accessible name is the answer as a text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = NumberLabel(_LARGEST)
        self._share, self._verdict, self._reason = QLabel(), QLabel(), QLabel()
        self.strip = DigitCardStrip()
        self._pages = QStackedLayout()
        self.setProperty("role", "card")
        for label, role in ((self._share, "confidence-small"), (self._verdict, "muted"), (self._reason, "muted")):
            label.setProperty("role", role)
            label.setWordWrap(label is not self._share)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._verdict.setMinimumHeight(2 * self._verdict.fontMetrics().height())
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

        answer, line = QWidget(), hbox(self._share, (self._verdict, 1), spacing=12)
        vbox(self._number, line, None, self.strip, parent=answer, spacing=4, margins=(12, 4, 12, 4))
        self._pages.addWidget(self._reason)
        self._pages.addWidget(answer)
        self.setLayout(self._pages)

    @property
    def answer(self) -> str:
        """The large text: the numbers, one a line, with "?" for each unknown digit; "" for an empty pad."""
        return self._number.text

    def show_reading(self, reading: Reading) -> None:
        """Show a reading."""
        self._set_text(number_text(reading))
        self.strip.show_reading(reading)
        self._pages.setCurrentIndex(1)

    def show_nothing(self, reason: str) -> None:
        """Show no number, and the reason."""
        self._set_text(NumberText("", "", reason, is_sure=True))
        self.strip.show_reading(None)
        self._reason.setText(reason)
        self._pages.setCurrentIndex(0)

    def _set_text(self, text: NumberText) -> None:
        self._number.show_number(text.number, is_sure=text.is_sure)
        verdict = " ".join(filter(None, (text.verdict, text.hint)))
        for label, new in ((self._share, text.share), (self._verdict, verdict)):
            if label.text() != new:
                label.setText(new)
        self._share.setVisible(bool(text.share))
        self.setAccessibleName(spoken_text(*text.number.split("\n"), text.share, verdict))
