"""The learning curves of the Train tab."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QStackedWidget, QWidget

from digitpad.core.evaluation.ticks import grown_axis
from digitpad.gui.export.png import png_bytes
from digitpad.gui.theme.scaling import px, usual_size
from digitpad.gui.train.curves.chart import CurveChart
from digitpad.gui.train.curves.controls import CurveControls
from digitpad.gui.train.curves.export import CurveFigure, figure_image, figure_svg, paper_style
from digitpad.gui.train.curves.figures import FigureFormat
from digitpad.gui.train.curves.series import CurveContent, RunCurve
from digitpad.gui.train.curves.store import CurveStore, Rows
from digitpad.gui.train.curves.table.csv_text import curves_csv
from digitpad.gui.train.curves.table.epoch_table import epoch_table
from digitpad.gui.train.curves.table.table_controls import TableControls
from digitpad.gui.train.curves.table.table_view import EpochTableView
from digitpad.gui.train.curves.texts import CurveTexts
from digitpad.gui.widgets.boxes import set_tab_order, vbox
from digitpad.gui.widgets.segment_switch import Segment, SegmentSwitch

_FIGURE = QSize(960, 640)
# From these widths, px, on the options are beside the headline, or at least the switch between curves and table.
_ROOMY, _WIDE = 1120, 700
_LAST = (9, 0)
_FILL = Qt.AlignmentFlag(0)


class LearningCurves(QWidget):
    """Loss and accuracy over the epochs: of one run, as published for its recipe, and of other runs.

    Data is stored at once, and drawn by a timer that runs only while there is something new to draw.
    """

    def __init__(self, headline: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = CurveStore()
        self._texts = CurveTexts(self)
        self._title, self._figures = "", FigureFormat()
        self._planned: float | None = None  # epochs of the training in progress
        self._places = ()  # of the parts above the curves
        self._headline = headline or QWidget()
        self.controls, self.table_controls = CurveControls(), TableControls()
        self.chart = CurveChart(lambda: self.content, self._texts)
        self.table = EpochTableView(lambda: epoch_table(self.content, self.table_controls.options))
        self.pages = SegmentSwitch(
            (
                Segment(self.chart, self.tr("Curves"), self.tr("Shows the figures as curves.")),
                Segment(self.table, self.tr("Table"), self.tr("Shows the figures of each epoch in a table.")),
            ),
            self.tr("Curves or table"),
        )
        self._placeholder = QLabel()
        self._pages, self._options, self._top = QStackedWidget(), QStackedWidget(), QGridLayout()
        self._placeholder.setProperty("role", "invitation")
        self._placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._placeholder.setWordWrap(True)
        self.setMinimumWidth(px(332))

        for page in (self._placeholder, self.chart, self.table):
            self._pages.addWidget(page)
        for options in (self.controls, self.table_controls):
            self._options.addWidget(options)
        self._options.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for widget in (self.pages, self._options, self.controls.grouping):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # the headline keeps its width when a training starts
            widget.setSizePolicy(policy)
        self._top.setSpacing(px(8))
        self._top.setColumnStretch(0, 1)
        vbox(self._top, (self._pages, 1), parent=self, spacing=4)
        self._arrange()

        self.pages.chosen.connect(self._on_page_chosen)
        self.table_controls.options_changed.connect(self.table.refresh)
        self.table_controls.copy_requested.connect(self.table.copy)
        self.controls.options_changed.connect(self._on_options_changed)
        self.controls.reset_requested.connect(self.chart.reset_zoom)
        self.chart.zoom_changed.connect(self._on_zoom_changed)
        self._on_options_changed()
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

    @property
    def content(self) -> CurveContent:
        """All curves, valid until data is added."""
        is_training = self._planned is not None
        return replace(self._store.content(), is_by_part=self.controls.options.by_part, is_training=is_training)

    def show_table(self) -> None:
        """Show the table in the place of the curves."""
        self.pages.choose(self.table)
        self._on_page_chosen(self.table)

    def show_invitation(self, sentence: str) -> None:
        """Show what to do next in the place of the curves, until there is a run."""
        self._placeholder.setText(sentence)

    def show_run(self, run: RunCurve, published: RunCurve | None = None) -> None:
        """Show another run in front; the other runs stay."""
        self._begin(run, published, None)

    def start(self, run: RunCurve, epochs: float, published: RunCurve | None = None) -> None:
        """Show a run that is in training, planned for this many epochs, until `finish`; the other runs stay."""
        self._begin(run, published, epochs)

    def finish(self) -> None:
        """Show all of a training that has ended."""
        self._planned = None
        self._refresh()

    def clear(self) -> None:
        """Show no run in front; the other runs stay."""
        self._store.clear()
        self._title, self._planned = "", None
        self.chart.remove_mark()
        self._refresh()

    def rename(self, name: str) -> None:
        """Rename the run in front."""
        self._title = name
        self._store.rename(name)
        self._refresh()

    def begin_with(self, steps: np.ndarray, samples: np.ndarray, sample_size: int) -> None:
        """Add earlier steps and tests on a sample, as in `RunCurve`, to the run in front."""
        self._store.begin_with(steps, samples, sample_size)
        self._refresh()

    def add_steps(self, points: Rows) -> None:
        """Add training steps, rows of three: position on the epoch axis, loss, accuracy (0 to 1)."""
        self._store.add_steps(points)
        self._refresh()

    def add_epochs(self, rows: Rows) -> None:
        """Add epochs, rows of five: epoch, training loss and accuracy, test loss and accuracy (0 to 1)."""
        self._store.add_epochs(rows)
        self._refresh()

    def add_samples(self, rows: Rows, size: int) -> None:
        """Add tests on a sample of `size` images, rows of three: position on the epoch axis, loss, accuracy."""
        self._store.add_samples(rows, size)
        self._refresh()

    def show_runs(self, runs: Iterable[RunCurve], shares: tuple[float, ...] = ()) -> None:
        """Show these other runs beside this one; with `shares` in one colour scale, see `CurveStyle`."""
        self._store.show_runs(runs)
        self.chart.set_shares(shares)
        self._refresh()

    @usual_size()
    def png(self, size: QSize = _FIGURE, *, scale: float = 2.0) -> bytes:
        """Return the curves on white as a PNG file; each px is `scale` pixels of the image wide and high."""
        return png_bytes(figure_image(self._figure(), paper_style(self.font(), self.chart.shares), size, scale))

    @usual_size()
    def svg(self, size: QSize = _FIGURE) -> bytes:
        """Return the curves on white as an SVG file."""
        return figure_svg(self._figure(), paper_style(self.font(), self.chart.shares), size)

    def csv(self) -> bytes:
        """Return the values of all curves as a CSV file."""
        return curves_csv(self.content)

    def showEvent(self, event: QShowEvent) -> None:
        self._set_tab_order()  # Qt changes it when a part gets another parent
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def _arrange(self) -> None:
        """Put the headline, the options and the switch into one row, or two or three if there is little room."""
        width = self.width()
        if width >= px(_ROOMY):
            places = ((0, 0, 1), (0, 1, 1), (0, 2, 1), (0, 3, 1))
        elif width >= px(_WIDE):
            places = ((0, 0, 2), (1, 0, 1), (1, 1, 3), (0, 2, 2))
        else:
            places = ((0, 0, 4), (1, 0, 2), (2, 0, 4), (1, 2, 2))
        if places == self._places:
            return
        self._places = places
        ends = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight) if width >= px(_WIDE) else (_FILL, _FILL)
        parts = (self._headline, self.controls.grouping, self._options, self.pages)
        for widget, align, (row, column, columns) in zip(parts, (_FILL, ends[0], _FILL, ends[1]), places, strict=True):
            self._top.addWidget(widget, row, column, 1, columns, align)
        self._set_tab_order()

    def _set_tab_order(self) -> None:
        """Let Tab go through the options row by row, and then to the curves or the table."""
        controls, table = self.controls, self.table_controls
        parts: tuple[list[QWidget], ...] = (
            [],
            [controls.grouping],
            [
                *(controls.log_scale, controls.per_batch, controls.smoothing, controls.reset),
                *(table.every, table.counting, table.copy),
            ],
            [*self.pages.buttons.values()],
        )
        set_tab_order([*zip(self._places, parts, strict=True), (_LAST, (self.chart, self.table))])

    def _figure(self) -> CurveFigure:
        content, options = self.content, self.controls.options
        legend = self._texts.legend(content, options, paper_style(self.font(), self.chart.shares))
        return CurveFigure(
            self._title, content, options, legend, self._texts.headings(content), self._axis_end(), self.x_range
        )

    def _begin(self, run: RunCurve, published: RunCurve | None, planned: float | None) -> None:
        self._store.start(run, published)
        self._title, self._planned = run.name, planned
        if run.figures != self._figures:
            self._figures = run.figures
            self.table_controls.show_as(run.figures)
        self.chart.remove_mark()
        self._set_axis()
        self.chart.plots.show_full_range()
        self._refresh()

    def _axis_end(self) -> float:
        if self._planned is None:
            return self._store.runs_end or self._store.published_end
        return grown_axis(self._store.end, self._planned)

    def _set_axis(self) -> None:
        limit = max(self._store.runs_end, self._store.published_end, self._planned or 0.0)
        self.chart.plots.set_axis(self._axis_end(), limit)

    def _refresh(self) -> None:
        self._set_axis()
        for options in (self._options, self.pages, self.controls.grouping):
            options.setVisible(not self.is_empty)
        self._pages.setCurrentWidget(self._placeholder if self.is_empty else self.pages.key)
        self.chart.refresh()
        self.table.refresh()
        self._on_zoom_changed()

    @Slot(object)
    def _on_page_chosen(self, page: QWidget) -> None:
        self._options.setCurrentWidget(self.table_controls if page is self.table else self.controls)
        self.controls.grouping.setEnabled(page is self.chart)
        self._refresh()

    @Slot()
    def _on_options_changed(self) -> None:
        self.chart.show_options(self.controls.options)

    @Slot()
    def _on_zoom_changed(self) -> None:
        self.controls.reset.setEnabled(not self.is_empty and not self.chart.plots.follows)
