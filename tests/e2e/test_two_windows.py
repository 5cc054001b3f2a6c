"""Two real windows on one user folder take nothing from each other; scripts/soak.py does this 200 times."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stress.homes import Window, new_home
from tests.stress.two_windows.cases import random_rounds
from tests.stress.two_windows.contests import (
    mark_one_sample,
    rename_what_ended,
    resume_by_turns,
    save_one_recipe,
    take_from_under,
)
from tests.stress.two_windows.oracle import Truth

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the driver waits for pipes as Linux has them"),
]


@pytest.fixture(scope="module")
def windows() -> Iterator[tuple[Path, Window, Window]]:
    """Two windows that have torch loaded; loading is most of what this costs."""
    with new_home() as home, Window(home) as one, Window(home) as two:
        for window in (one, two):
            window.ask("train", name="first", epochs=1)
        for window in (one, two):
            window.answer().check()
        yield home, one, two
        one.close()
        two.close()


@pytest.mark.parametrize(
    "contest", [take_from_under, resume_by_turns, rename_what_ended, save_one_recipe, mark_one_sample]
)
def test_neither_window_takes_from_the_other(contest: object, windows: tuple[Path, Window, Window]) -> None:
    assert callable(contest)
    contest(*windows, 1)


def test_what_two_windows_do_at_random_is_all_there(windows: tuple[Path, Window, Window]) -> None:
    home, *both = windows
    truth: Truth = random_rounds(home, (both[0], both[1]), seed=3, rounds=10)
    assert truth.kept, "nothing was kept, so nothing could be lost"
