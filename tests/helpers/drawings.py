"""Artificial drawings for My digits, all different."""

from datetime import UTC, datetime

import numpy as np

from digitpad.core.ink.drawing import PEN_WIDTH, Drawing, enlarge_digit_image
from digitpad.core.ink.strokes import Ink
from digitpad.core.my_digits.record import NewDigit, new_digit, new_image


def stroke_drawing(number: int) -> Drawing:
    """Return a random line on the pad, a different one for each number."""
    points = np.random.default_rng(number).uniform(40, 240, (6, 2))
    return Drawing(ink=Ink.of([points[:4], points[4:]], PEN_WIDTH))


def pixel_drawing(number: int) -> Drawing:
    """Return a drawing that is a digit image, without strokes."""
    return enlarge_digit_image(noise(number) / 255)


def noise(number: int) -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[6:22, 8:20] = np.random.default_rng(number).integers(0, 256, (16, 12))
    return image


def new_digits(count: int) -> list[NewDigit]:
    """Return digits, alternately with and without strokes; some with a model's answer."""
    return [_new(number) for number in range(count)]


def _new(number: int) -> NewDigit:
    label, model = number % 10, ("", "mlp", "=cnn")[number % 3]
    predicted = None if not model else (label + number // 3 % 2) % 10
    if number % 2:
        return new_digit(stroke_drawing(number), label, predicted=predicted, model=model)
    created = datetime(2026, 1, 1, 12, number % 60, tzinfo=UTC)
    return new_image(noise(number), label, predicted=predicted, model=model, created=created)
