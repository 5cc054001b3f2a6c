"""Edges of bars and pictures that are visible on the ground of any theme."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from digitpad.gui.theme.scaling import px


def paint_track(painter: QPainter, track: QRectF, colours: Mapping[str, QColor], *, radius: float = 3) -> None:
    """Paint the whole length of a bar in a theme's colours; leave the painter without a pen, for the bar itself."""
    corner = px(radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours["faint"])  # twice filled: a pen around a rounded rectangle is much slower
    painter.drawRoundedRect(track, corner, corner)
    painter.setBrush(colours["hover"])
    painter.drawRoundedRect(track.adjusted(1, 1, -1, -1), corner - 1, corner - 1)


def paint_frame(painter: QPainter, place: QRectF, colours: Mapping[str, QColor]) -> None:
    """Paint the frame of a picture, just inside its edge: a black picture may be on black."""
    painter.setPen(QPen(colours["line"], 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))
