"""A picture of a sweep: a heat map of two settings, or parallel coordinates of one or several."""

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from digitpad.core.sweeps.table import SettingResult, SweepTable
from digitpad.core.translation import percent
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.colour_scale import scale_colour

_GAP, _PADDING, _TICK = 2, 8, 6
_LABEL_WIDTH = 96
_BEST_WIDTH, _LINE_WIDTH = 3.0, 1.5
_CENTRE = Qt.AlignmentFlag.AlignCenter


class SweepPicture(QWidget):
    """Paints the test accuracy of each combination in one colour scale, from the lowest to the highest."""

    accessible_role = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = SweepTable((), ())
        self.setMinimumHeight(px(180))
        self.setAccessibleName(self.tr("Test accuracy of each setting"))

    @property
    def is_heat_map(self) -> bool:
        """Whether two settings are shown as a heat map."""
        return len(self._table.settings) == 2

    def show_table(self, table: SweepTable) -> None:
        """Show other results."""
        self._table = table
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(520), px(240))

    def share(self, row: SettingResult) -> float | None:
        """Return where a result is between the lowest, 0, and the highest, 1; None without a result."""
        found = [other.accuracy.value for other in self._table.rows if other.runs]
        if not row.runs:
            return None
        low, high = min(found), max(found)
        return (row.accuracy.value - low) / (high - low) if high > low else 1.0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.is_heat_map:
            self._paint_heat_map(painter)
        elif self._table.settings:
            self._paint_lines(painter)
        painter.end()

    def _colour(self, row: SettingResult) -> QColor:
        colours, share = theme_colours(self.palette()), self.share(row)
        return colours["line"] if share is None else scale_colour(colours, share)

    def _paint_heat_map(self, painter: QPainter) -> None:
        colours, metrics = theme_colours(self.palette()), self.fontMetrics()
        down, across = (self._table.axis(number) for number in (0, 1))
        names = [setting.name for setting in self._table.settings]
        top = 2 * metrics.height() + px(_PADDING)
        left = max(metrics.horizontalAdvance(text) for text in (names[0], *(text for _, text in down))) + px(
            2 * _PADDING
        )
        width = (self.width() - left) / max(len(across), 1)
        height = (self.height() - top) / max(len(down), 1)
        painter.setPen(colours["muted"])
        painter.drawText(QRectF(left, 0, self.width() - left, metrics.height()), _CENTRE, names[1])
        painter.drawText(
            QRectF(0, metrics.height(), left - px(_PADDING), metrics.height()), Qt.AlignmentFlag.AlignRight, names[0]
        )
        for column, (_, text) in enumerate(across):
            painter.drawText(QRectF(left + column * width, metrics.height(), width, metrics.height()), _CENTRE, text)
        for line, (_, text) in enumerate(down):
            place = QRectF(0, top + line * height, left - px(_PADDING), height)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        places = {text: number for number, (_, text) in enumerate(down)}
        columns = {text: number for number, (_, text) in enumerate(across)}
        for row in self._table.rows:
            cell = QRectF(left + columns[row.texts[1]] * width, top + places[row.texts[0]] * height, width, height)
            self._paint_cell(painter, cell.adjusted(px(_GAP), px(_GAP), px(-_GAP), px(-_GAP)), row)

    def _paint_cell(self, painter: QPainter, cell: QRectF, row: SettingResult) -> None:
        colour = self._colour(row)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(cell, px(3), px(3))
        if row is self._table.best:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme_colours(self.palette())["text"], px(2)))
            painter.drawRoundedRect(cell, px(3), px(3))
        painter.setPen(QColor(Qt.GlobalColor.black if _luminance(colour) > 0.18 else Qt.GlobalColor.white))
        painter.drawText(cell, _CENTRE, percent(row.accuracy.value, 1) if row.runs else "–")

    def _paint_lines(self, painter: QPainter) -> None:
        colours, metrics = theme_colours(self.palette()), self.fontMetrics()
        axes = [dict.fromkeys(text for _, text in self._table.axis(n)) for n in range(len(self._table.settings))]
        names = [*(setting.name for setting in self._table.settings), self.tr("test accuracy")]
        top, bottom = metrics.height() + px(2 * _PADDING), self.height() - px(_PADDING) - metrics.height() / 2
        widest = max(metrics.horizontalAdvance(text) for text in axes[0])
        first = min(max(px(_LABEL_WIDTH / 2), widest + px(_PADDING)), self.width() / 3)
        last = self.width() - px(_LABEL_WIDTH)
        xs = [first + (last - first) * number / len(axes) for number in range(len(axes) + 1)]
        painter.setPen(QPen(colours["muted"], 1))
        for x, name in zip(xs, names, strict=True):
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
            width = metrics.horizontalAdvance(name)
            painter.drawText(QPointF(max(0.0, min(x - width / 2, self.width() - width)), metrics.ascent()), name)
        heights = [
            {text: bottom - (bottom - top) * (place + 0.5) / len(axis) for place, text in enumerate(axis)}
            for axis in axes
        ]
        for row in reversed(self._table.rows):  # the best one on top
            if (share := self.share(row)) is None:
                continue
            ys = [*(axis[text] for axis, text in zip(heights, row.texts, strict=True)), bottom - (bottom - top) * share]
            painter.setPen(QPen(self._colour(row), px(_BEST_WIDTH) if row is self._table.best else px(_LINE_WIDTH)))
            for (x, y), (other_x, other_y) in pairwise(zip(xs, ys, strict=True)):
                painter.drawLine(QPointF(x, y), QPointF(other_x, other_y))
        painter.setPen(colours["text"])
        for text, y in heights[0].items():  # left of the lines
            place = QRectF(0, y - metrics.height() / 2, first - px(_TICK), metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for x, axis in zip(xs[1:], heights[1:], strict=False):
            for text, y in axis.items():
                painter.drawText(QPointF(x + px(_TICK), y - px(_TICK)), text)  # above the lines
        found = [row.accuracy.value for row in self._table.rows if row.runs]
        for value, y in ((max(found), top), (min(found), bottom)) if found else ():
            painter.drawText(QPointF(xs[-1] + px(_TICK), y + metrics.ascent() / 2 - 1), percent(value, 1))


def _luminance(colour: QColor) -> float:
    """Return the relative luminance of WCAG, 0 to 1."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
