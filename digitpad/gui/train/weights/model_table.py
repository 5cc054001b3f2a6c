"""The outputs of a model at the four points of a gate, and how many of them are right."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from digitpad.core.datasets.loading import POINTS
from digitpad.gui.train.weights.truth_table import TruthTable, verdict_cell
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.table_cells import Cell

_THRESHOLD = 0.5


class ModelTable(QWidget):
    """A line for each point: inputs, output, prediction and label; the accuracy is below."""

    gates_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        headings = ("x1", "x2", self.tr("hypothesis"), self.tr("predicted"), "Y")
        self.table, self._accuracy = TruthTable(headings), QLabel()
        self.copy_button, self.gates_button = QPushButton(self.tr("Copy")), QPushButton(self.tr("Logic gates…"))
        self.table.setAccessibleName(self.tr("The outputs at the four points"))
        self.table.setToolTip(
            self.tr(
                "The hypothesis is the model's output, the probability of 1. Above 0.5 it predicts 1. Y is the label."
            )
        )
        self._accuracy.setProperty("role", "hint")
        self._accuracy.setWordWrap(True)
        for button in (self.copy_button, self.gates_button):
            button.setProperty("role", "link")
        self.copy_button.setToolTip(self.tr("Copies the table as text."))
        self.gates_button.setToolTip(
            self.tr("Set the weights of a perceptron yourself: AND, NAND, OR, and why not XOR.")
        )

        links = hbox(self.gates_button, None, self.copy_button)
        vbox(self.table, self._accuracy, links, None, parent=self, spacing=2)

        self.copy_button.clicked.connect(self.table.copy)
        self.gates_button.clicked.connect(self.gates_requested)

    @property
    def accuracy(self) -> str:
        """The text below the table."""
        return self._accuracy.text()

    def show_outputs(self, outputs: tuple[float, ...], labels: tuple[int, ...]) -> None:
        """Show the outputs at the points, or that they are not known, and the labels of the points."""
        predicted = [int(output > _THRESHOLD) for output in outputs] or [None] * len(labels)
        hypotheses = [f"{output:.6f}" for output in outputs] or ["–"] * len(labels)
        rows = [
            (
                *(Cell(str(value), is_right=True) for value in point),
                Cell(hypothesis, is_right=True),
                Cell("–", is_right=True) if guess is None else verdict_cell(guess, is_right=guess == label),
                Cell(str(label), is_right=True),
            )
            for point, hypothesis, guess, label in zip(POINTS, hypotheses, predicted, labels, strict=True)
        ]
        self.table.show_rows(rows)
        right = sum(guess == label for guess, label in zip(predicted, labels, strict=True))
        text = self.tr("Accuracy {share} ({right} of {count})")
        known = text.format(share=right / len(labels), right=right, count=len(labels))
        self._accuracy.setText(known if outputs else self.tr("Not kept by the earlier version that trained this run."))
