"""Which explanation lies over the image."""

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QWidget

from digitpad.gui.widgets.combo_box import ComboBox

NONE, PREDICTED, LABEL, DIFFERENCE = "", "predicted", "label", "difference"


class OverlayPicker(ComboBox):
    """What was wished for is kept where a sample has no such overlay, and comes back with the next that has."""

    overlay_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted = NONE
        self._shown: tuple[int | None, int] | None = None
        self._label = 0
        self.setAccessibleName(self.tr("What lies over the image"))
        self.setToolTip(
            self.tr("Which pixels speak for an answer, and which against it: weights, or gradient x input of the logit")
        )

        self.edited.connect(self._on_edited)

    @property
    def key(self) -> str:
        """The explanation that is chosen; empty for none."""
        return str(self.currentData() or NONE)

    @property
    def caption(self) -> str:
        """What a positive share means: "for 9"."""
        predicted = self._shown[0] if self._shown else None
        return {
            NONE: "",
            PREDICTED: self.tr("for {}").format(predicted),
            LABEL: self.tr("for {}").format(self._label),
            DIFFERENCE: self.tr("for {} rather than {}").format(predicted, self._label),
        }[self.key]

    def wish(self, key: str) -> None:
        """Choose, as far as the sample has it."""
        self._wanted = key
        self._choose()

    def show_digits(self, predicted: int | None, label: int) -> None:
        """Offer what there is for a sample."""
        if (predicted, label) == self._shown:
            return
        self._shown, self._label = (predicted, label), label
        with QSignalBlocker(self):
            self.clear()
            self.addItem(self.tr("no overlay"), NONE)
            if predicted is not None:
                self.addItem(self.tr("why {}").format(predicted), PREDICTED)
            if predicted is not None and predicted != label:
                self.addItem(self.tr("why {}").format(label), LABEL)
                self.addItem(self.tr("why {} rather than {}").format(predicted, label), DIFFERENCE)
        self._choose()

    def _choose(self) -> None:
        # Of a right answer there is but one, which is any of the three.
        key = self._wanted if self.findData(self._wanted) >= 0 else PREDICTED
        self.setCurrentIndex(max(self.findData(key), 0))

    @Slot()
    def _on_edited(self) -> None:
        self._wanted = self.key
        self.overlay_changed.emit()
