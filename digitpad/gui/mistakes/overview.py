"""The left column of the Mistakes tab: the choice of models and data, and the metrics."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from digitpad.core.evaluation.metrics import Metrics
from digitpad.gui.confusion.confusion_view import ConfusionPanel
from digitpad.gui.confusion.per_digit_table import PerDigitTable, ece_help, summary_text
from digitpad.gui.help.term_label import TermLabel, explain
from digitpad.gui.mistakes.sample_browser import SampleBrowser
from digitpad.gui.mistakes.source_picker import SourcePicker
from digitpad.gui.widgets.boxes import vbox


class Overview(QWidget):
    """Shows the metrics of the counted samples, and passes chosen cells and filters to the browser."""

    guide_requested = Signal(str)

    def __init__(self, browser: SampleBrowser, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._browser, self._on_stage = browser, False
        self.sources, self.matrix, self.per_digit = SourcePicker(), ConfusionPanel(), PerDigitTable()
        self._summary = TermLabel("", "glossary#ece")
        self._summary.setProperty("role", "hint")
        self._summary.setWordWrap(True)
        self._summary.setToolTip(ece_help())

        explain(self.matrix, "glossary#confusion_matrix")
        self._points_note = QLabel(
            self.tr("Two classes and four points: a confusion matrix would show no more than the samples.")
        )
        self._points_note.setProperty("role", "hint")
        self._points_note.setWordWrap(True)

        vbox(self.sources, self._summary, self._points_note, self.matrix, self.per_digit, parent=self, spacing=12)

        for part in (self._summary, self.per_digit):
            part.guide_requested.connect(self.guide_requested)
        self.sources.comparison_chosen.connect(browser.choose_comparison)
        self.sources.suspects_toggled.connect(browser.leave_out_suspects)
        self.matrix.cells_requested.connect(browser.choose_cells)
        self.per_digit.digit_requested.connect(browser.choose_digit)
        browser.query_changed.connect(self._refresh)
        self._refresh()

    @property
    def summary(self) -> str:
        """The metrics in a line; empty if there are none."""
        return self._summary.text()

    def set_stage(self, *, on: bool) -> None:
        """Show only the matrix and the metrics in a line, or everything."""
        self._on_stage = on
        self.sources.setHidden(on)
        self._refresh()

    def _summary_of(self, metrics: Metrics | None) -> str:
        samples, other = self._browser.samples, self._browser.second_metrics
        first, second = (samples.evaluation, samples.second_evaluation) if samples else (None, None)
        if metrics is None or samples is None or first is None:
            return ""
        text = summary_text(metrics, first.loss)
        if other is None or second is None:
            return text
        return f"{samples.model}: {text}\n{samples.second_model}: {summary_text(other, second.loss)}"

    @Slot()
    def _refresh(self) -> None:
        samples, query, metrics = self._browser.samples, self._browser.query, self._browser.metrics
        names = (samples.model, samples.second_model) if samples else ("", "")
        self.sources.show_comparison(*names, query.comparison)
        self.sources.show_suspects(len(samples.marks) if samples else 0, left_out=query.excludes_suspects)
        self.sources.suspects.setEnabled(self.sources.suspects.isEnabled() and not (samples and samples.marks_problem))
        self._summary.setText(self._summary_of(metrics))
        are_points = samples is not None and samples.are_points
        self._points_note.setVisible(are_points)
        self.matrix.setVisible(not are_points)
        self.matrix.setEnabled(samples is not None)
        if samples and metrics is None:
            self.matrix.show_label_counts(self._browser.label_counts)
        else:
            self.matrix.show_matrix(metrics.confusion if metrics else None)
        self.matrix.show_cells(query.cells)
        self.per_digit.show_metrics(metrics)
        self.per_digit.setVisible(metrics is not None and not are_points and not self._on_stage)
