"""Feature maps and units as tiles of equal size, painted as one image."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPalette, qRgba

from digitpad.gui.theme.colours import theme_colours

_GAP = 1  # screen pixels between tiles of few pixels
_WIDE_GAP = 3
_SMALLEST = 3  # screen pixels; tiles that do not fit are left out
_LARGEST = 112
_MIDDLE = 127
_TRANSPARENT = 255
_MOST_OPAQUE, _LIFT = 0.92, 0.7


@dataclass(frozen=True, slots=True)
class Tiles:
    """Where tiles are, in rows from the top left; sizes in screen pixels, of which `ratio` are one unit of Qt."""

    corner: QPointF
    count: int  # of the tiles that fit
    columns: int
    width: int
    height: int
    gap: int
    foot: int  # below each tile, for a caption
    ratio: float

    @property
    def rows(self) -> int:
        """The number of rows."""
        return ceil(self.count / self.columns)

    def rect(self, place: int) -> QRectF:
        """Return where a tile is, without its caption."""
        row, column = divmod(place, self.columns)
        left, top = column * (self.width + self.gap), row * (self.height + self.foot + self.gap)
        corner = self.corner + QPointF(left, top) / self.ratio
        return QRectF(corner.x(), corner.y(), self.width / self.ratio, self.height / self.ratio)

    def place_at(self, position: QPointF) -> int | None:
        """Return which tile is at a position; caption and gap belong to the tile before them."""
        there = (position - self.corner) * self.ratio
        column, row = there.x() // (self.width + self.gap), there.y() // (self.height + self.foot + self.gap)
        place = int(row * self.columns + column)
        return place if 0 <= column < self.columns and 0 <= place < self.count else None


def fit_tiles(count: int, shape: tuple[int, int], room: QRectF, ratio: float = 1.0, *, foot: int = 0) -> Tiles:
    """Return the largest tiles of `shape` (height, width) of which `count` fit into a room.

    `foot` px below each tile are left for a caption.
    """
    (height, width), longer = shape, max(shape)
    across, down = room.width() * ratio, room.height() * ratio
    gap, below = round((_WIDE_GAP if longer > 1 else _GAP) * ratio), round(foot * ratio)
    side, columns = 0, 1
    for tried in range(1, count + 1):
        wide, high = (across + gap) / tried - gap, (down + gap) / ceil(count / tried) - gap - below
        largest = int(min(wide * longer / width, high * longer / height, _LARGEST * ratio))
        if largest > side:
            side, columns = largest, tried
        if wide < _SMALLEST:
            break
    if side < _SMALLEST:
        side, columns = _SMALLEST, max(1, int((across + gap) // (_SMALLEST + gap)))
        count = min(count, columns * max(1, int((down + gap) // (_SMALLEST + gap))))
    size = max(1, side * width // longer), max(1, side * height // longer)
    return Tiles(room.topLeft(), count, columns, *size, gap, below, ratio)


def largest(values: np.ndarray) -> float:
    """Return the largest magnitude of the values that are numbers; 1 if all are 0."""
    peak = float(np.abs(values).max(initial=0))
    if not np.isfinite(peak):
        peak = float(np.abs(np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)).max(initial=0))
    return peak or 1.0


def resampled(maps: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resample maps (k, h, w) to (k, height, width): pixels are averaged where there are too many, else repeated."""
    return _weights(maps.shape[1], height) @ maps @ _weights(maps.shape[2], width).T


@lru_cache(64)
def _weights(count: int, wanted: int) -> np.ndarray:
    """Return (wanted, count) float32: how much each of `count` pixels counts for each wanted one."""
    if wanted >= count:
        return np.eye(count, dtype=np.float32)[np.arange(wanted) * count // wanted]
    edges = np.arange(wanted + 1) * count / wanted
    starts, ends = np.maximum(edges[:-1, None], np.arange(count)), np.minimum(edges[1:, None], np.arange(1, count + 1))
    return (np.clip(ends - starts, 0, None) * wanted / count).astype(np.float32)


def grey_table() -> list[int]:
    """Return 256 colours from black to white, the last one transparent; see `colour_table`."""
    greys = (round(255 * step / (2 * _MIDDLE)) for step in range(2 * _MIDDLE + 1))
    return [*(qRgba(grey, grey, grey, 255) for grey in greys), qRgba(0, 0, 0, 0)]


def colour_table(palette: QPalette) -> list[int]:
    """Return 256 colours: 0 to 254 from the lowest value to the highest, with 0 at 127; 255 is transparent."""
    low, middle, high = (theme_colours(palette)[name] for name in ("weight_against", "hover", "weight_for"))
    mixes = [_mixed(middle, low if step < 0 else high, _lifted(step)) for step in range(-_MIDDLE, _MIDDLE + 1)]
    return [*mixes, qRgba(0, 0, 0, 0)]


def overlay_table() -> list[int]:
    """Return the colours of `colour_table` for an overlay on a dark image: transparent at 0."""
    colours, table = theme_colours("dark"), []
    for step in range(-_MIDDLE, _MIDDLE + 1):
        colour = colours["weight_against" if step < 0 else "weight_for"]
        opacity = round(255 * _MOST_OPAQUE * _lifted(step))
        table.append(qRgba(colour.red(), colour.green(), colour.blue(), opacity))
    return [*table, qRgba(0, 0, 0, 0)]


def _lifted(step: int) -> float:
    """Return the share of the colour of a value, in [0, 1]: weak ones are raised, or only a few were visible."""
    return (abs(step) / _MIDDLE) ** _LIFT


def _mixed(start: QColor, end: QColor, share: float) -> int:
    pairs = (start.red(), end.red()), (start.green(), end.green()), (start.blue(), end.blue())
    red, green, blue = (round(a + share * (b - a)) for a, b in pairs)
    return qRgba(red, green, blue, 255)


def tiles_image(tiles: Tiles, values: np.ndarray, table: list[int]) -> QImage:
    """Return values (k, h, w) in [-1, 1] as one image with a tile for each."""
    count, places = tiles.count, tiles.rows * tiles.columns
    shown = values[:count].astype(np.float32)
    finite = shown if np.isfinite(shown).all() else np.nan_to_num(shown, nan=0.0, posinf=1.0, neginf=-1.0)
    shades = np.full((places, tiles.height + tiles.foot + tiles.gap, tiles.width + tiles.gap), _TRANSPARENT, np.uint8)
    shades[:count, : tiles.height, : tiles.width] = np.rint(
        resampled(finite, tiles.height, tiles.width) * _MIDDLE + _MIDDLE
    )
    grid = shades.reshape(tiles.rows, tiles.columns, *shades.shape[1:]).transpose(0, 2, 1, 3)
    picture = np.ascontiguousarray(grid.reshape(tiles.rows * shades.shape[1], -1))
    height, width = picture.shape
    # A copy owns its pixels; without it the image would use the array's memory.
    image = QImage(picture.data, width, height, width, QImage.Format.Format_Indexed8).copy()
    image.setColorTable(table)
    image.setDevicePixelRatio(tiles.ratio)
    return image
