"""The digit images of a number, side by side."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.ink.mnist_geometry import SIZE
from digitpad.gui.draw.answer.digit_image_view import pixel_image
from digitpad.gui.theme.colours import theme_colours

# As high as a single digit's image, so that nothing moves.
_HEIGHT = 5 * SIZE
_GAP = 8


class NumberImagesView(QWidget):
    """What the model saw of each digit, whole pixels to a pixel. Reports the place that is pointed at, -1 for none."""

    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[QImage] = []
        self._highlighted = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("The 28 by 28 pixels of each digit that the model sees"))
        self.setToolTip(
            self.tr("Of each digit 28 x 28 pixels, white on black: this is all that the model gets to see.")
        )

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._images)

    def show_images(self, images: Sequence[np.ndarray]) -> None:
        """Show other digit images, (28, 28) float in [0, 1] each, from left to right."""
        self._images = [pixel_image(pixels) for pixels in images]
        self.update()

    @Slot(int)
    def highlight(self, place: int) -> None:
        """Have one stand out; -1 for none."""
        if place != self._highlighted:
            self._highlighted = place
            self.update()

    def rect_of(self, number: int) -> QRect:
        """Return where an image is, px."""
        side, columns = self._side_and_columns()
        row, column = divmod(number, columns)
        return QRect(column * (side + _GAP), row * (side + _GAP), side, side)

    def sizeHint(self) -> QSize:
        return QSize(420, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, _HEIGHT)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        spot = event.position().toPoint()
        self.pointed.emit(next((n for n in range(self.count) if self.rect_of(n).contains(spot)), -1))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(-1)
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme_colours(QGuiApplication.palette())
        painter = QPainter(self)
        if not self._images:
            painter.fillRect(QRect(0, 0, _HEIGHT, _HEIGHT), colours["hover"])
        for number, image in enumerate(self._images):
            painter.drawImage(self.rect_of(number), image)
        if 0 <= self._highlighted < self.count:
            painter.setPen(QPen(colours["accent"], 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
            painter.drawRect(self.rect_of(self._highlighted).adjusted(1, 1, -2, -2))

    def _side_and_columns(self) -> tuple[int, int]:
        """Return the largest whole multiple of the images' size with which all have room, and images in a line."""
        for scale in (5, 4, 3, 2, 1):
            side = scale * SIZE
            columns = max(1, (self.width() + _GAP) // (side + _GAP))
            lines = -(-max(self.count, 1) // columns)
            if lines * (side + _GAP) - _GAP <= _HEIGHT or scale == 1:
                return side, columns
        raise AssertionError
