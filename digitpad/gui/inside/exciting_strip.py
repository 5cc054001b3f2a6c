"""The training images that excite a unit most."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.evaluation.inside.exciting_images import ExcitingImages
from digitpad.core.images.digits import to_floats
from digitpad.core.images.idx_sets import display_part_name
from digitpad.gui.accessibility.spot_reader import SpotReader
from digitpad.gui.inside.texts import number_text
from digitpad.gui.inside.tiles import fit_tiles, ink_table, tiles_image
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px

_COUNT, _SIDE, _GAP, _LINE = 8, 36, 4, 16


class ExcitingStrip(QWidget):
    """A line of text and some images; empty places while they are sought."""

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: ExcitingImages | None = None
        self._reason = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._reader = SpotReader(self, self._spots, self._text_at)
        self._reader.set_focusable(focusable=False)

    @property
    def found(self) -> ExcitingImages | None:
        """The images that are shown."""
        return self._found

    @property
    def text(self) -> str:
        """The line above the images."""
        if self._reason:
            return self._reason
        if self._found is None:
            return self.tr("Looking for the training images that excite it most…")
        searched, count = self._found.searched
        name = display_part_name(searched)
        if not len(self._found.images):
            return self.tr("None of the first {:,} images of {} excites it.").format(count, name)
        return self.tr("Excites it most, of the first {:,} images of {}").format(count, name)

    def show_found(self, found: ExcitingImages | None, reason: str = "") -> None:
        """Show images; None while they are sought, or with the reason why there are none."""
        self._found, self._reason = found, reason
        self._reader.set_focusable(focusable=bool(self._spots()))
        self.setAccessibleName(self.text)
        labels = () if found is None else found.labels.tolist()
        self.setAccessibleDescription(", ".join(map(str, labels)))
        self.update()

    def place_of(self, number: int) -> QRectF:
        """Return where an image is."""
        side = min(px(_SIDE), (self.width() + px(_GAP)) // _COUNT - px(_GAP))
        return QRectF(number * (side + px(_GAP)), px(_LINE), side, side)

    def sizeHint(self) -> QSize:
        return QSize(_COUNT * (px(_SIDE + _GAP)), px(_LINE + _SIDE + 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(_COUNT * px(24), px(_LINE + _SIDE + 1))

    def _spots(self) -> list[QRectF]:
        images = () if self._found is None else self._found.images[:_COUNT]
        return [self.place_of(number) for number in range(len(images))]

    def _text_at(self, position: QPointF) -> str:
        number = next((n for n, place in enumerate(self._spots()) if place.contains(position)), None)
        if self._found is None or number is None:
            return ""
        value = number_text(float(self._found.values[number]))
        return self.tr("label {}, value {}").format(self._found.labels[number], value)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme_colours(QGuiApplication.palette())
        painter.setFont(tabular_font(self.font(), CAPTION))
        painter.setPen(colours["muted"])
        line = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, self.width())
        place = QRectF(0, 0, self.width(), px(_LINE - 2))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, line)
        found = self._found
        if found is None:
            if not self._reason:
                for number in range(_COUNT):
                    painter.fillRect(self.place_of(number), colours["hover"])
            return
        for number, image in enumerate(to_floats(found.images[:_COUNT], found.peak)):
            place = self.place_of(number)
            tiles = fit_tiles(1, (image.shape[0], image.shape[1]), place, self.devicePixelRatioF())
            painter.drawImage(
                place.topLeft(), tiles_image(tiles, 2 * image[None] - 1, ink_table(QGuiApplication.palette()))
            )
