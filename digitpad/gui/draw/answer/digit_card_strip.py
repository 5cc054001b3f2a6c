"""The digits of a number side by side, from left to right."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from digitpad.core.recognition.number import Reading
from digitpad.gui.draw.answer.digit_card import CARD_HEIGHT, DigitCard

_SPACING = 4
_SCROLL_BAR = 12


class DigitCardStrip(QScrollArea):
    """A block a digit; more than fit scroll sideways. Reports the place that is pointed at, -1 for none."""

    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[DigitCard] = []
        self._visible_count = 0
        self._row = QHBoxLayout()
        content = QWidget()
        content.setLayout(self._row)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_SPACING)
        # Blocks grow up to their widest before what is left over stays empty.
        self._row.addStretch(0)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(CARD_HEIGHT + _SCROLL_BAR + 2)  # and the ring of the focus
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("The digits of the number, from left to right"))

        self.horizontalScrollBar().rangeChanged.connect(self._on_range_changed)

    @property
    def cards(self) -> list[DigitCard]:
        """The blocks that are shown."""
        return self._cards[: self._visible_count]

    def show_reading(self, reading: Reading | None) -> None:
        """Show the digits of another number."""
        digits = () if reading is None else reading.digits
        while len(self._cards) < len(digits):
            block = DigitCard(len(self._cards))
            block.pointed.connect(self.pointed)
            self._row.insertWidget(len(self._cards), block, 1)
            self._cards.append(block)
        for block, read in zip(self._cards, digits, strict=False):
            block.show_digit(read)
        if len(digits) != self._visible_count:
            for place, block in enumerate(self._cards):
                block.setVisible(place < len(digits))
            self._visible_count = len(digits)

    @Slot(int)
    def highlight(self, place: int) -> None:
        """Have one block stand out; -1 for none."""
        for number, block in enumerate(self._cards):
            block.highlight(marked=number == place)

    def scroll_to(self, place: int) -> None:
        """Scroll to a block; -1 for none."""
        if 0 <= place < self._visible_count:
            self.ensureWidgetVisible(self._cards[place], 0, 0)

    @Slot(int, int)
    def _on_range_changed(self, _least: int, most: int) -> None:
        # With the keyboard it is reached only where there is something to scroll.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if most > 0 else Qt.FocusPolicy.NoFocus)
