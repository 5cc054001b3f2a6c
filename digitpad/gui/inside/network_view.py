"""The network for one image, from left to right: pixels, the values of each layer, outputs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from digitpad.core.evaluation.inside.activations import Activations
from digitpad.core.evaluation.inside.follower import InsideView
from digitpad.core.evaluation.inside.links import Link, links_of
from digitpad.core.models.switched_off import Unit
from digitpad.gui.inside.layout import OUTPUT_ROW, TITLE, LayerShape, place_layers, smallest_height
from digitpad.gui.inside.outputs import OutputTable, output_table, paint_headings, paint_outputs, row_rect
from digitpad.gui.inside.texts import is_hidden_unit, layer_title, number_text, unit_text
from digitpad.gui.inside.tiles import Tiles, colour_table, fit_tiles, grey_table, largest, overlay_table, tiles_image
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION_PX, tabular_font
from digitpad.gui.widgets.shortcut_override import handles_copy_key, overrides_shortcut

_CAPTION = 16  # px below the templates of a softmax
_LIGHT, _STRONG = 40, 220  # opacities of the connections
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_DARKENED = 102  # over the image, below an overlay: on white the colours would be pale
_COVER = 235  # the opacity of the outputs' ground
_GREY = grey_table()


_Shown = Literal["values", "templates", "products"]


@dataclass(slots=True, eq=False)
class _Layer:
    """How a layer is shown: where, and its newest image."""

    stage: int
    shows: _Shown
    place: QRectF
    tiles: Tiles
    order: np.ndarray = field(default_factory=lambda: np.arange(0))  # the units, by their places
    image: QImage = field(default_factory=QImage)

    def rect_of(self, unit: int) -> QRectF | None:
        """Return where a unit is; None if it does not fit."""
        places = np.flatnonzero(self.order[: self.tiles.count] == unit)
        return self.tiles.rect(int(places[0])) if len(places) else None


def _shown_values(activations: Activations, layer: _Layer) -> np.ndarray:
    """Return the images of a layer's units, (units, height, width) float32."""
    stage = activations.stages[layer.stage]
    if layer.shows == "products" and activations.products is not None:
        return activations.products
    if layer.shows == "templates" and stage.weights is not None:
        return stage.weights.reshape(-1, *activations.pixels.shape)
    return stage.values.reshape(stage.units, *(stage.values.shape[1:] or (1, 1)))


