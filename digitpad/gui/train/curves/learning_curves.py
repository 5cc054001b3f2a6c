"""The learning curves of the Train tab."""

from collections.abc import Iterable, Sequence

import numpy.typing as npt
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget

from digitpad.core.training.recipes import PublishedResults
from digitpad.gui.export.png import png_bytes
from digitpad.gui.train.curves.chart import CurveChart
from digitpad.gui.train.curves.controls import CurveControls
from digitpad.gui.train.curves.export import CurveFigure, figure_image, figure_svg, paper_style
from digitpad.gui.train.curves.series import CurveContent, RunCurve
from digitpad.gui.train.curves.store import CurveStore
from digitpad.gui.train.curves.texts import CurveTexts
from digitpad.gui.widgets.boxes import vbox

_FIGURE = QSize(960, 640)


class LearningCurves(QWidget):
    """Loss and accuracy over the epochs: of one run, as published for its recipe, and of other runs.

    Data is stored at once, and drawn by a timer that runs only while there is something new to draw.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = CurveStore()
        self._texts = CurveTexts(self)
        self._title = ""
        self.controls = CurveControls()
        self.chart = CurveChart(self._content, self._texts)
        self._placeholder = QLabel()
        self._pages = QStackedWidget()
        self._placeholder.setProperty("role", "muted")
        self._placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._placeholder.setWordWrap(True)
        self.setMinimumSize(400, 280)

        self._pages.addWidget(self._placeholder)
        self._pages.addWidget(self.chart)
        vbox(self.controls, (self._pages, 1), parent=self, spacing=4)

        self.controls.options_changed.connect(self._on_options_changed)
        self.controls.reset_requested.connect(self.chart.reset_zoom)
        self.chart.zoom_changed.connect(self._on_zoom_changed)
        self._refresh()

    @property
    def is_empty(self) -> bool:
        """Whether there is no run to show."""
        return self._store.is_empty

    @property
    def is_idle(self) -> bool:
        """Whether everything is drawn and no timer runs."""
        return self.chart.is_idle

    @property
    def x_range(self) -> tuple[float, float]:
        """The epochs in view."""
        return self.chart.plots.x_range

    @property
    def invitation(self) -> str:
        """The sentence in the place of the curves."""
        return self._placeholder.text()

    def show_invitation(self, sentence: str) -> None:
        """Show what to do next in the place of the curves, until there is a run."""
        self._placeholder.setText(sentence)

    def start(self, title: str, epochs: int, published: PublishedResults | None = None) -> None:
        """Show another run, planned for this many epochs; the other runs stay."""
        self._store.start(epochs, published)
        self._title = title
        self._refresh_axis()

    def add_steps(self, points: npt.ArrayLike | Iterable[Sequence[float]]) -> None:
        """Add training steps, rows of three: position on the epoch axis, loss, accuracy (0 to 1)."""
        self._store.add_steps(points)
        self._extend()

    def add_epochs(self, rows: npt.ArrayLike | Iterable[Sequence[float]]) -> None:
        """Add epochs, rows of five: epoch, training loss and accuracy, test loss and accuracy (0 to 1)."""
        self._store.add_epochs(rows)
        self._extend()

    def show_runs(self, runs: Iterable[RunCurve]) -> None:
        """Show these other runs beside this one."""
        self._store.show_runs(runs)
        if self.chart.plots.shows_full_range():
            self._refresh_axis()
        else:
            self._extend()

    def set_loss_name(self, name: str) -> None:
        """Set the name of the loss, such as "cross-entropy"."""
        self._texts.loss_name = name
        self.chart.plots.set_headings(*self._texts.headings())

    def png(self, size: QSize = _FIGURE, *, scale: float = 2.0) -> bytes:
        """Return the curves on white as a PNG file; each px is `scale` pixels of the image wide and high."""
        return png_bytes(figure_image(self._figure(), paper_style(self.font()), size, scale))

    def svg(self, size: QSize = _FIGURE) -> bytes:
        """Return the curves on white as an SVG file."""
        return figure_svg(self._figure(), paper_style(self.font()), size)

    def _figure(self) -> CurveFigure:
        content, options, paper = self._content(), self.controls.options, paper_style(self.font())
        legend = self._texts.legend(content, options, paper)
        return CurveFigure(
            self._title, content, options, legend, self._texts.headings(), self._store.epochs, self.x_range
        )

    def _content(self) -> CurveContent:
        return self._store.content(self._texts.this_run(), self._texts.published())

    def _refresh_axis(self) -> None:
        self.chart.plots.show_epochs(self._store.epochs)
        self._refresh()

    def _extend(self) -> None:
        """Extend the axis to an epoch beyond the planned ones; the full range stays in view if it was."""
        self.chart.plots.extend_epochs(self._store.epochs)
        self._refresh()

    def _refresh(self) -> None:
        self.controls.setEnabled(not self.is_empty)
        self.controls.title.setText(self._title)
        self._pages.setCurrentWidget(self._placeholder if self.is_empty else self.chart)
        self.chart.refresh()
        self._on_zoom_changed()

    @Slot()
    def _on_options_changed(self) -> None:
        self.chart.show_options(self.controls.options)

    @Slot()
    def _on_zoom_changed(self) -> None:
        self.controls.reset.setEnabled(not self.is_empty and not self.chart.plots.shows_full_range())
