"""Paints the cells of a confusion matrix: errors are shaded, the diagonal is not."""

from collections.abc import Mapping

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from digitpad.gui.confusion.confusion_model import ENTRY_ROLE, Entry
from digitpad.gui.theme.colours import mixed, theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.model_index import Index

Colours = Mapping[str, QColor]
_SMALL_FIGURE, _WIDE = 0.75, 28
_GROWS_FROM, _MOST_GROWTH = 40, 1.7  # px
_DOT = 1.0
_LIGHTEST = 0.1  # shade, as a share of the strongest one


def shade(colours: Colours, weight: float) -> QColor:
    """Return the background of an error; `weight` in (0, 1] is its share of the largest error."""
    return mixed(colours["surface"], colours["error_ground"], _LIGHTEST + (1 - _LIGHTEST) * weight)


def figure_colour(colours: Colours, entry: Entry) -> QColor:
    """Return the colour of a cell's figure."""
    return colours["muted" if entry.is_right else "text"]


def figure_font(font: QFont, side: int) -> QFont:
    """Return the font of the figures in cells of a width, px."""
    return tabular_font(font, figure_size(side) if side >= px(_WIDE) else _SMALL_FIGURE)


def figure_size(side: int) -> float:
    """Return the size of the digits beside cells of a width, px; 1 is the body text."""
    return CAPTION * min(max(side / px(_GROWS_FROM), 1), _MOST_GROWTH)


def fitting(entry: Entry, metrics: QFontMetricsF, width: float) -> str:
    """Return the long text of a cell if it fits, otherwise the short one."""
    return entry.text if metrics.horizontalAdvance(entry.text) <= width else entry.short


class ConfusionDelegate(QStyledItemDelegate):
    """Paints one cell."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY_ROLE)
        # A gap keeps shaded neighbours apart.
        box = option.rect.adjusted(0, 0, -1, -1)
        # The palette of a styled widget may lack the theme's colours.
        colours = theme_colours(QGuiApplication.palette())
        painter.fillRect(box, shade(colours, entry.weight) if entry.weight else colours["surface"])
        if not entry.text:
            self._paint_dot(painter, QPointF(box.center()), colours["faint"])
            return
        font = figure_font(option.font, option.rect.width())
        painter.setFont(font)
        painter.setPen(figure_colour(colours, entry))
        text = fitting(entry, QFontMetricsF(font), option.rect.width() - px(2))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_dot(self, painter: QPainter, centre: QPointF, colour: QColor) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(centre + QPointF(0.5, 0.5), px(_DOT), px(_DOT))
        painter.restore()