class NetworkView(QWidget):
    """Paints the layers itself, each as one image. The pointer or the arrow keys choose a unit.

    The stages of `Activations` are its layers; a softmax has its templates times the drawing in between.
    """

    unit_opened = Signal(object)  # Unit
    unit_switched = Signal(object)  # Unit
    closed = Signal()  # with Esc

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: InsideView | None = None
        self._table: OutputTable | None = None
        self._layers: list[_Layer] = []
        self._key: object = None  # of the shapes that the layers were placed for
        self._colours: list[int] = []
        self._is_sorted, self._in_row = False, True
        self._current: Unit | None = None  # by keyboard
        self._hovered: Unit | None = None
        self._opened: Unit | None = None
        self._links: list[Link] = []
        self._overlay = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # Qt need not paint the widgets below
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Layers of the network"))

    @property
    def view(self) -> InsideView | None:
        """What is shown."""
        return self._view

    @property
    def outputs(self) -> OutputTable | None:
        """The table of the outputs."""
        return self._table

    @property
    def links(self) -> list[Link]:
        """The connections that are drawn."""
        return self._links

    @property
    def current(self) -> Unit | None:
        """The unit that the keys act on."""
        return self._current

    def show_view(self, view: InsideView | None) -> None:
        """Show the layers of an image, or nothing."""
        self._view = view
        self._table = None if view is None else output_table(view.activations)
        self._refresh()

    def set_sorted(self, *, is_sorted: bool) -> None:
        """Show the units of each layer in their order, or the ones with the largest values first."""
        self._is_sorted = is_sorted
        self._refresh()

    def set_direction(self, *, in_row: bool) -> None:
        """Show the layers side by side, or one below another."""
        if in_row != self._in_row:
            self._in_row = in_row
            self.updateGeometry()
            self._refresh()

    def show_opened(self, unit: Unit | None) -> None:
        """Mark the unit whose details are shown; None for none."""
        self._opened = unit
        self._choose_links()
        self.update()

    def rect_of(self, unit: Unit) -> QRectF | None:
        """Return where a unit is painted; None if it is not."""
        activations = self._activations
        if activations is None or not self._layers:
            return None
        if unit.layer == len(activations.stages) - 1 and activations.products is None:
            return row_rect(self._layers[-1].place, unit.number)
        return next((layer.rect_of(unit.number) for layer in self._layers if layer.stage == unit.layer), None)

    def unit_at(self, position: QPointF) -> Unit | None:
        """Return the unit at a position."""
        if self._table is None:
            return None
        for layer in self._layers[1:-1]:
            place = layer.tiles.place_at(position)
            if place is not None:
                return Unit(layer.stage, int(layer.order[place]))
        outputs = self._layers[-1]
        if outputs.place.contains(position):
            row = int((position.y() - outputs.place.top()) // OUTPUT_ROW)
            return Unit(outputs.stage, row) if 0 <= row < len(self._table.texts) else None
        return None

    def as_text(self) -> str:
        """Return the outputs as a table separated by tabs."""
        return "" if self._table is None else self._table.as_text()

    def sizeHint(self) -> QSize:
        return QSize(900, self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        layers = 3 if self._activations is None else len(self._activations.stages)
        return QSize(300, smallest_height(layers, in_row=self._in_row))

    @property
    def _activations(self) -> Activations | None:
        return None if self._view is None else self._view.activations

    def _refresh(self) -> None:
        activations = self._activations
        if activations is not None:
            self._place(activations)
            self._colour(activations)
        self._choose_links()
        self._describe()
        self.update()

    def _place(self, activations: Activations) -> None:
        """Place the layers, if the model's shape or the size of the view is another one."""
        shapes = [stage.values.shape for stage in activations.stages]
        key = shapes, self.size(), self.devicePixelRatioF(), self._in_row
        if key == self._key:
            return
        self._key = key
        self.updateGeometry()
        ratio, last = self.devicePixelRatioF(), len(shapes) - 1
        shown: list[tuple[int, _Shown]] = [(number, "values") for number in range(last + 1)]
        if activations.products is not None:
            shown[1:1] = [(last, "templates"), (last, "products")]
        stages, room = activations.stages, self.rect().toRectF()
        layers = [LayerShape(stages[number].kind, stages[number].units) for number, _ in shown]
        self._layers = []
        for (number, shows), place in zip(shown, place_layers(layers, room, in_row=self._in_row), strict=True):
            shape = activations.pixels.shape if shows != "values" else shapes[number][1:] or (1, 1)
            foot = 0 if shows == "values" else _CAPTION
            tiles = fit_tiles(stages[number].units, (shape[0], shape[1]), place, ratio, foot=foot)
            self._layers.append(_Layer(number, shows, place, tiles))
        self._hovered = None
        if self._current is not None and self.rect_of(self._current) is None:
            self._current = None

    def _colour(self, activations: Activations) -> None:
        self._colours = self._colours or colour_table(_palette())
        saliency = None if self._view is None else self._view.saliency
        image = self._layers[0].tiles
        overlay = None if saliency is None else tiles_image(image, saliency[None], overlay_table())
        self._overlay = overlay or QImage()
        grey = 2 * activations.pixels[None] - 1
        for layer in self._layers[:-1]:
            stage = activations.stages[layer.stage]
            if layer.stage == 0:
                layer.order, layer.image = np.arange(1), tiles_image(layer.tiles, grey, _GREY)
                continue
            values = _shown_values(activations, layer)
            layer.order = self._order(stage.values)
            ordered = values[layer.order] if self._is_sorted else values
            layer.image = tiles_image(layer.tiles, ordered / largest(values), self._colours)

    def _order(self, values: np.ndarray) -> np.ndarray:
        if not self._is_sorted:
            return np.arange(len(values))
        return np.argsort(-values.reshape(len(values), -1).mean(axis=1), kind="stable")

    def _choose_links(self) -> None:
        """Draw the connections of the unit at the pointer or of the keys; else those into the winner."""
        view, unit = self._view, self._hovered or (self._current if self.hasFocus() else None) or self._opened
        if view is None:
            self._links = []
        elif unit is None:
            self._links = list(view.links)
        elif view.activations.products is None:
            self._links = links_of(view.activations, unit.layer, unit.number)
        else:
            self._links = []

    def _set_hovered(self, unit: Unit | None) -> None:
        if unit != self._hovered:
            self._hovered = unit
            self.setCursor(Qt.CursorShape.ArrowCursor if unit is None else Qt.CursorShape.PointingHandCursor)
            self._choose_links()
            self.update()

    def _set_current(self, unit: Unit | None) -> None:
        self._current = unit
        self._choose_links()
        self._describe()
        self.update()

    def _describe(self) -> None:
        activations, unit = self._activations, self._current
        if activations is None:
            self.setAccessibleDescription(self.tr("nothing drawn"))
        elif unit is not None:
            self.setAccessibleDescription(self._text_of(activations, unit))
        else:
            names = [layer_title(activations, layer.stage) for layer in self._layers]
            self.setAccessibleDescription(", ".join(names))

    def _text_of(self, activations: Activations, unit: Unit) -> str:
        off = self._view is not None and unit in self._view.request.switched_off
        text = unit_text(activations, unit)
        return self.tr("{}, switched off").format(text) if off else text

    # Events

    def event(self, event: QEvent) -> bool:
        if handles_copy_key(event, self._copy) or overrides_shortcut(event, self._is_own_key):
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            unit, activations = self.unit_at(event.pos().toPointF()), self._activations
            text = "" if unit is None or activations is None else self._text_of(activations, unit)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_hovered(self.unit_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        unit = self.unit_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and unit is not None:
            self._set_current(unit)
            self.unit_opened.emit(unit)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, unit = event.key(), self._current
        if key in _MOVES and self._view is not None and event.modifiers() in _PLAIN:
            self._set_current(self._first() if unit is None else self._moved(unit, key))
        elif unit is not None and key in _ENTER:
            self.unit_opened.emit(unit)
        elif unit is not None and key == Qt.Key.Key_S and event.modifiers() in _PLAIN:
            if self._view is not None and is_hidden_unit(self._view.activations, unit):
                self.unit_switched.emit(unit)
        elif key == Qt.Key.Key_Escape and (unit or self._opened):
            self._set_current(None)
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    @staticmethod
    def _is_own_key(event: QKeyEvent) -> bool:
        return event.key() in (*_MOVES, *_ENTER, Qt.Key.Key_S, Qt.Key.Key_Escape) and event.modifiers() in _PLAIN

    def _first(self) -> Unit:
        layer = self._layers[min(1, len(self._layers) - 1)]
        return Unit(layer.stage, int(layer.order[0]) if len(layer.order) else 0)

    def _moved(self, unit: Unit, key: int) -> Unit:
        """Return the neighbour in a direction: in the layer, or in the next one at its edge; Page Up/Down: a layer."""
        start = self.rect_of(unit)
        if start is None:
            return self._first()
        direction = _MOVES[Qt.Key(key)]
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            stages = [layer.stage for layer in self._layers[1:]]
            place = stages.index(unit.layer) + (1 if key == Qt.Key.Key_PageDown else -1)
            if not 0 <= place < len(stages):
                return unit
            units = (rect for rect in self._unit_rects() if rect[0].layer == stages[place])
            return min(units, key=lambda one: _distance(one[1], start), default=(unit, start))[0]
        ahead = [
            (other, rect)
            for other, rect in self._unit_rects()
            if QPointF.dotProduct(rect.center() - start.center(), direction) > 1 and other != unit
        ]
        return min(ahead, key=lambda one: _cost(start, one[1], direction), default=(unit, start))[0]

    def _unit_rects(self) -> Iterable[tuple[Unit, QRectF]]:
        for layer in self._layers[1:-1]:
            for place in range(layer.tiles.count):
                yield Unit(layer.stage, int(layer.order[place])), layer.tiles.rect(place)
        if self._table is not None and (self._activations is None or self._activations.products is None):
            outputs = self._layers[-1]
            for row in range(len(self._table.texts)):
                yield Unit(outputs.stage, row), row_rect(outputs.place, row)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._choose_links()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._choose_links()

    def _copy(self) -> None:
        if text := self.as_text():
            QGuiApplication.clipboard().setText(text)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._colours = []
            self._refresh()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        activations, table = self._activations, self._table
        painter, colours = QPainter(self), theme_colours(_palette())
        painter.fillRect(self.rect(), colours["surface"])
        if activations is None or table is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for layer in self._layers[:-1]:
            painter.drawImage(layer.place.topLeft(), layer.image)
        if not self._overlay.isNull():
            painter.fillRect(self._layers[0].tiles.rect(0), QColor(0, 0, 0, _DARKENED))
            painter.drawImage(self._layers[0].place.topLeft(), self._overlay)
        self._paint_links(painter)
        if not self._in_row:  # the connections from above would cross the numbers
            cover = QColor(colours["surface"])
            cover.setAlpha(_COVER)
            painter.fillRect(self._layers[-1].place.adjusted(0, -TITLE, 0, 0), cover)
        self._paint_titles(painter, activations)
        for layer in self._layers:
            if layer.shows != "values":
                self._paint_captions(painter, activations, layer)
        paint_outputs(painter, self._layers[-1].place, table, self.font(), _palette())
        if self._view is not None:
            self._paint_switched_off(painter, self._view.request.switched_off)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for unit, width in ((self._hovered, 1), (self._opened, 2), (self._current if self.hasFocus() else None, 2)):
            if unit is not None and (rect := self.rect_of(unit)) is not None:
                painter.setPen(QPen(colours["accent" if unit == self._opened else "text"], width))
                out = width / 2 + 0.5
                painter.drawRect(rect.adjusted(-out, -out, out, out))

    def _paint_titles(self, painter: QPainter, activations: Activations) -> None:
        colours = theme_colours(_palette())
        for number, layer in enumerate(self._layers):
            line = QRectF(layer.place.left(), layer.place.top() - TITLE, layer.place.width(), TITLE - 3)
            if number == len(self._layers) - 1 and self._table is not None:
                paint_headings(painter, line, self._table, self.font(), _palette())
                continue
            painter.setFont(tabular_font(self.font(), CAPTION_PX))
            painter.setPen(colours["muted"])
            title = layer_title(activations, layer.stage, line.width())
            title = {"templates": self.tr("weights"), "products": self.tr("weights × pixels")}.get(layer.shows, title)
            if number > 0 and layer.tiles.count < activations.stages[layer.stage].units:
                title = self.tr("{}, {:,} shown").format(title, layer.tiles.count)
            title = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, int(line.width()) + 14)
            painter.drawText(line.adjusted(0, 0, 16, 0), Qt.AlignmentFlag.AlignVCenter, title)

    def _paint_captions(self, painter: QPainter, activations: Activations, layer: _Layer) -> None:
        """Paint the digit below each template, and the sum below its products: the logit, without the bias."""
        colours = theme_colours(_palette())
        for place, unit in enumerate(layer.order[: layer.tiles.count].tolist()):
            is_winner = unit == activations.winner
            painter.setFont(tabular_font(self.font(), CAPTION_PX, is_bold=is_winner))
            painter.setPen(colours["text" if is_winner else "muted"])
            rect, text = layer.tiles.rect(place), str(unit)
            if layer.shows == "products" and activations.products is not None:
                text = f"Σ {number_text(float(activations.products[unit].sum()), 2)}"
            below = QRectF(rect.left() - 4, rect.bottom() + 1, rect.width() + 8, _CAPTION - 1)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_links(self, painter: QPainter) -> None:
        peak = max((abs(link.strength) for link in self._links), default=0)
        if not peak:
            return
        colours = theme_colours(_palette())
        for link in self._links:
            start, end = self.rect_of(Unit(link.stage - 1, link.source)), self.rect_of(Unit(link.stage, link.target))
            if link.stage == 1:
                start = self._layers[0].tiles.rect(0)
            if start is None or end is None:
                continue
            share = abs(link.strength) / peak
            colour = QColor(colours["weight_for" if link.strength > 0 else "weight_against"])
            colour.setAlpha(round(_LIGHT + share * (_STRONG - _LIGHT)))
            painter.setPen(QPen(colour, 0.8 + 1.4 * share))
            painter.drawLine(_edge(start, end), _edge(end, start))

    def _paint_switched_off(self, painter: QPainter, units: Iterable[Unit]) -> None:
        colours = theme_colours(_palette())
        for unit in units:
            if (rect := self.rect_of(unit)) is not None:
                cover = QColor(colours["window"])
                cover.setAlpha(150)
                painter.fillRect(rect, cover)
                painter.setPen(QPen(colours["wrong"], 1.5))
                painter.drawLine(rect.topLeft(), rect.bottomRight())
                painter.drawLine(rect.topRight(), rect.bottomLeft())


_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_MOVES = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
    Qt.Key.Key_PageUp: QPointF(),
    Qt.Key.Key_PageDown: QPointF(),
}


def _palette() -> QPalette:
    """Return the application's palette: in a scroll area that of a widget has a transparent window."""
    return QGuiApplication.palette()


def _distance(one: QRectF, other: QRectF) -> float:
    return (one.center() - other.center()).manhattanLength()


def _cost(start: QRectF, end: QRectF, direction: QPointF) -> float:
    """Return how far a tile is in a direction; to the side counts more, so that a key keeps to its row."""
    step = end.center() - start.center()
    ahead = QPointF.dotProduct(step, direction)
    aside = abs(step.x() * direction.y()) + abs(step.y() * direction.x())
    return ahead + 4 * aside


def _edge(rect: QRectF, towards: QRectF) -> QPointF:
    """Return the middle of the side of a tile that looks towards another one."""
    step = towards.center() - rect.center()
    if rect.width() > 4 * rect.height():  # a row of the outputs
        return QPointF(rect.left(), rect.center().y())
    if abs(step.x()) >= abs(step.y()):
        return QPointF(rect.right() if step.x() > 0 else rect.left(), rect.center().y())
    return QPointF(rect.center().x(), rect.bottom() if step.y() > 0 else rect.top())
