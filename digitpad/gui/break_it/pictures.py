"""The distorted drawing, and the 28x28 pixels that the models get of it."""

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from digitpad.core.ink.drawing import EMPTY, PAD, PEN_WIDTH, Drawing
from digitpad.core.ink.mnist_geometry import blank
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import ink_and_paper, paint_levels
from digitpad.gui.theme.edges import paint_frame
from digitpad.gui.theme.fonts import CAPTION, sized_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.ink_painting import paint_drawing, pixel_image

_ARROW, _CAPTION = 18, 16  # px
_SMALL, _LARGE = 46, 140  # side of a picture, px


class DistortedPictures(QWidget):
    """Two pictures with an arrow between them: side by side, or one below the other in a narrow place."""

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing, self._pixels, self._pen_width = EMPTY, blank().pixels, PEN_WIDTH
        self._is_column = False
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

    def set_direction(self, *, is_column: bool) -> None:
        """Place the pictures in a column or in a row."""
        self._is_column = is_column
        if is_column:
            self.setFixedSize(px(_SMALL + 8), px(2 * (_SMALL + _CAPTION)))
        else:
            self.setMinimumSize(0, px(_SMALL + _CAPTION))
            self.setMaximumSize(16777215, px(_LARGE + _CAPTION))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return self.minimumSize() if self._is_column else QSize(px(2 * _LARGE + _ARROW), px(_LARGE + _CAPTION))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first, second = self._places()
        captions = self.tr("distorted"), self.tr("28x28")
        for place, caption in zip((first, second), captions, strict=True):
            painter.fillRect(place, ink_and_paper(self.palette())[1])
            self._paint_caption(painter, place, caption)
        self._paint_ink(painter, first)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        paint_levels(painter, second, pixel_image(self._pixels), self.palette())
        for place in (first, second):
            paint_frame(painter, place, theme_colours(self.palette()))
        if not self._is_column:
            self._paint_arrow(painter, QPointF((first.right() + second.left()) / 2, first.center().y()))

    def _places(self) -> tuple[QRectF, QRectF]:
        if self._is_column:
            first = QRectF(px(4), 0, px(_SMALL), px(_SMALL))
            return first, first.translated(0, px(_SMALL + _CAPTION))
        side = min(self.height() - px(_CAPTION), (self.width() - px(_ARROW)) / 2)
        first = QRectF((self.width() - px(_ARROW)) / 2 - side, 0, side, side)
        return first, first.translated(side + px(_ARROW), 0)

    def _paint_ink(self, painter: QPainter, place: QRectF) -> None:
        painter.save()
        painter.setClipRect(place)
        painter.translate(place.topLeft())
        painter.scale(place.width() / PAD, place.width() / PAD)
        ink = ink_and_paper(self.palette())[0]
        paint_drawing(painter, self._drawing, ink, small=True, width=self._pen_width)
        painter.restore()

    def _paint_caption(self, painter: QPainter, place: QRectF, caption: str) -> None:
        painter.setFont(sized_font(self.font(), CAPTION))
        painter.setPen(theme_colours(self.palette())["muted"])
        line = QRectF(place.left() - px(9), place.bottom(), place.width() + px(18), px(_CAPTION))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, caption)

    def _paint_arrow(self, painter: QPainter, middle: QPointF) -> None:
        painter.setPen(QPen(theme_colours(self.palette())["muted"], px(1.5)))
        for y in (-px(4), px(4)):
            painter.drawLine(QLineF(middle + QPointF(-px(2), y), middle + QPointF(px(2), 0)))
