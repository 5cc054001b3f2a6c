"""Where the units of a network are in its view, which one is at a point, and which one is next to another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt

from digitpad.core.models.activations import Activations
from digitpad.core.models.switched_off import Unit
from digitpad.gui.inside.layout import OUTPUT_ROW, LayerShape, place_layers
from digitpad.gui.inside.outputs import row_rect
from digitpad.gui.inside.tiles import Tiles, fit_tiles
from digitpad.gui.theme.scaling import px

TEMPLATE_CAPTION = 16  # px below the templates of a softmax

Shown = Literal["values", "templates", "products"]
MOVES = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
    Qt.Key.Key_PageUp: QPointF(),
    Qt.Key.Key_PageDown: QPointF(),
}


@dataclass(slots=True, eq=False)
class ShownLayer:
    """A layer: where it is, and in which order its units are."""

    stage: int
    shows: Shown
    place: QRectF
    tiles: Tiles
    units: np.ndarray  # by their places
    places: np.ndarray  # by their units
    is_in_order: bool = True

    def rect_of(self, unit: int) -> QRectF | None:
        """Return where a unit is; None if it does not fit, or if the layer has no such unit."""
        if unit >= len(self.places) or self.places[unit] >= self.tiles.count:
            return None
        return self.tiles.rect(int(self.places[unit]))

    def sort(self, values: np.ndarray | None) -> None:
        """Place the units with the largest mean values first, or with None in their order."""
        if values is None and not self.is_in_order:
            self.units = self.places = np.arange(len(self.units))
        elif values is not None:
            self.units = np.argsort(-values.reshape(len(values), -1).mean(axis=1), kind="stable")
            self.places = np.argsort(self.units)
        self.is_in_order = values is None


def shown_stages(activations: Activations) -> list[tuple[int, Shown]]:
    """Return which stages are shown, and what of each; a softmax has two more layers between image and outputs."""
    last = len(activations.stages) - 1
    shown: list[tuple[int, Shown]] = [(number, "values") for number in range(last + 1)]
    if activations.products is not None:
        shown[1:1] = [(last, "templates"), (last, "products")]
    return shown


class NetworkLayers:
    """The layers of a network in a room: the image first, the outputs last.

    They are those of `shown_stages`.
    """

    def __init__(self, activations: Activations, room: QRectF, ratio: float, *, in_row: bool) -> None:
        self.room, self.in_row = room, in_row
        stages, shown = activations.stages, shown_stages(activations)
        self._is_softmax = activations.products is not None
        self._rows = stages[-1].units
        self.all: list[ShownLayer] = []
        shapes = [LayerShape(stages[number].kind, stages[number].units) for number, _ in shown]
        for (number, shows), place in zip(shown, place_layers(shapes, room, in_row=in_row), strict=True):
            units = np.arange(stages[number].units)
            size = activations.pixels.shape if shows != "values" else stages[number].values.shape[1:] or (1, 1)
            tiles = fit_tiles(
                len(units), (size[0], size[1]), place, ratio, foot=0 if shows == "values" else px(TEMPLATE_CAPTION)
            )
            self.all.append(ShownLayer(number, shows, place, tiles, units, units))
        # A softmax has two layers of one stage; its templates are the first.
        self._by_stage = {layer.stage: layer for layer in reversed(self.inner)}

    @property
    def image(self) -> ShownLayer:
        """The pixels."""
        return self.all[0]

    @property
    def inner(self) -> list[ShownLayer]:
        """Those between the pixels and the outputs."""
        return self.all[1:-1]

    @property
    def outputs(self) -> ShownLayer:
        """The last layer, which is shown as rows."""
        return self.all[-1]

    def sort(self, activations: Activations | None) -> None:
        """Place the units of each layer by their values, or with None in their order."""
        for layer in self.inner:
            layer.sort(None if activations is None else activations.stages[layer.stage].values)

    def rect_of(self, unit: Unit) -> QRectF | None:
        """Return where a unit is; None if it is not shown."""
        if unit.layer == self.outputs.stage and not self._is_softmax:
            return row_rect(self.outputs.place, unit.number) if unit.number < self._rows else None
        layer = self._by_stage.get(unit.layer)
        return None if layer is None else layer.rect_of(unit.number)

    def unit_at(self, position: QPointF) -> Unit | None:
        """Return the unit at a position."""
        for layer in self.inner:
            place = layer.tiles.place_at(position)
            if place is not None:
                return Unit(layer.stage, int(layer.units[place]))
        outputs = self.outputs
        if outputs.place.contains(position):
            row = int((position.y() - outputs.place.top()) // px(OUTPUT_ROW))
            return Unit(outputs.stage, row) if 0 <= row < self._rows else None
        return None

    def first(self) -> Unit:
        """Return the unit where the keyboard begins."""
        layer = self.all[1]
        return Unit(layer.stage, int(layer.units[0]))

    def next_to(self, unit: Unit, key: int) -> Unit:
        """Return the neighbour in a direction: in the layer, or in the next one at its edge; Page Up/Down: a layer."""
        start = self.rect_of(unit)
        if start is None:
            return self.first()
        direction = MOVES[Qt.Key(key)]
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            stages = [layer.stage for layer in self.all[1:]]
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

    def _unit_rects(self) -> Iterator[tuple[Unit, QRectF]]:
        for layer in self.inner:
            for place in range(layer.tiles.count):
                yield Unit(layer.stage, int(layer.units[place])), layer.tiles.rect(place)
        if not self._is_softmax:
            for row in range(self._rows):
                yield Unit(self.outputs.stage, row), row_rect(self.outputs.place, row)


def _distance(one: QRectF, other: QRectF) -> float:
    return (one.center() - other.center()).manhattanLength()


def _cost(start: QRectF, end: QRectF, direction: QPointF) -> float:
    """Return how far a tile is in a direction; to the side counts more, so that a key keeps to its row."""
    step = end.center() - start.center()
    ahead = QPointF.dotProduct(step, direction)
    aside = abs(step.x() * direction.y()) + abs(step.y() * direction.x())
    return ahead + 4 * aside
