"""The cards of a number's digits, from left to right."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from digitpad.core.recognition.reading import Reading
from digitpad.gui.draw.answer.digit_card import CARD_HEIGHT, DigitCard
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox

_SPACING = 4
_SCROLL_BAR = 12


class DigitCardStrip(QScrollArea):
    """One card per digit, line by line; they scroll if they do not fit. Reports the card under the pointer, or -1."""

    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[DigitCard] = []
        self._visible_count = 0
        content = QWidget()
        # Empty space has stretch 0: cards grow to their maximum width before any is left.
        self._row = hbox(None, parent=content, spacing=_SPACING)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(px(CARD_HEIGHT + _SCROLL_BAR))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("The digits of the number, from left to right"))

        self.horizontalScrollBar().rangeChanged.connect(self._on_range_changed)

    def show_reading(self, reading: Reading | None) -> None:
        """Show the digits of a number; None for none."""
        digits = () if reading is None else reading.digits
        while len(self._cards) < len(digits):
            card = DigitCard(len(self._cards))
            card.pointed.connect(self.pointed)
            self._row.insertWidget(len(self._cards), card, 1)
            self._cards.append(card)
        first = {line.digits[0] for line in (() if reading is None else reading.lines[1:])}
        for card, read in zip(self._cards, digits, strict=False):
            card.show_digit(read, starts_line=read in first)
        if len(digits) != self._visible_count:
            for place, card in enumerate(self._cards):
                card.setVisible(place < len(digits))
            self._visible_count = len(digits)

    @Slot(int)
    def highlight(self, place: int) -> None:
        """Highlight one card; -1 for none."""
        for number, card in enumerate(self._cards):
            card.highlight(on=number == place)

    def scroll_to(self, place: int) -> None:
        """Scroll to a card; -1 for none."""
        if 0 <= place < self._visible_count:
            self.ensureWidgetVisible(self._cards[place], 0, 0)

    @Slot(int, int)
    def _on_range_changed(self, _minimum: int, maximum: int) -> None:
        # The Tab key stops here only if there is something to scroll.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if maximum > 0 else Qt.FocusPolicy.NoFocus)
