"""Widgets of the preview of a data set: some samples with their labels, and a bar for each label."""

from collections.abc import Mapping, Sequence
from itertools import starmap

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import paint_levels
from digitpad.gui.theme.fonts import tabular_font
from digitpad.gui.theme.scaling import px

_COLUMNS = 4
# In heights of a line of text, so that they grow with it.
_TILE, _TILE_GAP, _BAR_ROW, _BAR_WIDTH, _BAR_GAP = 3.1, 0.45, 1.25, 15, 0.5
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop


class SampleSheet(QWidget):
    """Pictures in rows of four, each with its label below, in the colours of all pictures of digits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = np.empty((0, 28, 28), np.uint8)
        self._labels: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that are shown."""
        return self._labels

    @property
    def images(self) -> np.ndarray:
        """The pictures that are shown, (n, 28, 28) uint8."""
        return self._images

    def show_samples(self, images: np.ndarray, labels: Sequence[int]) -> None:
        """Show pictures, (n, 28, 28) uint8."""
        self._images = images
        self._labels = tuple(map(str, labels))
        names = ", ".join(self._labels)
        self.setAccessibleName(self.tr("{} samples with the labels {}").format(len(self._labels), names))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        rows, columns = -(-len(self._images) // _COLUMNS), min(_COLUMNS, len(self._images))
        side, height = self._side + self._gap, self._side + self._gap + self.fontMetrics().height()
        return QSize(round(columns * side - self._gap), round(rows * height - self._gap))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(tabular_font(self.font()))
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        line = self.fontMetrics().height()
        for number, (image, label) in enumerate(zip(self._images, self._labels, strict=True)):
            row, column = divmod(number, _COLUMNS)
            left, top = column * (self._side + self._gap), row * (self._side + self._gap + line)
            paint_levels(painter, QRectF(left, top, self._side, self._side), image, self.palette())
            painter.drawText(QRectF(left, top + self._side, self._side, line), _CENTRE, label)
        painter.end()

    @property
    def _side(self) -> float:
        return round(_TILE * self.fontMetrics().height())

    @property
    def _gap(self) -> float:
        return round(_TILE_GAP * self.fontMetrics().height())


class LabelBars(QWidget):
    """A bar for each label, as long as the label has samples; a label without samples is marked by its colour and 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: tuple[tuple[str, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def counts(self) -> dict[str, int]:
        """The number of samples of each label that is shown."""
        return dict(self._counts)

    def show_counts(self, counts: Mapping[int, int]) -> None:
        """Show how many samples each label has."""
        self._counts = tuple((str(label), counts[label]) for label in sorted(counts))
        self.setAccessibleName(self.tr("Samples of each label"))
        self.setAccessibleDescription(", ".join(starmap("{}: {:,}".format, self._counts)))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(round(_BAR_WIDTH * line), round(len(self._counts) * _BAR_ROW * line))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tabular_font(self.font()))
        metrics, line = painter.fontMetrics(), self.fontMetrics().height()
        row, gap = _BAR_ROW * line, _BAR_GAP * line
        left = max((metrics.horizontalAdvance(label) for label, _ in self._counts), default=0) + gap
        right = max((metrics.horizontalAdvance(f"{count:,}") for _, count in self._counts), default=0) + gap
        most = max((count for _, count in self._counts), default=0) or 1
        for number, (label, count) in enumerate(self._counts):
            place = QRectF(0, number * row, self.width(), row)
            self._paint_texts(painter, place, left - gap, label, count)
            track = QRectF(left, place.top() + 0.2 * row, max(self.width() - left - right, 1), 0.6 * row)
            self._paint_bar(painter, track, count / most)
        painter.end()

    def _paint_texts(self, painter: QPainter, place: QRectF, width: float, label: str, count: int) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        colour = self.palette().color(QPalette.ColorRole.Text)
        painter.setPen(colour if count else theme_colours(self.palette())["warning"])
        painter.drawText(QRectF(0, place.top(), width, place.height()), middle, label)
        painter.drawText(place, middle, f"{count:,}")

    def _paint_bar(self, painter: QPainter, track: QRectF, share: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.AlternateBase))
        painter.drawRoundedRect(track, px(3), px(3))
        if share:
            painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight))
            # At least 2 px: one sample among thousands is seen.
            filled = QRectF(track.left(), track.top(), max(2.0, track.width() * share), track.height())
            painter.drawRoundedRect(filled, px(3), px(3))
