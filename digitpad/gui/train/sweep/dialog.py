"""Asks which values of which settings are compared, and says how many trainings that makes and how long they take."""

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from digitpad.core.errors import DigitpadError
from digitpad.core.runs.run_folder import Run
from digitpad.core.runtime.processors import processor_count
from digitpad.core.sweeps.estimate import estimated_seconds
from digitpad.core.sweeps.grid import Sweep, make_sweep, split_values
from digitpad.core.training.recipes import Recipe
from digitpad.gui.help.term_label import explain
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.form.help_texts import choice_texts, field_texts
from digitpad.gui.train.form.row import set_style_property
from digitpad.gui.train.form.rules import is_used
from digitpad.gui.train.form.values import AUGMENTATION, FIELDS, SLIP_KEYS, values_of
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.combo_box import ComboBox
from digitpad.gui.widgets.form_metrics import indent_number
from digitpad.gui.widgets.sentences import duration, sentence

_FIRST = ("training.learning_rate", "model.hidden")
_MAX_SETTINGS, _MAX_SEEDS = 4, 10
_WIDTH = 560
# Neither what a run is made of, nor something that is averaged, makes sense to compare.
_NOT_COMPARED = {
    *("dataset", "engine", "leave_out_suspects", "training.seed", "training.device", "training.stream"),
    *("model.normalisation.mean", "model.normalisation.std", AUGMENTATION, *SLIP_KEYS),
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A setting and its values."""

    field: QComboBox
    values: QLineEdit
    remove: QPushButton


class SweepDialog(QDialog):
    """Lines of a setting and its values; `sweep_requested` follows the button Start."""

    sweep_requested = Signal(object, int)  # Sweep, and how many trainings run at a time

    def __init__(self, recipe: Recipe, recipe_name: str, runs: Collection[Run], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "train#sweep")
        self._recipe, self._recipe_name, self._runs = recipe, recipe_name, runs
        self._texts = values_of(recipe)
        self._keys = [key for key in FIELDS if key not in _NOT_COMPARED and is_used(key, self._texts)]
        self._sweep: Sweep | None = None
        self._lines: list[_Line] = []
        title, hint = QLabel(self.tr("Compare settings")), QLabel()
        self.add, self.seeds, self._summary = QPushButton(self.tr("Add a setting")), QSpinBox(), QLabel()
        self.at_a_time, at_a_time_label = QSpinBox(), QLabel(self.tr("At a time"))
        at_a_time_hint = QLabel(self.tr("How many run side by side; the figures are the same"))
        seeds_label, seeds_hint = QLabel(self.tr("Seeds")), QLabel(self.tr("How often each setting is trained"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start = buttons.addButton(self.tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._grid = QGridLayout()
        self.setWindowTitle(self.tr("Compare settings"))
        self.setMinimumWidth(px(_WIDTH))
        title.setProperty("role", "title")
        hint.setText(
            self.tr(
                "All combinations are trained, with the other settings as in the form. Values are "
                "separated by commas, those of lists of numbers by semicolons: 64; 512, 256."
            )
        )
        for label in (hint, seeds_hint, at_a_time_hint, self._summary):
            label.setProperty("role", "hint")
        for label in (hint, self._summary):
            label.setWordWrap(True)
        self._summary.setMinimumHeight(2 * self._summary.fontMetrics().lineSpacing())
        self.seeds.setRange(1, _MAX_SEEDS)
        for field in (self.seeds, self.at_a_time):
            indent_number(field)
        seeds_label.setBuddy(self.seeds)
        self.at_a_time.setRange(1, processor_count())
        self.at_a_time.setToolTip(
            self.tr("Each gets its share of the processors. Then only results are shown, no curves while it trains.")
        )
        at_a_time_label.setBuddy(self.at_a_time)
        for column, part in ((0, 2), (1, 3)):
            self._grid.setColumnStretch(column, part)
        self.add.setAutoDefault(False)
        self.start.setDefault(True)

        counts = QGridLayout()
        counts.setHorizontalSpacing(px(12))
        counts.setColumnStretch(2, 1)
        lines = (seeds_label, self.seeds, seeds_hint), (at_a_time_label, self.at_a_time, at_a_time_hint)
        for row, line in enumerate(lines):
            for column, widget in enumerate(line):
                counts.addWidget(widget, row, column)
        parts = (title, hint, self._grid, hbox(self.add, None), counts, (self._summary, 1), buttons)
        vbox(*parts, parent=self, spacing=12, margins=(16, 16, 16, 16))

        self.add.clicked.connect(self._on_add)
        self.seeds.valueChanged.connect(self._refresh)
        self.at_a_time.valueChanged.connect(self._refresh)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        for key in _FIRST:
            if key in self._keys:
                self._add_line(key)
        if not self._lines:
            self._on_add()
        self._lines[0].values.setFocus()
        self._refresh()

    @property
    def lines(self) -> list[tuple[QComboBox, QLineEdit]]:
        """The field and the values of each line, from top to bottom."""
        return [(line.field, line.values) for line in self._lines]

    @property
    def remove_buttons(self) -> list[QPushButton]:
        """The button of each line that removes it."""
        return [line.remove for line in self._lines]

    @property
    def summary(self) -> str:
        """How many trainings these are, or what is wrong."""
        return self._summary.text()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        for line in self._lines:
            line.remove.setIcon(line_icon("close"))

    @Slot()
    def _on_add(self) -> None:
        used = {line.field.currentData() for line in self._lines}
        free = [key for key in self._keys if key not in used]
        self._add_line(free[0])
        self._refresh()

    def _add_line(self, key: str) -> None:
        texts = field_texts()
        line = _Line(ComboBox(), QLineEdit(), QPushButton())
        for known in self._keys:
            line.field.addItem(texts[known].label, known)
        line.field.setCurrentIndex(self._keys.index(key))
        line.field.setAccessibleName(self.tr("Setting"))
        line.values.setAccessibleName(self.tr("Values"))
        line.values.setText(str(self._shown(key)))
        line.remove.setToolTip(self.tr("Removes this setting."))
        line.remove.setAccessibleName(line.remove.toolTip())
        line.remove.setAutoDefault(False)
        row = self._grid.rowCount()
        for column, widget in enumerate((line.field, line.values, line.remove)):
            self._grid.addWidget(widget, row, column)
        self._lines.append(line)
        self._tint()
        line.field.currentIndexChanged.connect(self._on_field_changed)
        line.values.textEdited.connect(self._refresh)
        line.remove.clicked.connect(self._on_remove)

    def _shown(self, key: str) -> str:
        """Return the value in the form, as it is written in a list."""
        if FIELDS[key].kind == "flag":
            return "true; false"
        choices = choice_texts().get(key)
        return ", ".join(choices) if choices else str(self._texts[key])

    @Slot()
    def _on_field_changed(self) -> None:
        for line in self._lines:
            if line.field is self.sender():
                line.values.setText(self._shown(line.field.currentData()))
        self._refresh()

    @Slot()
    def _on_remove(self) -> None:
        line = next(line for line in self._lines if line.remove is self.sender())
        self._lines.remove(line)
        for widget in (line.field, line.values, line.remove):
            self._grid.removeWidget(widget)
            widget.deleteLater()
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        """Say what would be trained, or what is wrong."""
        self.add.setEnabled(len(self._lines) < min(_MAX_SETTINGS, len(self._keys)))
        for line in self._lines:
            line.remove.setEnabled(len(self._lines) > 1)
        try:
            self._sweep, problem = self._make(), ""
        except DigitpadError as error:
            self._sweep, problem = None, sentence(self._with_labels(str(error)))
        set_style_property(self._summary, "problem", is_on=bool(problem))
        self._summary.setText(problem or self._text())
        self.start.setEnabled(self._sweep is not None)

    def _make(self) -> Sweep:
        names = [_name_in_recipe(line.field.currentData()) for line in self._lines]
        if len(set(names)) < len(names):
            raise DigitpadError("a setting is chosen twice: choose another one, or remove it")
        grid = {name: self._values(name, line) for name, line in zip(names, self._lines, strict=True)}
        sweep = make_sweep(self._recipe, self._recipe_name, grid, self.seeds.value())
        if len(sweep.recipes) < 2:
            raise DigitpadError("this is a single training: give several values")
        return sweep

    def _with_labels(self, problem: str) -> str:
        """Return a sentence of core with the names of the settings as they are in the lines."""
        for line in self._lines:
            name, label = _name_in_recipe(line.field.currentData()), line.field.currentText()
            problem = problem.replace(f"{name}=", f"{label} ").replace(f"“{name}”", f"“{label}”")
        return problem

    def _values(self, name: str, line: _Line) -> tuple[str, ...]:
        text = line.values.text()
        if FIELDS[line.field.currentData()].kind == "widths" and text == self._shown(line.field.currentData()):
            return (text.replace(" ", ""),)  # as in the form: one value, though it has commas
        return split_values(name, text)

    def _text(self) -> str:
        if self._sweep is None:
            return ""
        recipes = self._sweep.recipes
        text = self.tr("{} trainings: {} settings, each with {} seeds.")
        if self.seeds.value() == 1:
            text = self.tr("{} trainings.")
        text = text.format(len(recipes), self._sweep.settings, self.seeds.value())
        seconds = estimated_seconds(recipes, self._runs)
        side_by_side = min(self.at_a_time.value(), len(recipes))
        if seconds is None:
            return f"{text} {self.tr('How long they take is not known before the first one has ended.')}"
        return f"{text} {self.tr('They take about {}.').format(duration(seconds / side_by_side))}"

    @Slot()
    def _on_accepted(self) -> None:
        if self._sweep is not None:
            self.sweep_requested.emit(self._sweep, self.at_a_time.value())
            self.accept()


def _name_in_recipe(key: str) -> str:
    """Return the name that a list of values has for a field of the form."""
    return "model" if key == "model.kind" else key.rpartition(".")[2]
