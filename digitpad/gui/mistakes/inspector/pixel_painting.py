"""How the large sample is painted: pixels, overlay, outline of the ink, frame, cursor, and the captions under it."""

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPalette, QPen

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import ink_and_paper, paper_theme
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px

_SWATCH = 9
# The strongest pixel of an overlay is slightly transparent; weak ones are raised: otherwise only a few were visible.
_MAX_OPACITY = 0.92
_LIFT = 0.7


def overlay_image(values: np.ndarray, opposing: QColor, supporting: QColor) -> QImage:
    """Return values (h, w) in [-1, 1] as an image of two colours: transparent at 0, nearly opaque at -1 and 1."""
    height, width = values.shape
    colours = [(colour.red(), colour.green(), colour.blue()) for colour in (opposing, supporting)]
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[..., :3] = np.where(values[..., None] < 0, *np.array(colours, np.uint8)[:, None, None])
    rgba[..., 3] = np.rint(255 * _MAX_OPACITY * np.abs(values) ** _LIFT)
    # The copy owns its pixels, so the array can be freed.
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def outline(is_ink: np.ndarray) -> list[QLineF]:
    """Return the lines between pixels that are ink and pixels that are not, (h, w) bool; a pixel is 1 wide."""
    padded = np.pad(is_ink, 1)
    below = np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]).tolist()
    beside = np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]).tolist()
    lines = [QLineF(column, row, column + 1, row) for row, column in below]
    return lines + [QLineF(column, row, column, row + 1) for row, column in beside]


def overlay_colours(palette: QPalette) -> tuple[QColor, QColor]:
    """Return the colours of opposing and supporting pixels: those of the theme that the paper belongs to."""
    colours = theme_colours(paper_theme(palette))
    return colours["weight_against"], colours["weight_for"]


def lines_height(font: QFont) -> int:
    """Return the height of the two lines under the image, px."""
    return round(
        QFontMetricsF(tabular_font(font, CAPTION)).height() + QFontMetricsF(tabular_font(font, CAPTION)).height()
    )


def paint_outline(painter: QPainter, place: QRectF, lines: list[QLineF], columns: int, palette: QPalette) -> None:
    """Draw the outline of the ink, which the overlay may hide."""
    painter.save()
    painter.translate(place.topLeft())
    painter.scale(place.width() / columns, place.width() / columns)
    ink = QColor(ink_and_paper(palette)[0])
    ink.setAlpha(200)
    pen = QPen(ink, 1)
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


def paint_captions(painter: QPainter, place: QRectF, palette: QPalette, *, text: str, share: str, legend: str) -> None:
    """Paint the text about the pixel, and under it the legend of the overlay and the share of the pixel."""
    colours = theme_colours(palette)
    painter.setFont(tabular_font(painter.font(), CAPTION))
    painter.setPen(colours["text"])
    line = QRectF(place.left(), place.top(), place.width(), QFontMetricsF(painter.font()).height())
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
    painter.setFont(tabular_font(painter.font(), CAPTION))
    below = QRectF(place.left(), line.bottom(), place.width(), QFontMetricsF(painter.font()).height())
    if not legend:
        painter.setPen(colours["muted"])
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, _tr("Ctrl+C copies the pixels as text"))
        return
    _paint_legend(painter, below, palette)
    painter.setPen(colours["text"])
    painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, share or legend)


def _paint_legend(painter: QPainter, line: QRectF, palette: QPalette) -> None:
    """Paint the two colours with plus and minus, for users who cannot distinguish them."""
    opposing, supporting = overlay_colours(palette)
    colours, signs = theme_colours(palette), theme_colours(paper_theme(palette))["on_accent"]
    left = line.left()
    for colour, sign, meaning in ((supporting, "+", _tr("supports")), (opposing, "−", _tr("opposes"))):
        square = QRectF(left, round(line.center().y() - px(_SWATCH / 2)) - 1, px(_SWATCH + 2), px(_SWATCH + 2))
        painter.fillRect(square, colour)
        painter.setPen(signs)
        painter.drawText(square.adjusted(-px(3), -px(3), px(3), px(3)), Qt.AlignmentFlag.AlignCenter, sign)
        painter.setPen(colours["muted"])
        painter.drawText(
            line.adjusted(square.right() - line.left() + px(5), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, meaning
        )
        left = square.right() + px(5) + QFontMetricsF(painter.font()).horizontalAdvance(meaning) + px(12)


def _tr(text: str) -> str:
    return QCoreApplication.translate("PixelView", text)
