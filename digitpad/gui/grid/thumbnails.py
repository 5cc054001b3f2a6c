"""Many small images at once: dark ink on light paper in either theme, every pixel a square."""

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter, QPalette

from digitpad.gui.theme.colours import theme_colours

_LEVELS = 256


def ink_and_paper(palette: QPalette) -> tuple[QColor, QColor]:
    """Return the darker and the lighter one of a theme's text and surface colours."""
    colours = theme_colours(palette)
    ink, paper = sorted((colours["text"], colours["surface"]), key=QColor.lightnessF)
    return ink, paper


def ink_table(ink: QColor, paper: QColor, peak: int) -> np.ndarray:
    """Return (256,) uint32: the colour, as QImage's RGB32 has it, of each level of ink in 0–`peak`."""
    share = np.minimum(np.arange(_LEVELS) / peak, 1.0)[:, None]
    dark, light = (np.array([colour.red(), colour.green(), colour.blue()]) for colour in (ink, paper))
    rgb = np.rint((1 - share) * light + share * dark).astype(np.uint32)
    return 0xFF000000 | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]


def paint_thumbnails(
    painter: QPainter, lefts: list[int], tops: list[int], side: int, images: np.ndarray, table: np.ndarray
) -> None:
    """Paint images (k, height, width) uint8 in the middle of k squares, with the painter's pen around each."""
    height, width = images.shape[1:]
    wide, high = (side * extent // max(height, width) for extent in (width, height))
    right, down = (side - wide) // 2, (side - high) // 2
    # All are coloured in one step; each QImage is a view of a part of the array.
    pixels = table[images]
    for left, top, image in zip(lefts, tops, pixels, strict=True):
        picture = QImage(image.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        painter.drawImage(QRect(left + right, top + down, wide, high), picture)
        painter.drawRect(left + right - 1, top + down - 1, wide + 1, high + 1)
