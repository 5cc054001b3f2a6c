"""The learning curves of the Train tab."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from digitpad.core.files.atomic import write_atomically
from digitpad.core.training.recipes import PublishedResults
from digitpad.gui.train.curves.chart import CurveChart
from digitpad.gui.train.curves.controls import CurveControls
from digitpad.gui.train.curves.export import CurveFigure, figure_image, figure_svg, paper_style
from digitpad.gui.train.curves.lines import LineOwner, Panel
from digitpad.gui.train.curves.series import LIVE, CurveContent, Metric, RunCurve
from digitpad.gui.train.curves.store import CurveStore
from digitpad.gui.train.curves.texts import CurveTexts
from digitpad.gui.widgets.png import png_bytes

__all__ = ["LearningCurves", "RunCurve"]

_FIGURE = QSize(960, 640)


class LearningCurves(QWidget):
    """Loss and accuracy over the epochs: of the run that trains, as published, and of earlier runs.

    Data are taken at once, and drawn by a timer that runs only while there is something new to draw.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = CurveStore()
        self._texts = CurveTexts(self)
        self._title = ""
        self.controls = CurveControls()
        self.chart = CurveChart(self._content, self._texts)
        self._placeholder = QLabel(self.tr("Press Start and watch the curves."))
        self._pages = QStackedWidget()
        self._placeholder.setProperty("role", "muted")
        self._placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._placeholder.setWordWrap(True)
        self.setFocusProxy(self.chart)
        self.setMinimumSize(400, 280)

        self._pages.addWidget(self._placeholder)
        self._pages.addWidget(self.chart)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.controls)
        layout.addWidget(self._pages, 1)

        self.controls.options_changed.connect(self._on_options_changed)
        self.controls.reset_requested.connect(self.chart.reset_zoom)
        self.chart.zoom_changed.connect(self._on_zoom_changed)
        self._refresh()

    @property
    def title(self) -> str:
        """The name of the run that is shown."""
        return self._title

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show but what to do next."""
        return self._store.is_empty

    @property
    def is_idle(self) -> bool:
        """Whether everything is drawn and no timer runs."""
        return self.chart.is_idle

    @property
    def crosshair_text(self) -> str:
        """What the crosshair reads, in words; empty where there is none."""
        reading = self.chart.reading
        return "" if reading is None else self._texts.description(reading)

    @property
    def x_range(self) -> tuple[float, float]:
        """The epochs in view."""
        return self.chart.plots.x_range

    def y_range(self, part: Panel) -> tuple[float, float]:
        """Return the values in view: losses, or their decimal logarithms, or accuracies in per cent."""
        return self.chart.plots.y_range(part)

    def series(self, figure: Metric, owner: LineOwner = LIVE) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the points of a line as they are drawn, in the axes' units; None where it is not.

        `owner` is "live", "published", the number of an earlier run, "batches" or "average".
        """
        return self.chart.plots.points(owner, figure)

    def start(self, title: str, epochs: int, published: PublishedResults | None = None) -> None:
        """Begin to show another run, planned for so many epochs; the earlier runs stay."""
        self._store.start(epochs, published)
        self._title = title
        self._refresh_axis()

    def add_steps(self, points: npt.ArrayLike | Iterable[Sequence[float]]) -> None:
        """Add training steps, rows of three: place on the epoch axis, loss, accuracy (a fraction)."""
        self._store.add_steps(points)
        self._extend()

    def add_epoch(
        self, epoch: float, train_loss: float, train_accuracy: float, test_loss: float, test_accuracy: float
    ) -> None:
        """Add the figures at the end of an epoch; accuracies are fractions."""
        self.add_epochs([(epoch, train_loss, train_accuracy, test_loss, test_accuracy)])

    def add_epochs(self, figures: npt.ArrayLike | Iterable[Sequence[float]]) -> None:
        """Add many epochs at once, rows of five: epoch, training loss and accuracy, test loss and accuracy."""
        self._store.add_epochs(figures)
        self._extend()

    def show_runs(self, runs: Iterable[RunCurve]) -> None:
        """Lay earlier runs over this one, in place of those that were."""
        self._store.show_runs(runs)
        if self.chart.plots.shows_full_range():
            self._refresh_axis()
        else:
            self._extend()

    def clear(self) -> None:
        """Forget this run; earlier ones stay."""
        self._store.clear()
        self._title = ""
        self._refresh_axis()

    def set_loss_name(self, name: str) -> None:
        """Name the loss: "cross-entropy", for example."""
        self._texts.loss_name = name
        self.chart.plots.set_headings(*self._texts.headings())

    @Slot()
    def reset_zoom(self) -> None:
        """Show the whole training again."""
        self.chart.reset_zoom()

    def image(self, width: int = _FIGURE.width(), height: int = _FIGURE.height(), *, scale: float = 2.0) -> QImage:
        """Return the curves as people save them, on white; each px is `scale` pixels of the image wide."""
        return figure_image(self._figure(), paper_style(self.font()), QSize(width, height), scale)

    def png(self, size: QSize = _FIGURE, *, scale: float = 2.0) -> bytes:
        """Return what `export_png` saves."""
        return png_bytes(self.image(size.width(), size.height(), scale=scale))

    def svg(self, size: QSize = _FIGURE) -> bytes:
        """Return what `export_svg` saves."""
        return figure_svg(self._figure(), paper_style(self.font()), size)

    def export_png(self, path: Path, size: QSize = _FIGURE, *, scale: float = 2.0) -> None:
        """Save the curves as a picture; raises DigitpadError where the file cannot be written."""
        write_atomically(path, self.png(size, scale=scale))

    def export_svg(self, path: Path, size: QSize = _FIGURE) -> None:
        """Save the curves as a drawing; raises DigitpadError where the file cannot be written."""
        write_atomically(path, self.svg(size))

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
        """Make room for an epoch beyond what was planned; who sees all goes on to see all."""
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
