"""What tells the models apart in the cards and in the plot: a colour and a kind of line, so never a colour alone."""

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.scaling import px

_COLOURS = "training", "test", "run_1", "run_2"
_LINES = Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.SolidLine, Qt.PenStyle.DashDotLine
SAMPLE = 18  # px: length of a sample of the line
_WIDTH = 2.0


def series_pen(palette: QPalette, number: int) -> QPen:
    """Return the pen of a model, by its place in the row of models."""
    colour = theme_colours(palette)[_COLOURS[number % len(_COLOURS)]]
    return QPen(colour, px(_WIDTH), _LINES[number % len(_LINES)], Qt.PenCapStyle.FlatCap)


def paint_sample(painter: QPainter, palette: QPalette, number: int, left: QPointF) -> None:
    """Paint a short piece of a model's line, from `left` to the right."""
    painter.setPen(series_pen(palette, number))
    painter.drawLine(QLineF(left, left + QPointF(px(SAMPLE), 0)))
