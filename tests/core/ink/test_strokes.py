"""Ink and its digit image: the invariants hold for any drawing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitpad.core.errors import DigitpadError
from digitpad.core.ink.mnist_geometry import BOX, CENTRE, DigitImage, centre_of_mass
from digitpad.core.ink.strokes import PEN, Ink, digit_image

coordinates = st.floats(-1e4, 1e4, allow_nan=False, width=32)
points = st.tuples(coordinates, coordinates)
drawings = st.lists(st.lists(points, min_size=1, max_size=30), min_size=1, max_size=5)


def extent(image: np.ndarray) -> tuple[int, int]:
    """Width and height of the ink in px."""
    columns, rows = np.flatnonzero(image.any(axis=0)), np.flatnonzero(image.any(axis=1))
    return int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)


def touches_edge(image: np.ndarray) -> bool:
    return bool(image[0].any() or image[-1].any() or image[:, 0].any() or image[:, -1].any())


@given(drawings)
@settings(max_examples=300, deadline=None)
def test_any_drawing_has_mnists_geometry(strokes: list[list[tuple[float, float]]]) -> None:
    image = digit_image(Ink.of(strokes))
    pixels = image.pixels
    assert pixels.shape == (28, 28)
    assert pixels.dtype == np.float32
    assert pixels.max() == 1.0
    assert pixels.min() >= 0.0
    np.testing.assert_array_equal(pixels, np.round(pixels * 255) / np.float32(255))
    spread = np.ptp(np.concatenate([np.array(s, float) for s in strokes]), axis=0).max()
    if spread > 1e-90:  # coordinates far smaller are 0
        assert max(extent(pixels)) == BOX
    if not touches_edge(pixels):
        assert all(abs(centre - CENTRE) <= 0.502 for centre in centre_of_mass(pixels))
    np.testing.assert_allclose(pixels.sum(), image.boxed.sum(), rtol=1e-5)


@given(drawings, st.sampled_from([80, 200, 400]), st.sampled_from([1.0, 1.5, 2.0]), points)
@settings(max_examples=150, deadline=None)
def test_size_place_and_pixel_ratio_do_not_matter(
    strokes: list[list[tuple[float, float]]], size: int, ratio: float, corner: tuple[float, float]
) -> None:
    arrays = [np.array(stroke, float) for stroke in strokes]
    reference = digit_image(Ink.of(arrays)).pixels
    spread = np.ptp(np.concatenate(arrays), axis=0).max()
    if spread < 1e-2:
        return  # the corner's rounding would be as large as the drawing
    moved = [stroke * (size * ratio / spread) + np.round(corner) for stroke in arrays]
    other = digit_image(Ink.of(moved)).pixels
    # Rounding to the 1/256-px grid may tip a coordinate by one step: half a per cent of a pixel's value.
    assert np.abs(other - reference).max() <= 0.05


@pytest.mark.parametrize("size", [80, 200, 400])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_seven_is_the_same_at_every_size_and_pixel_ratio(seven: list[np.ndarray], size: int, ratio: float) -> None:
    reference = digit_image(Ink.of(seven)).pixels
    scaled = [stroke * (size * ratio / 160) + 37 for stroke in seven]
    np.testing.assert_array_equal(digit_image(Ink.of(scaled)).pixels, reference)


def test_the_pen_is_as_wide_as_mnists_whatever_the_size() -> None:
    for length in (0.001, 1.0, 5000.0):
        pixels = digit_image(Ink.of([[[0, 0], [0, length]]])).pixels
        assert extent(pixels)[1] == BOX
        assert pixels[14].sum() == pytest.approx(PEN, abs=0.05)


def test_a_dot_is_not_enlarged() -> None:
    pixels = digit_image(Ink.of([[[5, 5]]])).pixels
    assert max(extent(pixels)) <= 4
    assert pixels.sum() == pytest.approx(np.pi * (PEN / 2) ** 2, rel=0.1)


def test_a_wobbly_click_is_a_dot_if_the_pen_width_is_known() -> None:
    wobble = [[[100, 100], [101, 100], [101, 102]]]
    assert max(extent(digit_image(Ink.of(wobble, pen_width=16)).pixels)) <= 4
    assert max(extent(digit_image(Ink.of(wobble)).pixels)) == BOX


def test_repeated_points_change_nothing(seven: list[np.ndarray]) -> None:
    repeated = [np.repeat(stroke, 5, axis=0) for stroke in seven]
    np.testing.assert_array_equal(digit_image(Ink.of(repeated)).pixels, digit_image(Ink.of(seven)).pixels)


def test_ten_thousand_points_in_one_stroke_are_the_same_hook_as_a_hundred() -> None:
    def hook(count: int) -> DigitImage:
        angle = np.linspace(0, 1.4 * np.pi, count)
        return digit_image(Ink.of([np.stack([np.cos(angle), np.sin(angle) * (1 + angle)], axis=1)]))

    assert np.abs(hook(10_000).pixels - hook(100).pixels).max() < 0.1


def test_a_horizontal_line_and_a_blot_with_a_tail_stay_inside() -> None:
    line = digit_image(Ink.of([[[0, 0], [300, 0]]])).pixels
    assert extent(line)[0] == BOX
    blot = [[[x, y] for y in range(0, 40, 2) for x in (0, 40)], [[40, 20], [170, 20]]]
    image = digit_image(Ink.of(blot))
    assert extent(image.pixels)[0] == BOX
    np.testing.assert_allclose(image.pixels.sum(), image.boxed.sum())


def test_the_shift_is_the_one_reported(seven: list[np.ndarray]) -> None:
    image = digit_image(Ink.of(seven))
    right, down = image.shift
    np.testing.assert_array_equal(np.roll(image.boxed, (down, right), axis=(0, 1)), image.pixels)
    assert image.bounds == (0, 0, 100, 160)


def test_no_ink_is_blank() -> None:
    image = digit_image(Ink())
    assert image.is_blank
    assert image.pixels.max() == 0.0
    assert not Ink.of([[], []])


def test_exact_values_pin_the_scaling() -> None:
    """A vertical line: 2.7 px wide from a whole pixel on, 20 px high, its caps round."""
    pixels = digit_image(Ink.of([[[0, 0], [0, 100]]])).pixels
    np.testing.assert_allclose(pixels[14, 12:17], [0, 1, 1, 0.7, 0], atol=1.5 / 255)
    np.testing.assert_allclose(pixels[5:23, 13:16], np.tile([1, 1, 0.7], (18, 1)), atol=0.12)
    assert pixels[3].max() == pixels[24].max() == 0.0
    assert min(pixels[4].max(), pixels[23].max()) > 0.9


@pytest.mark.parametrize(
    "bad", [[[[1, 2, 3]]], [[1, 2]], [[["a", "b"]]], [[[float("nan"), 1]]], [[[1e300, 0]]], [[None]]]
)
def test_invalid_strokes_are_refused(bad: list) -> None:
    with pytest.raises(DigitpadError, match="stroke"):
        Ink.of(bad)
