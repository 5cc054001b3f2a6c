"""Painting drawings with Qt: for the canvas, the thumbnails and the saved picture."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from digitpad.core.ink.drawing import PAD, PEN_WIDTH, Drawing
from digitpad.core.ink.rasterize import simplify
from digitpad.core.ink.strokes import Ink

_EXPORT_SIDE = 560


def paint_drawing(
    painter: QPainter,
    drawing: Drawing,
    colour: QColor,
    *,
    paths: Sequence[QPainterPath] | None = None,
    width: float = PEN_WIDTH,
) -> None:
    """Paint a drawing in pad units: scale the painter first. `paths` are its strokes, if they are known already."""
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    if drawing.picture is not None:
        painter.drawImage(QRectF(0, 0, PAD, PAD), ink_image(drawing.picture, colour))
    painter.setPen(pen(colour, width))
    for path in stroke_paths(drawing, width) if paths is None else paths:
        _paint_path(painter, path)


def stroke_paths(drawing: Drawing, width: float = PEN_WIDTH, *, small: bool = False) -> list[QPainterPath]:
    """Return the strokes of a drawing, in pad units, for a pen of this width; with fewer points for a small picture."""
    # The polyline that the model gets, without points that make no visible difference.
    detail = 2 * width if small else width / 4
    return [_path(simplify(stroke, detail).tolist()) for stroke in drawing.ink.strokes]


def repaint_region(
    painter: QPainter, drawing: Drawing, colour: QColor, region: QRectF, width: float = PEN_WIDTH
) -> None:
    """Clear a region of the pad and repaint it, using only the parts of strokes that reach into it."""
    painter.setClipRect(region)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.fillRect(region, Qt.GlobalColor.transparent)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    reach = region.adjusted(-PEN_WIDTH, -PEN_WIDTH, PEN_WIDTH, PEN_WIDTH)
    near = tuple(part for stroke in drawing.ink.strokes for part in _parts_in(stroke, reach))
    paint_drawing(painter, Drawing(Ink(near, PEN_WIDTH), drawing.picture), colour, width=width)


def _parts_in(stroke: np.ndarray, region: QRectF) -> list[np.ndarray]:
    """Return the parts of a stroke whose segments' bounding boxes meet a region."""
    low, high = np.minimum(stroke[:-1], stroke[1:]), np.maximum(stroke[:-1], stroke[1:])
    if len(stroke) == 1:
        low = high = stroke
    meets = (high >= (region.left(), region.top())).all(axis=1) & (low <= (region.right(), region.bottom())).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], meets, [False]])))
    return [stroke[first : last + 1] for first, last in edges.reshape(-1, 2)]


def paint_points(painter: QPainter, points: Sequence[Sequence[float]]) -> None:
    """Paint a polyline of (x, y) pairs with the painter's pen; a single point is a dot."""
    _paint_path(painter, _path(points))


def _path(points: Sequence[Sequence[float]]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon([QPointF(x, y) for x, y in points])
    return path


def _paint_path(painter: QPainter, path: QPainterPath) -> None:
    # As one path: drawPolyline leaves small gaps between its segments.
    if path.elementCount() == 1:
        painter.drawPoint(path.currentPosition())
    else:
        painter.strokePath(path, painter.pen())


def pen(colour: QColor, width: float = PEN_WIDTH) -> QPen:
    """Return the pad's round pen; `width` in pad units."""
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def ink_image(ink_map: np.ndarray, colour: QColor) -> QImage:
    """Return an ink map, (height, width) uint8, as an image of one colour whose alpha is the ink."""
    height, width = ink_map.shape
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[:] = (colour.red(), colour.green(), colour.blue(), 0)
    rgba[..., 3] = ink_map
    # QImage does not own the array; the copy owns its pixels.
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def drawing_image(
    drawing: Drawing, side: int = _EXPORT_SIDE, width: float = PEN_WIDTH, *, light_on_dark: bool = False
) -> QImage:
    """Return a drawing as an image to save: black on white, as on paper, or white on black."""
    image = QImage(QSize(side, side), QImage.Format.Format_RGB32)
    ink, paper = QColor(Qt.GlobalColor.black), QColor(Qt.GlobalColor.white)
    if light_on_dark:
        ink, paper = paper, ink
    image.fill(paper)
    painter = QPainter(image)
    painter.scale(side / PAD, side / PAD)
    paint_drawing(painter, drawing, ink, width=width)
    painter.end()
    return image


def rgba_pixels(image: QImage) -> np.ndarray:
    """Return a copy of an image's pixels, (height, width, 4) uint8 RGBA."""
    converted = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(converted.constBits(), np.uint8).reshape(converted.height(), converted.bytesPerLine())
    return rows[:, : 4 * converted.width()].reshape(converted.height(), converted.width(), 4).copy()
