"""The options of the table of figures."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from digitpad.gui.train.curves.figures import EVERY, FigureFormat
from digitpad.gui.train.curves.table.epoch_table import TableOptions
from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.widgets.combo_box import ComboBox


class TableControls(QWidget):
    """Which epochs are shown, how they are counted, and a button that copies."""

    options_changed = Signal()
    copy_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.every, self.counting = ComboBox(), ComboBox()
        self.copy = QPushButton(self.tr("Copy"))
        for every in EVERY:
            self.every.addItem(
                self.tr("Every {:,} epochs").format(every) if every > 1 else self.tr("Every epoch"), every
            )
        for first, text in ((1, self.tr("Counted from 1")), (0, self.tr("Counted from 0"))):
            self.counting.addItem(text, first)
        for field, name in (
            (self.every, self.tr("Epochs shown")),
            (self.counting, self.tr("Number of the first epoch")),
        ):
            field.setAccessibleName(name)
            field.setMinimumContentsLength(12)
            field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.every.setToolTip(self.tr("Shows the first epoch of each 10 or 100: counted from 0, epochs 0, 10, 20 …"))
        self.counting.setToolTip(self.tr("The first epoch is number 1 here, and number 0 in some programs."))
        self.copy.setToolTip(self.tr("Copies the selected cells, or the whole table, for a spreadsheet (Ctrl+C)."))

        hbox(None, self.every, self.counting, self.copy, parent=self, spacing=6)

        self.every.currentIndexChanged.connect(self.options_changed)
        self.counting.currentIndexChanged.connect(self.options_changed)
        self.copy.clicked.connect(self.copy_requested)

    @property
    def options(self) -> TableOptions:
        """The chosen options."""
        return TableOptions(self.every.currentData(), self.counting.currentData())

    @Slot(object)
    def show_as(self, figures: FigureFormat) -> None:
        """Choose the epochs that a source prints, counted as it counts them."""
        self.every.setCurrentIndex(self.every.findData(figures.every))
        self.counting.setCurrentIndex(self.counting.findData(figures.first_epoch))
