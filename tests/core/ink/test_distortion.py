"""Distortions of a drawing, against pixels worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from digitpad.core.ink.distortion import (
    INK_SPANS,
    NEUTRAL,
    PIXEL,
    PIXEL_SPANS,
    SPANS,
    Distortion,
    Normalisation,
    distorted_drawing,
    distorted_pixels,
    model_pixels,
    normalised_pixels,
)
from digitpad.core.ink.drawing import PAD, PEN_WIDTH, Drawing, digit_image, enlarge_digit_image
from digitpad.core.ink.strokes import Ink

SHRUNK = Distortion(normalisation=Normalisation.SHRUNK)


def seven() -> Drawing:
    return Drawing(ink=Ink.of([[(80, 60), (200, 60), (130, 230)]], PEN_WIDTH))


def block() -> Drawing:
    """Return a picture with a block of ink, 100 wide and 60 high, at the left above the middle."""
    picture = np.zeros((PAD, PAD), np.uint8)
    picture[60:120, 40:140] = 255
    return Drawing(picture=picture)


def image() -> Drawing:
    return enlarge_digit_image(digit_image(seven()).pixels)


DRAWINGS = pytest.mark.parametrize("drawing", [seven(), block(), image()], ids=["strokes", "picture", "digit image"])


@DRAWINGS
def test_a_neutral_distortion_gives_exactly_the_digit_image_of_the_pad(drawing: Drawing) -> None:
    np.testing.assert_array_equal(model_pixels(drawing, NEUTRAL), digit_image(drawing).pixels)
    assert distorted_drawing(drawing, NEUTRAL) is drawing
    boxed = replace(NEUTRAL, normalisation=Normalisation.BOXED)
    np.testing.assert_array_equal(model_pixels(drawing, boxed), digit_image(drawing).boxed)


def test_strokes_turn_clockwise_around_the_middle_of_the_pad() -> None:
    moved = distorted_drawing(seven(), Distortion(rotation=90))
    np.testing.assert_array_equal(moved.ink.strokes[0], [(220, 80), (220, 200), (50, 130)])
    halved = distorted_drawing(seven(), Distortion(scale=0.5, shift_x=2, shift_y=-3))
    np.testing.assert_array_equal(halved.ink.strokes[0], [(130, 70), (190, 70), (155, 155)])


@pytest.mark.parametrize(("angle", "turns"), [(90, -1), (180, 2), (-90, 1)])
def test_a_picture_turns_as_numpy_turns_it(angle: float, turns: int) -> None:
    moved = distorted_drawing(block(), Distortion(rotation=angle))
    before = block().picture
    assert moved.picture is not None
    assert before is not None
    np.testing.assert_array_equal(moved.picture, np.rot90(before, turns))


def test_a_picture_is_shifted_and_scaled() -> None:
    moved = distorted_drawing(block(), Distortion(shift_x=1, shift_y=2))
    assert moved.picture is not None
    np.testing.assert_array_equal(moved.picture[60 + 2 * PIXEL : 120 + 2 * PIXEL, 40 + PIXEL : 140 + PIXEL], 255)
    assert moved.picture.sum() == 255 * 60 * 100
    smaller = distorted_drawing(block(), Distortion(scale=0.5)).picture
    assert smaller is not None
    rows, columns = np.flatnonzero((smaller > 127).any(axis=1)), np.flatnonzero((smaller > 127).any(axis=0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (100, 129, 90, 139)


def test_the_pad_merely_shrunk_is_the_mean_of_its_squares() -> None:
    pixels = normalised_pixels(block(), SHRUNK)
    expected = np.zeros((28, 28))
    expected[6:12, 4:14] = 1
    np.testing.assert_array_equal(pixels, expected)
    half = normalised_pixels(block(), replace(SHRUNK, shift_x=0.5))
    np.testing.assert_allclose(half[6:12, 4], 128 / 255)
    np.testing.assert_allclose(half[6:12, 14], 128 / 255)


def test_cropped_ink_fills_the_image() -> None:
    pixels = normalised_pixels(block(), Distortion(normalisation=Normalisation.CROPPED))
    # 100 units are 28 px, so 60 are 16.8 px in the middle: from 5.6 to 22.4
    np.testing.assert_allclose(pixels[6:22], 1)
    np.testing.assert_allclose(pixels[5], 102 / 255)
    np.testing.assert_allclose(pixels[22], 102 / 255)
    assert pixels[:5].max() == pixels[23:].max() == 0


@DRAWINGS
@pytest.mark.parametrize("shift", [(4.0, -3.5), (-6.0, 0.0)])
def test_normalisation_undoes_a_shift(drawing: Drawing, shift: tuple[float, float]) -> None:
    moved = Distortion(shift_x=shift[0], shift_y=shift[1])
    before = normalised_pixels(drawing, NEUTRAL)
    np.testing.assert_allclose(normalised_pixels(drawing, moved), before, atol=0.01)
    shrunk = replace(moved, normalisation=Normalisation.SHRUNK)
    assert np.abs(normalised_pixels(drawing, shrunk) - normalised_pixels(drawing, SHRUNK)).max() > 0.5


def test_normalisation_undoes_the_scale_and_the_pen_of_strokes() -> None:
    changed = Distortion(scale=0.6, shift_x=5, pen=2)
    before = normalised_pixels(seven(), NEUTRAL)
    np.testing.assert_allclose(normalised_pixels(seven(), changed), before, atol=0.01)
    shrunk = replace(changed, normalisation=Normalisation.SHRUNK)
    assert np.abs(normalised_pixels(seven(), shrunk) - normalised_pixels(seven(), SHRUNK)).max() > 0.5


def test_the_pen_on_the_pad_matters_without_normalisation() -> None:
    thin, thick = (normalised_pixels(seven(), SHRUNK, width).sum() for width in (8.0, 24.0))
    assert thick > 2.5 * thin
    np.testing.assert_array_equal(normalised_pixels(seven(), NEUTRAL, 8), normalised_pixels(seven(), NEUTRAL, 24))


def test_turned_and_enlarged_ink_at_the_edge_is_not_cut_off() -> None:
    picture = np.zeros((PAD, PAD), np.uint8)
    picture[:20] = picture[-20:] = 255
    edges = normalised_pixels(Drawing(picture=picture), Distortion(rotation=45, scale=1.4, shift_x=8))
    flat = normalised_pixels(Drawing(picture=picture), Distortion(rotation=45))
    np.testing.assert_allclose(edges, flat, atol=0.25)


def test_pixels_are_moved_off_centre_and_cut_off() -> None:
    pixels = np.zeros((28, 28), np.float32)
    pixels[3, 26], pixels[5, 2] = 1, 0.5
    right, left = (distorted_pixels(pixels, Distortion(off_centre=shift)) for shift in (2, -2))
    assert (right[5, 4], right.sum()) == (0.5, 0.5)
    assert (left[3, 24], left[5, 0], left.sum()) == (1, 0.5, 1.5)
    down, up = (distorted_pixels(pixels, Distortion(off_centre=1, off_centre_y=shift)) for shift in (2, -4))
    assert (down[5, 27], down[7, 3], down.sum()) == (1, 0.5, 1.5)
    assert (up[1, 3], up.sum()) == (0.5, 0.5)


def test_contrast_and_inversion_are_about_mid_grey() -> None:
    pixels = np.tile(np.linspace(0, 1, 28, dtype=np.float32), (28, 1))
    np.testing.assert_allclose(distorted_pixels(pixels, Distortion(contrast=0.5)), 0.25 + pixels / 2, atol=1e-6)
    np.testing.assert_array_equal(distorted_pixels(pixels, Distortion(contrast=0)), np.full((28, 28), 0.5))
    np.testing.assert_allclose(distorted_pixels(pixels, Distortion(inverted=True)), 1 - pixels, atol=1e-6)
    doubled = distorted_pixels(pixels, Distortion(contrast=2))
    assert doubled.min() == 0
    assert doubled.max() == 1


def test_blur_spreads_a_dot_as_a_gaussian() -> None:
    pixels = np.zeros((28, 28), np.float32)
    pixels[14, 14] = 1
    blurred = distorted_pixels(pixels, Distortion(blur=1))
    weights = np.exp(-0.5 * np.arange(-4, 5) ** 2)
    weights /= weights.sum()
    np.testing.assert_allclose(blurred[10:19, 10:19], np.outer(weights, weights), atol=1e-6)


def test_noise_has_the_standard_deviation_asked_for_and_is_the_same_each_time() -> None:
    grey = np.full((28, 28), 0.5, np.float32)
    noisy = distorted_pixels(grey, Distortion(noise=0.1))
    assert noisy.std() == pytest.approx(0.1, rel=0.1)
    np.testing.assert_array_equal(noisy, distorted_pixels(grey, Distortion(noise=0.1)))
    assert distorted_pixels(grey, Distortion(noise=1)).min() == 0


@pytest.mark.parametrize("name", SPANS)
def test_every_distortion_changes_the_pixels_without_normalisation(name: str) -> None:
    before = model_pixels(seven(), SHRUNK)
    for value in (SPANS[name].low, SPANS[name].high):
        changed = SHRUNK.with_value(name, value)
        assert (changed == SHRUNK) == np.array_equal(model_pixels(seven(), changed), before)
    assert SHRUNK.with_value(name, SPANS[name].high) != SHRUNK


@pytest.mark.parametrize("name", SPANS)
def test_a_span_holds_the_amount_that_does_nothing(name: str) -> None:
    span = SPANS[name]
    assert float(getattr(NEUTRAL, name)) in span.values(31)
    assert (span.values(31)[0], span.values(31)[-1]) == (span.low, span.high)
    assert len(span.values(31)) <= 31
    assert {*INK_SPANS} | {*PIXEL_SPANS} == {*SPANS}
