"""Paints the parts of the network's picture: units, pixels, feature maps, lines and histograms."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from digitpad.core.evaluation.layer_statistics import Histogram, LayerStatistics
from digitpad.core.models.specs import LayerShape
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.network.texts import figure

Colours = Mapping[str, QColor]
MOST_UNITS = 16  # a layer with more is drawn with some of its units
_SOME_UNITS = 7
_RADIUS, _LEAST_DISTANCE = 9.0, 13.0
_THINNEST, _THICKEST = 0.75, 5.0
_DASHES = (3.0, 2.0)  # times the width
_GRID, _MAP_SHIFT = 7, 8
_CAPTION, _ROW_GAP = 13, 6


def unit_centres(layer: LayerShape, body: QRectF, *, all_units: bool) -> list[QPointF]:
    """Return where the units of a layer are drawn; if not `all_units`, those that have room, around a gap for dots."""
    slots = _slots(layer, body, all_units=all_units)
    return slots if len(slots) == layer.units else [*slots[: _SOME_UNITS // 2], *slots[_SOME_UNITS // 2 + 1 :]]


def _slots(layer: LayerShape, body: QRectF, *, all_units: bool) -> list[QPointF]:
    has_room = all_units or layer.units <= max(_SOME_UNITS, body.height() // px(_LEAST_DISTANCE))
    count = layer.units if has_room else _SOME_UNITS
    distance = min(body.height() / count, 34.0)
    top = body.center().y() - distance * (count - 1) / 2
    return [QPointF(body.center().x(), top + distance * place) for place in range(count)]


def paint_units(painter: QPainter, layer: LayerShape, body: QRectF, colours: Colours, *, all_units: bool) -> None:
    """Paint the units of a layer as circles; three dots stand for those that have no room."""
    slots, centres = (place(layer, body, all_units=all_units) for place in (_slots, unit_centres))
    distance = slots[1].y() - slots[0].y() if len(slots) > 1 else px(2 * _RADIUS + 3)
    radius = min(px(_RADIUS), max(2.0, distance / 2 - 1.5))
    painter.setPen(QPen(colours["muted"], px(1.25)))
    painter.setBrush(colours["surface"])
    for centre in centres:
        painter.drawEllipse(centre, radius, radius)
    if len(slots) > len(centres):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours["muted"])
        for shift in (-4, 0, 4):
            painter.drawEllipse(slots[_SOME_UNITS // 2] + QPointF(0, shift), 1.25, 1.25)


def icon_rect(body: QRectF) -> QRectF:
    """Return where the picture of an image or of feature maps is."""
    side = max(8.0, min(body.width() - px(24), body.height() - px(16), px(64.0)))
    square = QRectF(0, 0, side, side)
    square.moveCenter(body.center())
    return square


def paint_pixels(painter: QPainter, square: QRectF, colours: Colours) -> None:
    """Paint a grid that stands for an image."""
    painter.fillRect(square, colours["surface"])
    painter.setPen(QPen(colours["line"], 1))
    for place in range(1, _GRID):
        shift = square.width() * place / _GRID
        painter.drawLine(square.topLeft() + QPointF(shift, 0), square.bottomLeft() + QPointF(shift, 0))
        painter.drawLine(square.topLeft() + QPointF(0, shift), square.topRight() + QPointF(0, shift))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours["muted"], px(1.25)))
    painter.drawRect(square)


def paint_maps(painter: QPainter, square: QRectF, colours: Colours) -> None:
    """Paint squares behind each other that stand for feature maps."""
    painter.setPen(QPen(colours["muted"], px(1.25)))
    painter.setBrush(colours["surface"])
    for shift in (0, px(_MAP_SHIFT), px(2 * _MAP_SHIFT)):
        painter.drawRect(square.adjusted(shift, shift, shift - px(2 * _MAP_SHIFT), shift - px(2 * _MAP_SHIFT)))


def paint_connections(painter: QPainter, left: list[QPointF], right: list[QPointF], colours: Colours) -> None:
    """Paint thin lines from each point to each other one, before the weights are known."""
    painter.setPen(QPen(colours["line"], 1))
    painter.drawLines([QLineF(start, end) for start in left for end in right])


def paint_weights(
    painter: QPainter,
    left: list[QPointF],
    right: list[QPointF],
    weights: np.ndarray,
    peak: float,
    colours: Colours,
) -> None:
    """Paint weights (right, left) as lines: width by magnitude, blue and solid above 0, orange and dashed below."""
    for row, column in np.ndindex(*weights.shape):
        weight = float(weights[row, column])
        if not np.isfinite(weight):
            continue
        width = px(_THINNEST) + px(_THICKEST - _THINNEST) * min(1.0, abs(weight) / peak)
        pen = QPen(colours["weight_for" if weight >= 0 else "weight_against"], width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if weight < 0:
            pen.setDashPattern(_DASHES)
        painter.setPen(pen)
        painter.drawLine(left[column], right[row])


def histogram_rows(body: QRectF) -> list[QRectF]:
    """Return the places of the histograms of weights, gradients and activations, with their captions."""
    height = (body.height() - px(2 * _ROW_GAP)) / 3
    return [
        QRectF(body.left() + px(6), body.top() + row * (height + px(_ROW_GAP)), body.width() - px(12), height)
        for row in range(3)
    ]


def paint_row_names(painter: QPainter, body: QRectF, names: tuple[str, ...], colours: Colours) -> None:
    """Name the rows of histograms, in the column of the inputs."""
    painter.setPen(colours["muted"])
    for name, row in zip(names, histogram_rows(body), strict=True):
        painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)


def paint_histograms(painter: QPainter, body: QRectF, layer: LayerStatistics, colours: Colours) -> None:
    """Paint the histograms of weights, gradients and activations below each other, each with a figure."""
    weights, gradients, activations = histogram_rows(body)
    peak = figure(layer.weights.high)
    _paint(painter, weights, layer.weights, f"±{peak}" if layer.is_finite else peak, colours, is_signed=True)
    _paint(painter, gradients, layer.gradients, figure(layer.gradient_size), colours)
    low, high = figure(layer.activations.low), figure(layer.activations.high)
    span = low if low == high else f"{low} … {high}"
    _paint(painter, activations, layer.activations, span, colours)


def _paint(
    painter: QPainter, row: QRectF, shown: Histogram, caption: str, colours: Colours, *, is_signed: bool = False
) -> None:
    painter.setPen(colours["muted"])
    painter.drawText(QRectF(row.left(), row.top(), row.width(), px(_CAPTION)), Qt.AlignmentFlag.AlignLeft, caption)
    bars = row.adjusted(0, px(_CAPTION), 0, 0)
    edges = np.linspace(bars.left(), bars.right(), len(shown.shares) + 1).round().tolist()
    # The root, because one bin often has nearly all values.
    heights = np.sqrt(shown.shares / max(float(shown.shares.max()), 1e-9)) * (bars.height() - 1)
    middle = (len(shown.shares) - 1) / 2
    for place, ((left, right), height) in enumerate(zip(pairwise(edges), heights.tolist(), strict=True)):
        name = "muted" if not is_signed or place == middle else "weight_for" if place > middle else "weight_against"
        if height > 0:
            painter.fillRect(
                QRectF(left, bars.bottom() - max(height, 1), right - left - 1, max(height, 1)), colours[name]
            )
    painter.setPen(QPen(colours["line"], 1))
    painter.drawLine(bars.bottomLeft(), bars.bottomRight())
