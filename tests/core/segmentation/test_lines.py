"""Strokes are split into lines of digits."""

from itertools import pairwise

import numpy as np
import pytest

from digitpad.core.ink.strokes import Ink
from digitpad.core.segmentation.lines import split_lines
from tests.helpers.written_numbers import written

Strokes = list[np.ndarray]
NUMBERS = ["7", "41", "908", "35206", "16472985", "50", "2718", "3", "660249", "154"]


def turned(strokes: Strokes, degrees: float) -> Strokes:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [stroke @ turn for stroke in strokes]


def split(*lines: Strokes, degrees: float = 0) -> list[list[int]]:
    strokes = turned([stroke for line in lines for stroke in line], degrees)
    return split_lines([Ink((stroke,)).bounds for stroke in strokes])


def expected(*lines: Strokes) -> list[list[int]]:
    ends = np.cumsum([0, *map(len, lines)]).tolist()
    return [list(range(start, end)) for start, end in pairwise(ends)]


@pytest.mark.parametrize("degrees", [-12, 0, 5, 14])
@pytest.mark.parametrize("number", [*NUMBERS, "8888", "4444", "1111111", "88", "44", "8", "4"])
def test_one_line_stays_one(number: str, degrees: float) -> None:
    line = written(number, height=60)
    assert split(line, degrees=degrees) == expected(line)


@pytest.mark.parametrize("degrees", [-8, 0, 3, 8])
@pytest.mark.parametrize("spacing", [1.35, 1.7, 3.0])
def test_lines_are_separated(spacing: float, degrees: float) -> None:
    for first, second, third in zip(NUMBERS, NUMBERS[3:], NUMBERS[5:], strict=False):
        lines = [written(number, (0, row * spacing * 50), 50) for row, number in enumerate((first, second, third))]
        assert split(*lines, degrees=degrees) == expected(*lines)
        assert split(*lines[:2], degrees=degrees) == expected(*lines[:2])


def test_lines_of_unequal_digits_are_separated() -> None:
    lines = [written("407", (0, 0), 90), written("5183", (10, 115), 45), written("26", (40, 185), 60)]
    assert split(*lines) == expected(*lines)


def test_a_line_that_climbs_stays_one() -> None:
    line = [stroke - (0, 0.35 * stroke[:, 0].min()) for stroke in written("3052917", height=50)]
    assert split(line) == expected(line)


def test_a_digit_that_hangs_lower_belongs_to_its_line() -> None:
    for place in range(4):
        digits = [written(digit, (46 * column, 22 * (column == place)), 50) for column, digit in enumerate("5207")]
        line = [stroke for digit in digits for stroke in digit]
        below = written("3962", (0, 88), 50)
        assert split(line) == expected(line)
        assert split(line, below) == expected(line, below)


def test_a_tall_digit_reaches_into_the_next_line() -> None:
    line = [*written("34", height=50), *written("1", (100, 0), 72), *written("52", (150, 0), 50)]
    below = written("60", (0, 68), 50) + written("78", (180, 68), 50)
    assert split(line, below) == expected(line, below)


def test_the_parts_of_a_date_are_one_line() -> None:
    line = [*written("24", height=50), *written("12", (200, 6), 50), *written("1984", (400, 0), 50)]
    below = [*written("1", (0, 80), 50), *written("1", (230, 78), 50), *written("26", (420, 84), 50)]
    assert split(line) == expected(line)
    assert split(line, below) == expected(line, below)


def test_dots_and_bars_join_the_nearest_line() -> None:
    first, second = written("57", height=50), written("53", (0, 75), 50)
    bar, dot = [np.array([[20.0, 73.0], [40, 71]])], [np.array([[60.0, 48], [61, 50]])]
    assert split([*first, *dot], [*second, *bar]) == expected([*first, *dot], [*second, *bar])
    assert split([*dot, *second, *bar]) == expected([*dot, *second, *bar])


def test_nothing_has_no_lines() -> None:
    assert split_lines([]) == []
    assert split_lines([(1, 1, 1, 1)]) == [[0]]
