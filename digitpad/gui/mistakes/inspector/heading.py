"""The heading of the inspector: which sample it is, and whether the prediction is right."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.recognition.prediction import probability_text
from digitpad.gui.help.term_label import TermLabel
from digitpad.gui.theme.fonts import CAPTION, use_tabular_font
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.elided_label import ElidedLabel
from digitpad.gui.widgets.fast_label import FastLabel
from digitpad.gui.widgets.sentences import wrapped

if TYPE_CHECKING:  # they would bring torch
    from digitpad.core.evaluation.samples import Sample, Samples


class SampleHeading(QWidget):
    """Title and prediction, margin and loss, and in a comparison the prediction of the second model."""

    guide_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._glyph, self._answer = ElidedLabel(), QLabel(), ElidedLabel()
        self._loss, self._margin = TermLabel("", "glossary#loss"), TermLabel("", "glossary#confidence")
        self._separator, self._one_hot, self._second_model = QLabel("·"), FastLabel(), FastLabel()
        self._title.setProperty("role", "title")
        for line in (self._loss, self._separator, self._margin, self._one_hot, self._second_model):
            line.setProperty("role", "muted")
            use_tabular_font(line, CAPTION)
        for label in (self._title, self._answer):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

        more = self.tr("Click: the guide explains it.")
        loss_tip = self.tr("Loss: how wrong the model is on this sample. 0 is best.")
        margin_tip = self.tr(
            "Margin: how far the probability of the prediction is above that of the second digit. Near 0 the model was "
            "undecided."
        )
        for term, tip in ((self._loss, loss_tip), (self._margin, margin_tip)):
            term.setToolTip(wrapped(f"{tip}\n{more}"))
            term.guide_requested.connect(self.guide_requested)

        answer = hbox(self._glyph, (self._answer, 1), spacing=6)
        # The loss is last: its width changes with the sample.
        figures = hbox(self._margin, self._separator, self._loss, (self._one_hot, 1), None, spacing=4)
        vbox(self._title, answer, figures, self._second_model, parent=self, spacing=2)

    @property
    def title(self) -> str:
        """Which sample."""
        return self._title.text()

    @property
    def answer(self) -> str:
        """Prediction and label: "✗ Predicted 9, label 4 · 97.3 %"."""
        return f"{self._glyph.text()} {self._answer.text()}".strip()

    @property
    def figures(self) -> str:
        """Margin and loss; without a model the one-hot label."""
        return self._one_hot.text() if self._loss.isHidden() else f"{self._margin.text()} · {self._loss.text()}"

    @property
    def second_model(self) -> str:
        """The prediction of the second model; empty without a comparison."""
        return self._second_model.text()

    def show_sample(self, samples: "Samples", sample: "Sample") -> None:
        """Show another sample."""
        from digitpad.core.evaluation.sample_filter import sample_name, sample_title

        self._title.setText(sample_name(samples, sample))
        self._title.setToolTip(
            self.tr("{}, sample {} (counted from 0)").format(display_part_name(samples.digits.name), sample.index)
        )
        answer = sample_title(sample.label, sample.predicted)
        is_predicted = sample.predicted is not None
        self._glyph.setText(("✓" if sample.is_right else "✗") if is_predicted else "")
        self._glyph.setVisible(is_predicted)
        self._answer.setText(f"{answer} · {probability_text(sample.confidence)}" if is_predicted else answer)
        self._show_figures(samples, sample)
        verdict = "right" if sample.is_right else "wrong"
        if self._glyph.property("verdict") != verdict:
            self._glyph.setProperty("verdict", verdict)
            self._glyph.style().polish(self._glyph)

    def _show_figures(self, samples: "Samples", sample: "Sample") -> None:
        one_hot = second_model = ""
        has_loss = samples.evaluation is not None
        if samples.evaluation is not None:
            self._loss.setText(samples.evaluation.loss.described(sample.loss))
            self._margin.setText(self.tr("margin {}").format(f"{sample.margin:.3f}"))
        elif not samples.are_points:
            digits = ", ".join(str(int(digit == sample.label)) for digit in range(CLASSES))
            one_hot = self.tr("one-hot ({})").format(digits)
        if sample.second_predicted is not None:
            share = probability_text(sample.second_confidence)
            second_model = f"{samples.second_model}: {sample.second_predicted}, {share}"
        # All samples of a set have the same lines, so nothing moves from one to the next.
        for part in (self._loss, self._separator, self._margin):
            part.setVisible(has_loss)
        for line, text in ((self._one_hot, one_hot), (self._second_model, second_model)):
            line.setText(text)
            line.setToolTip(text)  # the name of a run may be too long for the line
            line.setVisible(bool(text))
