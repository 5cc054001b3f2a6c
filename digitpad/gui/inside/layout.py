"""Where the layers of a network are in its view, computed without a widget."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from PySide6.QtCore import QRectF, QSize

from digitpad.core.models.activations import Kind
from digitpad.gui.theme.scaling import px

TITLE = 20  # px above each layer
_GAPS = (10, 20)  # between layers, the narrowest and the widest: room for connections
_NARROW, _NARROW_COLUMN = 900, 500  # px; below this the gaps between the layers of a row are narrow, or a column is
_OUTPUTS_WIDTH = (224, 360)  # the narrowest and the widest
OUTPUT_ROW = 17
OUTPUTS_HEIGHT = 11 * OUTPUT_ROW
_IMAGE = 132  # the widest side of the 28x28 pixels
# The room for the layers is divided by these weights.
_OF_UNITS = 0.4
_SMALLEST = 3.0
_NARROWEST = 44  # px: the name of a layer fits
_GUTTER = 0.08  # at the left of the outputs in a column, for the connections
_BANDS = (56, 44)  # the lowest layer of a column, px: narrow, where the units are in more rows, and wide


@dataclass(frozen=True, slots=True)
class LayerShape:
    """What a layer shows: `count` tiles."""

    kind: Kind
    count: int


def is_row(room: QSize) -> bool:
    """Return whether the layers stand side by side; in a tall room they are one below another."""
    return room.width() >= 1.8 * room.height()


def is_narrow(room: QSize) -> bool:
    """Return whether a column has no room for a row of 32 feature maps, which can be told apart."""
    return room.width() < px(_NARROW_COLUMN)


def place_layers(layers: Sequence[LayerShape], room: QRectF, *, in_row: bool) -> list[QRectF]:
    """Return the place of each layer, without its title; the last one is the outputs, the first one the image."""
    return _in_row(layers, room) if in_row else _in_column(layers, room)


def smallest_size(layers: int, *, in_row: bool, is_narrow: bool = False) -> QSize:
    """Return the size that so many layers need, px; the image and the outputs are two of them."""
    if in_row:
        return QSize(px(_OUTPUTS_WIDTH[0]) + px(26) * max(layers, 5), px(OUTPUTS_HEIGHT + TITLE))
    return QSize(px(300), px(OUTPUTS_HEIGHT + TITLE) + (layers - 1) * px(_BANDS[not is_narrow] + TITLE + 8))


def _weight(layer: LayerShape) -> float:
    if layer.kind == "logits":  # templates
        return sqrt(layer.count)
    return max(_SMALLEST, sqrt(layer.count) * (1 if layer.kind == "conv" else _OF_UNITS))


def _in_row(layers: Sequence[LayerShape], room: QRectF) -> list[QRectF]:
    gap = px(_GAPS[room.width() >= px(_NARROW)])
    outputs = min(max(0.24 * room.width(), px(_OUTPUTS_WIDTH[0])), px(_OUTPUTS_WIDTH[1]))
    image = min(px(_IMAGE), room.height() - px(TITLE), 0.13 * room.width())
    inner = layers[1:-1]
    narrowest = min(px(_NARROWEST), (room.width() - outputs - image) / len(layers) - gap)
    free = room.width() - outputs - image - (len(layers) - 1) * gap - len(inner) * narrowest
    total = sum(map(_weight, inner)) or 1.0
    widths = [image, *(narrowest + free * _weight(layer) / total for layer in inner), outputs]
    places, left = [], room.left()
    for width in widths:
        places.append(QRectF(left, room.top() + px(TITLE), width, room.height() - px(TITLE)))
        left += width + gap
    return places


def _in_column(layers: Sequence[LayerShape], room: QRectF) -> list[QRectF]:
    inner, below = layers[1:-1], px(TITLE + 8)
    image = max(px(min(_BANDS)), min(px(_IMAGE), 0.14 * room.height()))
    free = room.height() - image - px(OUTPUTS_HEIGHT) - px(TITLE) - (len(layers) - 1) * below
    total = sum(map(_weight, inner)) or 1.0
    heights = [image, *(free * _weight(layer) / total for layer in inner), float(px(OUTPUTS_HEIGHT))]
    places, top = [], room.top() + px(TITLE)
    for height in heights:
        places.append(QRectF(room.left(), top, room.width(), height))
        top += height + below
    places[-1].setLeft(room.left() + _GUTTER * room.width())
    return places
