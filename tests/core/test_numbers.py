"""Whole numbers, cut into digits."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.ink import Ink
from digitpad.core.numbers import read_ink_number, read_picture_number
from digitpad.core.raster import draw_polylines
from digitpad.core.storage import LoadedModel, find_model, load_model

Strokes = list[np.ndarray]
# 4 and 5 as people draw them, with two strokes; each about 100 wide and 160 high.
ONE: Strokes = [np.array([[50.0, 0], [50, 160]])]
FOUR: Strokes = [np.array([[40.0, 0], [0, 100], [100, 100]]), np.array([[75.0, 30], [70, 160]])]
FIVE: Strokes = [
    np.array([[20.0, 5], [15, 70], [60, 65], [85, 100], [70, 145], [10, 150]]),
    np.array([[20.0, 5], [90, 2]]),
]
SEVEN: Strokes = [np.array([[0.0, 0], [100, 0], [40, 160]])]


@pytest.fixture(scope="module")
def cnn() -> LoadedModel:
    return load_model(find_model("cnn"))


def row(*digits: Strokes, step: float = 140) -> Strokes:
    return [stroke + np.array([step * place, 0]) for place, digit in enumerate(digits) for stroke in digit]


def test_digits_of_several_strokes_stay_whole(cnn: LoadedModel) -> None:
    reading = read_ink_number(Ink.of(row(FOUR, SEVEN, FIVE, ONE)), cnn)
    assert reading.number == "4751"
    lefts = [read.box[0] for read in reading.digits]
    assert lefts == sorted(lefts)
    np.testing.assert_allclose(reading.digits[1].box, (140, 0, 240, 160))


def test_the_order_of_drawing_does_not_matter(cnn: LoadedModel) -> None:
    strokes = row(FOUR, SEVEN, FIVE)
    assert read_ink_number(Ink.of(strokes[::-1]), cnn).number == "475"


def test_one_digit_is_a_number_and_no_ink_is_none(cnn: LoadedModel) -> None:
    assert read_ink_number(Ink.of(SEVEN), cnn).number == "7"
    nothing = read_ink_number(Ink(), cnn)
    assert nothing.number is None
    assert nothing.digits == ()


def test_a_picture_of_a_number_is_read(cnn: LoadedModel) -> None:
    strokes = [stroke * 0.6 + 30 for stroke in row(SEVEN, ONE, SEVEN)]
    reading = read_picture_number(draw_polylines(strokes, pen=13, size=320), cnn)
    assert reading.number == "717"
    assert read_picture_number(np.zeros((50, 50)), cnn).number is None


def test_strangers_numbers_are_cut_where_they_should_be(shared_data: Path, cnn: LoadedModel) -> None:
    """Rows of two to six digits of one hand, 5 to 35 % of their height apart."""
    writers: dict[str, list[dict]] = {}
    with gzip.open(shared_data / "strokes" / "pendigits-train.jsonl.gz", "rt") as lines:
        for line in lines:
            record = json.loads(line)
            writers.setdefault(record["writer"], []).append(record)
    rng = np.random.default_rng(7)
    cut = right = 0
    rows = 60
    for _ in range(rows):
        hand = writers[str(rng.choice(list(writers)))]
        strokes, label, x = [], "", 0.0
        for _ in range(rng.integers(2, 7)):
            record = hand[rng.integers(len(hand))]
            points = np.concatenate([np.array(stroke, float) for stroke in record["strokes"]])
            low, high = points.min(axis=0), points.max(axis=0)
            scale = 100 / max(high - low)
            strokes += [(np.array(stroke, float) - low) * scale + [x, 0] for stroke in record["strokes"]]
            x += (high - low)[0] * scale + rng.uniform(5, 35)
            label += str(record["label"])
        read = "".join(str(digit.prediction.best) for digit in read_ink_number(Ink.of(strokes), cnn).digits)
        cut += len(read) == len(label)
        right += read == label
    assert cut >= 0.93 * rows
    assert right >= 0.80 * rows
