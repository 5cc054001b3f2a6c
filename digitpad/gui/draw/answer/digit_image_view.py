"""The digit image that the model sees, and the steps from the drawing to it."""

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.images.digits import to_bytes
from digitpad.core.ink.drawing import EMPTY, PAD, PEN_WIDTH, Drawing
from digitpad.core.ink.mnist_geometry import BOX, CENTRE, MARGIN, SIZE, DigitImage, blank
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import ink_and_paper, paint_levels
from digitpad.gui.theme.edges import paint_frame
from digitpad.gui.theme.fonts import CAPTION, sized_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.ink_painting import paint_drawing, stroke_paths
from digitpad.gui.widgets.throttle import SignalThrottle

_GUIDE = QColor("#D55E00")
_LARGEST_STEP, _LARGEST_LOW_STEP, _GAP = 112.0, 80.0, 18
_PIXELS_EVERY_MS, _STEPS_EVERY_MS = 33, 50  # the answer is more important


def pixel_side(*, is_low: bool) -> int:
    """Return the side of a pixel of a digit image beside the answer, px of the screen: all are equally large."""
    return max(1, round(px(4.0 if is_low else 5.0)))


class DigitImageView(QWidget):
    """Shows the 28x28 pixels that the model sees."""

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixels = blank().pixels
        self._is_low = False
        self._throttle = SignalThrottle(_PIXELS_EVERY_MS, self)
        self._throttle.triggered.connect(self._repaint)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # Qt need not paint the widgets below
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("The 28 by 28 pixels that the model sees"))
        self.setToolTip(self.tr("The model sees only these 28x28 pixels: ink is 1, paper 0."))

    @property
    def pixels(self) -> np.ndarray:
        """(28, 28) float32 in [0, 1]."""
        return self._pixels

    def show_pixels(self, pixels: np.ndarray) -> None:
        """Show a digit image, (28, 28) float32 in [0, 1]."""
        self._pixels = pixels
        self._throttle.throttle()

    @Slot()
    def _repaint(self) -> None:
        self.update()

    def set_low(self, *, on: bool) -> None:
        """Be smaller, or as large as usual."""
        self._is_low = on
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        side = pixel_side(is_low=self._is_low) * SIZE
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, place, palette = QPainter(self), QRectF(self.rect()), self.palette()
        if self._pixels.any():
            paint_levels(painter, place, to_bytes(self._pixels), palette)
        else:
            painter.fillRect(place, palette.color(QPalette.ColorRole.AlternateBase))
        paint_frame(painter, place, theme_colours(palette))


