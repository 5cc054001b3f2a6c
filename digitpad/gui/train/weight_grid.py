"""Pictures of weights in a grid, or of a model's answers over a plane; pixels stay crisp."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from digitpad.core.evaluation.weight_images import PLANE, WeightImages
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION_PX, tabular_font

_GAP = 8
_TITLE_HEIGHT = 15
# Sides of a picture, px: none is shown smaller, and none larger, of each kind.
_LEAST = 28
_STEP = 2
_MOST = {"templates": 112, "units": 84, "filters": 48, "surface": 320}
_AXIS_ROOM = 34
_DOT = 6.5
# The truth table of exclusive or.
XOR_POINTS = (((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0))


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How many pictures fit, in how many columns, and how large each is."""

    count: int
    columns: int
    side: QSize


def arrange(count: int, shape: tuple[int, int], room: QSize, max_side: int) -> Arrangement:
    """Choose the largest pictures with which all fit; where even the smallest do not, leave some out."""
    longest = max(shape)
    # Few pixels are all of one size; where there are many, nobody sees that some are a little wider.
    step = longest if longest < _LEAST else _STEP
    best = Arrangement(0, 1, QSize())
    for longer in range(max(max_side - max_side % step, step), 0, -step):
        side = QSize(longer * shape[1] // longest, longer * shape[0] // longest)
        columns = max(1, (room.width() + _GAP) // (side.width() + _GAP))
        rows = max(1, (room.height() + _GAP) // (side.height() + _TITLE_HEIGHT + _GAP))
        if columns * rows >= count:
            # Full rows rather than a long one and a rest.
            return Arrangement(count, ceil(count / ceil(count / columns)), side)
        best = Arrangement(columns * rows, columns, side)
        if longer - step < _LEAST:
            break
    return best


def coloured(images: np.ndarray, against: QColor, neutral: QColor, speaking: QColor) -> list[QImage]:
    """Turn images (k, h, w) in [-1, 1] into pictures: from one colour over the neutral one to the other."""
    ends = [np.array([colour.red(), colour.green(), colour.blue()], np.float32) for colour in (against, speaking)]
    middle = np.array([neutral.red(), neutral.green(), neutral.blue()], np.float32)
    share = np.abs(images)[..., None]
    mixed = middle + share * (np.where(images[..., None] < 0, ends[0], ends[1]) - middle)
    pixels = np.full((*images.shape, 4), 255, np.uint8)
    pixels[..., :3] = np.rint(mixed)
    height, width = images.shape[1:]
    # The copies own their pixels; the array may go.
    return [QImage(image.data, width, height, 4 * width, QImage.Format.Format_RGBX8888).copy() for image in pixels]


class WeightGrid(QWidget):
    """Shows a `WeightImages`; what does not fit is left out, the last pictures first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: WeightImages | None = None
        self._pictures: list[QImage] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def images(self) -> WeightImages | None:
        """What is shown."""
        return self._images

    @property
    def pictures(self) -> list[QImage]:
        """The pictures, a pixel for each weight."""
        return self._pictures

    def show_images(self, view: WeightImages | None) -> None:
        """Show another view."""
        self._images = view
        self._recolour()

    def image_rects(self) -> list[QRectF]:
        """Return where the pictures are; fewer than there are where not all fit."""
        view = self._images
        if view is None or not len(view.images):
            return []
        if view.kind == "surface":
            side = min(self.width() - _AXIS_ROOM, self.height() - _AXIS_ROOM, _MOST["surface"])
            return [QRectF(_AXIS_ROOM, 4, side, side)]
        height, width = view.images.shape[1:]
        # Less a px all around for the frames.
        fit = arrange(len(view.images), (height, width), self.size() - QSize(2, 2), _MOST[view.kind])
        step = QPoint(fit.side.width() + _GAP, fit.side.height() + _TITLE_HEIGHT + _GAP)
        corners = [QPointF(1 + n % fit.columns * step.x(), 1 + n // fit.columns * step.y()) for n in range(fit.count)]
        return [QRectF(corner, fit.side.toSizeF()) for corner in corners]

    def text_at(self, position: QPointF) -> str:
        """Say what is at a place: "unit 17", "digit 3", or an answer; empty between pictures."""
        view = self._images
        number = next((n for n, place in enumerate(self.image_rects()) if place.contains(position)), None)
        if view is None or number is None:
            return ""
        title = view.titles[number]
        match view.kind:
            case "templates":
                return self.tr("digit {}").format(title)
            case "units":
                return self.tr("unit {}").format(title)
            case "filters":
                return self.tr("filter {}").format(title)
            case "surface":
                return self._answer_at(view, position)

    def sizeHint(self) -> QSize:
        return QSize(360, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 64)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._recolour()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.text_at(event.pos().toPointF()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        view = self._images
        if view is None:
            return
        painter = QPainter(self)
        painter.setFont(tabular_font(self.font(), CAPTION_PX))
        colours = theme_colours(self.palette())
        for picture, place, title in zip(self._pictures, self.image_rects(), view.titles, strict=False):
            painter.drawImage(place, picture)
            painter.setPen(QPen(colours["line"], 1))
            painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))
            painter.setPen(colours["muted"])
            words = QRectF(place.left() - _GAP / 2, place.bottom() + 1, place.width() + _GAP, _TITLE_HEIGHT)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, title)
            if view.kind == "surface":
                self._paint_plane(painter, place)

    def _paint_plane(self, painter: QPainter, place: QRectF) -> None:
        """Mark the four points, and name the two axes."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme_colours(self.palette())
        for numbers, answer in XOR_POINTS:
            centre = _point_in(place, *numbers)
            # With a rim of the other colour, so that it is seen on any ground.
            painter.setBrush(colours["text"] if answer else Qt.BrushStyle.NoBrush)
            for colour, width in ((colours["window"], 5.0), (colours["text"], 2.0)):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(centre, _DOT, _DOT)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(colours["muted"])
        height = QFontMetricsF(painter.font()).height()
        for value in (0, 1):
            below, beside = _point_in(place, value, PLANE[0]), _point_in(place, PLANE[0], value)
            painter.drawText(QRectF(below.x() - 20, place.bottom() + 3, 40, height), _CENTRE, str(value))
            painter.drawText(QRectF(place.left() - 18, beside.y() - height / 2, 14, height), _CENTRE, str(value))
        self._name_axes(painter, place)

    def _name_axes(self, painter: QPainter, place: QRectF) -> None:
        """Name the axes between their 0 and 1, where there is room."""
        metrics = QFontMetricsF(painter.font())
        names = self.tr("first number"), self.tr("second number")
        room = place.width() / (PLANE[1] - PLANE[0]) - 20
        if max(metrics.horizontalAdvance(name) for name in names) > room:
            return
        line = QRectF(-room / 2, 0, room, metrics.height())
        painter.drawText(line.translated(place.center().x(), place.bottom() + 3), _CENTRE, names[0])
        painter.save()
        painter.translate(place.left() - 18, place.center().y())
        painter.rotate(-90)
        painter.drawText(line, _CENTRE, names[1])
        painter.restore()

    def _answer_at(self, view: WeightImages, position: QPointF) -> str:
        place = self.image_rects()[0]
        right = (position.x() - place.left()) / place.width()
        up = (place.bottom() - position.y()) / place.height()
        height, width = view.images.shape[1:]
        row, column = min(int((1 - up) * height), height - 1), min(int(right * width), width - 1)
        share = (float(view.images[0, max(row, 0), max(column, 0)]) + 1) / 2
        # Plus zero, so that no zero has a sign.
        first, second = (round(PLANE[0] + part * (PLANE[1] - PLANE[0]), 2) + 0.0 for part in (right, up))
        return self.tr("for {} and {} it says 1 with {} %").format(
            f"{first:.2f}", f"{second:.2f}", f"{share * 100:.0f}"
        )

    def _recolour(self) -> None:
        colours = theme_colours(self.palette())
        speaking = [colours[f"weight_{name}"] for name in ("against", "neutral", "for")]
        self._pictures = [] if self._images is None else coloured(self._images.images, *speaking)
        self.update()


_CENTRE = Qt.AlignmentFlag.AlignCenter


def _point_in(place: QRectF, first: float, second: float) -> QPointF:
    """Return where two numbers of the plane lie in its picture."""
    right, up = ((value - PLANE[0]) / (PLANE[1] - PLANE[0]) for value in (first, second))
    return QPointF(place.left() + right * place.width(), place.bottom() - up * place.height())
