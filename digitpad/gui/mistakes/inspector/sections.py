"""The sections below a sample: the computation, the other models, the nearest training images."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from digitpad.core.evaluation.inspection import Inspection
from digitpad.core.evaluation.worked_example import WorkedExample, is_in_torch
from digitpad.gui.mistakes.inspector.loss_code_view import LossCodeView
from digitpad.gui.mistakes.inspector.model_predictions import PredictionsTable
from digitpad.gui.mistakes.inspector.neighbour_strip import NeighbourStrip
from digitpad.gui.mistakes.inspector.worked_table import WorkedTable
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.collapsible import Collapsible

if TYPE_CHECKING:  # it would bring torch
    from digitpad.core.evaluation.samples import Sample


class SampleSections(QWidget):
    """Sections that stay open or closed from one sample to the next."""

    neighbour_requested = Signal(int)  # which sample of the training part

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table, self.loss_code = WorkedTable(), LossCodeView()
        self.predictions, self.strips = PredictionsTable(), (NeighbourStrip(), NeighbourStrip())
        self._problem = QLabel()
        self._worked, self._neighbours = QWidget(), QWidget()
        self.loss_code_section = Collapsible(self.tr("Five ways to write it in PyTorch"), self.loss_code)
        self.worked_section = Collapsible(self.tr("How this answer was computed"), self._worked)
        self.predictions_section = Collapsible(self.tr("Predictions of other models"), self.predictions)
        self.neighbours_section = Collapsible(self.tr("Nearest training images"), self._neighbours)
        self._problem.setProperty("role", "muted")
        self._problem.setWordWrap(True)
        self._problem.hide()

        inside = (0, 0, 0, 4)
        vbox(self.table, self.loss_code_section, self.loss_code, parent=self._worked, spacing=4, margins=inside)
        vbox(*self.strips, self._problem, parent=self._neighbours, spacing=4, margins=inside)
        vbox(
            self.worked_section, self._worked, self.predictions_section, self.predictions,
            self.neighbours_section, self._neighbours, parent=self, spacing=4,
        )  # fmt: skip
        for section in (self.worked_section, self.predictions_section, self.neighbours_section):
            section.expand(expanded=True)

        for strip in self.strips:
            strip.sample_requested.connect(self.neighbour_requested)

    @property
    def problem(self) -> str:
        """Why there are no neighbours; empty if there are."""
        return self._problem.text()

    def show_worked(self, worked: WorkedExample | None, predicted: int = 0) -> None:
        """Show how an answer was computed; None without a model."""
        self.worked_section.setVisible(worked is not None)
        self._worked.setVisible(worked is not None and self.worked_section.is_expanded)
        self.table.show_worked(worked, predicted)
        self.loss_code.show_example(worked)
        is_softmax = worked is None or worked.loss.name == "cross-entropy"
        in_torch = worked is None or is_in_torch(worked)
        two = self.tr("Two ways to write it in PyTorch") if in_torch else self.tr("Two ways to write it in NumPy")
        self.loss_code_section.setText(self.tr("Five ways to write it in PyTorch") if is_softmax else two)

    def set_only_worked(self, *, only: bool) -> None:
        """Hide all sections but the computation, as for the points of a gate, or show them again."""
        for section, content in (
            (self.predictions_section, self.predictions),
            (self.neighbours_section, self._neighbours),
        ):
            section.setVisible(not only)
            content.setVisible(not only and section.is_expanded)

    def show_waiting(self, sample: "Sample") -> None:
        """Show placeholders for the slower results."""
        self.predictions.show_waiting()
        labels = dict.fromkeys(digit for digit in (sample.predicted, sample.label) if digit is not None)
        for strip, label in zip(self.strips, labels, strict=False):
            strip.show_waiting(label)
        self.strips[1].setVisible(len(labels) == 2 and self._problem.isHidden())

    def show_inspection(self, inspection: Inspection, sample: "Sample") -> None:
        """Show the slower results."""
        self.predictions.show_predictions(inspection.predictions, sample.label)
        self._problem.setText(inspection.problem)
        self._problem.setVisible(bool(inspection.problem))
        for number, strip in enumerate(self.strips):
            has_some = number < len(inspection.neighbours) and inspection.training is not None
            strip.setVisible(has_some)
            if has_some and inspection.training is not None:
                strip.show_neighbours(inspection.neighbours[number], inspection.training)
