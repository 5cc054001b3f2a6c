"""The drawing on the pad: strokes, pictures, and erasing."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from digitpad.core.datasets.loading import load_digits
from digitpad.core.detection.opened_drawing import drawing_of_pixels, open_drawing
from digitpad.core.errors import DigitpadError
from digitpad.core.ink.drawing import (
    EMPTY,
    PAD,
    PEN_WIDTH,
    Drawing,
    centre_ink,
    digit_image,
    enlarge_digit_image,
    erase,
    ink_map,
    save_ink,
)
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.model_files import find_model, load_model
from digitpad.core.recognition.prediction import predict

LINE = EMPTY.with_stroke(np.array([[40.0, 140], [240, 140]]))


def test_a_stroke_makes_a_new_drawing() -> None:
    assert not EMPTY
    assert LINE
    assert LINE is not EMPTY
    two = LINE.with_stroke(np.array([[5.0, 5.0]]))
    assert two.ink.strokes[0] is LINE.ink.strokes[0]
    assert len(LINE.ink.strokes) == 1


def test_a_stroke_is_smoothed_but_keeps_its_ends_and_corners() -> None:
    trembling = np.array([[0, 0], [10, 1], [20, 0], [30, 1], [40, 0], [40, 50], [40, 100]], float)
    steady = EMPTY.with_stroke(trembling).ink.strokes[0]
    np.testing.assert_allclose(steady[:5, 1], [0, 0.5, 0.5, 0.5, 0])
    np.testing.assert_array_equal(steady[[0, 4, -1]], trembling[[0, 4, -1]])
    np.testing.assert_allclose(steady[:, 0], trembling[:, 0])


def test_the_eraser_cuts_a_stroke_in_two() -> None:
    rubbed = erase(LINE, (140, 100), (140, 180), radius=14)
    assert len(rubbed.ink.strokes) == 2
    left, right = rubbed.ink.strokes
    assert left[:, 0].max() == pytest.approx(140 - 14 - PEN_WIDTH / 2, abs=2.1)
    assert right[:, 0].min() == pytest.approx(140 + 14 + PEN_WIDTH / 2, abs=2.1)


def test_the_eraser_changes_nothing_that_it_does_not_touch() -> None:
    assert erase(LINE, (10, 10), (20, 20), radius=14) is LINE
    assert not erase(LINE, (0, 140), (280, 140), radius=14)


def test_the_eraser_erases_pictures_too() -> None:
    picture = np.zeros((PAD, PAD), np.uint8)
    picture[100:180, 100:180] = 255
    drawing = Drawing(picture=picture)
    rubbed = erase(drawing, (140, 90), (140, 190), radius=14)
    assert rubbed.picture is not None
    assert rubbed.picture[140, 140] == 0
    assert rubbed.picture[140, 105] == 255
    assert picture[140, 140] == 255
    assert erase(drawing, (5, 5), (5, 5), radius=3) is drawing
    assert not erase(drawing, (90, 140), (190, 140), radius=80)


def test_strokes_and_picture_are_in_one_digit_image() -> None:
    picture = np.zeros((PAD, PAD), np.uint8)
    picture[60:220, 136:144] = 255
    plus = Drawing(picture=picture).with_stroke(np.array([[60.0, 140], [220, 140]]))
    assert ink_map(plus)[140, 70] == 1.0
    pixels = digit_image(plus).pixels
    assert pixels.sum(axis=1).max() > 15
    assert pixels.sum(axis=0).max() > 8  # 8 px of the pad are half a pixel of the image, twice


def test_a_picture_is_centred(tmp_path: Path) -> None:
    sheet = np.full((400, 600), 255, np.uint8)
    sheet[20:80, 30:50] = 0
    Image.fromarray(sheet).save(tmp_path / "one.png")
    drawing = open_drawing(tmp_path / "one.png")
    assert drawing.picture is not None
    rows, columns = np.nonzero(drawing.picture > 128)
    assert np.ptp(rows) == pytest.approx(200, abs=8)
    assert rows.mean() == pytest.approx(139.5, abs=2)
    assert columns.mean() == pytest.approx(139.5, abs=2)


def test_a_picture_from_the_clipboard_is_centred() -> None:
    rgba = np.full((50, 50, 4), 255, np.uint8)
    rgba[10:40, 20:26, :3] = 0
    assert drawing_of_pixels(rgba).picture is not None


@given(arrays(np.uint8, (28, 28), elements=st.integers(0, 255), fill=st.just(0)).filter(np.any))
def test_a_digit_image_keeps_its_pixels_wherever_they_are(grey: np.ndarray) -> None:
    image = digit_image(enlarge_digit_image(grey / 255))
    np.testing.assert_array_equal(image.pixels, grey.astype(np.float32) / 255)
    assert image.pixels.dtype == np.float32
    np.testing.assert_array_equal(np.roll(image.boxed, image.shift[::-1], (0, 1)), image.pixels)
    assert image.bounds is not None
    rows, columns = np.nonzero(grey)
    assert image.bounds == (10 * columns.min(), 10 * rows.min(), 10 * columns.max() + 10, 10 * rows.max() + 10)


def test_the_steps_to_a_digit_image_are_those_of_mnist() -> None:
    grey = np.zeros((28, 28))
    grey[7:27, 5:8] = 1
    image = digit_image(enlarge_digit_image(grey))
    assert image.boxed[4:24, 12:15].all()
    assert image.shift == (5 - 12, 7 - 4)


def test_a_changed_digit_image_is_converted_again() -> None:
    grey = np.zeros((28, 28))
    grey[1:11, 2:4] = 0.4  # neither centred nor as large as MNIST's, nor at full strength
    drawing = enlarge_digit_image(grey)
    crossed = drawing.with_stroke(np.array([[10.0, 60], [100, 60]]))
    rubbed = erase(drawing, (0, 100), (60, 100), radius=5)
    for changed in (crossed, rubbed):
        pixels = digit_image(changed).pixels
        assert pixels.max() == 1
        assert np.ptp(np.flatnonzero(pixels.any(axis=1))) >= 17


def test_erasing_all_strokes_restores_the_digit_image() -> None:
    grey = np.zeros((28, 28))
    grey[1:11, 2:4] = 0.4
    drawing = enlarge_digit_image(grey)
    beside = drawing.with_stroke(np.array([[200.0, 200], [250, 200]]))
    assert not np.array_equal(digit_image(beside).pixels, grey.astype(np.float32))
    again = erase(beside, (200, 200), (250, 200), radius=14)
    np.testing.assert_array_equal(digit_image(again).pixels, grey.astype(np.float32))


def test_a_blank_digit_image_is_named() -> None:
    with pytest.raises(DigitpadError, match="test image 3 is blank"):
        enlarge_digit_image(np.full((28, 28), 0.001), "test image 3")


@pytest.mark.parametrize("name", ["softmax", "mlp", "cnn"])
def test_a_digit_image_opened_on_the_pad_keeps_its_prediction(name: str, shared_data: Path) -> None:
    digits = load_digits("mnist", "test", shared_data)
    pixels = digits.images[:400].astype(np.float32) / 255
    model = load_model(find_model(name))
    said = predict([digit_image(enlarge_digit_image(image)) for image in pixels], model)
    answers = predict_logits(model.model, pixels)
    np.testing.assert_array_equal([answer.logits.argmax() for answer in said], answers.argmax(axis=1))


def test_ink_of_any_unit_is_centred_and_ink_from_the_pad_stays(tmp_path: Path) -> None:
    foreign = centre_ink(Ink.of([[[0, 0], [0.001, 0.002]]]))
    left, top, right, bottom = foreign.bounds
    assert bottom - top == pytest.approx(200 - PEN_WIDTH)
    assert (top + bottom) / 2 == pytest.approx(PAD / 2)
    assert (left + right) / 2 == pytest.approx(PAD / 2)
    save_ink(tmp_path / "a.jsonl", LINE)
    np.testing.assert_allclose(open_drawing(tmp_path / "a.jsonl").ink.strokes[0], LINE.ink.strokes[0])


def test_a_blank_file_is_named(tmp_path: Path) -> None:
    Image.new("L", (50, 50), 200).save(tmp_path / "blank.png")
    (tmp_path / "none.jsonl").write_text("", encoding="utf-8")
    for name in ("blank.png", "none.jsonl"):
        with pytest.raises(DigitpadError, match=name):
            open_drawing(tmp_path / name)
    with pytest.raises(DigitpadError, match="PNG"):
        save_ink(tmp_path / "a.jsonl", Drawing(picture=np.zeros((PAD, PAD), np.uint8)))
