"""The ink of pictures in bad light, on printed paper and beside other things."""

import numpy as np
import pytest

from digitpad.core.detection.digit_detector import scores_by_digit
from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.ink import ink_mask
from digitpad.core.ink.rasterize import draw_polylines

SIZE = 240
Y, X = np.mgrid[0:1:240j, 0:1:240j]
# Points in a box of width 0.6 and height 1.
STROKES = {
    2: [[(0.0, 0.25), (0.1, 0.07), (0.3, 0.0), (0.5, 0.1), (0.5, 0.3), (0.3, 0.6), (0.0, 1.0), (0.6, 1.0)]],
    4: [[(0.35, 0.0), (0.0, 0.62), (0.6, 0.62)], [(0.45, 0.3), (0.45, 1.0)]],
    5: [[(0.55, 0.0), (0.1, 0.0), (0.05, 0.42), (0.35, 0.4), (0.55, 0.6), (0.5, 0.88), (0.25, 1.0), (0.0, 0.9)]],
    7: [[(0.0, 0.0), (0.6, 0.0), (0.25, 1.0)]],
}


def ink(digit: int, x: float = 90, y: float = 70, height: float = 90, pen: float = 8) -> np.ndarray:
    """Draw a digit with its upper left corner at a place, px."""
    strokes = [np.array(points) * height + (x, y) for points in STROKES[digit]]
    return draw_polylines(strokes, pen, SIZE)


def photo(paper: np.ndarray | float, drawn: np.ndarray, dark: float = 0.3, noise: float = 0.006) -> np.ndarray:
    """Put ink, which reflects a share of the light, on paper; both have noise."""
    grey = paper * (1 - (1 - dark) * drawn) + np.random.default_rng(0).normal(0, noise, drawn.shape)
    return np.clip(grey, 0, 1).astype(np.float32)


def digit_of(picture: np.ndarray) -> int | None:
    """Return the digit that the detector sees in the ink that was found; None if it sees none."""
    scores = scores_by_digit(ink_mask.digit_image(find_ink(picture)).pixels[None])[0]
    return int(scores.argmax()) if scores.max() >= 0.5 else None


LIGHT = {
    "even": 0.7 + 0 * X,
    "a bright middle": 0.75 - 1.1 * ((X - 0.5) ** 2 + (Y - 0.5) ** 2),
    "a patch of sun": 0.45 + 0.5 / (1 + np.exp(-(X - 0.75) * 40)),
    "a glow below": 0.45 + 0.5 * np.clip((Y - 0.75) * 4, 0, 1),
    "a shadow in a corner": 0.75 - 0.5 / (1 + np.exp(-(X + Y - 1.5) * 30)),
    "dark corners": 0.8 - 1.2 * np.clip(np.hypot(X - 0.5, Y - 0.5) - 0.4, 0, 1) * 2,
    "a dark top": 0.1 + 0.85 * Y,
}


@pytest.mark.parametrize("light", LIGHT)
@pytest.mark.parametrize("digit", STROKES)
def test_a_digit_is_found_in_uneven_light(light: str, digit: int) -> None:
    assert digit_of(photo(LIGHT[light], ink(digit))) == digit


@pytest.mark.parametrize("digit", STROKES)
def test_chalk_and_panels_are_light_on_dark(digit: int) -> None:
    board = photo(0.25 - 0.15 * X, ink(digit)) + 0.6 * ink(digit)
    assert digit_of(board.astype(np.float32)) == digit
    page = np.ones((SIZE, SIZE))
    page[30:210, 40:200] = 0.12
    assert digit_of(np.clip(page + 0.75 * ink(digit), 0, 1).astype(np.float32)) == digit


@pytest.mark.parametrize("digit", STROKES)
def test_a_dark_thing_at_the_edge_is_not_ink(digit: int) -> None:
    desk = 0.75 + 0 * X
    desk[180:, 60:] = 0.25
    assert digit_of(photo(desk, ink(digit, y=40))) == digit
    finger = np.where(np.hypot(X - 1.05, Y - 0.9) < 0.3, 0.35, 0.75)
    assert digit_of(photo(finger, ink(digit, x=60, y=30))) == digit


