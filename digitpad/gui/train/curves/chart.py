"""Plots, legend and crosshair in one widget, redrawn on a timer, with mouse and keyboard control."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, QLineF, QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QColor, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from digitpad.core.translation import tr_noop
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.curves.crosshair import Crosshair, Mark, PlotReading
from digitpad.gui.train.curves.legend import ROW, Legend, LegendEntry
from digitpad.gui.train.curves.lines import draws_steps
from digitpad.gui.train.curves.readout import Reading, nearest_position, neighbour_position, reading_at
from digitpad.gui.train.curves.series import (
    LIVE,
    METRICS,
    CurveContent,
    CurveOptions,
    Metric,
    Panel,
    Role,
    quantity_of,
)
from digitpad.gui.train.curves.style import CurveStyle
from digitpad.gui.train.curves.texts import CurveTexts
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.shortcut_override import HandledKeys

# Often enough to look live. A redraw takes some milliseconds from the training: one that takes long, with many runs on
# a busy machine, comes less often, so that all together take a small share of the time.
_INTERVAL_MS, _MAX_INTERVAL_MS = 160, 600
_TIMES_COST = 20
_LEAST_HEIGHT = 236  # of the plots and a legend of up to two rows, px
_ZOOM = 0.8
# The pointer snaps to a test within this distance, px.
_REACH = 12
# On a plot this wide, as on a projector, lines are 3 px instead of 2.
_WIDE, _WIDE_SCALE = 1100, 1.5
_PAN = 0.1
# Where there are the fewest curves.
_TABLE_PLACES: dict[Panel, float] = {"loss": 0.0, "accuracy": 1.0, "training": 0.5, "test": 0.5}


class CurveChart(QWidget):
    """Draws what `source` returns, shortly after `refresh` was called, and only then."""

    HANDLED_KEYS = (
        HandledKeys(("Left", "Right"), tr_noop("in a chart: read the epoch before or after")),
        HandledKeys(("PgUp", "PgDown"), tr_noop("in a chart: ten epochs back or on")),
        HandledKeys(("Home", "End"), tr_noop("in a chart: the first or the last epoch")),
        HandledKeys(("+", "-"), tr_noop("in a chart: zoom in or out")),
        HandledKeys(("R",), tr_noop("in a chart: show all again")),
        HandledKeys(("Esc",), tr_noop("in a chart: stop reading")),
    )
    accessible_role = QAccessible.Role.Chart

    zoom_changed = Signal()

    def __init__(self, source: Callable[[], CurveContent], texts: CurveTexts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A late import: pyqtgraph takes a quarter of a second, which would delay the start.
        from digitpad.gui.train.curves.plots import CurvePlots

        self._source, self._texts = source, texts
        self._content, self._options = CurveContent(), CurveOptions()
        self._reading: Reading | None = None
        self._mark: tuple[float, str] | None = None
        self._is_stale = False
        self._cost_ms = 0  # of the last redraw
        self._timer = QTimer(self)
        self._since_drawn = QElapsedTimer()
        self._shares: tuple[float, ...] = ()
        self._style = self._theme_style()
        self.plots = CurvePlots(self._style)
        self.legend = Legend(self._style)
        self.crosshair = Crosshair(self._style, self.plots)
        self._timer.setSingleShot(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Learning curves"))

        vbox(self.legend, (self.plots, 1), parent=self, spacing=2)

        self.legend.height_changed.connect(self._on_legend_changed)
        self._on_legend_changed()
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

    @property
    def shares(self) -> tuple[float, ...]:
        """The places of the other runs in one colour scale; empty if each has a colour of its own."""
        return self._shares

    def set_shares(self, shares: tuple[float, ...]) -> None:
        """Draw the other runs in one colour scale, see `CurveStyle`; with none, each in a colour of its own."""
        if shares != self._shares:
            self._shares = shares
            self._restyle()

    def show_options(self, options: CurveOptions) -> None:
        """Change how the curves are shown."""
        self._options = options
        self.refresh()

    @Slot()
    def _on_legend_changed(self) -> None:
        """Let a second row of the legend take its room from the plots: the panels below would jump."""
        self.plots.setMinimumHeight(px(_LEAST_HEIGHT) - min(self.legend.minimumHeight(), px(2 * ROW)))

    @Slot()
    def refresh(self) -> None:
        """Redraw soon; while hidden, when the chart is shown again."""
        self._is_stale = True
        if self.isVisible() and not self._timer.isActive():
            elapsed = self._since_drawn.elapsed() if self._since_drawn.isValid() else _MAX_INTERVAL_MS
            interval = min(max(_INTERVAL_MS, _TIMES_COST * self._cost_ms), _MAX_INTERVAL_MS)
            self._timer.start(int(max(interval - elapsed, 0)))

    def mark_epoch(self, epoch: float, text: str) -> None:
        """Mark a position of the epoch axis with a vertical line and a text."""
        self._mark = (epoch, text)
        self._show_mark()

    def remove_mark(self) -> None:
        """Remove the mark of `mark_epoch`."""
        self._mark = None
        self._show_mark()

    @property
    def marked(self) -> tuple[float, str] | None:
        """The position that is marked, and its text."""
        return self._mark

    def draw_now(self) -> None:
        """Redraw at once."""
        self._timer.stop()
        self._is_stale = False
        self._since_drawn.start()
        self._content = self._source()
        self.plots.set_headings(self._texts.headings(self._content))
        self.plots.show_content(self._content, self._options)
        self.legend.set_entries(self._legend_entries(), self._style)
        if self._reading is not None:
            self._read_at(self._reading.position)
        self._describe()
        self._show_mark()
        # The first redraws are slow, but only they.
        self._cost_ms = min(self._since_drawn.restart(), 2 * self._cost_ms + 4)

    @Slot()
    def reset_zoom(self) -> None:
        """Show the whole training again."""
        self.plots.show_full_range()
        self._on_moved()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._restyle()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._theme_style().scale != self._style.scale:
            self._restyle()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right | Qt.Key.Key_PageUp | Qt.Key.Key_PageDown as key:
                self._step(steps[key])
            case Qt.Key.Key_Home:
                self._step(-len(self._content.positions()))
            case Qt.Key.Key_End:
                self._step(len(self._content.positions()))
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

    def _legend_entries(self) -> tuple[LegendEntry, ...]:
        entries, live = self._texts.legend(self._content, self._options, self._style), self._content.live
        return entries if live is None else (LegendEntry(live.name, is_title=True), *entries)

    def _step(self, step: int) -> None:
        current = None if self._reading is None else self._reading.position
        self._read_at(neighbour_position(self._content, current, step, self.plots.x_range))

    def _zoom(self, factor: float) -> None:
        low, high = self.plots.x_range
        middle = (low + high) / 2 if self._reading is None else self._reading.position
        self.plots.set_x_range(middle - (middle - low) * factor, middle + (high - middle) * factor)
        self._on_moved()

    def _read_at(self, position: float | None) -> None:
        """Show the crosshair at a position; hide it for None, or if there are no values."""
        low, high = self.plots.x_range
        is_visible = position is not None and low <= position <= high
        found = reading_at(self._content, position, self._line_value) if position is not None and is_visible else None
        self._reading = found if found is not None and found.rows else None
        if self._reading is None:
            self.crosshair.clear()
        else:
            readings = [self._plot_reading(panel) for panel in self.plots.panels]
            self.crosshair.show_readings(self._texts.caption(self._reading), readings)
        self._describe()

    def _describe(self) -> None:
        """Tell a screen reader the values at the crosshair, or else where the curves are."""
        summary, reading = self._texts.summary(self._content), self._reading
        self.setAccessibleDescription(summary if reading is None else self._texts.description(reading))

    def _line_value(self, role: Role, metric: Metric, position: float) -> float:
        return self.plots.line_value(role, metric, position)

    def _plot_reading(self, panel: Panel) -> PlotReading:
        assert self._reading is not None  # noqa: S101 - for the type checker
        headings, rows = self._texts.rows(self._reading, panel, self._content, self._style)
        rect, x = self.plots.panel_rect(panel), self.plots.to_pixel(panel, self._reading.position, 0).x()
        return PlotReading(rect, x, headings, rows, self._dots(panel), _TABLE_PLACES[panel])

    def _dots(self, panel: Panel) -> tuple[tuple[QPointF, QColor], ...]:
        """Return the points of the lines at the position that is read; not of values that no line shows."""
        assert self._reading is not None  # noqa: S101 - for the type checker
        rect = self.plots.panel_rect(panel).adjusted(-1, -1, 1, 1)
        dots: list[tuple[QPointF, QColor]] = []
        curves = dict(self._content.curves())
        for row in self._reading.rows:
            for metric in METRICS:
                place = self._content.place(curves[row.role], metric)
                if place.panel != panel or not self._is_drawn(row.role, metric, self._reading):
                    continue
                value = self.plots.value_on_axis(place, row.value(metric))
                point = self.plots.to_pixel(place, self._reading.position, value if np.isfinite(value) else 0)
                if np.isfinite(value) and rect.contains(point):
                    stroke = self._style.stroke(row.role, metric, is_by_part=self._content.is_by_part)
                    dots.append((point, stroke.colour))
        return tuple(dots)

    def _is_drawn(self, role: Role, metric: Metric, reading: Reading) -> bool:
        """Return whether a line shows the value: that of an epoch is not on the line of the steps."""
        if reading.is_within_epoch or metric.startswith("test"):
            return True
        curve = dict(self._content.curves())[role]
        return not draws_steps(curve, quantity_of(metric)) or (role == LIVE and curve.is_after)

    def _show_mark(self) -> None:
        if self._mark is None:
            self.crosshair.show_mark(None)
            return
        epoch, text = self._mark
        low, high = self.plots.x_range
        if self._content.is_empty or not low <= epoch <= high:
            self.crosshair.show_mark(None)
            return
        panels = self.plots.panels
        self.crosshair.show_mark(
            Mark(tuple(self._mark_line(panel, epoch) for panel in panels), text, self.plots.panel_rect(panels[-1]))
        )

    def _mark_line(self, panel: Panel, epoch: float) -> QLineF:
        rect, x = self.plots.panel_rect(panel), round(self.plots.to_pixel(panel, epoch, 0).x()) + 0.5
        return QLineF(x, rect.top(), x, rect.bottom())

    def _theme_style(self) -> CurveStyle:
        font = tabular_font(self.font(), CAPTION)
        scale = px(_WIDE_SCALE if self.width() >= px(_WIDE) else 1.0)
        return CurveStyle(theme_colours(self.palette()), font, scale, self._shares)

    def _restyle(self) -> None:
        self._style = self._theme_style()
        self.plots.set_style(self._style)
        self.crosshair.set_style(self._style)
        self.refresh()

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
        inside: list[Panel] = [name for name in self.plots.panels if self.plots.panel_rect(name).contains(position)]
        if not inside:
            self._read_at(None)
            return
        panel = inside[0]
        pointed = self.plots.epoch_at(panel, position.x())
        reach = abs(self.plots.epoch_at(panel, position.x() + px(_REACH)) - pointed)
        self._read_at(nearest_position(self._content, pointed, self.plots.x_range, reach))

    @Slot()
    def _on_pointer_left(self) -> None:
        self._read_at(None)
