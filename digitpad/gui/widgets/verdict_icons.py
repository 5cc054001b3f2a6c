"""Small icons beside samples: a tick, a cross and a flag, drawn as lines because a font may lack them."""

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from digitpad.gui.theme.scaling import px

SIDE = 9  # px


class VerdictIcon(Enum):
    """An icon; its value is its polylines, px from its top left."""

    RIGHT = (((1.0, 5.0), (3.5, 7.5), (8.0, 1.5)),)
    WRONG = (((1.5, 1.5), (7.5, 7.5)), ((7.5, 1.5), (1.5, 7.5)))
    FLAG = (((2.0, 8.5), (2.0, 0.5), (8.0, 2.75), (2.0, 5.0)),)


def verdict_pixmap(icon: VerdictIcon, colour: QColor, ratio: float) -> QPixmap:
    """Return an icon for a screen with `ratio` device pixels per px."""
    pixmap = QPixmap(QSize(px(SIDE), px(SIDE)) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(px(SIDE) / SIDE, px(SIDE) / SIDE)
    paint_icon(painter, icon, colour)
    painter.end()
    return pixmap


def paint_icon(painter: QPainter, icon: VerdictIcon, colour: QColor) -> None:
    """Paint an icon, `SIDE` units wide and high, at the painter's origin."""
    painter.setPen(QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    if icon is VerdictIcon.FLAG:
        painter.setBrush(colour)
        painter.setPen(QPen(colour, 1.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    for line in icon.value:
        points = [QPointF(x, y) for x, y in line]
        if icon is VerdictIcon.FLAG:
            painter.drawPolygon(QPolygonF(points[1:]))
            painter.drawLine(points[0], points[1])
        else:
            painter.drawPolyline(QPolygonF(points))


def paint_badge(painter: QPainter, place: QRectF, ground: QColor, pixmap: QPixmap) -> None:
    """Paint an icon in the corner of a picture, on a background so that it is visible on ink."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(place, px(2), px(2))
    painter.drawPixmap(place.center() - QPointF(px(SIDE / 2), px(SIDE / 2)), pixmap)
