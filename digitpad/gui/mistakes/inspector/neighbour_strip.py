"""The training images that are nearest to a sample."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from digitpad.core.evaluation.neighbours import Neighbours
from digitpad.core.images.digits import Digits, to_bytes, to_floats
from digitpad.core.translation import tr_noop
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import paint_levels
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.shortcut_override import HandledKeys

COUNT = 5
_SIDE = 56  # px, twice 28
_TITLE, _CAPTION = 20, 16
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class NeighbourStrip(QWidget):
    """A title and some images with their distances; empty places while they are searched for."""

    HANDLED_KEYS = (
        HandledKeys(("Left", "Right"), tr_noop("in the neighbours: go to another one")),
        HandledKeys(("Return", "Space"), tr_noop("in the neighbours: show it")),
    )
    accessible_role = QAccessible.Role.List

    sample_requested = Signal(int)  # which one of the training part

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = 0
        self._neighbours: Neighbours | None = None
        self._images: list = []
        self._current, self._hovered = 0, -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    @property
    def title(self) -> str:
        """The title of the strip."""
        return self.tr("Nearest {}s in the training images").format(self._label)

    @property
    def neighbours(self) -> Neighbours | None:
        """The neighbours; None while they are searched for."""
        return self._neighbours

    def show_waiting(self, label: int) -> None:
        """Show the title and empty places."""
        self._show(label, None, [])

    def show_neighbours(self, neighbours: Neighbours, training: Digits) -> None:
        """Show neighbours with their images from the training set."""
        images = [to_bytes(to_floats(training.images[index], training.peak)) for index in neighbours.indices[:COUNT]]
        self._show(neighbours.label, neighbours, images)

    def _show(self, label: int, neighbours: Neighbours | None, images: list) -> None:
        self._label, self._neighbours, self._images = label, neighbours, images
        self._current = 0
        self.setAccessibleName(self.title)
        self._update_description()

    def description_of(self, number: int) -> str:
        """Describe the image at a place, 0 for the nearest; empty if there is none."""
        if self._neighbours is None or not 0 <= number < len(self._images):
            return ""
        distance = f"{self._neighbours.distances[number]:.3f}"
        return self.tr("training image {}, distance {}").format(self._neighbours.indices[number], distance)

    def places(self) -> list[QRectF]:
        """Return where the images are."""
        side = min(px(_SIDE), self.width() // COUNT)
        step = min((self.width() - side) / (COUNT - 1), side + px(16))
        return [QRectF(round(number * step), px(_TITLE), side, side) for number in range(COUNT)]

    def number_at(self, position: QPointF) -> int:
        """Return which image is at a place, -1 for none."""
        hits = (n for n, place in enumerate(self.places()) if place.adjusted(0, 0, 0, px(_CAPTION)).contains(position))
        number = next(hits, -1)
        return number if number < len(self._images) else -1

    def sizeHint(self) -> QSize:
        return QSize(COUNT * px(_SIDE) + (COUNT - 1) * px(7), px(_TITLE + _SIDE + _CAPTION))

    def minimumSizeHint(self) -> QSize:
        return QSize(COUNT * px(40), px(_TITLE + _SIDE + _CAPTION))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.description_of(self.number_at(event.pos().toPointF())), self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self.number_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if self._hovered >= 0 else Qt.CursorShape.ArrowCursor)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.number_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self._current = number
            self._request()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self._request()
        elif step := _STEPS.get(Qt.Key(event.key())):
            self._current = min(max(self._current + step, 0), max(len(self._images) - 1, 0))
            self._update_description()
        else:
            super().keyPressEvent(event)

    def _request(self) -> None:
        if self._neighbours is not None and self._current < len(self._images):
            self._update_description()
            self.sample_requested.emit(int(self._neighbours.indices[self._current]))

    def _update_description(self) -> None:
        self.setAccessibleDescription(self.description_of(self._current))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme_colours(self.palette())
        painter.setFont(tabular_font(self.font(), CAPTION))
        painter.setPen(colours["muted"])
        painter.drawText(QRectF(0, 0, self.width(), px(_TITLE - 2)), Qt.AlignmentFlag.AlignVCenter, self.title)
        distances = np.empty(0) if self._neighbours is None else self._neighbours.distances
        for number, place in enumerate(self.places()):
            caption = "…" if self._neighbours is None else ""
            if number < len(self._images):
                paint_levels(painter, place, self._images[number], self.palette())
                caption = f"{distances[number]:.2f}"
            else:
                painter.fillRect(place, colours["hover"])
            below = QRectF(place.left(), place.bottom() + 1, place.width(), px(_CAPTION - 1))
            painter.setPen(colours["muted"])
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, caption)
            is_current = self.hasFocus() and number == self._current
            if number < len(self._images) and (is_current or number == self._hovered):
                painter.setPen(QPen(colours["accent"], 2 if is_current else 1))
                painter.drawRect(place.adjusted(1, 1, -1, -1) if is_current else place.adjusted(0.5, 0.5, -0.5, -0.5))
