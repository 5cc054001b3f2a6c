"""The layers as columns, with lines or histograms between and in them."""

from itertools import pairwise, product

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Signal
from PySide6.QtGui import QAccessible, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from digitpad.core.evaluation.layer_statistics import NetworkStatistics
from digitpad.core.models.specs import LayerShape, Spec, layer_shapes
from digitpad.gui.accessibility.spot_reader import SpotReader
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.network import painting
from digitpad.gui.train.network.column import LayerColumn
from digitpad.gui.train.network.texts import figure, layer_name, layer_tip

_NEAR = 5.0  # px from a line
_BEFORE_CROSSING = 0.3  # of a line: most lines cross later
_FEW_INPUTS = 2  # those of a gate are units, more are the pixels of an image


class NetworkView(QWidget):
    """Draws a model; with statistics its weights as lines if it is small, else histograms of each layer."""

    accessible_role = QAccessible.Role.Graphic

    settings_requested = Signal(int)  # the number of a layer, 0 for the inputs
    units_requested = Signal(int, int)  # and 1 for more units, -1 for fewer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: Spec | None = None
        self._statistics: NetworkStatistics | None = None
        self.columns: list[LayerColumn] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(px(2))
        self._reader = SpotReader(self, self._spots, self.text_at)
        self._reader.set_focusable(focusable=False)
        self.setAccessibleName(self.tr("Units, weights and histograms of the network"))

    @property
    def statistics(self) -> NetworkStatistics | None:
        """What is drawn of the layers."""
        return self._statistics

    @property
    def has_lines(self) -> bool:
        """Whether each weight is a line."""
        if self._spec is None or self._statistics is None:
            return False
        are_few = all(layer.units <= painting.MOST_UNITS and not _is_icon(layer) for layer in layer_shapes(self._spec))
        return are_few and all(layer.lines is not None for layer in self._statistics.layers)

    def show_model(self, spec: Spec | None, *, is_locked: bool) -> None:
        """Show the layers of a model, or none."""
        self._spec = spec
        count = len(layer_shapes(spec)) if spec else 0
        while len(self.columns) > count:
            column = self.columns.pop()
            self._row.removeWidget(column)
            column.hide()
            column.deleteLater()
        while len(self.columns) < count:
            column = LayerColumn(len(self.columns))
            column.settings_requested.connect(self.settings_requested)
            column.units_requested.connect(self.units_requested)
            self._row.addWidget(column, 1)
            self.columns.append(column)
        if spec is not None:
            for column in self.columns:
                column.show_layer(spec, is_locked=is_locked)
        self.update()

    def show_statistics(self, statistics: NetworkStatistics | None) -> None:
        """Show what was measured of the model, or the model alone."""
        self._statistics = statistics
        self._reader.set_focusable(focusable=statistics is not None)
        self.update()

    @property
    def peak(self) -> float:
        """The largest magnitude of the weights that are lines; the thickest line has it."""
        layers = self._statistics.layers if self._statistics and self.has_lines else ()
        return max(
            (float(np.abs(np.nan_to_num(layer.lines)).max()) for layer in layers if layer.lines is not None),
            default=1.0,
        )

    def text_at(self, position: QPointF) -> str:
        """Describe the weight, the unit or the layer at a position."""
        spec, statistics = self._spec, self._statistics
        number = next((n for n, body in enumerate(self._bodies()) if body.contains(position)), None)
        if spec is None or statistics is None:
            return ""
        if self.has_lines:
            return self._unit_at(position) or self._line_at(position)
        return layer_tip(statistics.layers[number - 1], statistics.images) if number else ""

    def _spots(self) -> list[QRectF]:
        """Return what can be read: units and weights, or the histograms of each layer."""
        if self._statistics is None:
            return []
        if not self.has_lines:
            return self._bodies()[1:]
        layers = self._centres()
        spots = [
            QRectF(centre.x() - px(9), centre.y() - px(9), px(18), px(18)) for centres in layers for centre in centres
        ]
        for left, right in pairwise(layers):
            for start, end in product(left, right):
                spots.append(QRectF(QLineF(start, end).pointAt(_BEFORE_CROSSING) - QPointF(px(4), px(4)), QSizeF(8, 8)))
        return spots

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._spec is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tabular_font(self.font(), CAPTION))
        if self._statistics is not None and not self.has_lines:
            self._paint_histograms(painter, self._statistics)
        else:
            self._paint_network(painter, self._spec)

    def _bodies(self) -> list[QRectF]:
        return [column.body.translated(QPointF(column.pos())) for column in self.columns]

    def _centres(self) -> list[list[QPointF]]:
        """Return for each layer where its units are drawn; none of an image or of feature maps."""
        layers = layer_shapes(self._spec) if self._spec else ()
        return [
            [] if _is_icon(layer) else painting.unit_centres(layer, body, all_units=self.has_lines)
            for layer, body in zip(layers, self._bodies(), strict=True)
        ]

    def _paint_network(self, painter: QPainter, spec: Spec) -> None:
        colours, centres, bodies = theme_colours(QGuiApplication.palette()), self._centres(), self._bodies()
        icons = [painting.icon_rect(body) for body in bodies]
        for number in range(1, len(bodies)):
            left, right = centres[number - 1], centres[number]
            if self._statistics is not None and (lines := self._statistics.layers[number - 1].lines) is not None:
                painting.paint_weights(painter, left, right, lines, self.peak, colours)
                continue
            starts = left or [QPointF(icons[number - 1].right(), icons[number - 1].center().y())]
            ends = right or [QPointF(icons[number].left(), icons[number].center().y())]
            painting.paint_connections(painter, starts, ends, colours)
        for layer, body, icon in zip(layer_shapes(spec), bodies, icons, strict=True):
            if layer.kind == "block":
                painting.paint_maps(painter, icon, colours)
            elif _is_icon(layer):
                painting.paint_pixels(painter, icon, colours)
            else:
                painting.paint_units(painter, layer, body, colours, all_units=self.has_lines)

    def _paint_histograms(self, painter: QPainter, statistics: NetworkStatistics) -> None:
        colours, (first, *bodies) = theme_colours(QGuiApplication.palette()), self._bodies()
        names = (self.tr("weights"), self.tr("gradients"), self.tr("activations"))
        painting.paint_row_names(painter, first, names, colours)
        for layer, body in zip(statistics.layers, bodies, strict=True):
            painting.paint_histograms(painter, body, layer, colours)

    def _unit_at(self, position: QPointF) -> str:
        assert self._spec is not None and self._statistics is not None  # noqa: S101, PT018 - there are lines
        for number, centres in enumerate(self._centres()):
            unit = next((n for n, centre in enumerate(centres) if _distance(centre, position) <= 9), None)
            if unit is None:
                continue
            name = self.tr("unit {number} of {layer}").format(number=unit, layer=layer_name(self._spec, number))
            biases = self._statistics.layers[number - 1].biases if number else None
            return (
                name
                if biases is None
                else self.tr("{unit}: bias {value}").format(unit=name, value=figure(float(biases[unit])))
            )
        return ""

    def _line_at(self, position: QPointF) -> str:
        """Describe the nearest line, if one is near."""
        assert self._statistics is not None  # noqa: S101 - there are lines
        found: list[tuple[float, float]] = []
        for layer, (left, right) in zip(self._statistics.layers, pairwise(self._centres()), strict=True):
            if layer.lines is None or not left[0].x() <= position.x() <= right[0].x():
                continue
            for row, column in np.ndindex(*layer.lines.shape):
                line = QLineF(left[column], right[row])
                share = (position.x() - line.x1()) / line.dx()
                found.append((abs(line.pointAt(share).y() - position.y()), float(layer.lines[row, column])))
        distance, weight = min(found, default=(np.inf, 0.0))
        return self.tr("weight {value}").format(value=figure(weight)) if distance <= px(_NEAR) else ""


def _is_icon(layer: LayerShape) -> bool:
    return layer.kind == "block" or (layer.kind == "inputs" and layer.units > _FEW_INPUTS)


def _distance(first: QPointF, second: QPointF) -> float:
    return QLineF(first, second).length()
