"""The choice of the overlay on the image."""

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QWidget

from digitpad.gui.widgets.combo_box import ComboBox

NONE, PREDICTED, LABEL, DIFFERENCE = "", "predicted", "label", "difference"


class OverlayPicker(ComboBox):
    """Remembers the choice where a sample has no such overlay, and restores it with the next that has."""

    overlay_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted = NONE
        self._shown: tuple[int | None, int] | None = None
        self._label = 0
        self.setAccessibleName(self.tr("Overlay"))
        self.setToolTip(
            self.tr("Which pixels support an answer, and which oppose it: weights, or gradient × input of the logit")
        )

        self.edited.connect(self._on_edited)

    @property
    def key(self) -> str:
        """The chosen explanation; empty for none."""
        return str(self.currentData() or NONE)

    @property
    def caption(self) -> str:
        """What the overlay is evidence for: "evidence for 9"."""
        predicted = self._shown[0] if self._shown else None
        return {
            NONE: "",
            PREDICTED: self.tr("evidence for {}").format(predicted),
            LABEL: self.tr("evidence for {}").format(self._label),
            DIFFERENCE: self.tr("evidence for {}, not {}").format(predicted, self._label),
        }[self.key]

    def show_digits(self, predicted: int | None, label: int) -> None:
        """Set the overlays that a sample has."""
        if (predicted, label) == self._shown:
            return
        self._shown, self._label = (predicted, label), label
        with QSignalBlocker(self):
            self.clear()
            self.addItem(self.tr("No overlay"), NONE)
            if predicted is not None:
                self.addItem(self.tr("Why {}").format(predicted), PREDICTED)
            if predicted is not None and predicted != label:
                self.addItem(self.tr("Why {}").format(label), LABEL)
                self.addItem(self.tr("Why {} and not {}").format(predicted, label), DIFFERENCE)
        self._choose()

    def _choose(self) -> None:
        # A right answer has only one explanation, so the list has only this one.
        key = self._wanted if self.findData(self._wanted) >= 0 else PREDICTED
        self.setCurrentIndex(max(self.findData(key), 0))

    @Slot()
    def _on_edited(self) -> None:
        self._wanted = self.key
        self.overlay_changed.emit()
