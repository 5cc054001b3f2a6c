"""The left column of the Mistakes tab: what is looked at, and how often it is right."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from digitpad.core.evaluation.metrics import Metrics
from digitpad.gui.confusion.confusion_view import ConfusionPanel
from digitpad.gui.confusion.per_digit_table import DigitFigures, ece_words, summary_of
from digitpad.gui.mistakes.sample_browser import SampleBrowser
from digitpad.gui.mistakes.source_picker import SourcesPanel


class Overview(QWidget):
    """Shows the figures of what the browser counts, and passes on which cells and samples are wanted."""

    def __init__(self, browser: SampleBrowser, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._browser = browser
        self.panel, self.matrix, self.figures = SourcesPanel(), ConfusionPanel(), DigitFigures()
        self._summary = QLabel()
        self._summary.setProperty("role", "hint")
        self._summary.setTextFormat(Qt.TextFormat.PlainText)
        self._summary.setWordWrap(True)
        self._summary.setToolTip(ece_words())

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for widget in (self.panel, self._summary, self.matrix, self.figures):
            layout.addWidget(widget)

        self.panel.where_chosen.connect(browser.choose_where)
        self.panel.suspects_toggled.connect(browser.leave_out_suspects)
        self.matrix.cells_requested.connect(browser.choose_cells)
        self.figures.digit_requested.connect(browser.choose_digit)
        browser.view_changed.connect(self._renew)
        self._renew()

    @property
    def summary(self) -> str:
        """The figures in a line; empty where there are none."""
        return self._summary.text()

    def _summary_of(self, metrics: Metrics | None) -> str:
        samples, other = self._browser.samples, self._browser.rival_metrics
        if metrics is None or samples is None:
            return ""
        if other is None:
            return summary_of(metrics)
        return f"{samples.model}: {summary_of(metrics)}\n{samples.rival}: {summary_of(other)}"

    @Slot()
    def _renew(self) -> None:
        samples, view, metrics = self._browser.samples, self._browser.view, self._browser.metrics
        names = (samples.model, samples.rival) if samples else ("", "")
        self.panel.show_comparison(*names, view.where)
        self.panel.show_suspects(len(samples.marks) if samples else 0, left_out=view.leaves_out_suspects)
        self.panel.suspects.setEnabled(self.panel.suspects.isEnabled() and not (samples and samples.marks_problem))
        self._summary.setText(self._summary_of(metrics))
        self.matrix.setEnabled(samples is not None)
        if samples and metrics is None:
            self.matrix.show_label_counts(self._browser.label_counts)
        else:
            self.matrix.show_matrix(metrics.confusion if metrics else None)
        self.matrix.show_cells(view.cells)
        self.figures.show_metrics(metrics)
        self.figures.setVisible(metrics is not None)
