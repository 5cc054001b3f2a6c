"""Which sample it is, and whether it was answered rightly."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from digitpad.gui.figure_cells import figures_font
from digitpad.gui.still_label import StillLabel

if TYPE_CHECKING:  # they would bring torch
    from digitpad.core.samples import Sample, Samples


class SampleHeading(QWidget):
    """Two lines, and a third of figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._glyph, self._answer, self._figures = QLabel(), QLabel(), QLabel(), StillLabel()
        self._title.setProperty("role", "title")
        self._figures.setFont(figures_font(self._figures.font()))
        for label in (self._title, self._answer):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self._glyph)
        line.addWidget(self._answer, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._title)
        layout.addLayout(line)
        layout.addWidget(self._figures)

    @property
    def title(self) -> str:
        """Which sample."""
        return self._title.text()

    @property
    def answer(self) -> str:
        """What it was taken for: "✗ Pred: 9, Label: 4 · 97.3 %"."""
        return f"{self._glyph.text()} {self._answer.text()}".strip()

    @property
    def figures(self) -> str:
        """Loss and margin, or what the other model of a comparison says."""
        return self._figures.text

    def show_sample(self, samples: "Samples", sample: "Sample") -> None:
        """Show another sample."""
        from digitpad.core.browsing import title_of
        from digitpad.core.data import has_parts

        words = {"train": self.tr("Training image {}"), "test": self.tr("Test image {}")}[sample.part]
        title = words if has_parts(samples.loaded.which.dataset) else self.tr("Image {}")
        self._title.setText(title.format(sample.number))
        self._title.setToolTip(self.tr("{}, sample {} counted from 0").format(samples.digits.name, sample.index))
        answer = title_of(sample.label, sample.predicted)
        is_asked = sample.predicted is not None
        self._glyph.setText(("✓" if sample.is_right else "✗") if is_asked else "")
        self._glyph.setVisible(is_asked)
        self._answer.setText(f"{answer} · {100 * sample.confidence:.1f} %" if is_asked else answer)
        self._figures.set_text(self._figures_of(samples, sample))
        self._figures.setVisible(is_asked or sample.rival_predicted is not None)
        verdict = "right" if sample.is_right else "wrong"
        if self._glyph.property("verdict") != verdict:
            self._glyph.setProperty("verdict", verdict)
            self._glyph.style().polish(self._glyph)

    def _figures_of(self, samples: "Samples", sample: "Sample") -> str:
        if sample.rival_predicted is not None:
            share = f"{100 * sample.rival_confidence:.0f}"
            return self.tr("{}: {}, {} %").format(samples.rival, sample.rival_predicted, share)
        if sample.predicted is None:
            return ""
        return self.tr("loss {} · margin {}").format(f"{sample.loss:.3f}", f"{sample.margin:.3f}")
