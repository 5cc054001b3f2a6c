"""Two real windows on one user folder do not lose each other's work; scripts/soak.py does this 200 times."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stress.digitpad_process import Window, new_home
from tests.stress.two_windows.cases import random_rounds
from tests.stress.two_windows.contests import (
    leave_run_in_training,
    mark_one_sample,
    rename_finished_run,
    resume_alternately,
    save_one_recipe,
)
from tests.stress.two_windows.oracle import Oracle

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the driver needs Linux pipes"),
]


@pytest.fixture(scope="module")
def windows() -> Iterator[tuple[Path, Window, Window]]:
    """Open two windows and load torch in both; loading takes most of the time."""
    with new_home() as home, Window(home) as one, Window(home) as two:
        for window in (one, two):
            window.ask("train", name="first", epochs=1)
        for window in (one, two):
            window.answer().check()
        yield home, one, two
        one.close()
        two.close()


@pytest.mark.parametrize(
    "contest", [leave_run_in_training, resume_alternately, rename_finished_run, save_one_recipe, mark_one_sample]
)
def test_neither_window_loses_work_to_the_other(contest: object, windows: tuple[Path, Window, Window]) -> None:
    assert callable(contest)
    contest(*windows, 1)


def test_random_actions_of_two_windows_are_all_kept(windows: tuple[Path, Window, Window]) -> None:
    home, *both = windows
    oracle: Oracle = random_rounds(home, (both[0], both[1]), seed=3, rounds=10)
    assert oracle.kept, "no digit was kept, so the test checked nothing"
