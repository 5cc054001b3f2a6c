"""How the large sample is painted: frame, cursor, outline of the ink, and the captions under it."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION_PX, FIGURES_PX, tabular_font

_SWATCH = 9


def grey_image(pixels: np.ndarray, peak: int) -> QImage:
    """Return (h, w) uint8 in 0–`peak` as an image, white on black."""
    full = pixels if peak == 255 else np.round(pixels * (255 / peak)).astype(np.uint8)
    height, width = full.shape
    grey = np.ascontiguousarray(full)
    return QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8).copy()


def overlay_colours() -> tuple[QColor, QColor]:
    """Return the colours of opposing and supporting pixels: those of the dark theme, since the image is dark."""
    colours = theme_colours("dark")
    return colours["weight_against"], colours["weight_for"]


def lines_height(font: QFont) -> int:
    """Return the height of the two lines under the image, px."""
    return round(
        QFontMetricsF(tabular_font(font, FIGURES_PX)).height() + QFontMetricsF(tabular_font(font, CAPTION_PX)).height()
    )


def paint_frame(painter: QPainter, place: QRectF, colours: Mapping[str, QColor], *, has_focus: bool) -> None:
    """Frame the image, which is hardly darker than the dark theme, and show the focus."""
    width = 2 if has_focus else 1
    painter.setPen(QPen(colours["accent" if has_focus else "line"], width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(width / 2, width / 2, -width / 2, -width / 2))


def paint_outline(painter: QPainter, place: QRectF, lines: list[QLineF], columns: int) -> None:
    """Draw the outline of the ink, which the overlay may hide."""
    painter.save()
    painter.translate(place.topLeft())
    painter.scale(place.width() / columns, place.width() / columns)
    pen = QPen(QColor(255, 255, 255, 200), 1)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.drawLines(lines)
    painter.restore()


def paint_cursor(painter: QPainter, pixel: QRectF) -> None:
    """Outline a pixel, visible on white and on black."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width, out in ((QColor(0, 0, 0), 1, 2.5), (QColor(255, 255, 255), 2, 1.0), (QColor(0, 0, 0), 1, -0.5)):
        painter.setPen(QPen(colour, width))
        painter.drawRect(pixel.adjusted(-out, -out, out, out))


def paint_captions(
    painter: QPainter, place: QRectF, colours: Mapping[str, QColor], *, text: str, share: str, legend: str
) -> None:
    """Paint the text about the pixel, and under it the legend of the overlay and the share of the pixel."""
    painter.setFont(tabular_font(painter.font(), FIGURES_PX))
    painter.setPen(colours["text"])
    line = QRectF(place.left(), place.top(), place.width(), QFontMetricsF(painter.font()).height())
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
    painter.setFont(tabular_font(painter.font(), CAPTION_PX))
    below = QRectF(place.left(), line.bottom(), place.width(), QFontMetricsF(painter.font()).height())
    if not legend:
        painter.setPen(colours["muted"])
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, _tr("Ctrl+C copies the pixels as text"))
        return
    _paint_legend(painter, below, colours)
    painter.setPen(colours["text"])
    painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, share or legend)


def _paint_legend(painter: QPainter, line: QRectF, colours: Mapping[str, QColor]) -> None:
    """Paint the two colours with plus and minus, for users who cannot tell them apart."""
    opposing, supporting = overlay_colours()
    left = line.left()
    for colour, sign, word in ((supporting, "+", _tr("supports")), (opposing, "−", _tr("opposes"))):
        square = QRectF(left, round(line.center().y() - _SWATCH / 2) - 1, _SWATCH + 2, _SWATCH + 2)
        painter.fillRect(square, colour)
        painter.setPen(QColor(0, 0, 0))
        painter.drawText(square.adjusted(-3, -3, 3, 3), Qt.AlignmentFlag.AlignCenter, sign)
        painter.setPen(colours["muted"])
        painter.drawText(line.adjusted(square.right() - line.left() + 5, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, word)
        left = square.right() + 5 + QFontMetricsF(painter.font()).horizontalAdvance(word) + 12


def _tr(text: str) -> str:
    return QCoreApplication.translate("PixelView", text)
