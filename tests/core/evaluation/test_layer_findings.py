"""What the statistics of layers say about a training."""

import math
from dataclasses import replace

import numpy as np
import pytest

from digitpad.core.evaluation.layer_findings import Concern, findings
from digitpad.core.evaluation.layer_statistics import Histogram, LayerStatistics, NetworkStatistics
from digitpad.core.models.activations import Activation
from digitpad.core.models.specs import MLPSpec
from digitpad.core.training.config import TrainConfig

_EMPTY = Histogram(np.zeros(25, np.float32), 0, 1)
_SGD = TrainConfig(optimizer="sgd", learning_rate=0.1)


def layer(gradient: float, *, weight: float = 0.1, idle: int = 0, activation: Activation = "relu") -> LayerStatistics:
    return LayerStatistics(_EMPTY, _EMPTY, _EMPTY, weight, gradient, 100, idle, activation)


def network(*layers: LayerStatistics, loss: float = 2.0) -> NetworkStatistics:
    return NetworkStatistics(MLPSpec(hidden=(100,) * (len(layers) - 1)), layers, loss, 100)


def concerns(now: NetworkStatistics, start: NetworkStatistics, config: TrainConfig = _SGD) -> list[tuple[Concern, int]]:
    return [(finding.concern, finding.layer) for finding in findings(now, start, config)]


def test_a_healthy_training_has_none() -> None:
    start = network(layer(0.001), layer(0.002), layer(0.006))
    assert concerns(start, start) == []
    assert concerns(network(layer(0.002), layer(0.1), layer(0.06), loss=0.5), start) == []


def test_gradients_a_thousand_times_those_of_the_first_layer_explode() -> None:
    start = network(layer(0.001), layer(0.002))
    now = network(layer(0.001), layer(1.0), loss=9)
    assert concerns(now, start) == [(Concern.LARGER_THAN_FIRST, 2)]
    assert findings(now, start, _SGD)[0].factor == pytest.approx(1000)


def test_a_step_as_large_as_the_weights_is_one_that_explodes_before_the_loss_grows() -> None:
    start = network(layer(0.01), layer(0.02))
    now = network(layer(0.01), layer(2.0))  # 0.1 x 2 is twice the weights
    assert concerns(now, start) == [(Concern.LARGER_THAN_FIRST, 2)]
    assert concerns(now, start, replace(_SGD, learning_rate=0.001)) == []
    assert concerns(now, start, TrainConfig(optimizer="adam", learning_rate=0.1)) == []


def test_gradients_that_grow_explode_only_if_the_loss_grows_too() -> None:
    start = network(layer(0.001), layer(0.002))
    grown = (layer(0.05), layer(0.1))
    assert concerns(network(*grown, loss=9), start) == [
        (Concern.LARGER_THAN_BEFORE, 1),
        (Concern.LARGER_THAN_BEFORE, 2),
    ]
    assert concerns(network(*grown, loss=1.5), start) == []


def test_a_first_layer_without_gradient_is_what_is_wrong_and_not_the_layers_that_have_one() -> None:
    start = network(layer(0.001), layer(0.002), layer(0.003))
    now = network(layer(0.0), layer(0.0), layer(0.001), loss=9)
    assert concerns(now, start) == [(Concern.VANISHING, 1)]
    assert concerns(network(layer(0.001), layer(0.02), loss=9), network(layer(0.001), layer(0.0))) == []


def test_gradients_vanish_on_their_way_to_the_first_layer() -> None:
    now = network(layer(1e-6, activation="sigmoid"), layer(1e-4, activation="sigmoid"), layer(0.01))
    assert concerns(now, now) == [(Concern.VANISHING, 1)]
    assert findings(now, now, _SGD)[0].factor == pytest.approx(1e4)


def test_dead_units_are_told_from_a_tenth_of_the_layer_on() -> None:
    start = network(layer(0.001), layer(0.002))
    assert concerns(network(layer(0.001, idle=12), layer(0.002, idle=9)), start) == [(Concern.NEVER_FIRE, 1)]
    saturated = network(layer(0.001, idle=12, activation="tanh"), layer(0.002))
    assert concerns(saturated, start) == [(Concern.SATURATED, 1)]


def test_a_layer_of_dead_units_is_not_also_one_with_vanishing_gradients() -> None:
    start = network(layer(0.001), layer(0.002))
    assert concerns(network(layer(0.0, idle=100), layer(0.002)), start) == [(Concern.NONE_FIRES, 1)]


def test_numbers_that_are_none_come_first_and_alone() -> None:
    start = network(layer(0.001), layer(0.002))
    assert concerns(network(layer(0.001, idle=100), layer(math.nan), loss=math.nan), start) == [
        (Concern.NOT_A_NUMBER, 2)
    ]


def test_layers_without_any_gradient_have_no_concern() -> None:
    """A perceptron at the point where its gradient is 0."""
    now = network(layer(0.0, activation="none"))
    assert concerns(now, now) == []
