"""Paints the layers of a network."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen

from digitpad.core.evaluation.inside.follower import InsideView
from digitpad.core.evaluation.inside.links import Link
from digitpad.core.models.activations import Activations
from digitpad.core.models.switched_off import Unit
from digitpad.gui.inside.layout import TITLE
from digitpad.gui.inside.network_layers import TEMPLATE_CAPTION, NetworkLayers, ShownLayer
from digitpad.gui.inside.outputs import OutputsPainter, OutputTable
from digitpad.gui.inside.texts import layer_title, number_text
from digitpad.gui.inside.tiles import (
    Tiles,
    colour_table,
    ink_table,
    largest,
    overlay_table,
    pixels_of,
    tiles_image,
    write_tiles,
)
from digitpad.gui.theme.colours import mixed, theme_colours
from digitpad.gui.theme.digit_colours import ink_and_paper
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px

_LIGHT, _STRONG = 0.16, 0.86  # shares of the colour of a connection; the rest is the ground's
_STEPS = 20  # between a weak connection and the strongest one
_VEIL = 102  # paper over the image, below an overlay: on full ink the colours would be pale
_MARGIN = 20  # screen pixels beyond the view, for the gap after its last tile
_CENTRE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip


class NetworkPainter:
    """Keeps the layers as one picture: titles are painted once, and each image's tiles are written into its pixels."""

    def __init__(
        self, layers: NetworkLayers, activations: Activations, table: OutputTable, font: QFont, palette: QPalette
    ) -> None:
        self._layers, self._colours = layers, theme_colours(palette)
        self._fonts = tabular_font(font, CAPTION), tabular_font(font, CAPTION, is_bold=True)
        self._outputs = OutputsPainter(layers.outputs.place, font, palette)
        self._tables = colour_table(palette), ink_table(palette), overlay_table(palette)
        self._overlay, self._veil = QImage(), QColor(ink_and_paper(palette)[1])
        self._veil.setAlpha(_VEIL)
        # Opaque, because a translucent line takes Qt twenty times as long.
        self._pens = [
            [
                QPen(
                    mixed(self._colours["surface"], self._colours[name], _LIGHT + share * (_STRONG - _LIGHT)),
                    0.8 + 1.4 * share,
                )
                for share in np.linspace(0, 1, _STEPS + 1).tolist()
            ]
            for name in ("weight_against", "weight_for")
        ]
        ratio = layers.image.tiles.ratio
        width, height = (round(side * ratio) + _MARGIN for side in (layers.room.width(), layers.room.height()))
        self._picture = QImage(width, height, QImage.Format.Format_RGB32)
        self._picture.fill(self._colours["surface"])
        self._picture.setDevicePixelRatio(ratio)
        with QPainter(self._picture) as painter:
            self._paint_titles(painter, activations, table)
        self._pixels = pixels_of(self._picture)

    def write(self, view: InsideView) -> None:
        """Write the tiles of an image into the picture."""
        (colours, greys, shades), activations = self._tables, view.activations
        image, saliency = self._layers.image, view.saliency
        self._write_layer(image, 2 * activations.pixels[None] - 1, greys, 1.0)
        self._overlay = QImage() if saliency is None else tiles_image(image.tiles, saliency[None], shades)
        for layer in self._layers.inner:
            values = _shown_values(activations, layer)
            self._write_layer(layer, values if layer.is_in_order else values[layer.units], colours, largest(values))

    def _write_layer(self, layer: ShownLayer, values: np.ndarray, table: np.ndarray, peak: float) -> None:
        corner = (layer.tiles.corner * layer.tiles.ratio).toPoint()
        write_tiles(self._pixels[corner.y() :, corner.x() :], layer.tiles, values, table, peak)

    def paint(self, painter: QPainter, view: InsideView, table: OutputTable, links: list[Link]) -> None:
        """Paint the picture, the connections and the outputs."""
        layers = self._layers
        painter.drawImage(0, 0, self._picture)
        if not self._overlay.isNull():
            painter.fillRect(layers.image.tiles.rect(0), self._veil)
            painter.drawImage(layers.image.tiles.corner, self._overlay)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_links(painter, links)
        for layer in layers.inner:
            if layer.shows != "values":
                self._paint_captions(painter, view.activations, layer)
        self._outputs.paint(painter, table)
        self._paint_switched_off(painter, view.request.switched_off)

    def mark(self, painter: QPainter, unit: Unit | None, colour: str, width: int) -> None:
        """Paint a frame around a unit."""
        if unit is not None and (rect := self._layers.rect_of(unit)) is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._colours[colour], width))
            out = width / 2 + 0.5
            painter.drawRect(rect.adjusted(-out, -out, out, out))

    def _paint_titles(self, painter: QPainter, activations: Activations, table: OutputTable) -> None:
        painter.setFont(self._fonts[0])
        painter.setPen(self._colours["muted"])
        layers = self._layers.all[:-1]
        for layer, title in zip(
            layers, layer_titles(self._layers, activations, QFontMetrics(self._fonts[0])), strict=True
        ):
            painter.drawText(_title_line(layer).adjusted(0, 0, px(16), 0), _CENTRE, title)
        self._outputs.paint_ground(painter, _title_line(self._layers.outputs), table)

    def _paint_captions(self, painter: QPainter, activations: Activations, layer: ShownLayer) -> None:
        """Paint the digit below each template, and the sum below its products: the logit, without the bias."""
        products = activations.products if layer.shows == "products" else None
        texts = [str(unit) for unit in range(len(activations.logits))]
        if products is not None:
            prefix, decimals = self._sum_format(layer.tiles)
            texts = [prefix + number_text(total, decimals) for total in products.sum(axis=(1, 2)).tolist()]
        for place, unit in enumerate(layer.units[: layer.tiles.count].tolist()):
            is_winner = unit == activations.winner
            painter.setFont(self._fonts[is_winner])
            painter.setPen(self._colours["text" if is_winner else "muted"])
            rect = layer.tiles.rect(place)
            below = QRectF(rect.left() - px(4), rect.bottom() + 1, rect.width() + px(8), px(TEMPLATE_CAPTION - 1))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, texts[unit])

    def _sum_format(self, tiles: Tiles) -> tuple[str, int]:
        """Return what is before a sum, and its decimals, so that it is not wider than its tile."""
        metrics, room = QFontMetrics(self._fonts[True]), tiles.rect(0).width() + tiles.gap / tiles.ratio
        for prefix, decimals in (("Σ ", 2), ("", 2)):
            if metrics.horizontalAdvance(f"{prefix}−88.{'8' * decimals}") <= room:
                return prefix, decimals
        return "", 1

    def _paint_links(self, painter: QPainter, links: list[Link]) -> None:
        peak, image = max((abs(link.strength) for link in links), default=0), self._layers.image.tiles.rect(0)
        for link in reversed(links) if peak else ():  # the strongest on top
            start = self._layers.rect_of(Unit(link.stage - 1, link.source)) if link.stage > 1 else image
            end = self._layers.rect_of(Unit(link.stage, link.target))
            if start is None or end is None:
                continue
            share = abs(link.strength) / peak
            painter.setPen(self._pens[link.strength > 0][round(share * _STEPS)])
            if link.stage == self._layers.outputs.stage and not self._layers.in_row:
                self._paint_link_beside(painter, start, end)
            else:
                painter.drawLine(_line_between(start, end))

    def _paint_link_beside(self, painter: QPainter, start: QRectF, end: QRectF) -> None:
        """Paint a connection to an output of a column at the left of the outputs: it would cross their numbers."""
        place = self._layers.outputs.place
        corner = QPointF((self._layers.room.left() + place.left()) / 2, place.top() - px(TITLE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(
            [QPointF(start.center().x(), start.bottom()), corner, QPointF(end.left(), end.center().y())]
        )

    def _paint_switched_off(self, painter: QPainter, units: Iterable[Unit]) -> None:
        for unit in units:
            if (rect := self._layers.rect_of(unit)) is not None:
                cover = QColor(self._colours["window"])
                cover.setAlpha(150)
                painter.fillRect(rect, cover)
                painter.setPen(QPen(self._colours["wrong"], px(1.5)))
                painter.drawLine(rect.topLeft(), rect.bottomRight())
                painter.drawLine(rect.topRight(), rect.bottomLeft())


def layer_titles(layers: NetworkLayers, activations: Activations, metrics: QFontMetrics) -> list[str]:
    """Return the titles of all layers but the outputs. Where one has no room for its name, all names are short."""
    places = [layer.place for layer in layers.all]
    gap = min(after.left() - place.right() for place, after in pairwise(places))
    beyond = min(px(14), int(gap) - px(3)) if layers.in_row else px(14)  # a title does not touch the next one

    def fits(title: str, layer: ShownLayer) -> bool:
        return metrics.horizontalAdvance(title) <= layer.place.width() + beyond

    shown = layers.all[:-1]
    is_short = not all(fits(layer_title(activations, layer.stage, room=0), layer) for layer in shown)
    titles = []
    for layer in shown:
        title = layer_title(activations, layer.stage, layer.place.width())
        if is_short or not fits(title, layer):  # without the number of its units
            title = layer_title(activations, layer.stage, room=0, is_short=is_short)
        title = {"templates": _tr("weights"), "products": _tr("weights × pixels")}.get(layer.shows, title)
        if layer.tiles.count < len(layer.units):
            title = _tr("{}, {:,} shown").format(title, layer.tiles.count)
        titles.append(metrics.elidedText(title, Qt.TextElideMode.ElideRight, int(layer.place.width()) + beyond))
    return titles


def _title_line(layer: ShownLayer) -> QRectF:
    return QRectF(layer.place.left(), layer.place.top() - px(TITLE), layer.place.width(), px(TITLE - 3))


def _shown_values(activations: Activations, layer: ShownLayer) -> np.ndarray:
    """Return the images of a layer's units, (units, height, width) float32."""
    stage = activations.stages[layer.stage]
    if layer.shows == "products" and activations.products is not None:
        return activations.products
    if layer.shows == "templates" and stage.weights is not None:
        return stage.weights.reshape(-1, *activations.pixels.shape)
    return stage.values.reshape(stage.units, *(stage.values.shape[1:] or (1, 1)))


def _line_between(start: QRectF, end: QRectF) -> QLineF:
    """Return a line between two tiles, from the middles of the sides that look towards each other."""
    step = end.center() - start.center()
    return QLineF(_side_towards(start, step.x(), step.y()), _side_towards(end, -step.x(), -step.y()))


def _side_towards(rect: QRectF, across: float, down: float) -> QPointF:
    """Return the middle of the side of a tile that looks in a direction."""
    if rect.width() > 4 * rect.height():  # a row of the outputs
        return QPointF(rect.left(), rect.center().y())
    if abs(across) >= abs(down):
        return QPointF(rect.right() if across > 0 else rect.left(), rect.center().y())
    return QPointF(rect.center().x(), rect.bottom() if down > 0 else rect.top())


def _tr(text: str) -> str:
    return QCoreApplication.translate("NetworkView", text)