class StepsView(QWidget):
    """Shows how the drawing becomes 28x28 pixels: ink, crop, 20-px box, centre of mass."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing: Drawing = EMPTY
        self._image: DigitImage = blank()
        self._paths: list[QPainterPath] = []  # the strokes of the drawing; two pictures show them
        self._is_low = False
        self._painted_detail = ""
        self._throttle = SignalThrottle(_STEPS_EVERY_MS, self)
        self._throttle.triggered.connect(self._repaint_pictures)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("How your drawing became 28 by 28 pixels"))

    def show_steps(self, drawing: Drawing, image: DigitImage) -> None:
        """Show the steps of a drawing."""
        self._drawing, self._image = drawing, image
        self._throttle.throttle()

    def set_low(self, *, on: bool) -> None:
        """Be lower, or as high as usual."""
        self._is_low = on
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(px(420), self.heightForWidth(px(420)))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(208), self.heightForWidth(px(208)))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return int(self._side(width) + 2 * QFontMetricsF(self._caption_font()).height()) + px(3)

    def _side(self, width: float) -> float:
        return min(px(_LARGEST_LOW_STEP if self._is_low else _LARGEST_STEP), (width - px(3 * _GAP)) / 4)

    @Slot()
    def _repaint_pictures(self) -> None:
        """Repaint the pictures, and what the last one says; the captions and arrows between them stay."""
        if self._detail() == self._painted_detail:
            self.update(_region(self._places()))
        else:
            self.update()

    def _places(self) -> list[QRectF]:
        side = self._side(self.width())
        return [QRectF(number * (side + px(_GAP)), 0, side, side) for number in range(4)]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_blank, colours = self._image.is_blank, theme_colours(palette)
        ground = palette.color(QPalette.ColorRole.AlternateBase) if is_blank else ink_and_paper(palette)[1]
        self._paths = stroke_paths(self._drawing, small=True)
        paints = (self._paint_ink, self._paint_crop, self._paint_box, self._paint_centre)
        places = self._places()
        for place, paint in zip(places, paints, strict=True):
            painter.save()
            painter.setClipRect(place)
            painter.fillRect(place, ground)
            if not is_blank:
                paint(painter, place)
            paint_frame(painter, place, colours)
            painter.restore()
        if not event.region().subtracted(_region(places)).isEmpty():
            self._paint_captions(painter, places)
            for place in places[1:]:
                self._paint_arrow(painter, QPointF(place.left() - px(9), place.center().y()))

    def _detail(self) -> str:
        """Return how far the picture was moved to its centre of mass."""
        if self._image.is_blank:
            return ""
        right, down = self._image.shift
        if not right and not down:
            return self.tr("not moved")
        across = f"{'→' if right > 0 else '←'}{abs(right)}" if right else ""
        along = f"{'↓' if down > 0 else '↑'}{abs(down)}" if down else ""
        return self.tr("{} px").format(" ".join(part for part in (across, along) if part))

    def _paint_ink(self, painter: QPainter, place: QRectF) -> None:
        self._paint_part(painter, place, QRectF(0, 0, PAD, PAD))
        bounds = self._ink_bounds()
        scale = place.width() / PAD
        painter.setPen(QPen(_GUIDE, 1, Qt.PenStyle.DotLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(place.topLeft() + bounds.topLeft() * scale, bounds.size() * scale))

    def _paint_crop(self, painter: QPainter, place: QRectF) -> None:
        bounds = self._ink_bounds()
        longer = max(bounds.width(), bounds.height())
        corner = bounds.center() - QPointF(longer / 2, longer / 2)
        self._paint_part(painter, place, QRectF(corner.x(), corner.y(), longer, longer))

    def _paint_part(self, painter: QPainter, place: QRectF, part: QRectF) -> None:
        painter.save()
        painter.translate(place.topLeft())
        painter.scale(place.width() / part.width(), place.width() / part.width())
        painter.translate(-part.topLeft())
        paint_drawing(painter, self._drawing, ink_and_paper(self.palette())[0], paths=self._paths)
        painter.restore()

    def _ink_bounds(self) -> QRectF:
        left, top, right, bottom = self._image.bounds or (0, 0, PAD, PAD)
        # A stroke's bounds are those of its points, without the pen's width; a picture's bounds hold all its ink.
        edge = PEN_WIDTH / 2 if self._drawing.picture is None else 0
        return QRectF(QPointF(left, top), QPointF(right, bottom)).adjusted(-edge, -edge, edge, edge)

    def _paint_box(self, painter: QPainter, place: QRectF) -> None:
        paint_levels(painter, place, to_bytes(self._image.boxed), self.palette())
        pixel = place.width() / SIZE
        painter.setPen(QPen(_GUIDE, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(place.topLeft() + QPointF(MARGIN, MARGIN) * pixel, QSize(BOX, BOX).toSizeF() * pixel))

    def _paint_centre(self, painter: QPainter, place: QRectF) -> None:
        paint_levels(painter, place, to_bytes(self._image.pixels), self.palette())
        centre = place.topLeft() + QPointF(CENTRE + 0.5, CENTRE + 0.5) * (place.width() / SIZE)
        painter.setPen(QPen(_GUIDE, 1))
        painter.drawLine(QLineF(place.left(), centre.y(), place.right(), centre.y()))
        painter.drawLine(QLineF(centre.x(), place.top(), centre.x(), place.bottom()))

    def _paint_captions(self, painter: QPainter, places: list[QRectF]) -> None:
        font, self._painted_detail = self._caption_font(), self._detail()
        painter.setFont(font)
        height = QFontMetricsF(font).height()
        painter.setPen(self.palette().color(QPalette.ColorRole.Dark))
        captions = (self.tr("ink"), self.tr("crop"), self.tr("20-px box"), self.tr("centre of mass"))
        # A caption may be wider than its thumbnail.
        lines = [
            QRectF(place.left() - px(9), place.bottom() + px(3), place.width() + px(18), height) for place in places
        ]
        for line, caption in zip(lines, captions, strict=True):
            shown = painter.fontMetrics().elidedText(caption, Qt.TextElideMode.ElideRight, int(line.width()))
            painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, shown)
        painter.drawText(lines[-1].translated(0, height - 1), Qt.AlignmentFlag.AlignHCenter, self._painted_detail)

    def _caption_font(self) -> QFont:
        return sized_font(self.font(), CAPTION)

    def _paint_arrow(self, painter: QPainter, tip: QPointF) -> None:
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.PlaceholderText), px(1.5)))
        for y in (-px(4), px(4)):
            painter.drawLine(QLineF(tip + QPointF(-px(2), y), tip + QPointF(px(2), 0)))


def _region(places: list[QRectF]) -> QRegion:
    region = QRegion()
    for place in places:
        region += place.toAlignedRect()
    return region
