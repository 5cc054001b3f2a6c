"""The digit images of a number, side by side; several numbers one below the other."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QGuiApplication, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.images.digits import to_bytes
from digitpad.core.ink.mnist_geometry import SIZE
from digitpad.gui.draw.answer.digit_image_view import pixel_side
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import paint_levels
from digitpad.gui.theme.edges import paint_frame
from digitpad.gui.theme.scaling import px

_GAP = 8


class NumberImagesView(QWidget):
    """Shows the digit images scaled by a whole number. Reports the index of the image under the pointer, or -1."""

    accessible_role = QAccessible.Role.Graphic

    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[np.ndarray] = []
        self._lengths: list[int] = []  # of the lines
        self._highlighted, self._is_low = -1, False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("The 28 by 28 pixels of each digit that the model sees"))
        self.setToolTip(self.tr("The model sees only these 28x28 pixels of each digit: ink is 1, paper 0."))

    @property
    def count(self) -> int:
        """The number of images."""
        return len(self._images)

    def show_images(self, lines: Sequence[Sequence[np.ndarray]]) -> None:
        """Show digit images, (28, 28) float in [0, 1] each, line by line from left to right."""
        self._images = [to_bytes(pixels) for line in lines for pixels in line]
        self._lengths = [len(line) for line in lines]
        self.update()

    @Slot(int)
    def highlight(self, place: int) -> None:
        """Highlight one image; -1 for none."""
        if place != self._highlighted:
            self._highlighted = place
            self.update()

    def set_low(self, *, on: bool) -> None:
        """Be lower, or as high as usual."""
        self._is_low = on
        self.updateGeometry()

    def rect_of(self, number: int) -> QRect:
        """Return an image's place, px."""
        return self._places()[number]

    def sizeHint(self) -> QSize:
        return QSize(px(420), self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), self._height)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        spot = event.position().toPoint()
        self.pointed.emit(next((n for n, rect in enumerate(self._places()) if rect.contains(spot)), -1))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(-1)
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme_colours(QGuiApplication.palette())
        painter = QPainter(self)
        if not self._images:
            painter.fillRect(QRect(0, 0, self._height, self._height), colours["hover"])
        for rect, image in zip(self._places(), self._images, strict=True):
            paint_levels(painter, rect.toRectF(), image, self.palette())
            paint_frame(painter, rect.toRectF(), colours)
        if 0 <= self._highlighted < self.count:
            painter.setPen(QPen(colours["accent"], px(3), Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
            painter.drawRect(self.rect_of(self._highlighted).adjusted(1, 1, -px(2), -px(2)))

    @property
    def _height(self) -> int:
        """The height of the image of a single digit, px: nothing moves when the mode changes."""
        return pixel_side(is_low=self._is_low) * SIZE

    def _places(self) -> list[QRect]:
        """Return the places at the largest scale, a whole number, at which all images fit; each line begins a row."""
        for lengths in (self._lengths, [self.count]):  # many lines fit only if they are not separated
            for scale in range(pixel_side(is_low=self._is_low), 0, -1):
                step = scale * SIZE + px(_GAP)
                columns = max(1, (self.width() + px(_GAP)) // step)
                rows = sum(-(-length // columns) for length in lengths)
                if rows * step - px(_GAP) <= self._height:
                    return self._rows(lengths, columns, step)
        return self._rows([self.count], max(1, (self.width() + px(_GAP)) // (SIZE + px(_GAP))), SIZE + px(_GAP))

    @staticmethod
    def _rows(lengths: Sequence[int], columns: int, step: int) -> list[QRect]:
        places, top = [], 0
        for length in lengths:
            places += [
                QRect(n % columns * step, top + n // columns * step, step - px(_GAP), step - px(_GAP))
                for n in range(length)
            ]
            top += -(-length // columns) * step
        return places
