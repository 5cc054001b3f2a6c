"""The rows of My digits in scripts/bench.py: how much slower 10,000 drawings are than 100."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from figures import Figure

from digitpad.core.drawing import PEN_WIDTH, Drawing
from digitpad.core.ink import Ink
from digitpad.core.my_digit import NewDigit, new_digit
from digitpad.core.my_digits import MyDigits

_FEW, _MANY, _PAGE = 100, 10_000, 100
_POINTS = 80
_ROUNDS = 21
# Times many / few that are allowed: looking through the file for damage and counting grow with it, a page does not.
_GOALS = {"opening": _MANY / _FEW, "counts": _MANY / _FEW, "a page of 100": 4.0, "keeping one more": 4.0}


def my_digits() -> Iterator[Figure]:
    """Open, count, list and add, with few drawings and with many."""
    digits = [_drawn(number) for number in range(_MANY)]
    few, many = (_medians(digits[:count]) for count in (_FEW, _MANY))
    for name, goal in _GOALS.items():
        yield Figure(f"My digits of {_MANY:,}: {name}", many[name], None, "ms")
        yield Figure(f"  as a multiple of {_FEW}", many[name] / few[name], goal, "")


def _drawn(number: int) -> NewDigit:
    """Return a line of as many points as a digit has, another for each number."""
    angle = np.linspace(0, 2 * np.pi, _POINTS)
    wide, high, turn = np.random.default_rng(number).uniform((20, 50, 0), (70, 100, 6))
    points = np.stack([140 + wide * np.sin(2 * angle + turn), 140 + high * np.cos(angle)], axis=1)
    return new_digit(Drawing(ink=Ink.of([points], PEN_WIDTH)), number % 10, predicted=number % 9, model="mlp")


def _medians(digits: list[NewDigit]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "my-digits.sqlite3"
        with MyDigits.open(place) as mine:
            mine.add_all(digits)
        found = {"opening": _median_ms(lambda: MyDigits.open(place).close())}
        with MyDigits.open(place) as mine:
            found["counts"] = _median_ms(mine.counts)
            found["a page of 100"] = _median_ms(lambda: mine.all(limit=_PAGE))
            drawing = digits[0].drawing
            found["keeping one more"] = _median_ms(lambda: mine.add(drawing, 1))
        return found


def _median_ms(act: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)
