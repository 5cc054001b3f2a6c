"""Tiles, the places of layers, and the texts of the outputs, without a window."""

from itertools import pairwise
from math import exp

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from digitpad.core.models.activations import Activations, Stage, activations_of
from digitpad.core.models.specs import CNNSpec, MLPSpec
from digitpad.gui.inside.layout import LayerShape, place_layers, smallest_size
from digitpad.gui.inside.network_layers import NetworkLayers
from digitpad.gui.inside.network_painter import layer_titles
from digitpad.gui.inside.outputs import output_table, power_text
from digitpad.gui.inside.tiles import Tiles, fit_tiles, resampled, tiles_image, write_tiles
from tests.core.models.test_activations import model_of


@pytest.mark.parametrize("count", [1, 10, 32, 128, 512, 8192])
@pytest.mark.parametrize("room", [QRectF(10, 20, 200, 150), QRectF(0, 0, 37.5, 410), QRectF(0, 0, 700, 56)])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize(("shape", "foot"), [((1, 1), 0), ((28, 28), 0), ((28, 28), 16), ((8, 20), 0)])
def test_tiles_fit_their_room_and_are_found_again(
    count: int, room: QRectF, ratio: float, shape: tuple[int, int], foot: int
) -> None:
    tiles = fit_tiles(count, shape, room, ratio, foot=foot)
    assert 1 <= tiles.count <= count
    assert tiles.count == count or count > 300 or min(room.width(), room.height()) < 60
    for place in {0, tiles.count // 2, tiles.count - 1}:
        rect = tiles.rect(place)
        assert tiles.place_at(rect.center()) == place
        if tiles.width > 3:
            assert room.adjusted(-1, -1, 1, 1).contains(rect)
    assert tiles.place_at(room.topLeft() - QPointF(5, 0)) is None
    assert tiles.place_at(tiles.rect(tiles.count - 1).center() + QPointF(0, 2000)) is None


def test_pixels_are_repeated_or_averaged() -> None:
    small = np.array([[[1, 2], [3, 4]]], np.float32)
    np.testing.assert_array_equal(resampled(small, 4, 4)[0], np.kron(small[0], np.ones((2, 2))))
    np.testing.assert_allclose(resampled(small, 1, 1)[0], [[2.5]])
    thirds = np.array([[[3, 6, 9]]], np.float32)
    np.testing.assert_allclose(resampled(thirds, 1, 2)[0], [[4, 8]], rtol=1e-6)


def test_values_become_colours_and_gaps_stay_clear() -> None:
    tiles = fit_tiles(3, (1, 1), QRectF(0, 0, 11, 3))
    table = np.arange(255, dtype=np.uint32) | 0xFF000000
    image = tiles_image(tiles, np.array([-4, 0, np.nan], np.float32).reshape(3, 1, 1), table, 4)
    middles = [image.pixel(tiles.width // 2 + n * (tiles.width + tiles.gap), 1) for n in range(3)]
    assert [middle & 255 for middle in middles] == [0, 127, 127]
    assert image.pixel(tiles.width, 1) == 0


@pytest.mark.parametrize(("count", "columns"), [(5, 3), (6, 3), (2, 4)])
def test_tiles_are_written_at_their_places(count: int, columns: int) -> None:
    tiles = Tiles(QPointF(), count, columns, 4, 2, 1, 2, 1.0)
    values = np.linspace(-1, 1, count * 2, dtype=np.float32).reshape(count, 1, 2)
    pixels = np.full((30, 40), 7, np.uint32)
    write_tiles(pixels, tiles, values, 100 + np.arange(255, dtype=np.uint32), 1)
    expected = np.full((30, 40), 7, np.uint32)
    for place in range(count):
        rect = tiles.rect(place).toRect()
        shades = np.rint(values[place] * 127 + 127).astype(np.uint32) + 100
        expected[rect.top() : rect.top() + 2, rect.left() : rect.left() + 4] = shades.repeat(2, axis=1)
    np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize("in_row", [True, False])
def test_layers_follow_each_other_without_overlap(in_row: bool) -> None:
    layers = [LayerShape("input", 1), LayerShape("conv", 32), LayerShape("dense", 128), LayerShape("logits", 10)]
    room = QRectF(0, 0, 1200, 260) if in_row else QRectF(0, 0, 500, 900)
    check(layers, room, in_row=in_row)


@pytest.mark.parametrize(("in_row", "is_narrow"), [(True, False), (False, False), (False, True)])
@pytest.mark.parametrize("hidden", [0, 1, 3, 15])
def test_many_layers_fit_the_smallest_room(in_row: bool, is_narrow: bool, hidden: int) -> None:
    layers = [LayerShape("input", 1), *[LayerShape("dense", 300)] * hidden, LayerShape("logits", 10)]
    room = QRectF(QPointF(), smallest_size(len(layers), in_row=in_row, is_narrow=is_narrow).toSizeF())
    check(layers, room, in_row=in_row)


def check(layers: list[LayerShape], room: QRectF, *, in_row: bool) -> None:
    places = place_layers(layers, room, in_row=in_row)
    assert all(place.width() > 0 and place.height() > 0 for place in places)
    for before, after in pairwise(places):
        assert (before.right() < after.left()) if in_row else (before.bottom() < after.top())
    assert all(room.adjusted(-1, -1, 1, 1).contains(place) for place in places)


@pytest.mark.parametrize("z", [-3.2, 0, 1.5, 4.4, 8.9])
def test_powers_of_e_are_written_out(z: float) -> None:
    assert float(power_text(z).replace(",", "")) == pytest.approx(exp(z), rel=0.05, abs=0.005)


def test_large_and_small_powers_have_exponents() -> None:
    assert power_text(1000) == "2.0e434"
    assert power_text(-50) == "1.9e-22"
    assert power_text(float("nan")) == "–"
    assert power_text(float("inf")) == "∞"


def with_logits(logits: list[float], spec: CNNSpec | MLPSpec) -> Activations:
    stage = Stage("logits", np.array(logits, np.float32), np.zeros((len(logits), 4), np.float32))
    return Activations(spec, np.zeros((2, 2), np.float32), (Stage("input", np.zeros((1, 2, 2), np.float32)), stage))


def test_logits_become_probabilities_step_by_step() -> None:
    table = output_table(with_logits([0, 1, 2, *[-9] * 7], CNNSpec()))
    assert table.winner == 2
    total = 1 + exp(1) + exp(2) + 7 * exp(-9)
    assert table.texts[2] == ("2.00", f"{exp(2):.3f}", f"{100 * exp(2) / total:.1f} %")
    assert table.sums[1] == f"sum {total:.1f}"
    assert table.as_text().splitlines()[3] == f"2\t2.00\t{exp(2):.3f}\t{100 * exp(2) / total:.1f} %"


def test_other_outputs_say_what_they_are() -> None:
    sigmoid = output_table(with_logits([0.0] * 10, MLPSpec(output="sigmoid")))
    assert sigmoid.headings[1] == "sigmoid"
    assert sigmoid.texts[0] == ("0.00", "0.5000", "10.0 %")
    single = output_table(with_logits([2.0], MLPSpec(outputs=1, output="sigmoid")))
    assert single.names == ("1",)
    assert single.texts[0][1:] == ("0.8808", "88.1 %")
    diverged = output_table(with_logits([float("nan")] * 10, CNNSpec()))
    assert diverged.texts[0][1] == "–"


@pytest.mark.parametrize("width", range(490, 1400, 70))
def test_the_names_of_all_layers_are_short_or_none_is(width: int, qapp: QApplication) -> None:
    activations = activations_of(model_of(CNNSpec(channels=(8, 8, 8))), np.zeros((28, 28), np.float32))
    layers = NetworkLayers(activations, QRectF(0, 0, width, 280), 1.0, in_row=True)
    _, *titles = layer_titles(layers, activations, QFontMetrics(qapp.font()))
    # "C1" and "D1", or "conv 1" and "dense 1"
    assert {len(title.partition(" ")[0]) for title in titles} in ({2}, {4, 5})
    assert all("…" not in title for title in titles)
