"""Paints the samples of a grid: thumbnails, and captions under them."""

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPalette, QPen, QPixmap

from digitpad.core.evaluation.samples import Samples
from digitpad.gui.grid.captions import CellCaptions
from digitpad.gui.grid.visible_cells import VisibleCells
from digitpad.gui.grid.zoom import DEFAULT_SIDE
from digitpad.gui.theme.colours import theme_colours, verdict_colour
from digitpad.gui.theme.digit_colours import shades
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.verdict_icons import SIDE as MARK
from digitpad.gui.widgets.verdict_icons import VerdictIcon, paint_badge

SMALLEST_WITH_CAPTIONS = 48  # px; under smaller thumbnails captions would be most of the picture
_TIGHT, _PADDING, _GAP = 4, 8, 4
_TINT, _TIGHT_TINT = 0.22, 0.7  # of the accent, under selected samples
_RADIUS = 5


class CellPainter:
    """Paints cells; computes the values that all cells share only once."""

    def __init__(self, captions: CellCaptions) -> None:
        self._side = DEFAULT_SIDE
        self._captions = captions

    @property
    def has_captions(self) -> bool:
        """Whether there is room for captions."""
        return self._side >= px(SMALLEST_WITH_CAPTIONS)

    @property
    def padding(self) -> int:
        """The room around picture and captions, px."""
        return px(_PADDING) if self.has_captions else px(_TIGHT)

    def prepare(self, side: int, font: QFont, samples: Samples | None, *, has_answers: bool) -> QSize:
        """Prepare for a side of the thumbnails, px, a font and a set; return the size of a cell."""
        self._side = side
        if not self.has_captions:
            return QSize(side + px(2 * _TIGHT), side + px(2 * _TIGHT))
        width, height = self._captions.prepare(font, samples, side, has_answers=has_answers)
        return QSize(max(side, width) + px(2 * _PADDING) + px(_GAP), side + px(_GAP) + height + px(2 * _PADDING))

    def paint(self, painter: QPainter, palette: QPalette, cells: VisibleCells) -> None:
        """Paint some cells on the grid's background."""
        top = self.padding
        lefts = [left + (width - self._side) // 2 for left, width in zip(cells.lefts, cells.widths, strict=True)]
        tops = [edge + top for edge in cells.tops]
        self._paint_backgrounds(painter, palette, cells)
        digits, table = cells.samples.digits, shades(palette, cells.samples.digits.peak)
        painter.setPen(QPen(theme_colours(palette)["line"], 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _paint_thumbnails(painter, lefts, tops, self._side, digits.images[cells.indices], table)
        if self.has_captions:
            self._captions.paint(painter, palette, cells, top + self._side)
        self._paint_flags(painter, palette, cells, lefts, tops)
        _paint_ring(painter, palette, cells)

    def _paint_backgrounds(self, painter: QPainter, palette: QPalette, cells: VisibleCells) -> None:
        colours = theme_colours(palette)
        if cells.hovered is not None and not cells.selected[cells.hovered]:
            rect = cells.rect(cells.hovered)
            painter.drawPixmap(rect.topLeft(), _background(painter, rect.size(), colours["hover"], colours["hover"]))
        # Little more than the edge of a small cell is visible.
        tint = QColor(colours["accent"])
        tint.setAlphaF(_TINT if self.has_captions else _TIGHT_TINT)
        # Drawn once for each of the two widths: with all cells selected it would take the time of a frame.
        backgrounds: dict[int, QPixmap] = {}
        for at in np.flatnonzero(cells.selected).tolist():
            width = cells.widths[at]
            if width not in backgrounds:
                backgrounds[width] = _background(painter, QSize(width, cells.height), tint, colours["accent"])
            painter.drawPixmap(cells.lefts[at], cells.tops[at], backgrounds[width])

    def _paint_flags(
        self, painter: QPainter, palette: QPalette, cells: VisibleCells, lefts: list[int], tops: list[int]
    ) -> None:
        marks = cells.samples.marks
        if not marks:
            return
        flag = self._captions.mark(painter, VerdictIcon.FLAG, verdict_colour(palette, is_right=False))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, left, top in zip(cells.indices.tolist(), lefts, tops, strict=True):
            if index in marks:
                place = QRectF(left + self._side - px(MARK) - px(2), top - px(2), px(MARK + 4), px(MARK + 4))
                paint_badge(painter, place, theme_colours(palette)["surface"], flag)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _paint_thumbnails(
    painter: QPainter, lefts: list[int], tops: list[int], side: int, images: np.ndarray, table: np.ndarray
) -> None:
    """Paint (k, height, width) uint8 images in the middle of k squares, with the painter's pen around each."""
    height, width = images.shape[1:]
    wide, high = (side * extent // max(height, width) for extent in (width, height))
    right, down = (side - wide) // 2, (side - high) // 2
    # Colour all of them in one step; each QImage is a view of a part of the array.
    pixels = table[images]
    for left, top, image in zip(lefts, tops, pixels, strict=True):
        picture = QImage(image.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        painter.drawImage(QRect(left + right, top + down, wide, high), picture)
        painter.drawRect(left + right - 1, top + down - 1, wide + 1, high + 1)


def _background(painter: QPainter, size: QSize, fill: QColor, edge: QColor) -> QPixmap:
    """Draw a cell's background with rounded corners."""
    ratio = painter.device().devicePixelRatioF()
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    rounded = QPainter(pixmap)
    rounded.setRenderHint(QPainter.RenderHint.Antialiasing)
    rounded.setPen(QPen(edge, 1))
    rounded.setBrush(fill)
    rounded.drawRoundedRect(_inside(QRect(QPoint(0, 0), size), 1.5), px(_RADIUS), px(_RADIUS))
    rounded.end()
    return pixmap


def _paint_ring(painter: QPainter, palette: QPalette, cells: VisibleCells) -> None:
    """Frame the current cell."""
    if cells.current is None:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    colour, width = ("accent", 2) if cells.has_focus else ("muted", 1)
    painter.setPen(QPen(theme_colours(palette)[colour], width))
    painter.drawRoundedRect(_inside(cells.rect(cells.current), 1.5), px(_RADIUS), px(_RADIUS))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _inside(rect: QRect, by: float) -> QRectF:
    return QRectF(rect).adjusted(by, by, -by, -by)
