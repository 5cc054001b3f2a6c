"""The pictures of one unit: its weights, what they are multiplied with, and where in the image it fires."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    qRgba,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.evaluation.inside.unit_detail import Position, UnitDetail
from digitpad.core.translation import tr_noop
from digitpad.gui.inside.texts import number_text
from digitpad.gui.inside.tiles import colour_table, fit_tiles, largest, tiles_image
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.shortcut_override import ARROWS, HandledKeys

_LARGEST, _SMALLEST, _GAP, _CAPTION = 99, 78, 20, 16
_MOST_NUMBERS = 5  # cells along a side in which numbers fit
_NUMBER_TYPE, _WIDE_CELL = 0.75, 31
_FADED = 90  # the opacity of the drawing below the places that fire
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class UnitPictures(QWidget):
    """Paints three pictures side by side. In a feature map, the pointer or the arrow keys choose the position."""

    HANDLED_KEYS = (HandledKeys(ARROWS, tr_noop("in the picture of a unit: go to another place")),)
    accessible_role = QAccessible.Role.Graphic

    position_requested = Signal(object)  # Position

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detail: UnitDetail | None = None
        self._pixels = np.zeros((28, 28), np.float32)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Weights of the unit, its inputs, and where in the drawing it fires"))

    def show_detail(self, detail: UnitDetail | None, pixels: np.ndarray) -> None:
        """Show a unit of the model for an image, (height, width) float32 in [0, 1]."""
        self._detail, self._pixels = detail, pixels
        if detail is not None and detail.position is not None:
            self.setAccessibleDescription(self.tr("row {}, column {}").format(*detail.position))
            self.setToolTip(self.tr("Click a place in the right picture, or press the arrow keys, for the sum there"))
        else:
            self.setAccessibleDescription("")
            self.setToolTip("")
        self.update()

    @property
    def strongest(self) -> int:
        """The input map that adds most to the sum, or takes most from it: its kernel is shown."""
        return 0 if self._detail is None else int(np.abs(np.nan_to_num(self._detail.parts)).argmax())

    def place_of(self, picture: int) -> QRectF:
        """Return where a picture is: 0 the weights, 1 the inputs, 2 where it fires."""
        side = self._side
        return QRectF(picture * (side + px(_GAP)), px(_CAPTION), side, side)

    @property
    def _side(self) -> int:
        return max(px(_SMALLEST), min(px(_LARGEST), (self.width() - px(2 * _GAP) - px(2)) // 3))

    def position_at(self, there: QPointF) -> Position | None:
        """Return the position in the feature map at a place in the right picture."""
        place, detail = self.place_of(2), self._detail
        if detail is None or detail.position is None or not place.contains(there):
            return None
        height, width = detail.fired.shape
        row, column = (
            (there.y() - place.top()) / place.height() * height,
            (there.x() - place.left()) / place.width() * width,
        )
        return min(int(row), height - 1), min(int(column), width - 1)

    def sizeHint(self) -> QSize:
        return QSize(px(3 * _LARGEST + 2 * _GAP + 2), px(_LARGEST + _CAPTION + 2))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(3 * _SMALLEST + 2 * _GAP + 2), px(_LARGEST + _CAPTION + 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._request(self.position_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._request(self.position_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step, detail = _STEPS.get(Qt.Key(event.key())), self._detail
        if step is None or detail is None or detail.position is None:
            super().keyPressEvent(event)
            return
        (row, column), (height, width) = detail.position, detail.fired.shape
        self._request((min(max(row + step[0], 0), height - 1), min(max(column + step[1], 0), width - 1)))

    def _request(self, position: Position | None) -> None:
        if position is not None:
            self.position_requested.emit(position)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        detail = self._detail
        if detail is None:
            return
        painter, colours = QPainter(self), theme_colours(QGuiApplication.palette())
        is_kernel = detail.position is not None
        shown = detail.weights, detail.inputs
        if is_kernel:
            shown = detail.weights[[self.strongest]], detail.inputs[[self.strongest]]
        for picture, values in enumerate(shown):
            self._paint_values(painter, self.place_of(picture), values)
        self._paint_fired(painter, detail)
        painter.setFont(tabular_font(self.font(), CAPTION))
        painter.setPen(colours["muted"])
        several = is_kernel and len(detail.weights) > 1
        kernel = self.tr("kernel, map {}").format(self.strongest) if several else self.tr("kernel")
        captions = (kernel, self.tr("patch")) if is_kernel else (self.tr("weights"), self.tr("inputs"))
        for picture, caption in enumerate((*captions, self.tr("where it fires"))):
            place = self.place_of(picture)
            room = QRectF(place.left(), 0, place.width() + px(_GAP - 6), px(_CAPTION - 3))
            shown = painter.fontMetrics().elidedText(caption, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, shown)
        first = self.place_of(0)
        painter.setFont(tabular_font(self.font()))
        between = QRectF(first.right(), first.center().y() - px(10), px(_GAP), px(20))
        painter.drawText(between, Qt.AlignmentFlag.AlignCenter, "×")

    def _paint_values(self, painter: QPainter, place: QRectF, values: np.ndarray) -> None:
        """Paint (k, h, w) as tiles; the cells of a kernel carry their numbers."""
        peak = largest(values)
        ratio, (count, height, width) = self.devicePixelRatioF(), values.shape
        tiles = fit_tiles(count, (height, width), place, ratio)
        painter.drawImage(place.topLeft(), tiles_image(tiles, values, colour_table(QGuiApplication.palette()), peak))
        if count > 1 or max(height, width) > _MOST_NUMBERS:
            return
        colours, tile = theme_colours(QGuiApplication.palette()), tiles.rect(0)
        painter.setFont(tabular_font(self.font(), _NUMBER_TYPE))
        wide, high = tile.width() / width, tile.height() / height
        for row, column in np.ndindex(height, width):
            value = float(values[0, row, column])
            painter.setPen(colours["on_accent" if abs(value) > 0.6 * peak else "text"])
            cell = QRectF(tile.left() + column * wide, tile.top() + row * high, wide, high)
            decimals = 2 if width <= 3 or abs(value) < 1 else 1
            text = number_text(value, decimals)
            painter.drawText(
                cell, Qt.AlignmentFlag.AlignCenter, text if wide >= px(_WIDE_CELL) else text.replace("0.", ".")
            )

    def _paint_fired(self, painter: QPainter, detail: UnitDetail) -> None:
        """Paint the drawing faded, what fires over it, and the position."""
        colours, place, ratio = theme_colours(QGuiApplication.palette()), self.place_of(2), self.devicePixelRatioF()
        fired = fit_tiles(1, detail.fired.shape, place, ratio)
        table = colour_table(QGuiApplication.palette())
        painter.drawImage(place.topLeft(), tiles_image(fired, detail.fired[None], table, largest(detail.fired)))
        drawing = fit_tiles(1, self._pixels.shape, place, ratio)
        veil = np.array([qRgba(160, 160, 160, round(shade * _FADED / 254)) for shade in range(255)], np.uint32)
        painter.drawImage(place.topLeft(), tiles_image(drawing, 2 * self._pixels[None] - 1, veil))
        if detail.position is not None:
            height, width = detail.fired.shape
            tile = fired.rect(0)
            (row, column), wide, high = detail.position, tile.width() / width, tile.height() / height
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours["text"], px(2)))
            painter.drawRect(QRectF(tile.left() + column * wide, tile.top() + row * high, wide, high))
        if self.hasFocus():
            painter.setPen(QPen(colours["accent"], px(2)))
            painter.drawRect(place.adjusted(0, 0, 1, 1))
