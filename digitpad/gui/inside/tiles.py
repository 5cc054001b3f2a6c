"""Feature maps and units as tiles of equal size, written into the pixels of one image."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, isfinite

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QImage, QPalette, qRgba

from digitpad.gui.theme.colours import mixed, theme_colours
from digitpad.gui.theme.digit_colours import paper_theme, shades
from digitpad.gui.theme.scaling import px

_GAP = 1  # screen pixels between tiles of few pixels
_WIDE_GAP = 3
_SMALLEST = 3  # screen pixels; tiles that do not fit are left out
_LARGEST = 112
_MIDDLE = 127
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
        largest = int(min(wide * longer / width, high * longer / height, px(_LARGEST) * ratio))
        if largest > side:
            side, columns = largest, tried
        if wide < _SMALLEST:
            break
    if side < _SMALLEST:
        side, columns = _SMALLEST, max(1, int((across + gap) // (_SMALLEST + gap)))
        count = min(count, columns * max(1, int((down + gap) // (_SMALLEST + gap))))
    size = max(1, side * width // longer), max(1, side * height // longer)
    corner = QPointF(round(room.left() * ratio) / ratio, round(room.top() * ratio) / ratio)
    return Tiles(corner, count, columns, *size, gap, below, ratio)


def largest(values: np.ndarray) -> float:
    """Return the largest magnitude of the values that are numbers; 1 if all are 0."""
    peak = max(float(values.max(initial=0)), -float(values.min(initial=0)))
    if not isfinite(peak):
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


def ink_table(palette: QPalette) -> np.ndarray:
    """Return 255 colours from paper to ink, see `colour_table`."""
    return shades(palette, 2 * _MIDDLE)[: 2 * _MIDDLE + 1]


def colour_table(palette: QPalette) -> np.ndarray:
    """Return 255 colours as Qt's 0xAARRGGBB, uint32: from the lowest value to the highest, with 0 at 127."""
    low, middle, high = (theme_colours(palette)[name] for name in ("weight_against", "hover", "weight_for"))
    mixes = [mixed(middle, low if step < 0 else high, _lifted(step)).rgb() for step in range(-_MIDDLE, _MIDDLE + 1)]
    return np.array(mixes, np.uint32)


def overlay_table(palette: QPalette) -> np.ndarray:
    """Return the colours of `colour_table` for an overlay on a picture of a digit: transparent at 0."""
    colours, table = theme_colours(paper_theme(palette)), []
    for step in range(-_MIDDLE, _MIDDLE + 1):
        colour = colours["weight_against" if step < 0 else "weight_for"]
        opacity = round(255 * _MOST_OPAQUE * _lifted(step))
        table.append(qRgba(colour.red(), colour.green(), colour.blue(), opacity))
    return np.array(table, np.uint32)


def _lifted(step: int) -> float:
    """Return the share of the colour of a value, in [0, 1]: weak ones are raised, or only a few were visible."""
    return (abs(step) / _MIDDLE) ** _LIFT


def tiles_image(tiles: Tiles, values: np.ndarray, table: np.ndarray, peak: float = 1.0) -> QImage:
    """Return values (k, h, w) in [-peak, peak] as one image with a tile for each, transparent between them."""
    size = QSize(tiles.columns * (tiles.width + tiles.gap), tiles.rows * (tiles.height + tiles.foot + tiles.gap))
    image = QImage(size, QImage.Format.Format_ARGB32)
    image.fill(0)
    write_tiles(pixels_of(image), tiles, values, table, peak)
    image.setDevicePixelRatio(tiles.ratio)
    return image


def pixels_of(image: QImage) -> np.ndarray:
    """Return the pixels of a 32-bit image, (height, width) uint32, to be written to while the image exists."""
    return np.frombuffer(image.bits(), np.uint32).reshape(image.height(), -1)


def write_tiles(pixels: np.ndarray, tiles: Tiles, values: np.ndarray, table: np.ndarray, peak: float) -> None:
    """Write values (k, h, w) in [-peak, peak] into pixels, (height, width) uint32, with the first tile at the top left.

    What is between the tiles stays. The pixels must have room for a gap after the last tile of a row and of a column.
    """
    shown = np.ascontiguousarray(values[: tiles.count])  # of a fast convolution the maps are not
    if not isfinite(float(shown.sum())):
        shown = np.nan_to_num(shown, nan=0.0, posinf=peak, neginf=-peak)
    if shown.shape[1] > tiles.height or shown.shape[2] > tiles.width:
        shown = resampled(shown, tiles.height, tiles.width)
    colours = table[np.rint(shown * (_MIDDLE / peak) + _MIDDLE).astype(np.uint8)]
    if 1 < colours[0].size < tiles.height * tiles.width:  # single ones are broadcast
        colours = colours.reshape(len(colours), -1)[:, _repeats(*colours.shape[1:], tiles.height, tiles.width)]
    rows, down, across = tiles.rows, tiles.height + tiles.foot + tiles.gap, tiles.width + tiles.gap
    grid = pixels[: rows * down, : tiles.columns * across].reshape(rows, down, tiles.columns, across)
    full, rest = divmod(tiles.count, tiles.columns)
    by_rows = colours[: tiles.count - rest].reshape(full, tiles.columns, *colours.shape[1:])
    grid[:full, : tiles.height, :, : tiles.width] = by_rows.transpose(0, 2, 1, 3)
    if rest:
        grid[full, : tiles.height, :rest, : tiles.width] = colours[-rest:].transpose(1, 0, 2)


@lru_cache(64)
def _repeats(height: int, width: int, wanted_height: int, wanted_width: int) -> np.ndarray:
    """Return which of height x width pixels each of the wanted ones repeats, (wanted_height, wanted_width)."""
    rows, columns = np.arange(wanted_height) * height // wanted_height, np.arange(wanted_width) * width // wanted_width
    return rows[:, None] * width + columns
