"""Rare ways of writing a digit, made from drawings in its usual form."""

import numpy as np
import pytest
from stroke_styles import STYLES, Style, in_style

from digitpad.core.ink.ink_files import InkSample
from digitpad.core.ink.strokes import Ink

_DOWN = np.linspace(0, 100, 21)
_TURN = np.linspace(0, 2 * np.pi, 30)
# A slanted stem, an ellipse, a 2, an angle with a stem, a 7 and a 9.
_DRAWINGS: dict[int, list[np.ndarray]] = {
    0: [np.stack([30 * np.sin(_TURN), -50 * np.cos(_TURN)], axis=1)],
    1: [np.stack([20 - 0.15 * _DOWN, _DOWN], axis=1)],
    2: [
        np.concatenate(
            [
                np.stack([30 - 30 * np.cos(_TURN[:15]), 30 - 30 * np.sin(_TURN[:15])], axis=1),
                np.stack([np.linspace(56, 0, 10), np.linspace(40, 100, 10)], axis=1),
                np.stack([np.linspace(6, 70, 10), np.full(10, 100.0)], axis=1),
            ]
        )
    ],
    4: [
        np.array([[25, 0], [18, 20], [10, 40], [2, 60], [20, 60], [45, 60], [70, 60]], float),
        np.stack([np.full(21, 50.0), _DOWN], axis=1),
    ],
    7: [np.array([[0, 0], [30, 0], [60, 0], [54, 20], [48, 40], [42, 60], [36, 80], [30, 100]], float)],
    9: [
        np.concatenate(
            [
                np.stack([30 + 25 * np.cos(_TURN), 25 - 25 * np.sin(_TURN)], axis=1),
                np.stack([np.linspace(55, 45, 10), np.linspace(32, 100, 10)], axis=1),
            ]
        )
    ],
}


def drawings(name: str, digit: int, seeds: range = range(30)) -> list[InkSample]:
    style = next(style for style in STYLES if style.name == name)
    sample = InkSample("x", Ink.of(_DRAWINGS[digit]), digit, "Ada")
    return [made for seed in seeds for made in in_style(style, [sample], seed)]


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_drawing_in_a_style_keeps_digit_and_writer_and_depends_on_the_seed_alone(style: Style) -> None:
    first, again = (drawings(style.name, style.digit, range(3)) for _ in range(2))
    assert [(made.digit, made.writer) for made in first] == [(style.digit, "Ada")] * 3
    for one, same in zip(first, again, strict=True):
        assert all(map(np.array_equal, one.ink.strokes, same.ink.strokes))
    assert not all(map(np.array_equal, first[0].ink.strokes, first[1].ink.strokes))


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_other_digits_and_drawings_without_the_shape_are_left_out(style: Style) -> None:
    dot, line = Ink.of([[[5, 5]]]), Ink.of([[[0, 0], [10, 0]]])
    other = InkSample("x", Ink.of(_DRAWINGS[style.digit]), (style.digit + 1) % 10, "Ada")
    shapeless = [InkSample("x", ink, style.digit, "Ada") for ink in (dot, line)]
    assert not in_style(style, [other, *shapeless], seed=0)


def test_the_flag_of_a_1_leaves_the_top_of_its_stem_to_the_left_at_an_acute_angle() -> None:
    made = drawings("1 with a long flag", 1)
    lengths = []
    for one in made:
        drawn = np.concatenate(one.ink.strokes)
        top, end = drawn[drawn[:, 1].argmin()], one.ink.strokes[0][0]
        across, down = top[0] - end[0], end[1] - top[1]
        assert across > 0
        assert across < 1.5 * down  # the bar of a 7 is flatter
        lengths.append(down)
    assert min(lengths) < 0.3
    assert 0.6 < max(lengths) < 0.7
    assert {len(one.ink.strokes) for one in made} >= {1, 2}  # with and without a foot


def test_the_bar_of_a_7_crosses_its_stem_and_the_slash_of_a_0_both_of_its_sides() -> None:
    for seven in drawings("7 with a bar", 7):
        _, bar = seven.ink.strokes
        stem_at_bar = 0.6 - 0.3 * bar[:, 1].mean()
        assert bar[:, 0].min() < stem_at_bar < bar[:, 0].max()
    for zero in drawings("0 with a slash", 0):
        ring, slash = zero.ink.strokes
        middle = (ring.min(axis=0) + ring.max(axis=0)) / 2
        low, high = sorted((slash[0], slash[-1]), key=lambda point: point[0])
        assert low[0] < middle[0] < high[0]
        assert low[1] > middle[1] > high[1]


def test_a_4_is_open_or_closed_at_the_top() -> None:
    gaps = {
        name: [np.hypot(*(four.ink.strokes[0][0] - four.ink.strokes[1][0])) for four in drawings(name, 4)]
        for name in ("4 open", "4 closed")
    }
    assert min(gaps["4 open"]) > 0.2
    assert max(gaps["4 closed"]) < 0.05


def test_a_9_ends_below_its_loop_or_curls_up_to_the_left() -> None:
    for nine in drawings("9 with a straight tail", 9):
        (stroke,) = nine.ink.strokes
        assert stroke[-1, 1] == stroke[:, 1].max()
    for nine in drawings("9 with a curled tail", 9):
        (stroke,) = nine.ink.strokes
        assert stroke[-1, 1] < stroke[:, 1].max() - 0.03
        assert stroke[-1, 0] < stroke[:, 0].mean()


def test_a_2_crosses_itself_at_the_corner_or_not() -> None:
    assert all(crosses_itself(two.ink.strokes[0]) for two in drawings("2 with a loop", 2))
    assert not any(crosses_itself(two.ink.strokes[0]) for two in drawings("2 without a loop", 2))


def crosses_itself(points: np.ndarray) -> bool:
    """Return whether the line comes back to a point after a way at least three times as long as the gap."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    gaps = np.hypot(*(points[:, None] - points[None]).T)
    return bool(((np.abs(along[:, None] - along) > 0.3) & (gaps < 0.03)).any())
