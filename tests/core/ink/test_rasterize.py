"""Polylines drawn with a round pen."""

import numpy as np
import pytest

from digitpad.core.ink.rasterize import draw_polylines


def test_a_dot_is_a_disc_with_linear_edge() -> None:
    image = draw_polylines([np.array([[4.5, 4.5]])], pen=3.0, size=9)
    assert image[4, 4] == 1.0
    assert image[4, 5] == 1.0  # 1 px from the middle, within the radius 1.5 less half a pixel
    # sqrt(2) from the middle: coverage is radius + 1/2 - distance
    assert image[5, 5] == pytest.approx(2.0 - np.sqrt(2.0), abs=1e-6)
    assert image[4, 6] == 0.0
    assert image.sum() == pytest.approx(image.T.sum())


def test_a_horizontal_line_has_exact_values() -> None:
    image = draw_polylines([np.array([[2.5, 4.5], [6.5, 4.5]])], pen=2.0, size=9)
    np.testing.assert_allclose(image[4, 2:7], 1.0)
    np.testing.assert_allclose(image[3, 2:7], 0.5, atol=1e-6)
    np.testing.assert_allclose(image[4, [1, 7]], 0.5, atol=1e-6)
    assert image[2].max() == image[6].max() == 0.0


def test_crossing_and_repeated_strokes_are_not_brighter() -> None:
    line = np.array([[2.0, 2.0], [7.0, 6.0]])
    once = draw_polylines([line], pen=2.7, size=9)
    often = draw_polylines([line, line[::-1], line], pen=2.7, size=9)
    np.testing.assert_allclose(often, once, atol=1e-6)


def test_a_long_line_equals_its_pieces() -> None:
    whole = draw_polylines([np.array([[3.0, 4.0], [25.0, 21.0]])], pen=2.7, size=28)
    pieces = np.linspace([3.0, 4.0], [25.0, 21.0], 200)
    np.testing.assert_allclose(draw_polylines([pieces], pen=2.7, size=28), whole, atol=0.02)


def test_ink_outside_the_image_is_cut_off() -> None:
    line = np.array([[-50.0, 4.5], [60.0, 4.5]])
    image = draw_polylines([line], pen=2.0, size=9)
    np.testing.assert_allclose(image[4], 1.0)
    far = draw_polylines([np.array([[-500.0, -500.0], [-400.0, -450.0]])], pen=2.0, size=9)
    assert far.max() == 0.0
