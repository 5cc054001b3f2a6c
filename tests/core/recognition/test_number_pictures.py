"""Pictures of numbers are read: small ones, several lines, signs between the digits."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from digitpad.core.ink.image_files import ink_of_picture
from digitpad.core.models.model_files import LoadedModel, find_model, load_model
from digitpad.core.recognition.number import Reading, read_picture_number
from tests.helpers.written_numbers import PEN, drawn, written

DIGITS = "0123456789"


@pytest.fixture(scope="module")
def cnn() -> LoadedModel:
    return load_model(find_model("cnn"))


def read(ink_map: np.ndarray, cnn: LoadedModel, *, dark: bool = False, noise: float = 0.0) -> Reading:
    """Read a picture of this ink, black on white, or white on black."""
    grey = 30 + 200 * (ink_map if dark else 1 - ink_map)
    grey = grey + np.random.default_rng(0).normal(0, noise, grey.shape)
    return read_picture_number(ink_of_picture(Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))), cnn)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("noise", [0.0, 6.0])
def test_a_small_picture_of_one_digit_is_that_digit(cnn: LoadedModel, *, dark: bool, noise: float) -> None:
    for digit in DIGITS:
        small = drawn(written(digit, (7, 4), 20), (28, 28), 2.4)
        assert read(small, cnn, dark=dark, noise=noise).number == digit


def test_a_bold_digit_of_a_small_picture_is_not_a_dot(cnn: LoadedModel) -> None:
    for digit in "0368":
        small = drawn(written(digit, (7, 4), 20), (28, 28), 3.5)
        assert read(small, cnn).number == digit


@pytest.mark.parametrize("height", [8, 11, 15])
def test_a_row_of_small_digits_is_read(cnn: LoadedModel, height: int) -> None:
    size = round(4.2 * height) + 2, height + 4
    row = drawn(written("4072", (2, 2), height, gap=0.4), size, max(1.0, PEN * height))
    assert read(row, cnn).number == "4072"
    lefts = [place.box[0] / height for place in read(row, cnn).digits]
    np.testing.assert_allclose(lefts, [0.2 + 1.02 * place for place in range(4)], atol=0.35)


def test_a_blot_of_a_small_picture_is_not_a_number(cnn: LoadedModel) -> None:
    for sides in ((6, 6), (14, 12), (10, 16)):
        blot = np.zeros((28, 28))
        blot[8 : 8 + sides[0], 6 : 6 + sides[1]] = 1
        assert read(blot, cnn).number is None
        assert read(ndimage.gaussian_filter(blot, 0.8), cnn).number is None
