"""The inspector: one sample, large, and how the model computed its prediction."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from digitpad.core.evaluation.inspection import Inspection
from digitpad.gui.mistakes.inspector.heading import SampleHeading
from digitpad.gui.mistakes.inspector.label_editor import LabelEditor
from digitpad.gui.mistakes.inspector.overlay_picker import OverlayPicker
from digitpad.gui.mistakes.inspector.pixel_view import PixelView
from digitpad.gui.mistakes.inspector.sections import SampleSections
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.adaptive_row import AdaptiveRow
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.probability_bars import ProbabilityBars
from digitpad.gui.widgets.scroll_column import scroll_area
from digitpad.gui.widgets.sentences import one_hot_reason

if TYPE_CHECKING:  # they would bring torch
    from digitpad.core.evaluation.samples import Sample, Samples

# The column has the same width with and without a scroll bar.
_SCROLL_BAR = 16
_SIDE_BY_SIDE = 576  # px of the column, from which on the image and the tools share its width


class InspectorPanel(QWidget):
    """Shows a sample at once, and slower results when they arrive. It emits requests and changes nothing itself."""

    put_on_pad_requested = Signal(object)  # a Sample
    mark_requested = Signal(object, object, str)  # a Sample, the right label or None, a note
    unmark_requested = Signal(object)  # a Sample
    layers_requested = Signal(bool)  # whether for the pixels
    inside_requested = Signal()
    neighbour_requested = Signal(int)  # which sample of the training part

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sample: Sample | None = None
        self._inspection: Inspection | None = None
        self._empty = QLabel(self.tr("Select a sample to see how the model computed its prediction"))
        self._column, self._tools = QWidget(), QWidget()
        self._layout, self._area = QVBoxLayout(self._column), scroll_area(self._column)
        self.heading, self.image, self.overlay = SampleHeading(), PixelView(), OverlayPicker()
        self._model_problem, self.why_one_hot = QLabel(), QLabel(one_hot_reason())
        self.pad_button = QPushButton(self.tr("Put on the pad"))
        self.copy_button = QPushButton(self.tr("Copy pixels"))
        self.numbers_button = QPushButton(self.tr("Numbers…"))
        self.layers_button = QPushButton(self.tr("Layer by layer…"))
        self.inside_button = QPushButton(self.tr("Inside the network…"))
        self.label_editor, self.bars, self.sections = LabelEditor(), ProbabilityBars(compact=True), SampleSections()
        for label in (self._empty, self._model_problem, self.why_one_hot):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setMargin(24)
        self._model_problem.hide()
        self._area.viewport().installEventFilter(self)

        self.numbers_button.setToolTip(self.tr("The pixels as numbers, to look up and to copy"))
        self.layers_button.setToolTip(self.tr("Every layer's values and gradients for this sample"))

        self.inside_button.setToolTip(self.tr("The values of each layer for this sample, and what each unit computes"))

        self._lay_out()

        self.pad_button.clicked.connect(self._on_put_on_pad)
        self.copy_button.clicked.connect(self.image.copy_pixels)
        self.overlay.overlay_changed.connect(self._show_overlay)
        self.numbers_button.clicked.connect(self._on_numbers_clicked)
        self.layers_button.clicked.connect(self._on_layers_clicked)
        self.inside_button.clicked.connect(self.inside_requested)
        self.label_editor.mark_requested.connect(self.mark_requested)
        self.label_editor.unmark_requested.connect(self.unmark_requested)
        self.sections.neighbour_requested.connect(self.neighbour_requested)

    def _lay_out(self) -> None:
        actions = AdaptiveRow((self.pad_button, 1), (self.copy_button, 1), spacing=8)
        more = AdaptiveRow((self.numbers_button, 1), (self.layers_button, 1), spacing=8)
        vbox(
            self.overlay, self._model_problem, actions, more, self.inside_button, self.label_editor,
            parent=self._tools, spacing=8,
        )  # fmt: skip
        layout = self._layout
        layout.setSpacing(px(8))
        layout.addWidget(self.heading)
        layout.addWidget(self.why_one_hot)
        self._top = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._top.setSpacing(px(8))
        self._top.addWidget(self.image, 1)
        self._top.addWidget(self._tools, 1, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(self._top)
        layout.addWidget(self.bars)
        layout.addWidget(self.sections)
        layout.addStretch()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._area)

    def set_stage(self, *, on: bool) -> None:
        """Show only the sample and how it was answered, or everything."""
        self._tools.setHidden(on)
        self.image.set_stage(on=on)

    @property
    def sample(self) -> "Sample | None":
        """The sample that is shown."""
        return self._sample

    def show_sample(self, samples: "Samples | None", index: int | None) -> None:
        """Show a sample, with placeholders for slower results; None for none."""
        self._inspection = None
        self._sample = sample = None if samples is None or index is None else samples[index]
        self.label_editor.show_sample(sample)
        self._pages.setCurrentIndex(0 if sample is None else 1)
        self.image.show_sample(sample)
        if samples is None or sample is None:
            return
        self.heading.show_sample(samples, sample)
        self.overlay.show_digits(sample.predicted, sample.label)
        for widget in (self.overlay, self.bars):
            widget.setVisible(samples.evaluation is not None and not samples.are_points)
        self.inside_button.setVisible(samples.evaluation is not None)
        self.why_one_hot.setVisible(samples.evaluation is None and not samples.are_points)
        self.copy_button.setText(self.tr("Copy inputs") if samples.are_points else self.tr("Copy pixels"))
        for widget in (self.pad_button, self.label_editor):
            widget.setVisible(not samples.are_points)
        self.sections.set_only_worked(only=samples.are_points)
        self._show_answer(samples, sample)
        self.sections.show_waiting(sample)

    def _show_answer(self, samples: "Samples", sample: "Sample") -> None:
        evaluation = samples.evaluation
        if evaluation is None or sample.predicted is None:
            self.sections.show_worked(None)
            return
        from digitpad.core.evaluation.worked_example import compute_example
        from digitpad.core.models.inference import probabilities_of
        from digitpad.core.recognition.prediction import Prediction

        worked = compute_example(evaluation.logits[sample.index], sample.label, evaluation.output, evaluation.loss)
        self.bars.show_label(sample.label)
        if not samples.are_points:
            shares = probabilities_of(worked.logits, evaluation.output)
            self.bars.show_prediction(Prediction(worked.logits, shares))
            is_softmax = evaluation.output == "softmax"
            self.bars.setToolTip("" if is_softmax else self.tr("Each output as its share of the sum of all ten, in %"))
        self.sections.show_worked(worked, sample.predicted)

    @Slot(object)
    def show_inspection(self, inspection: Inspection) -> None:
        """Show the slower results. They must belong to the sample that is shown; the caller ensures this."""
        if self._sample is None:
            return
        self._inspection = inspection
        self.sections.show_inspection(inspection, self._sample)
        self._model_problem.setText(inspection.model_problem)
        self._model_problem.setVisible(bool(inspection.model_problem))
        self._show_overlay()

    @Slot()
    def _show_overlay(self) -> None:
        maps = self._inspection.saliency_maps if self._inspection else {}
        self.image.show_overlay(maps.get(self.overlay.key), self.overlay.caption)

    @Slot()
    def _on_put_on_pad(self) -> None:
        if self._sample is not None:
            self.put_on_pad_requested.emit(self._sample)

    @Slot()
    def _on_numbers_clicked(self) -> None:
        self.layers_requested.emit(True)

    @Slot()
    def _on_layers_clicked(self) -> None:
        self.layers_requested.emit(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._area.viewport():
            bar = self._area.width() - self._area.viewport().width()
            self._layout.setContentsMargins(0, 0, max(0, px(_SCROLL_BAR) - bar), px(16))
            has_room = self._area.width() >= px(_SIDE_BY_SIDE)
            self._top.setDirection(QBoxLayout.Direction.LeftToRight if has_room else QBoxLayout.Direction.TopToBottom)
        return super().eventFilter(watched, event)
