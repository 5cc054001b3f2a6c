"""Arrays as pictures: a vector as a strip, an image as such, feature maps and weights as tiles."""

import numpy as np
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QPainter, QPalette

from digitpad.core.evaluation.layer_rows import LayerRow
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.colour_scale import coloured

_GAP = 1
_MIN_SIDE = 3  # px of a tile; tiles that do not fit are left out
STRIP_HEIGHT = 18


def tiles_of(row: LayerRow, values: np.ndarray) -> np.ndarray:
    """Return the values or the gradient of a row as images, (k, height, width)."""
    if row.tiles is not None and values.shape[-1] == row.tiles[0] * row.tiles[1]:
        return values.reshape(-1, *row.tiles)
    return values.reshape(-1, *values.shape[-2:]) if values.ndim > 1 else values[None, None]


def fit(count: int, shape: tuple[int, int], room: QSizeF) -> tuple[int, QSizeF]:
    """Return in how many columns, and how large, `count` tiles of `shape` (height, width) fit into a room."""
    height, width = shape
    for side in range(int(room.height()), _MIN_SIDE, -1):
        size = QSizeF(side * width / height, side)
        columns, rows = int((room.width() + _GAP) // (size.width() + _GAP)), int(room.height() + _GAP) // (side + _GAP)
        if columns * rows >= count:
            return columns, size
    size = QSizeF(_MIN_SIDE, _MIN_SIDE)
    return max(1, int(room.width() // (_MIN_SIDE + _GAP))), size


def paint_tiles(painter: QPainter, place: QRectF, tiles: np.ndarray, palette: QPalette) -> None:
    """Paint tiles (k, height, width) in a place; the largest absolute value has the full colour."""
    count, height, width = tiles.shape
    finite = np.nan_to_num(tiles.astype(np.float32), posinf=0.0, neginf=0.0)
    if count == height == 1:
        strip = QRectF(place.left(), place.center().y() - px(STRIP_HEIGHT / 2), place.width(), px(STRIP_HEIGHT))
        columns, size, place = 1, strip.size(), strip
    elif count == 1 and (height, width) != (28, 28) and height != width:
        columns, size = 1, place.size()  # a matrix of weights fills the place
    else:
        columns, size = fit(count, (height, width), place.size())
    rows = max(1, int((place.height() + _GAP) // (size.height() + _GAP)))
    shown = _reduced(finite[: columns * rows], size)
    peak = float(np.abs(shown).max(initial=0)) or 1.0
    is_larger = shown.shape[1] > size.height() or shown.shape[2] > size.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=is_larger)
    for number, image in enumerate(coloured(shown / peak, palette)):
        left = place.left() + number % columns * (size.width() + _GAP)
        top = place.top() + number // columns * (size.height() + _GAP)
        painter.drawImage(QRectF(left, top, size.width(), size.height()), image)


def _reduced(tiles: np.ndarray, size: QSizeF) -> np.ndarray:
    """Average pixels that are smaller than half a pixel of the screen: colouring them all would take long."""
    _, height, width = tiles.shape
    down, across = max(1, int(height // size.height())), max(1, int(width // size.width()))
    if down == across == 1:
        return tiles
    cut = tiles[:, : height // down * down, : width // across * across]
    return cut.reshape(len(tiles), height // down, down, width // across, across).mean(axis=(2, 4))
