"""The strongest connections, against sums worked out by hand."""

import numpy as np
import pytest

from digitpad.core.evaluation.inside.links import connection_strengths, links_of, links_to_winner
from digitpad.core.models.activations import Activation, Activations, Stage, activations_of
from digitpad.core.models.specs import CNNSpec, MLPSpec
from tests.core.models.test_activations import model_of

# Two units into two units into two outputs; the second output wins.
FIRST = np.array([[1.0, 2.0], [3.0, -1.0]], np.float32)
LAST = np.array([[0.5, 0.0], [2.0, -4.0]], np.float32)


def small(activation: Activation, hidden: tuple[float, float], values: tuple[float, float]) -> Activations:
    stages = (
        Stage("input", np.ones((1, 2, 1), np.float32)),
        Stage("dense", np.array(hidden, np.float32), np.ones((2, 2), np.float32), activation),
        Stage("dense", np.array(values, np.float32), FIRST, activation),
        Stage("logits", np.array([0, 9], np.float32), LAST),
    )
    return Activations(MLPSpec(hidden=(2, 2)), np.ones((2, 1), np.float32), stages)


def test_connections_into_the_winner_are_value_times_weight() -> None:
    into_last = [link for link in links_to_winner(small("relu", (1, 0), (3, 5))) if link.stage == 3]
    assert [(link.source, link.target, link.strength) for link in into_last] == [(1, 1, -20), (0, 1, 6)]


def test_earlier_connections_count_by_the_slope_of_what_follows() -> None:
    # Slopes of the second hidden layer: 2 and -4; its second unit is off, so only the first passes anything on.
    into_second = [link for link in links_to_winner(small("relu", (1, 10), (3, 0))) if link.stage == 2]
    assert [(link.source, link.target, link.strength) for link in into_second] == [(1, 0, 40), (0, 0, 2)]
    # sigmoid: 0.5 has the slope 0.25
    into_second = [link for link in links_to_winner(small("sigmoid", (1, 0), (0.5, 0.0))) if link.stage == 2]
    assert [(link.target, link.strength) for link in into_second] == [(0, pytest.approx(0.5))]


def test_only_the_strongest_are_kept() -> None:
    found = activations_of(model_of(MLPSpec(hidden=(40, 30))), np.ones((28, 28), np.float32))
    links = links_to_winner(found, count=5)
    assert [link.stage for link in links] == [3] * 5 + [2] * 5
    assert {link.target for link in links[:5]} == {found.winner}


def test_links_of_a_unit_reach_the_layers_before_and_after_it() -> None:
    found = activations_of(model_of(CNNSpec(channels=(4, 6), dense=10)), np.ones((28, 28), np.float32))
    links = links_of(found, 4, 2, count=3)
    assert {(link.stage, link.target) for link in links if link.stage == 4} == {(4, 2)}
    assert {(link.stage, link.source) for link in links if link.stage == 5} <= {(5, 2)}
    for unit in range(10):
        assert all(link.stage == 6 for link in links_of(found, 6, 0) if link.target == unit)


def test_a_map_that_feeds_a_unit_counts_with_all_its_pixels() -> None:
    maps = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    source = Stage("conv", maps, np.ones((2, 1, 3, 3), np.float32), "relu")
    target = Stage("dense", np.zeros(1, np.float32), np.array([[1, 0, 0, 0, 0, 0, 2, 1]], np.float32), "relu")
    np.testing.assert_array_equal(connection_strengths(source, target), [[0, 19]])


def test_a_kernel_that_finds_edges_uses_its_map() -> None:
    edges = np.array([[[[-1, 0, 1.5]]]], np.float32)
    source = Stage("conv", np.full((1, 4, 4), 2, np.float32))
    strength = connection_strengths(source, Stage("conv", np.zeros((1, 4, 4), np.float32), edges, "relu"))
    assert strength == pytest.approx(2 * 2.5)


def test_values_that_are_not_numbers_give_no_links() -> None:
    assert all(np.isfinite(link.strength) for link in links_to_winner(small("relu", (np.nan, np.inf), (1, 2))))
