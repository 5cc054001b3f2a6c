"""Logic gates: a perceptron whose weights the user sets, and XOR as a small net of three."""

from dataclasses import replace
from typing import cast

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QTabWidget, QWidget

from digitpad.core.datasets.loading import GATES, POINTS
from digitpad.core.models.perceptron import PERCEPTRONS, Perceptron, xor_layers
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import PublishedResults, Recipe, with_settings
from digitpad.core.translation import tr
from digitpad.gui.help.term_label import explain
from digitpad.gui.theme.scaling import px, resize_window
from digitpad.gui.train.gates.plane import GatePlane
from digitpad.gui.train.gates.weight_field import WeightField
from digitpad.gui.train.weights.truth_table import TruthTable, verdict_cell
from digitpad.gui.widgets.boxes import Part, hbox, vbox
from digitpad.gui.widgets.combo_box import ChoiceField
from digitpad.gui.widgets.scroll_column import scroll_column
from digitpad.gui.widgets.sentences import with_minus
from digitpad.gui.widgets.table_cells import Cell

_XOR = "xor"
_INPUTS = np.array(POINTS)
_TEXT_HEIGHT = 64  # px: the sentences about XOR have four lines
_COLUMN = 420  # px, with room for a scroll bar


class GatesDialog(QDialog):
    """Two pages: one perceptron by hand, and XOR as a net; buttons lead to a training."""

    training_requested = Signal(object)  # Recipe

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "train#gates")
        self.by_hand, self.net, pages = PerceptronPage(), NetPage(), QTabWidget()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.train_one = buttons.addButton(self.tr("Train one perceptron"), QDialogButtonBox.ButtonRole.ActionRole)
        self.train_xor = buttons.addButton(self.tr("Train xor-mlp"), QDialogButtonBox.ButtonRole.ActionRole)
        self.setWindowTitle(self.tr("Logic gates"))
        resize_window(self, 860, 560)
        for button in buttons.buttons():
            cast("QPushButton", button).setAutoDefault(False)  # Enter in a number field must not press one
        pages.setObjectName("shared")
        pages.addTab(self.by_hand, self.tr("One perceptron"))
        pages.addTab(self.net, self.tr("XOR as a small net"))
        self.train_one.setToolTip(self.tr("Shows the settings of a training that finds the weights for this gate."))
        self.train_xor.setToolTip(self.tr("Shows the recipe of a network that learns XOR."))

        vbox((pages, 1), buttons, parent=self, margins=(16, 12, 16, 16), spacing=12)

        buttons.rejected.connect(self.reject)
        self.train_one.clicked.connect(self._on_train_one)
        self.train_xor.clicked.connect(self._on_train_xor)

    @Slot()
    def _on_train_one(self) -> None:
        self._request(perceptron_recipe(self.by_hand.gate.raw))

    @Slot()
    def _on_train_xor(self) -> None:
        self._request(load_recipe("xor-mlp"))

    def _request(self, recipe: Recipe) -> None:
        self.hide()  # it would cover the form
        self.training_requested.emit(recipe)


