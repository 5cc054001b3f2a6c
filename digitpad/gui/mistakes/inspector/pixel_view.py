"""The image of one sample, large, with an overlay that explains the prediction pixel by pixel."""

from math import floor
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.images.digits import to_bytes, to_floats
from digitpad.core.translation import tr_noop
from digitpad.gui.mistakes.inspector import pixel_painting as paint
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import ink_and_paper, paint_levels
from digitpad.gui.theme.edges import paint_frame
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.sentences import with_minus
from digitpad.gui.widgets.shortcut_override import ARROWS, HandledKeys, handles_copy_key

if TYPE_CHECKING:  # it would bring torch
    from digitpad.core.evaluation.samples import Sample

_MIN_SIDE = 224  # px
# The side of the image as a part of the width: the answer under it is in sight too, on stage without the tools.
_PART, _STAGE_PART = 0.82, 0.62
_GAP = 6
_DIMMED = 0.6
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}

Pixel = tuple[int, int]


class PixelView(QWidget):
    """Shows ink on paper. The mouse or the arrow keys read single pixels.

    Two lines are reserved below the image: the pixel, and its share in the overlay.
    """

    HANDLED_KEYS = (
        HandledKeys(ARROWS, tr_noop("in the large picture: read another pixel")),
        HandledKeys(("Esc",), tr_noop("in the large picture: stop reading")),
    )
    accessible_role = QAccessible.Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixels = np.zeros((28, 28), np.uint8)
        self._peak = 255
        self._is_empty = True
        self._overlay: np.ndarray | None = None
        self._overlay_caption = ""
        self._pixel: Pixel | None = None
        self._part = _PART
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("The sample's image"))
        self.setToolTip(self.tr("Rows and columns count from 0. Arrow keys move between pixels; Ctrl+C copies all."))

    def set_stage(self, *, on: bool) -> None:
        """Leave room for the answer in a column that is about as wide as the window is high, or in a narrow one."""
        self._part = _STAGE_PART if on else _PART
        self.updateGeometry()

    @property
    def overlay(self) -> np.ndarray | None:
        """(h, w) float32: the saliency map over the image."""
        return self._overlay

    @property
    def pixel(self) -> Pixel | None:
        """Row and column of the current pixel, from 0."""
        return self._pixel

    @property
    def caption(self) -> str:
        """The text about the current pixel, or the whole image."""
        if self._is_empty:
            return ""
        if self._pixel is None:
            height, width = self._pixels.shape
            if height * width == 2:
                return self.tr("2 inputs, each 0 or 1")  # of a gate
            return self.tr("{}x{} pixels from 0 to {}").format(height, width, self._peak)
        value = int(self._pixels[self._pixel])
        share = f"{value / self._peak:.3f}"
        return self.tr("row {}, column {}: {} ({})").format(*self._pixel, value, share)

    @property
    def share_text(self) -> str:
        """The share of the pixel: "evidence for 9: +0.43"; empty without an overlay or a pixel."""
        if self._overlay is None or self._pixel is None:
            return ""
        share = with_minus(f"{float(self._overlay[self._pixel]) + 0.0:+.2f}")
        return f"{self._overlay_caption}: {share}"

    def show_sample(self, sample: "Sample | None") -> None:
        """Show the image of a sample, without an overlay; None for none."""
        former = self._pixels.shape
        self._is_empty = sample is None
        self._pixels, self._peak = (sample.image, sample.peak) if sample else (np.zeros(former, np.uint8), 255)
        self._overlay = None
        if self._pixels.shape != former:
            self._pixel = None
            self.updateGeometry()
        self._update_description()

    def show_overlay(self, saliency: np.ndarray | None, caption: str = "") -> None:
        """Show a saliency map over the image, or none; the caption is the meaning of positive values: "for 9"."""
        if saliency is not None and saliency.shape != self._pixels.shape:
            saliency = None
        self._overlay, self._overlay_caption = saliency, caption
        self._update_description()

    def as_text(self) -> str:
        """Return the pixels as rows of whole numbers with tabs between them."""
        return "\n".join("\t".join(map(str, row)) for row in self._pixels.tolist()) + "\n"

    def copy_pixels(self) -> None:
        """Put the pixels on the clipboard, as text."""
        if not self._is_empty:
            QGuiApplication.clipboard().setText(self.as_text())

    def place(self) -> QRectF:
        """Return where the image is; each pixel is a whole number of screen pixels wide."""
        height, width = self._pixels.shape
        side = self._side(self.width())
        return QRectF(0, 0, side * width, side * height)

    def pixel_at(self, position: QPointF) -> Pixel | None:
        """Return row and column of the pixel at a position; None outside."""
        place, side = self.place(), self._side(self.width())
        row, column = floor(position.y() / side), floor(position.x() / side)
        height, width = self._pixels.shape
        is_inside = place.contains(position) and row < height and column < width
        return (row, column) if is_inside and not self._is_empty else None

    def place_of(self, pixel: Pixel) -> QRectF:
        """Return where a pixel is painted."""
        side = self._side(self.width())
        return QRectF(pixel[1] * side, pixel[0] * side, side, side)

    def _side(self, width: int) -> float:
        ratio, longer = self.devicePixelRatioF(), max(self._pixels.shape)
        return max(1, floor(max(width * self._part, px(_MIN_SIDE)) * ratio / longer)) / ratio

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(px(_MIN_SIDE), self.heightForWidth(px(_MIN_SIDE)))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self._side(width) * self._pixels.shape[0]) + px(_GAP) + paint.lines_height(self.font())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_pixel(self.pixel_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._set_pixel(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if not self.underMouse():
            self._set_pixel(None)
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        return handles_copy_key(event, self.copy_pixels) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        height, width = self._pixels.shape
        row, column = self._pixel or (height // 2, width // 2)
        if event.key() == Qt.Key.Key_Escape and self._pixel is not None:
            self._set_pixel(None)
        elif (step := _STEPS.get(Qt.Key(event.key()))) and not event.modifiers() & _MODIFIERS and not self._is_empty:
            # The first press only shows the cursor.
            down, right = step if self._pixel else (0, 0)
            self._set_pixel((min(max(row + down, 0), height - 1), min(max(column + right, 0), width - 1)))
        else:
            super().keyPressEvent(event)

    def _set_pixel(self, pixel: Pixel | None) -> None:
        if pixel != self._pixel:
            self._pixel = pixel
            self._update_description()

    def _update_description(self) -> None:
        self.setAccessibleDescription(", ".join(filter(None, (self.caption, self.share_text))))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours, place = QPainter(self), theme_colours(self.palette()), self.place()
        if self._is_empty:
            painter.fillRect(place, colours["hover"])
            return
        # Dimmed: over full ink the colours would be pale.
        painter.fillRect(place, ink_and_paper(self.palette())[1])
        painter.setOpacity(1.0 if self._overlay is None else _DIMMED)
        paint_levels(painter, place, to_bytes(to_floats(self._pixels, self._peak)), self.palette())
        painter.setOpacity(1.0)
        if self._overlay is not None:
            painter.drawImage(place, paint.overlay_image(self._overlay, *paint.overlay_colours(self.palette())))
            lines = paint.outline(self._pixels > self._peak // 2)
            paint.paint_outline(painter, place, lines, self._pixels.shape[1], self.palette())
        paint_frame(painter, place, colours)
        if self._pixel is not None:
            paint.paint_cursor(painter, self.place_of(self._pixel))
        below = QRectF(0, place.bottom() + px(_GAP), self.width(), self.height() - place.bottom() - px(_GAP))
        legend = self._overlay_caption if self._overlay is not None else ""
        paint.paint_captions(painter, below, self.palette(), text=self.caption, share=self.share_text, legend=legend)


_MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
