"""Weights as images in a grid, or a model's output over a plane; pixels are not blurred."""

from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.datasets.loading import POINTS
from digitpad.core.evaluation.weight_images import PLANE, WeightImages
from digitpad.core.recognition.prediction import probability_text
from digitpad.core.translation import tr_noop
from digitpad.gui.accessibility.spot_reader import SpotReader
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.colour_scale import coloured
from digitpad.gui.widgets.sentences import with_minus
from digitpad.gui.widgets.shortcut_override import ARROWS, HandledKeys

# Below each image is its title, except of units and filters, whose numbers say little: there the images are larger.
_TITLE_HEIGHT = 15
_TITLED = ("templates", "surface")
_GAP, _UNTITLED_GAP = 8, 4
# The smallest and, by kind, the largest side of an image, px.
_MIN_SIDE = 24
_STEP = 2
_MAX_SIDES = {"templates": 224, "units": 168, "filters": 96}
_MAX_SURFACE = 320
_AXIS_WIDTH = 34
_DOT = 6.5


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How many images fit, in how many columns, and how large each is."""

    count: int
    columns: int
    side: QSize


def arrange(count: int, shape: tuple[int, int], room: QSize, max_side: int, *, is_titled: bool = True) -> Arrangement:
    """Choose the largest size at which all images fit; if even the smallest do not fit, leave some out."""
    gap, title = (px(_GAP), px(_TITLE_HEIGHT)) if is_titled else (px(_UNTITLED_GAP), 0)
    longest = max(shape)
    # An image of few pixels needs pixels of equal size; with many pixels, the difference is invisible.
    step = longest if longest < px(_MIN_SIDE) else _STEP
    best = Arrangement(0, 1, QSize())
    for longer in range(max(max_side - max_side % step, step), 0, -step):
        side = QSize(longer * shape[1] // longest, longer * shape[0] // longest)
        columns = max(1, (room.width() + gap) // (side.width() + gap))
        rows = max(1, (room.height() + gap) // (side.height() + title + gap))
        if columns * rows >= count:
            # Rows of equal length.
            return Arrangement(count, ceil(count / ceil(count / columns)), side)
        best = Arrangement(columns * rows, columns, side)
        if longer - step < px(_MIN_SIDE):
            break
    return best


class WeightGrid(QWidget):
    """Shows `WeightImages`; the last images are left out if they do not fit."""

    accessible_role = QAccessible.Role.Graphic
    HANDLED_KEYS = (
        HandledKeys((*ARROWS, "Home", "End"), tr_noop("in weights, networks and images that excite a unit: read each")),
    )

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: WeightImages | None = None
        self._coloured: list[QImage] = []
        self._labels: tuple[int, ...] = ()
        self.largest_surface = _MAX_SURFACE  # along each side, designed px
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        SpotReader(self, self._spots, self.text_at)

    @property
    def images(self) -> WeightImages | None:
        """The images that are shown."""
        return self._images

    def show_images(self, images: WeightImages | None) -> None:
        """Show these images, or none."""
        self._images = images
        self._recolour()

    def set_labels(self, labels: tuple[int, ...]) -> None:
        """Set the labels of the points (0, 0), (0, 1), (1, 0) and (1, 1) of a surface."""
        self._labels = labels
        self.update()

    def image_rects(self) -> list[QRectF]:
        """Return the rectangles of the images that fit."""
        weights = self._images
        if weights is None or not len(weights.images):
            return []
        if weights.kind == "surface":
            room = min(self.width(), self.height()) - px(_AXIS_WIDTH) - 1  # the frame is around it
            side = min(room, px(self.largest_surface))
            return [QRectF(px(_AXIS_WIDTH), px(4), side, side)]
        height, width = weights.images.shape[1:]
        # One px on every side is for the frames.
        count, room, is_titled = len(weights.images), self.size() - QSize(px(2), px(2)), weights.kind in _TITLED
        fit = arrange(count, (height, width), room, px(_MAX_SIDES[weights.kind]), is_titled=is_titled)
        gap, title_height = (px(_GAP), px(_TITLE_HEIGHT)) if is_titled else (px(_UNTITLED_GAP), 0)
        step = QPoint(fit.side.width() + gap, fit.side.height() + title_height + gap)
        corners = [QPointF(1 + n % fit.columns * step.x(), 1 + n // fit.columns * step.y()) for n in range(fit.count)]
        return [QRectF(corner, fit.side.toSizeF()) for corner in corners]

    def text_at(self, position: QPointF) -> str:
        """Describe the image at a position: "unit 17", "digit 3", or an output; empty between images."""
        weights = self._images
        number = next((n for n, rect in enumerate(self.image_rects()) if rect.contains(position)), None)
        if weights is None or number is None:
            return ""
        title = weights.titles[number]
        match weights.kind:
            case "templates":
                return self.tr("digit {}").format(title)
            case "units":
                return self.tr("unit {}").format(title)
            case "filters":
                return self.tr("filter {}").format(title)
            case "surface":
                return self._output_at(weights, position)

    def sizeHint(self) -> QSize:
        return QSize(px(360), px(220))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(104), px(64))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._recolour()
        super().changeEvent(event)

    def _spots(self) -> list[QRectF]:
        """Return what can be read: the images, or the four points of a gate's plane."""
        rects = self.image_rects()
        if self._images is None or self._images.kind != "surface":
            return rects
        dot = QPointF(_DOT, _DOT)
        return [QRectF(point - dot, point + dot) for point in (point_in(rects[0], *inputs) for inputs in POINTS)]

    def paintEvent(self, event: QPaintEvent) -> None:
        weights = self._images
        if weights is None:
            return
        painter = QPainter(self)
        painter.setFont(tabular_font(self.font(), CAPTION))
        colours = theme_colours(self.palette())
        for image, rect, title in zip(self._coloured, self.image_rects(), weights.titles, strict=False):
            painter.drawImage(rect, image)
            painter.setPen(QPen(colours["line"], 1))
            painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
            if weights.kind in _TITLED:
                painter.setPen(colours["muted"])
                title_rect = QRectF(
                    rect.left() - px(_GAP / 2), rect.bottom() + 1, rect.width() + px(_GAP), px(_TITLE_HEIGHT)
                )
                painter.drawText(title_rect, Qt.AlignmentFlag.AlignCenter, title)
            if weights.kind == "surface":
                self._paint_plane(painter, rect)

    def _paint_plane(self, painter: QPainter, rect: QRectF) -> None:
        """Mark the four training points of a logic gate, and label the two axes."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme_colours(self.palette())
        for inputs, label in zip(POINTS, self._labels, strict=False):
            centre = point_in(rect, *inputs)
            # A rim of the background colour makes it visible on any colour.
            painter.setBrush(colours["text"] if label else Qt.BrushStyle.NoBrush)
            for colour, width in ((colours["window"], 5.0), (colours["text"], 2.0)):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(centre, px(_DOT), px(_DOT))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(colours["muted"])
        height = QFontMetricsF(painter.font()).height()
        middle = (PLANE[0] + PLANE[1]) / 2
        for value, names in ((0, ("0", "0")), (1, ("1", "1")), (middle, ("x1", "x2"))):
            below, beside = point_in(rect, value, PLANE[0]), point_in(rect, PLANE[0], value)
            painter.drawText(QRectF(below.x() - px(20), rect.bottom() + px(3), px(40), height), _CENTRE, names[0])
            painter.drawText(QRectF(rect.left() - px(22), beside.y() - height / 2, px(20), height), _CENTRE, names[1])

    def _output_at(self, weights: WeightImages, position: QPointF) -> str:
        rect = self.image_rects()[0]
        height, width = weights.images.shape[1:]
        row = min(int((position.y() - rect.top()) / rect.height() * height), height - 1)
        column = min(int((position.x() - rect.left()) / rect.width() * width), width - 1)
        share = (float(weights.images[0, max(row, 0), max(column, 0)]) + 1) / 2
        # Adding zero turns -0 into 0.
        first, second = (round(value, 2) + 0.0 for value in point_at(rect, position))
        return self.tr("inputs {} and {}: probability of 1 is {}").format(
            with_minus(f"{first:.2f}"), with_minus(f"{second:.2f}"), probability_text(share, 0)
        )

    def _recolour(self) -> None:
        self._coloured = [] if self._images is None else coloured(self._images.images, self.palette())
        self.update()


_CENTRE = Qt.AlignmentFlag.AlignCenter


def point_at(rect: QRectF, position: QPointF) -> tuple[float, float]:
    """Return the point of the plane at a position in its image."""
    right, up = (position.x() - rect.left()) / rect.width(), (rect.bottom() - position.y()) / rect.height()
    return PLANE[0] + right * (PLANE[1] - PLANE[0]), PLANE[0] + up * (PLANE[1] - PLANE[0])


def point_in(rect: QRectF, first: float, second: float) -> QPointF:
    """Return the position of a point of the plane in its image."""
    right, up = ((value - PLANE[0]) / (PLANE[1] - PLANE[0]) for value in (first, second))
    return QPointF(rect.left() + right * rect.width(), rect.bottom() - up * rect.height())
