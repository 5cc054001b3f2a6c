"""Arrays as pictures: every tile is painted while there is room, and colours tell the sign."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication

from digitpad.core.evaluation.layer_rows import LayerRow
from digitpad.gui.layers.pictures import STRIP_HEIGHT, fit, paint_tiles, tiles_of
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.theme import Themes


def painted(tiles: np.ndarray, width: int = 160, height: int = 68) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.magenta)
    painter = QPainter(image)
    paint_tiles(painter, QRectF(0, 0, width, height), tiles, QApplication.palette())
    painter.end()
    return image


@pytest.mark.parametrize(
    ("shape", "tiles", "expected"),
    [
        ((784,), (28, 28), (1, 28, 28)),
        ((10, 784), (28, 28), (10, 28, 28)),
        ((10,), None, (1, 1, 10)),
        ((10, 2), None, (1, 10, 2)),
        ((32, 14, 14), None, (32, 14, 14)),
        ((64, 32, 3, 3), None, (2048, 3, 3)),
    ],
)
def test_images_are_found_in_an_array(
    shape: tuple[int, ...], tiles: tuple[int, int] | None, expected: tuple[int, ...]
) -> None:
    values = np.zeros(shape)
    assert tiles_of(LayerRow("", "", values, tiles=tiles), values).shape == expected


@pytest.mark.parametrize("count", [1, 10, 32, 100, 512])
def test_all_tiles_fit_as_large_as_possible(count: int) -> None:
    columns, size = fit(count, (28, 28), QSizeF(250, 68))
    rows = -(-count // columns)
    assert columns * (size.width() + 1) <= 251
    assert rows * (size.height() + 1) <= 69
    assert size.height() == (68 if count == 1 else size.width())


def test_values_above_and_below_zero_have_the_colours_of_weights(themes: Themes) -> None:
    colours = theme_colours(QPalette(QApplication.palette()))
    image, middle = painted(np.array([[[-2.0, 0.0, 2.0, 1.0]]])), 34
    found = [image.pixelColor(x, middle) for x in (20, 60, 100)]
    assert found == [colours[f"weight_{name}"] for name in ("against", "neutral", "for")]
    half = image.pixelColor(140, middle)
    assert half not in found
    assert image.pixelColor(20, middle - STRIP_HEIGHT) == Qt.GlobalColor.magenta


def test_a_small_matrix_is_painted_as_a_whole(themes: Themes) -> None:
    colours = theme_colours(QApplication.palette())
    image = painted(np.array([[[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]]]), 160, 60)
    signs = [[image.pixelColor(x, y) == colours["weight_for"] for x in (40, 120)] for y in (10, 30, 50)]
    assert signs == [[True, False], [False, True], [True, True]]


def test_numbers_that_are_not_finite_are_painted_as_zero(themes: Themes) -> None:
    image = painted(np.array([[[np.nan, np.inf, 1.0, -np.inf]]]))
    neutral = theme_colours(QApplication.palette())["weight_neutral"]
    assert [image.pixelColor(x, 34) == neutral for x in (20, 60, 100, 140)] == [True, True, False, True]
