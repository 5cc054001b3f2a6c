"""What differs between two runs: their results, then their settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Slot
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

from digitpad.core.runs.differences import SettingChange, differences
from digitpad.core.runs.run_folder import Run
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import percent, tr
from digitpad.gui.help.term_label import explain
from digitpad.gui.theme.scaling import px, resize_window
from digitpad.gui.train.form.help_texts import choice_texts, field_texts
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.sentences import capitalised, duration
from digitpad.gui.widgets.shortcut_override import handles_copy_key

_LONGEST_NAME = 40  # letters, in the heading of a column
_ROW_HEIGHT, _OTHER_HEIGHT = 28, 160  # px


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of the table; `is_result` separates what came out of the trainings from their settings."""

    name: str
    first: str
    second: str
    is_result: bool = False


def differences_of(first: Run, second: Run) -> list[Difference]:
    """Return the results of both runs, then the settings that differ, under the names that the form gives them."""
    results = zip(_results(first), _results(second), strict=True)
    lines = [Difference(name, one, other, is_result=True) for (name, one), (_, other) in results]
    recipes = tr("Recipe"), first.info.recipe_name, second.info.recipe_name
    if recipes[1] != recipes[2]:
        lines.append(Difference(*recipes))
    changes = differences(first.recipe, second.recipe)
    return lines + [_setting(change, first.recipe, second.recipe) for change in changes]


class DifferencesDialog(QDialog):
    """A table of differences; Ctrl+C copies the selected lines, the button all of them."""

    def __init__(self, first: Run, second: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "train#runs")
        self.lines = differences_of(first, second)
        self._names = (first.name, second.name)
        self.table = DifferencesTable(self.lines, self._names)
        self._same = QLabel(self.tr("All settings are the same."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        self.setWindowTitle(self.tr("Differences"))
        resize_window(self, 640, min(_ROW_HEIGHT * len(self.lines) + _OTHER_HEIGHT, 640))
        self._same.setProperty("role", "muted")
        self._same.setVisible(all(line.is_result for line in self.lines))
        self.copy.setAutoDefault(False)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        self.copy.setToolTip(self.tr("Copies the table as text."))

        vbox((self.table, 1), self._same, buttons, parent=self, spacing=12, margins=(16, 16, 16, 16))
        self.table.setFocus()

        buttons.rejected.connect(self.reject)
        self.copy.clicked.connect(self._on_copy)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.table.as_text(range(len(self.lines))))


class DifferencesTable(QTableWidget):
    """One line for each difference; results come first, in bold."""

    def __init__(self, lines: Sequence[Difference], names: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(len(lines), 3, parent)
        self._lines = lines
        self._headings = (self.tr("Setting"), *names)
        for column, heading in enumerate(self._headings):
            item = _item(_shortened(heading), tip=heading)
            item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(column, item)
        for row, line in enumerate(lines):
            for column, text in enumerate((line.name, line.first, line.second)):
                self.setItem(row, column, _item(text, is_bold=line.is_result and column > 0))
        self.setAccessibleName(self.tr("Differences"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(px(_ROW_HEIGHT))
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def as_text(self, rows: Sequence[int]) -> str:
        """Return lines as text for a spreadsheet: the headings first, and a tab between the columns."""
        lines = [self._lines[row] for row in rows]
        texts = [self._headings, *((line.name, line.first, line.second) for line in lines)]
        return "\n".join("\t".join(line) for line in texts) + "\n"

    def event(self, event: QEvent) -> bool:
        return handles_copy_key(event, self.copy) or super().event(event)

    @Slot()
    def copy(self) -> None:
        """Copy the selected rows, or all, as tab-separated text."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText(self.as_text(rows or range(len(self._lines))))


def _results(run: Run) -> list[tuple[str, str]]:
    used = run.used
    return [
        (tr("Test accuracy"), "–" if used is None else percent(used.test_accuracy, 2)),
        (tr("Test loss"), "–" if used is None else f"{used.test_loss:.4g}"),
        (tr("At epoch"), "–" if used is None else f"{used.epoch:,}"),
        (tr("Epochs trained"), f"{run.last.epoch if run.last else 0:,}"),
        (tr("Training time"), duration(run.seconds)),
    ]


def _setting(change: SettingChange, first: Recipe, second: Recipe) -> Difference:
    texts, titles = field_texts().get(change.key), choice_texts().get(change.key, {})
    before = titles.get(_value(first, change.key), change.before)
    after = titles.get(_value(second, change.key), change.after)
    return Difference(texts.label if texts else capitalised(change.name), before, after)


def _value(recipe: Recipe, key: str) -> str:
    """Return the value of a setting by its place in the recipe; "" if the recipe has none."""
    value: object = recipe
    for name in key.split("."):
        value = getattr(value, name, "")
    return str(value)


def _item(text: str, *, is_bold: bool = False, tip: str = "") -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setToolTip(tip or text)
    if is_bold:
        font = item.font()
        font.setBold(True)
        item.setFont(font)
    return item


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
