"""The heading of the inspector: which sample it is, and whether the prediction is right."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.recognition.prediction import probability_text
from digitpad.gui.theme.fonts import CAPTION, use_tabular_font
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.fast_label import FastLabel

if TYPE_CHECKING:  # they would bring torch
    from digitpad.core.evaluation.samples import Sample, Samples


class SampleHeading(QWidget):
    """Title and prediction, loss and margin, and in a comparison the prediction of the second model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._glyph, self._answer = QLabel(), QLabel(), QLabel()
        self._figures, self._second_model = FastLabel(), FastLabel()
        self._title.setProperty("role", "title")
        for line in (self._figures, self._second_model):
            line.setProperty("role", "muted")
            use_tabular_font(line, CAPTION)
        for label in (self._title, self._answer):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

        answer = hbox(self._glyph, (self._answer, 1), spacing=6)
        vbox(self._title, answer, self._figures, self._second_model, parent=self, spacing=2)

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
        """Loss and margin; without a model the one-hot label."""
        return self._figures.text()

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
        figures = second_model = ""
        if not samples.are_points:
            one_hot = ", ".join(str(int(digit == sample.label)) for digit in range(CLASSES))
            figures = self.tr("one-hot ({})").format(one_hot)
        if samples.evaluation is not None:
            loss = samples.evaluation.loss.described(sample.loss)
            figures = self.tr("{} · margin {}").format(loss, f"{sample.margin:.3f}")
        if sample.second_predicted is not None:
            share = probability_text(sample.second_confidence)
            second_model = f"{samples.second_model}: {sample.second_predicted}, {share}"
        # All samples of a set have the same lines, so nothing moves from one to the next.
        for line, text in ((self._figures, figures), (self._second_model, second_model)):
            line.setText(text)
            line.setToolTip(text)  # the name of a run may be too long for the line
            line.setVisible(bool(text))
