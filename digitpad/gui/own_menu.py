"""What can be done with the user's digits that are selected."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from digitpad.core.specs import CLASSES


class OwnMenu(QMenu):
    """A menu over the grid; another of its labels alone can stand at a button."""

    put_on_pad_requested = Signal()
    label_requested = Signal(int)
    delete_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.put_on_pad = self.addAction(self.tr("Put on the pad"))
        self.labels = QMenu(self.tr("It was a…"), self)
        for digit in range(CLASSES):
            # The keys are the grid's own: here they are only named.
            self.labels.addAction(f"&{digit}").setData(digit)
        self.addMenu(self.labels)
        self.addSeparator()
        self.delete = self.addAction(self.tr("Delete"))
        self.delete.setShortcuts([QKeySequence(QKeySequence.StandardKey.Delete), QKeySequence("Backspace")])

        self.put_on_pad.triggered.connect(self.put_on_pad_requested)
        self.labels.triggered.connect(self._on_label)
        self.delete.triggered.connect(self.delete_requested)
        self.show_count(0)

    def show_count(self, selected: int) -> None:
        """Offer what can be done with so many."""
        self.put_on_pad.setEnabled(selected == 1)
        self.labels.setEnabled(selected > 0)
        self.delete.setEnabled(selected > 0)

    @Slot(QAction)
    def _on_label(self, action: QAction) -> None:
        self.label_requested.emit(action.data())
