"""Pictures of numbers are read: small ones, several lines, signs between the digits."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.ink.image_files import pixels_of_picture
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.model_files import LoadedModel, find_model, load_model
from digitpad.core.recognition.number import read_ink_number, read_picture_number
from digitpad.core.recognition.reading import Reading
from tests.helpers.written_numbers import PEN, drawn, written

DIGITS = "0123456789"


@pytest.fixture(scope="module")
def cnn() -> LoadedModel:
    return load_model(find_model("cnn"))


def read(ink_map: np.ndarray, cnn: LoadedModel, *, dark: bool = False, noise: float = 0.0) -> Reading:
    """Read a picture of this ink, black on white, or white on black."""
    grey = 30 + 200 * (ink_map if dark else 1 - ink_map)
    grey = grey + np.random.default_rng(0).normal(0, noise, grey.shape)
    return read_picture_number(
        find_ink(pixels_of_picture(Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))), as_number=True), cnn
    )


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


def test_each_line_of_a_picture_is_a_number_of_its_own(cnn: LoadedModel) -> None:
    for lines in (("17", "40"), ("5", "6"), ("308", "9", "52741"), ("44", "1", "88")):
        strokes = [stroke for row, line in enumerate(lines) for stroke in written(line, (20, 20 + 85 * row), 55)]
        reading = read(drawn(strokes, (320, 290), 6), cnn)
        assert reading.numbers == lines
        assert reading.number is None
        assert reading.answer == "\n".join(lines)
        assert [len(line.digits) for line in reading.lines] == [len(line) for line in lines]


def test_tilted_lines_are_separate_and_a_tilted_line_is_one(cnn: LoadedModel) -> None:
    for angle in (-6, 6):
        tilted = ndimage.rotate(
            drawn([*written("7250", (40, 50), 50), *written("381", (60, 130), 50)], (280, 240), 6), angle
        )
        assert read(tilted.clip(0, 1), cnn).numbers == ("7250", "381")
        tilted = ndimage.rotate(drawn(written("725038", (40, 100), 45), (330, 240), 5), 2 * angle)
        assert read(tilted.clip(0, 1), cnn).numbers == ("725038",)


def test_a_line_that_is_not_sure_gives_no_number(cnn: LoadedModel) -> None:
    strokes = written("52", (20, 20), 60)
    scribble = np.random.default_rng(2).uniform((20, 110), (90, 170), (25, 2))
    reading = read(drawn([*strokes, scribble], (200, 190), 6), cnn)
    assert reading.numbers == ("52", None)
    assert reading.answer is None


@pytest.mark.parametrize("text", ["9-1", "-52", "3.14", "7,5", "12+30", "18:45", "2+3=5", "24.12.2026", "010-4477"])
@pytest.mark.parametrize("pen", [0.06, 0.1])
def test_signs_between_digits_are_read(cnn: LoadedModel, text: str, pen: float) -> None:
    strokes = written(text, (25, 30), 60)
    size = round(60 * 0.92 * len(text)) + 50, 125
    reading = read(drawn(strokes, size, pen * 60), cnn)
    assert reading.number == text
    assert len(reading.digits) == sum(character.isdigit() for character in text)
    assert read_ink_number(Ink.of(strokes), cnn).number == text


@pytest.mark.parametrize("place", [(70, 88), (133, 60), (72, 30), (190, 91), (15, 80)])
def test_a_speck_is_not_a_full_stop(cnn: LoadedModel, place: tuple[int, int]) -> None:
    row = drawn(written("704", (20, 30), 60, gap=0.3), (220, 125), 6)
    x, y = place
    row[y : y + 3, x : x + 2] = 1
    assert read(row, cnn).number == "704"


def test_bars_of_digits_are_not_signs(cnn: LoadedModel) -> None:
    seven = [*written("7", (30, 30), 60), np.array([[38.0, 62], [66, 61]])]
    five = [np.array([[112.0, 33], [140, 31]]), *written("5", (100, 30), 60)]
    strokes = [*seven, *five, *written("4", (170, 30), 60)]
    assert read_ink_number(Ink.of(strokes), cnn).number == "754"
    assert read(drawn(strokes, (250, 120), 5), cnn).number == "754"


def test_an_unknown_sign_is_not_swallowed(cnn: LoadedModel) -> None:
    star = [np.array([[105.0, 45 + 30 * a], [135, 75 - 30 * a]]) for a in (0, 1)] + [np.array([[120.0, 42], [120, 78]])]
    strokes = [*written("3", (30, 30), 60), *star, *written("5", (170, 30), 60)]
    reading = read(drawn(strokes, (250, 120), 5), cnn)
    assert reading.number is None
