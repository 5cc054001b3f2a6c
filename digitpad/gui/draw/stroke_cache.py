"""A pixmap of the drawing: new segments are added to it, so the whole drawing is not repainted."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from digitpad.core.ink.drawing import PAD, PEN_WIDTH, Drawing, Point
from digitpad.gui.draw.open_stroke import OpenStroke
from digitpad.gui.widgets.ink_painting import paint_drawing, paint_points, pen, repaint_region


class StrokeCache:
    """A transparent pixmap of the pad at the screen's resolution."""

    def __init__(self) -> None:
        self._pixmap: QPixmap | None = None
        self._pen = QPen()  # what it was painted with
        self.pen_width = PEN_WIDTH  # pad units

    def invalidate(self) -> None:
        """Paint everything again the next time."""
        self._pixmap = None

    def pixmap(self, side: float, ratio: float, drawing: Drawing, stroke: OpenStroke | None, colour: QColor) -> QPixmap:
        """Return the pixmap of a drawing and an unfinished stroke, `side` logical px wide."""
        size = QSize(round(side * ratio), round(side * ratio))
        if self._pixmap is None or self._pixmap.size() != size:
            self._pixmap = QPixmap(size)
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            self._pen = pen(colour, self.pen_width)
            painter = _pad_painter(self._pixmap)
            paint_drawing(painter, drawing, colour, width=self.pen_width)
            for part in stroke.parts if stroke is not None else []:
                paint_points(painter, part.tolist())
            painter.end()
        return self._pixmap

    def add_segment(self, segment: Sequence[Point]) -> QRectF:
        """Paint a stroke's newest segment, one or two points; return the region that it touches, in pad units."""
        if self._pixmap is not None:
            painter = _pad_painter(self._pixmap)
            painter.setPen(self._pen)
            paint_points(painter, segment)
            painter.end()
        touched = QRectF(QPointF(*segment[0]), QPointF(*segment[-1])).normalized()
        reach = max(PEN_WIDTH, self.pen_width)
        return touched.adjusted(-reach, -reach, reach, reach)

    def repaint_around(self, drawing: Drawing, start: Point, end: Point, reach: float) -> None:
        """Repaint the region within `reach` of the eraser's path, in pad units."""
        if self._pixmap is not None:
            path = QRectF(QPointF(*start), QPointF(*end)).normalized()
            painter = _pad_painter(self._pixmap)
            region = path.adjusted(-reach, -reach, reach, reach)
            repaint_region(painter, drawing, self._pen.color(), region, self.pen_width)
            painter.end()


def _pad_painter(pixmap: QPixmap) -> QPainter:
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scale = pixmap.deviceIndependentSize().width() / PAD
    painter.scale(scale, scale)
    return painter
