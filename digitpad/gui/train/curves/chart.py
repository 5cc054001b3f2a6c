"""Plots, legend and crosshair in one widget, redrawn on a timer, with mouse and keyboard control."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION_PX, tabular_font
from digitpad.gui.train.curves.crosshair import Crosshair, PlotReading
from digitpad.gui.train.curves.legend import Legend
from digitpad.gui.train.curves.lines import PANELS, Panel
from digitpad.gui.train.curves.readout import Reading, nearest_epoch, neighbour_epoch, reading_at
from digitpad.gui.train.curves.series import CurveContent, CurveOptions
from digitpad.gui.train.curves.style import CurveStyle
from digitpad.gui.train.curves.texts import CurveTexts
from digitpad.gui.widgets.boxes import vbox

# Often enough to look live; each redraw takes some milliseconds from the training.
_INTERVAL_MS = 160
_ZOOM = 0.8
_PAN = 0.1
_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class CurveChart(QWidget):
    """Draws what `source` returns, shortly after `refresh` was called, and only then."""

    zoom_changed = Signal()

    def __init__(self, source: Callable[[], CurveContent], texts: CurveTexts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A late import: pyqtgraph takes a quarter of a second, which would delay the start.
        from digitpad.gui.train.curves.plots import CurvePlots

        self._source, self._texts = source, texts
        self._content, self._options = CurveContent(), CurveOptions()
        self._reading: Reading | None = None
        self._is_stale = False
        self._timer = QTimer(self)
        self._since_drawn = QElapsedTimer()
        self._style = self._theme_style()
        self.plots = CurvePlots(self._style)
        self.legend = Legend(self._style)
        self.crosshair = Crosshair(self._style, self.plots)
        self._timer.setSingleShot(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plots.set_headings(*texts.headings())
        self.setAccessibleName(self.tr("Learning curves"))

        vbox(self.legend, (self.plots, 1), parent=self, spacing=2)

        self._timer.timeout.connect(self._on_time_to_draw)
        self.plots.range_changed_manually.connect(self._on_moved)
        self.plots.reset_requested.connect(self.reset_zoom)
        self.plots.resized.connect(self._on_resized)
        self.plots.pointer_moved.connect(self._on_pointer_moved)
        self.plots.pointer_left.connect(self._on_pointer_left)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to draw."""
        return not self._timer.isActive()

    def show_options(self, options: CurveOptions) -> None:
        """Change how the curves are shown."""
        self._options = options
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Redraw soon; while hidden, when the chart is shown again."""
        self._is_stale = True
        if self.isVisible() and not self._timer.isActive():
            elapsed = self._since_drawn.elapsed() if self._since_drawn.isValid() else _INTERVAL_MS
            self._timer.start(int(max(_INTERVAL_MS - elapsed, 0)))

    def draw_now(self) -> None:
        """Redraw at once."""
        self._timer.stop()
        self._is_stale = False
        self._content = self._source()
        self.plots.show_content(self._content, self._options)
        self.legend.set_entries(self._texts.legend(self._content, self._options, self._style), self._style)
        if self._reading is not None:
            self._read_at(self._reading.epoch)
        self._since_drawn.start()

    @Slot()
    def reset_zoom(self) -> None:
        """Show the whole training again."""
        self.plots.show_full_range()
        self._on_moved()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._style = self._theme_style()
            self.plots.set_style(self._style)
            self.crosshair.set_style(self._style)
            self.refresh()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.crosshair.show_ring(shown=event.reason() in _BY_KEY)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.crosshair.show_ring(shown=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right | Qt.Key.Key_PageUp | Qt.Key.Key_PageDown as key:
                self._step(steps[key])
            case Qt.Key.Key_Home:
                self._step(-len(self._content.epochs()))
            case Qt.Key.Key_End:
                self._step(len(self._content.epochs()))
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._zoom(_ZOOM)
            case Qt.Key.Key_Minus:
                self._zoom(1 / _ZOOM)
            case Qt.Key.Key_R:
                self.reset_zoom()
            case Qt.Key.Key_Escape if self._reading is not None:
                self._read_at(None)
            case _:
                super().keyPressEvent(event)

    def _step(self, step: int) -> None:
        current = None if self._reading is None else self._reading.epoch
        self._read_at(neighbour_epoch(self._content, current, step, self.plots.x_range))

    def _zoom(self, factor: float) -> None:
        low, high = self.plots.x_range
        middle = (low + high) / 2 if self._reading is None else self._reading.epoch
        self.plots.set_x_range(middle - (middle - low) * factor, middle + (high - middle) * factor)
        self._on_moved()

    def _read_at(self, epoch: float | None) -> None:
        """Show the crosshair at an epoch; hide it for None, or if there are no values."""
        low, high = self.plots.x_range
        found = None if epoch is None or not low <= epoch <= high else reading_at(self._content, epoch)
        self._reading = found if found is not None and found.rows else None
        if self._reading is None:
            self.crosshair.clear()
        else:
            x = self.plots.to_pixel("loss", self._reading.epoch, 0).x()
            self.crosshair.show_at(
                x, self._texts.caption(self._reading), [self._plot_reading(panel) for panel in PANELS]
            )
        self.setAccessibleDescription("" if self._reading is None else self._texts.description(self._reading))

    def _plot_reading(self, panel: Panel) -> PlotReading:
        assert self._reading is not None  # noqa: S101 - for the type checker
        headings, rows = self._texts.rows(self._reading, panel, self._style)
        rect = self.plots.panel_rect(panel)
        dots: list[tuple[QPointF, QColor]] = []
        for row in self._reading.rows:
            for metric in (f"train_{panel}", f"test_{panel}"):
                value = self.plots.value_on_axis(panel, getattr(row, metric))
                if np.isfinite(value):
                    point = self.plots.to_pixel(panel, self._reading.epoch, value)
                    if rect.adjusted(-1, -1, 1, 1).contains(point):
                        dots.append((point, self._style.stroke(row.role, is_test=metric.startswith("test")).colour))
        return PlotReading(rect, headings, rows, tuple(dots), at_top=panel == "loss")

    def _theme_style(self) -> CurveStyle:
        return CurveStyle(theme_colours(self.palette()), tabular_font(self.font(), CAPTION_PX))

    @Slot()
    def _on_time_to_draw(self) -> None:
        if self._is_stale:
            self.draw_now()

    @Slot()
    def _on_moved(self) -> None:
        self.refresh()
        self.zoom_changed.emit()

    @Slot()
    def _on_resized(self) -> None:
        self.crosshair.setGeometry(self.plots.rect())
        self.refresh()

    @Slot(QPointF)
    def _on_pointer_moved(self, position: QPointF) -> None:
        span = self.plots.x_range
        is_inside = any(self.plots.panel_rect(panel).contains(position) for panel in PANELS)
        epoch = self.plots.epoch_at(position.x())
        self._read_at(nearest_epoch(self._content, epoch, span) if is_inside else None)

    @Slot()
    def _on_pointer_left(self) -> None:
        self._read_at(None)