class PerceptronPage(QWidget):
    """Three weights, the truth table that they give, and the line in the plane."""

    tried = Signal(str, int)  # the wanted gate, and how many of its points are right

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gate = ChoiceField({key: key.upper() for key in (*PERCEPTRONS, _XOR)})
        self.weights = tuple(WeightField(name) for name in ("w1", "w2", "b"))
        self.presets = {key: QPushButton(key.upper()) for key in PERCEPTRONS}
        headings = ("x1", "x2", "w1·x1 + w2·x2 + b", self.tr("output"), self.tr("wanted"))
        self.table, self.plane, self._verdict = TruthTable(headings), GatePlane(), QLabel()
        self._right = 0  # how many points are right
        self.gate.setAccessibleName(self.tr("Wanted gate"))
        self.table.setAccessibleName(self.tr("Truth table"))
        self.plane.setAccessibleName(self.tr("The four points, and the line of the perceptron"))
        self._verdict.setWordWrap(True)
        self._verdict.setMinimumHeight(px(_TEXT_HEIGHT))
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignTop)
        for key, button in self.presets.items():
            button.setAutoDefault(False)
            button.setToolTip(self.tr("Sets weights that make {gate}.").format(gate=key.upper()))

        wanted = hbox(QLabel(self.tr("Wanted gate")), (self.gate, 1), spacing=8)
        presets = hbox(QLabel(self.tr("Weights of")), *self.presets.values(), None, spacing=8)
        rule = _paragraph(self.tr("The output is 1 where w1·x1 + w2·x2 + b is above 0."), "hint")
        weights = vbox(*self.weights, spacing=4)
        parts = (wanted, presets, weights, rule, self.table, self._verdict, None)
        hbox(_column(*parts), (self.plane, 1), parent=self, spacing=16, margins=(0, 4, 0, 0))

        self.gate.edited.connect(self._on_changed)
        for field in self.weights:
            field.changed.connect(self._on_changed)
        for button in self.presets.values():
            button.clicked.connect(self._on_preset)
        self.show_weights(PERCEPTRONS["and"])

    @property
    def perceptron(self) -> Perceptron:
        """The perceptron with the weights that are set."""
        return Perceptron(*(field.value for field in self.weights))

    @property
    def verdict(self) -> str:
        """How many points are right, and for XOR why not all can be."""
        return self._verdict.text()

    def show_weights(self, perceptron: Perceptron) -> None:
        """Set the weights."""
        for field, value in zip(self.weights, (perceptron.w1, perceptron.w2, perceptron.b), strict=True):
            field.show_value(value)
        self._on_changed()

    @Slot()
    def tell(self) -> None:
        """Emit `tried` for the weights that are set."""
        self.tried.emit(self.gate.raw, self._right)

    @Slot()
    def _on_preset(self) -> None:
        key = next(key for key, button in self.presets.items() if button is self.sender())
        if self.gate.raw != _XOR:
            self.gate.show_raw(key)
        self.show_weights(PERCEPTRONS[key])

    @Slot()
    def _on_changed(self) -> None:
        perceptron, labels = self.perceptron, GATES[self.gate.raw]
        totals, outputs = (part.tolist() for part in (perceptron.totals(_INPUTS), perceptron.outputs(_INPUTS)))
        rows = [
            (
                _plain(x1),
                _plain(x2),
                _plain(with_minus(f"{total:.2f}")),
                verdict_cell(output, is_right=output == label),
                _plain(label),
            )
            for (x1, x2), total, output, label in zip(POINTS, totals, outputs, labels, strict=True)
        ]
        self.table.show_rows(rows)
        self.plane.show_gate(perceptron.outputs, {"": perceptron}, labels)
        right = sum(output == label for output, label in zip(outputs, labels, strict=True))
        is_gate = right == len(labels)
        text = self.tr("✓ All four are right: this is {gate}.") if is_gate else self.tr("✗ {right} of 4 are right.")
        sentences = [text.format(right=right, gate=self.gate.raw.upper())]
        if self.gate.raw == _XOR:
            sentences.append(
                self.tr(
                    "XOR's two ones lie on opposite corners: no single line has both on one side and both zeros on the "
                    "other. Three of four is the most; try it."
                )
            )
        self._verdict.setText(" ".join(sentences))
        self._right = right
        self.tell()


class NetPage(QWidget):
    """The truth table of NAND and OR into AND, and the two lines of the hidden layer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table, self.plane = TruthTable(("x1", "x2", "NAND", "OR", "AND(NAND, OR)")), GatePlane()
        self.table.setAccessibleName(self.tr("Truth table"))
        self.plane.setAccessibleName(self.tr("The four points, and the lines of NAND and OR"))
        layers = xor_layers(_INPUTS).tolist()
        rows = zip(POINTS, layers, strict=True)
        self.table.show_rows([[_plain(value) for value in (*point, *outputs)] for point, outputs in rows])
        self.plane.show_gate(
            lambda points: xor_layers(points)[:, -1],
            {"NAND": PERCEPTRONS["nand"], "OR": PERCEPTRONS["or"]},
            GATES[_XOR],
        )
        explanation = self.tr(
            "One line cannot make XOR, two can. The hidden layer has two perceptrons, NAND and OR. The output is a "
            "third one, AND of both: it is 1 where both are 1, between the two lines."
        )
        learned = self.tr("Here the weights are set by hand. xor-mlp learns them from the four points.")
        formulas = "\n".join(f"{key.upper()}: {_formula(gate)}" for key, gate in PERCEPTRONS.items())
        parts = (_paragraph(explanation), self.table, _paragraph(formulas, "hint"), _paragraph(learned, "hint"), None)
        hbox(_column(*parts), (self.plane, 1), parent=self, spacing=16, margins=(0, 4, 0, 0))


def perceptron_recipe(gate: str) -> Recipe:
    """Return the recipe of one sigmoid unit that is trained on a gate."""
    changed = with_settings(load_recipe("xor-mlp"), [f"dataset={gate}", "hidden=[]", "epochs=1001"])
    explanation = tr(
        "One perceptron with a sigmoid in place of the step, so that it can be trained. It learns AND, OR and NAND, "
        "but never XOR."
    )
    title = tr("One perceptron, {gate}").format(gate=gate.upper())
    return replace(changed, title=title, explanation=explanation, published=PublishedResults())


def _plain(value: object) -> Cell:
    return Cell(str(value), is_right=True)


def _paragraph(content: str, role: str = "") -> QLabel:
    label = QLabel(content)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label


def _column(*parts: Part) -> QWidget:
    content = QWidget()
    vbox(*parts, parent=content, spacing=10)
    area = scroll_column(content)
    area.setFixedWidth(px(_COLUMN))
    return area


def _formula(gate: Perceptron) -> str:
    signs = f"{gate.w1:g}·x1 {gate.w2:+g}·x2 {gate.b:+g} > 0"
    return with_minus(signs.replace(" +", " + ").replace(" -", " - "))