@pytest.mark.parametrize("digit", STROKES)
def test_a_sliver_at_the_border_is_not_ink(digit: int) -> None:
    paper = 0.8 + 0 * X
    paper[20:60, -2:] = 0.3
    assert digit_of(photo(paper, ink(digit))) == digit


@pytest.mark.parametrize("digit", STROKES)
def test_printed_lines_and_boxes_are_not_ink(digit: int) -> None:
    ruled = 0.8 + 0 * X
    for y in (30, 100, 170):
        ruled[y : y + 2] = 0.5
    assert digit_of(photo(ruled, ink(digit))) == digit
    box = np.ones((SIZE, SIZE))
    box[40:200, 60:170], box[43:197, 63:167] = 0, 1
    assert digit_of(photo(box, ink(digit, y=75, height=80), dark=0.0)) == digit


def test_a_digit_that_touches_the_border_is_not_dropped_for_what_is_inside_it() -> None:
    angle = np.linspace(0, 2 * np.pi, 60)
    zero = draw_polylines([np.stack([120 + 75 * np.cos(angle), 119 + 118 * np.sin(angle)], axis=1)], 16, SIZE)
    mark = draw_polylines([np.array([[118.0, 95], [122, 140]])], 16, SIZE)
    assert digit_of((1 - np.maximum(zero, mark)).astype(np.float32)) == 0


@pytest.mark.parametrize("digit", STROKES)
def test_buttons_below_the_drawing_are_not_ink(digit: int) -> None:
    window = np.ones((SIZE, SIZE))
    for x in (20, 100, 180):
        window[218:232, x : x + 42], window[219:231, x + 1 : x + 41] = 0.6, 0.9
        window[223:227, x + 10 : x + 30 : 3] = 0.4
    assert digit_of(photo(window, ink(digit, y=50, height=110), dark=0.0, noise=0)) == digit


@pytest.mark.parametrize("digit", STROKES)
def test_a_thin_faint_pen_is_found_in_the_grain_of_paper(digit: int) -> None:
    assert digit_of(photo(0.6, ink(digit, pen=2), dark=0.86, noise=0.016)) == digit


@pytest.mark.parametrize("pen", [(0.85, 0.25, 0.2), (0.2, 0.35, 0.85), (0.95, 0.9, 0.2)])
@pytest.mark.parametrize("digit", STROKES)
def test_a_pen_as_bright_as_its_paper_is_told_by_its_colour(digit: int, pen: tuple[float, float, float]) -> None:
    weights = np.array([0.299, 0.587, 0.114])
    brightness = float(np.dot(weights, pen))
    paper = np.array([0.1, 0.0, 0.25]) * brightness
    paper[1] = (brightness - weights[[0, 2]] @ paper[[0, 2]]) / weights[1]
    drawn = ink(digit)[..., None]
    coloured = (1 - drawn) * paper + drawn * pen
    assert np.ptp(coloured @ weights) < 0.01
    assert digit_of(np.clip(coloured, 0, 1).astype(np.float32)) == digit


@pytest.mark.parametrize("digit", STROKES)
def test_the_pale_parts_of_a_stroke_belong_to_the_digit(digit: int) -> None:
    strength = np.where(Y < 0.55, 1.0, 0.4)
    assert digit_of(photo(0.8, ink(digit, pen=2) * strength, dark=0.3)) == digit


def test_digits_of_a_row_are_found_beside_a_desk() -> None:
    paper = 0.75 + 0 * X
    paper[190:] = 0.2
    row = [ink(digit, x=20 + 55 * place, y=90, height=40, pen=4) for place, digit in enumerate(STROKES)]
    found = find_ink(photo(paper, np.sum(row, axis=0)), as_number=True)
    boxes = ink_mask.connected_parts(found)[1].values()
    assert len([box for box in boxes if box[3] - box[1] > 30]) == len(STROKES)
    assert max(box[3] for box in boxes) < 150
