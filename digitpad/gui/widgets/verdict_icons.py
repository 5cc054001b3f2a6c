"""Small marks beside samples: a tick, a cross and a flag, drawn as lines so that no font need have them."""

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

SIDE = 9  # px


class VerdictIcon(Enum):
    """What a mark says; its value is the polylines it is made of, px from its top left."""

    RIGHT = (((1.0, 5.0), (3.5, 7.5), (8.0, 1.5)),)
    WRONG = (((1.5, 1.5), (7.5, 7.5)), ((7.5, 1.5), (1.5, 7.5)))
    FLAG = (((2.0, 8.5), (2.0, 0.5), (8.0, 2.75), (2.0, 5.0)),)


def verdict_pixmap(mark: VerdictIcon, colour: QColor, ratio: float) -> QPixmap:
    """Draw a mark for a screen with so many device pixels to a px."""
    pixmap = QPixmap(QSize(SIDE, SIDE) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    if mark is VerdictIcon.FLAG:
        painter.setBrush(colour)
        painter.setPen(QPen(colour, 1.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    for line in mark.value:
        points = [QPointF(x, y) for x, y in line]
        if mark is VerdictIcon.FLAG:
            painter.drawPolygon(QPolygonF(points[1:]))
            painter.drawLine(points[0], points[1])
        else:
            painter.drawPolyline(QPolygonF(points))
    painter.end()
    return pixmap


def paint_badge(painter: QPainter, place: QRectF, ground: QColor, pixmap: QPixmap) -> None:
    """Paint a mark in the corner of a picture, on a ground of its own so that it is seen on ink too."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(place, 2, 2)
    painter.drawPixmap(place.center() - QPointF(SIDE / 2, SIDE / 2), pixmap)
