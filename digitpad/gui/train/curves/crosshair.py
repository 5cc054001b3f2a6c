"""The crosshair of the learning curves: a line through both plots, and tables with the values at that epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.train.curves.style import CurveStyle

_ROW = 17
_PAD = 8
_COLUMN_GAP = 14
_FROM_LINE = 10
_DOT = 3.5
_LONGEST_NAME = 130


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table: dots in the colours of the lines, a name, and a text for each column."""

    colours: tuple[QColor, ...]
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlotReading:
    """The values that are read in one plot.

    Attributes
    ----------
    plot_rect, x
        Position of the plot, and of the epoch in it, in px of the overlay.
    dots
        The points of the lines at that epoch, and their colours.
    table_place
        Where the table is: 0 at the top, 1 at the bottom.

    """

    plot_rect: QRectF
    x: float
    headings: tuple[str, ...]
    rows: tuple[TableRow, ...]
    dots: tuple[tuple[QPointF, QColor], ...]
    table_place: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line through each plot, in px of the overlay, and the text beside the last one."""

    lines: tuple[QLineF, ...]
    text: str
    last_plot: QRectF


class Crosshair(QWidget):
    """An overlay on the plots that ignores the mouse."""

    def __init__(self, style: CurveStyle, parent: QWidget) -> None:
        super().__init__(parent)
        self._style = style
        self._caption = ""
        self._readings: tuple[PlotReading, ...] = ()
        self._mark: Mark | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_style(self, style: CurveStyle) -> None:
        """Apply the colours and the font of a style."""
        self._style = style
        self.update()

    def show_readings(self, caption: str, readings: Sequence[PlotReading]) -> None:
        """Show the crosshair in each plot."""
        self._caption, self._readings = caption, tuple(readings)
        self.update()

    def show_mark(self, mark: Mark | None) -> None:
        """Show another mark, or none."""
        if mark != self._mark:
            self._mark = mark
            self.update()

    def clear(self) -> None:
        """Hide the crosshair."""
        if self._readings:
            self._readings = ()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._style.font)
        if self._mark is not None:
            self._paint_mark(painter, self._mark)
        for reading in self._readings:
            painter.setPen(QPen(self._style.muted, 1))
            x = round(reading.x) + 0.5
            painter.drawLine(QLineF(x, reading.plot_rect.top(), x, reading.plot_rect.bottom()))
            painter.setPen(QPen(self._style.background, px(1.5)))
            for point, colour in reading.dots:
                painter.setBrush(colour)
                painter.drawEllipse(point, px(_DOT + 1), px(_DOT + 1))
        for reading in self._readings:
            if reading.rows:
                self._paint_table(painter, reading, self._table_rect(reading))

    def _paint_mark(self, painter: QPainter, mark: Mark) -> None:
        """Paint the lines, and the text above the last plot, where it covers no curve."""
        colours = self._style.colours
        painter.setPen(QPen(colours["text"], px(1.5)))
        painter.drawLines(mark.lines)
        metrics = QFontMetricsF(self._style.font)
        size = QSizeF(metrics.horizontalAdvance(mark.text) + px(2 * _PAD), px(_ROW + 4))
        x, plot = mark.lines[-1].x1(), mark.last_plot
        left = x if x + size.width() <= plot.right() else x - size.width()
        box = QRectF(QPointF(max(left, plot.left()), plot.top() - size.height()), size)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours["text"])
        painter.drawRoundedRect(box, px(4), px(4))
        painter.setPen(colours["surface"])
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark.text)

    def _visible_rows(self, reading: PlotReading) -> tuple[TableRow, ...]:
        """Return the rows that fit; if some do not, the last row is their number."""
        room = max(1, int((reading.plot_rect.height() - px(2 * _PAD)) / px(_ROW)) - 1)
        if len(reading.rows) <= room:
            return reading.rows
        left_out = self.tr("{} more").format(len(reading.rows) - room + 1)
        return (*reading.rows[: room - 1], TableRow((), left_out, ("",) * len(reading.headings)))

    def _widths(self, reading: PlotReading) -> tuple[float, list[float]]:
        """Return the width of the names with their dots, and the width of each column."""
        metrics = QFontMetricsF(self._style.font)
        rows = self._visible_rows(reading)
        names = [
            min(metrics.horizontalAdvance(row.name), px(_LONGEST_NAME)) + self._dots_width(reading) for row in rows
        ]
        columns = [
            max(metrics.horizontalAdvance(text) for text in (heading, *(row.values[number] for row in rows))) + 1
            for number, heading in enumerate(reading.headings)
        ]
        return max([*names, QFontMetricsF(self._caption_font).horizontalAdvance(self._caption)]) + 1, columns

    @property
    def _caption_font(self) -> QFont:
        bold = QFont(self._style.font)
        bold.setWeight(QFont.Weight.DemiBold)
        return bold

    def _dots_width(self, reading: PlotReading) -> float:
        return max(len(row.colours) for row in reading.rows) * px(9) + px(5)

    def _table_rect(self, reading: PlotReading) -> QRectF:
        names, columns = self._widths(reading)
        width = names + sum(columns) + px(_COLUMN_GAP) * len(columns) + px(2 * _PAD)
        height = (len(self._visible_rows(reading)) + 1) * px(_ROW) + px(2 * _PAD) - px(4)
        plot = reading.plot_rect
        x = reading.x
        left = x + px(_FROM_LINE)
        if left + width > plot.right():
            left = x - px(_FROM_LINE) - width
        left = max(min(left, plot.right() - width), plot.left())
        top = plot.top() + px(4) + (plot.height() - px(8) - height) * reading.table_place
        return QRectF(QPointF(left, max(top, plot.top())), QSizeF(width, height))

    def _paint_table(self, painter: QPainter, reading: PlotReading, box: QRectF) -> None:
        colours = self._style.colours
        fill = QColor(colours["raised"])
        fill.setAlphaF(0.94)
        painter.setPen(QPen(colours["line"], 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        names, columns = self._widths(reading)
        row = QRectF(box.left() + px(_PAD), box.top() + px(_PAD) - px(2), names, px(_ROW))
        painter.setPen(colours["text"])
        painter.setFont(self._caption_font)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, self._caption)
        painter.setFont(self._style.font)
        self._paint_cells(painter, row, columns, reading.headings, colours["muted"])
        metrics = QFontMetricsF(self._style.font)
        for line in self._visible_rows(reading):
            row.translate(0, px(_ROW))
            painter.setPen(Qt.PenStyle.NoPen)
            for number, colour in enumerate(line.colours):
                painter.setBrush(colour)
                painter.drawEllipse(
                    QPointF(row.left() + px(_DOT) + number * px(9), row.center().y()), px(_DOT), px(_DOT)
                )
            painter.setPen(colours["text"])
            name_rect = row.adjusted(self._dots_width(reading), 0, 0, 0)
            name = metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, px(_LONGEST_NAME))
            painter.drawText(name_rect, Qt.AlignmentFlag.AlignVCenter, name)
            self._paint_cells(painter, row, columns, line.values, colours["text"])

    def _paint_cells(
        self, painter: QPainter, row: QRectF, columns: list[float], texts: tuple[str, ...], colour: QColor
    ) -> None:
        painter.setPen(colour)
        x = row.right()
        for width, text in zip(columns, texts, strict=True):
            cell = QRectF(x + px(_COLUMN_GAP), row.top(), width, row.height())
            painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
            x = cell.right()
