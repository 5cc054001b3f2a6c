"""Numbers as colours: blue above 0, orange below, the ground of the theme at 0; or a scale from low to high."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtGui import QColor, QImage, QPalette

from digitpad.gui.theme.colours import theme_colours


def coloured(images: np.ndarray, palette: QPalette) -> list[QImage]:
    """Colour images (k, h, w) in [-1, 1] by the theme that a palette belongs to."""
    low, middle, high = (_rgb(theme_colours(palette)[f"weight_{name}"]) for name in ("against", "neutral", "for"))
    share = np.abs(images)[..., None]
    mixed = middle + share * (np.where(images[..., None] < 0, low, high) - middle)
    pixels = np.full((*images.shape, 4), 255, np.uint8)
    pixels[..., :3] = np.rint(mixed)
    height, width = images.shape[1:]
    # A copy owns its pixels; without it the image would use the array's memory.
    return [QImage(image.data, width, height, 4 * width, QImage.Format.Format_RGBX8888).copy() for image in pixels]


def scale_colour(colours: Mapping[str, QColor], share: float) -> QColor:
    """Return the colour of a place in a scale, 0 to 1, in a theme's colours; lightness and hue change with it."""
    half, rest = divmod(2 * min(max(share, 0.0), 1.0), 1)
    names = ("scale_low", "scale_middle", "scale_high", "scale_high")
    low, high = (_rgb(colours[names[int(half) + step]]) for step in (0, 1))
    return QColor(*(int(part) for part in np.rint(low + rest * (high - low))))


def _rgb(colour: QColor) -> np.ndarray:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float32)
