"""Perceptrons by hand."""

import numpy as np
import pytest

from digitpad.core.datasets.loading import GATES, POINTS
from digitpad.core.models.perceptron import PERCEPTRONS, Perceptron, xor_layers

INPUTS = np.array(POINTS)


@pytest.mark.parametrize("gate", ["and", "nand", "or"])
def test_the_tutorials_weights_make_the_gates(gate: str) -> None:
    assert PERCEPTRONS[gate].outputs(INPUTS).tolist() == list(GATES[gate])


def test_the_sums_are_the_tutorials() -> None:
    assert PERCEPTRONS["and"].totals(INPUTS).tolist() == [-0.7, -0.2, -0.2, 0.3]
    assert PERCEPTRONS["nand"].totals(INPUTS).tolist() == [0.7, 0.2, 0.2, -0.3]
    assert PERCEPTRONS["or"].totals(INPUTS).tolist() == [-0.5, 0.1, 0.1, 0.7]


def test_a_sum_of_0_does_not_fire_although_floating_point_makes_it_positive() -> None:
    assert 0.1 + 0.2 - 0.3 > 0
    assert Perceptron(0.1, 0.2, -0.3).outputs(INPUTS).tolist() == [0, 0, 0, 0]


def test_nand_and_or_into_and_are_xor() -> None:
    assert xor_layers(INPUTS).tolist() == [[1, 0, 0], [1, 1, 1], [1, 1, 1], [0, 1, 0]]


def test_no_perceptron_makes_xor() -> None:
    steps = np.linspace(-2, 2, 21)
    right = [
        (Perceptron(w1, w2, b).outputs(INPUTS) == GATES["xor"]).sum() for w1 in steps for w2 in steps for b in steps
    ]
    assert max(right) == 3
