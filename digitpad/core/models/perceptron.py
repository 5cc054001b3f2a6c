"""Perceptrons with two inputs and the step function: logic gates, and XOR as a net of three of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

# 0.1 + 0.2 - 0.3 is not 0 in floating point: a sum that is 0 for the user must not fire.
_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Perceptron:
    """Two weights and a bias."""

    w1: float
    w2: float
    b: float

    def totals(self, points: np.ndarray) -> np.ndarray:
        """Return w1·x1 + w2·x2 + b of points (n, 2), (n,) float64, rounded to nine decimals."""
        return np.round(points @ np.array([self.w1, self.w2]) + self.b, _DECIMALS) + 0.0  # without -0

    def outputs(self, points: np.ndarray) -> np.ndarray:
        """Return 1 for each of the points (n, 2) whose sum is above 0, else 0, (n,) int."""
        return (self.totals(points) > 0).astype(int)


# Weights that make a gate, as in the tutorials.
PERCEPTRONS: Mapping[str, Perceptron] = MappingProxyType(
    {"and": Perceptron(0.5, 0.5, -0.7), "nand": Perceptron(-0.5, -0.5, 0.7), "or": Perceptron(0.6, 0.6, -0.5)}
)


def xor_layers(points: np.ndarray) -> np.ndarray:
    """Return (n, 3) int: the outputs of NAND and OR, the hidden layer, and of AND of both, which is XOR."""
    hidden = np.stack([PERCEPTRONS["nand"].outputs(points), PERCEPTRONS["or"].outputs(points)], axis=1)
    return np.column_stack([hidden, PERCEPTRONS["and"].outputs(hidden)])
