"""The results of a sweep: a sentence, a picture, and a table with mean and spread, the best first."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from digitpad.core.sweeps.table import Mean, SettingResult, SweepTable
from digitpad.core.translation import percent
from digitpad.gui.help.term_label import explain
from digitpad.gui.theme.scaling import px, resize_window
from digitpad.gui.train.sweep.picture import SweepPicture
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.sentences import duration
from digitpad.gui.widgets.shortcut_override import handles_copy_key

_ROW_HEIGHT = 28
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class SweepResults(QDialog):
    """Stays open while the trainings go on."""

    curves_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "train#sweep")
        self._table = SweepTable((), ())
        self._best, self._state = QLabel(), QLabel()
        self.picture, self.table = SweepPicture(), _ResultsTable()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.curves = buttons.addButton(self.tr("Show all curves"), QDialogButtonBox.ButtonRole.ActionRole)
        self.stop = buttons.addButton(self.tr("Stop"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        self.setWindowTitle(self.tr("Compared settings"))
        resize_window(self, 680, 600)
        self._best.setProperty("role", "title")
        self._state.setProperty("role", "hint")
        for label in (self._best, self._state):
            label.setWordWrap(True)
        for button in (self.curves, self.stop, self.copy):
            button.setAutoDefault(False)
        self.curves.setToolTip(self.tr("Shows the learning curves of all these runs, from the worst to the best."))
        self.stop.setToolTip(self.tr("Stops the trainings; what is done is kept."))
        self.copy.setToolTip(self.tr("Copies the table as text."))

        parts = (self._best, self._state, (self.picture, 1), (self.table, 1), buttons)
        vbox(*parts, parent=self, spacing=12, margins=(16, 16, 16, 16))

        buttons.rejected.connect(self.reject)
        self.curves.clicked.connect(self.curves_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.copy.clicked.connect(self.table.copy)

    @property
    def best(self) -> str:
        """The sentence about the best setting."""
        return self._best.text()

    @property
    def state(self) -> str:
        """How many trainings have ended, and why some failed."""
        return self._state.text()

    @property
    def shown(self) -> SweepTable:
        """The results that are shown."""
        return self._table

    def show_results(self, table: SweepTable, problems: tuple[str, ...] = (), *, is_training: bool = False) -> None:
        """Show results, and why trainings failed."""
        self._table = table
        best = table.best
        if best is None:
            self._best.setText(self.tr("No training has ended yet"))
        else:
            names = zip(table.settings, best.texts, strict=True)
            self._best.setText(
                self.tr("Best: {} · {}").format(
                    ", ".join(f"{setting.name} {text}" for setting, text in names), accuracy_text(best.accuracy)
                )
            )
        done, planned = sum(len(row.runs) for row in table.rows), sum(row.planned for row in table.rows)
        state = self.tr("{} of {} trainings are done.").format(done, planned)
        if is_training:
            state = self.tr("{} of {} trainings are done; the next ones follow by themselves.").format(done, planned)
        spread = (
            self.tr("± is the standard deviation over the seeds.") if any(row.planned > 1 for row in table.rows) else ""
        )
        self._state.setText(" ".join(filter(None, (state, spread, *problems))))
        self.curves.setEnabled(done > 0)
        self.stop.setVisible(is_training)
        self.picture.show_table(table)
        self.table.show_table(table)


def accuracy_text(mean: Mean) -> str:
    """Return an accuracy as text: "97.35 % ± 0.12"."""
    text = percent(mean.value, 2)
    return text if mean.spread is None else f"{text} ± {100 * mean.spread:.2f}"


class _ResultsTable(QTableWidget):
    """A row for each combination of values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[list[str]] = []
        self.setAccessibleName(self.tr("Compared settings"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMinimumHeight(px(4 * _ROW_HEIGHT))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(px(_ROW_HEIGHT))
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)

    def show_table(self, table: SweepTable) -> None:
        """Show results."""
        names = [setting.name for setting in table.settings]
        figures = [self.tr("Accuracy"), self.tr("Loss"), self.tr("Time"), self.tr("Runs")]
        self._lines = [[*names, *figures], *([*row.texts, *_figures(row)] for row in table.rows)]
        self.setColumnCount(len(self._lines[0]))
        self.setRowCount(len(table.rows))
        for row, line in enumerate(self._lines):
            for column, text in enumerate(line):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_RIGHT if column >= len(names) else _LEFT)
                if row:
                    self.setItem(row - 1, column, item)
                else:
                    self.setHorizontalHeaderItem(column, item)

    def as_text(self) -> str:
        """Return the table for a spreadsheet: a tab between the columns."""
        return "".join("\t".join(line) + "\n" for line in self._lines)

    def event(self, event: QEvent) -> bool:
        return handles_copy_key(event, self.copy) or super().event(event)

    @Slot()
    def copy(self) -> None:
        """Copy the table as tab-separated text."""
        QGuiApplication.clipboard().setText(self.as_text())


def _figures(row: SettingResult) -> list[str]:
    runs = f"{len(row.runs)}/{row.planned}"
    if not row.runs:
        return ["–", "–", "–", runs]
    loss = f"{row.loss.value:.4f}" + ("" if row.loss.spread is None else f" ± {row.loss.spread:.4f}")
    return [accuracy_text(row.accuracy), loss, duration(row.seconds.value), runs]
