"""The distorted drawing, and below it the 28x28 pixels that the models get of it."""

from math import ceil

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.images.digits import to_bytes
from digitpad.core.ink.drawing import EMPTY, PAD, PEN_WIDTH, Drawing
from digitpad.core.ink.mnist_geometry import blank
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import ink_and_paper, paint_levels
from digitpad.gui.theme.edges import paint_frame
from digitpad.gui.theme.fonts import CAPTION, sized_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.ink_painting import paint_drawing, stroke_paths

_CAPTION = 17  # px
_SMALLEST = 46  # side of a picture, px


class DistortedPictures(QWidget):
    """Two pictures, one below the other, as large as fits."""

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing, self._pixels, self._pen_width = EMPTY, blank().pixels, PEN_WIDTH
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The distorted drawing, and the 28 by 28 pixels that the models get"))

    @property
    def drawing(self) -> Drawing:
        """The distorted drawing."""
        return self._drawing

    @property
    def pixels(self) -> np.ndarray:
        """What the models get, (28, 28) float32 in [0, 1]."""
        return self._pixels

    def show_pictures(self, drawing: Drawing, pixels: np.ndarray, pen_width: float) -> None:
        """Show a drawing, drawn with a pen of `pen_width` pad units, and digit-image pixels."""
        self._drawing, self._pixels, self._pen_width = drawing, pixels, pen_width
        self.update()

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        metrics = QFontMetricsF(sized_font(self.font(), CAPTION))
        widest = max(metrics.horizontalAdvance(caption) for caption in self._captions)
        return QSize(max(px(_SMALLEST + 8), ceil(widest)), 2 * px(_SMALLEST + _CAPTION))

    @property
    def _captions(self) -> tuple[str, str]:
        return self.tr("distorted"), self.tr("28x28")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width() - px(2), self.height() / 2 - px(_CAPTION))
        first = QRectF((self.width() - side) / 2, 1, side, side)
        second = first.translated(0, side + px(_CAPTION))
        for place, caption in zip((first, second), self._captions, strict=True):
            painter.fillRect(place, ink_and_paper(self.palette())[1])
            painter.setFont(sized_font(self.font(), CAPTION))
            painter.setPen(theme_colours(self.palette())["muted"])
            line = QRectF(0, place.bottom(), self.width(), px(_CAPTION))
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, caption)
        self._paint_ink(painter, first)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        paint_levels(painter, second, to_bytes(self._pixels), self.palette())
        for place in (first, second):
            paint_frame(painter, place, theme_colours(self.palette()))

    def _paint_ink(self, painter: QPainter, place: QRectF) -> None:
        painter.save()
        painter.setClipRect(place)
        painter.translate(place.topLeft())
        painter.scale(place.width() / PAD, place.width() / PAD)
        ink = ink_and_paper(self.palette())[0]
        paths = stroke_paths(self._drawing, self._pen_width, small=True)
        paint_drawing(painter, self._drawing, ink, paths=paths, width=self._pen_width)
        painter.restore()
