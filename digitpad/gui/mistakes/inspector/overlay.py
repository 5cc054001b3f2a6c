"""The overlay on a sample's image: which pixels support a digit and which oppose it, and the outline of the ink."""

import numpy as np
from PySide6.QtCore import QLineF
from PySide6.QtGui import QColor, QImage

# The strongest pixel is slightly transparent; weak ones are raised, otherwise only a few would be visible.
_MOST = 0.92
_LIFT = 0.7


def overlay_image(values: np.ndarray, opposing: QColor, supporting: QColor) -> QImage:
    """Return values (h, w) in [-1, 1] as an image of two colours: transparent at 0, nearly opaque at -1 and 1."""
    height, width = values.shape
    colours = [(colour.red(), colour.green(), colour.blue()) for colour in (opposing, supporting)]
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[..., :3] = np.where(values[..., None] < 0, *np.array(colours, np.uint8)[:, None, None])
    rgba[..., 3] = np.rint(255 * _MOST * np.abs(values) ** _LIFT)
    # The copy owns its pixels; the array may go.
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def outline(is_ink: np.ndarray) -> list[QLineF]:
    """Return the lines between pixels that are ink and pixels that are not, (h, w) bool; a pixel is 1 wide."""
    padded = np.pad(is_ink, 1)
    below = np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]).tolist()
    beside = np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]).tolist()
    lines = [QLineF(column, row, column + 1, row) for row, column in below]
    return lines + [QLineF(column, row, column, row + 1) for row, column in beside]
