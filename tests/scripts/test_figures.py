"""What scripts/bench.py and scripts/soak.py reckon with."""

import math

import pytest
from benchmarks.figures import Figure, exponent

from tests.stress.budget import Budget


def test_a_goal_is_missed_above_one_whichever_way_is_better() -> None:
    assert Figure("slow", 12.0, 10.0, "ms").ratio == pytest.approx(1.2)
    assert Figure("share", 0.5, 0.6, at_least=True).ratio == pytest.approx(1.2)
    assert Figure("share", 0.8, 0.6, at_least=True).ratio == pytest.approx(0.75)
    assert Figure("to compare with", 3.0).ratio is None


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_is_found(power: float) -> None:
    sizes = [10, 100, 1000]
    assert exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


def test_an_effort_makes_every_attack_at_least_once_and_no_more_than_it_may() -> None:
    assert list(Budget(seconds=0.0).attempts(5)) == [0]
    assert list(Budget(max_attempts=3).attempts(5)) == [0, 1, 2]
    assert list(Budget().attempts(4)) == [0, 1, 2, 3]
    assert Budget().left == math.inf
    assert Budget(seconds=60.0).share(3).seconds == pytest.approx(20.0, abs=1.0)
