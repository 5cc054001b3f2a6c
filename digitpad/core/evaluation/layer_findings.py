"""What statistics of a network's layers say about its training: dead units, gradients that explode or vanish."""

import math
from dataclasses import dataclass
from enum import Enum, auto

from digitpad.core.evaluation.layer_statistics import LayerStatistics, NetworkStatistics
from digitpad.core.training.config import TrainConfig

# Of healthy trainings the gradients of two layers differed by less than 60 times; those of a network of five sigmoid
# layers, which learns nothing, by 10,000 times.
_LARGER, _VANISHED = 100.0, 1000.0
# Gradients that grow while the loss falls are those of a training that has begun to learn.
_GREW, _LOSS_GREW = 10.0, 1.5
# A step of plain SGD that changes the weights by so much of their size makes new ones of them.
_LARGE_STEP = 0.5
_SHARE_OF_UNITS = 0.1


class Concern(Enum):
    """What is wrong with a layer."""

    NOT_A_NUMBER = auto()
    LARGER_THAN_FIRST = auto()  # its gradients, than those of layer 1
    LARGER_THAN_BEFORE = auto()  # its gradients, than at the start
    VANISHING = auto()  # the gradients of layer 1, beside those of another layer
    NONE_FIRES = auto()  # all units are 0 or saturated for every image
    NEVER_FIRE = auto()  # some units are 0 for every image
    SATURATED = auto()  # some units are at the end of sigmoid or tanh for every image


@dataclass(frozen=True, slots=True)
class Finding:
    """A concern about a layer, counted from 1 after the inputs; `factor` is how many times larger or smaller."""

    concern: Concern
    layer: int
    factor: float = 0.0


def findings(now: NetworkStatistics, start: NetworkStatistics, config: TrainConfig) -> tuple[Finding, ...]:
    """Return what is wrong with a network, the gravest of each layer; a gradient that vanishes comes first.

    `start` was measured at the beginning of the training, with the settings `config`.
    """
    pairs = list(zip(now.layers, start.layers, strict=True))
    if broken := [number for number, layer in enumerate(now.layers, 1) if not layer.is_finite]:
        return (Finding(Concern.NOT_A_NUMBER, broken[0]),)
    has_grown = not now.loss <= _LOSS_GREW * start.loss
    exploding = [_exploding(number, *pair, now.layers[0], config, has_grown) for number, pair in enumerate(pairs, 1)]
    idle = [_idle(number, layer) for number, layer in enumerate(now.layers, 1)]
    is_cut = any(exploding) or any(finding and finding.concern is Concern.NONE_FIRES for finding in idle)
    by_layer = [large or resting for large, resting in zip(exploding, idle, strict=True)]
    return tuple(finding for finding in (None if is_cut else _vanishing(now.layers), *by_layer) if finding)


def _exploding(
    number: int,
    layer: LayerStatistics,
    before: LayerStatistics,
    first: LayerStatistics,
    config: TrainConfig,
    has_grown: bool,
) -> Finding | None:
    beside_first, beside_start = _ratio(layer, first), _ratio(layer, before)
    # Where the other gradients are 0, those are what is wrong, and these need not be large.
    if _LARGER <= beside_first < math.inf and (has_grown or _step(layer, config) >= _LARGE_STEP):
        return Finding(Concern.LARGER_THAN_FIRST, number, beside_first)
    if _GREW <= beside_start < math.inf and has_grown:
        return Finding(Concern.LARGER_THAN_BEFORE, number, beside_start)
    return None


def _step(layer: LayerStatistics, config: TrainConfig) -> float:
    """Return the size of a step as a share of the weights; 0 for Adam, whose steps do not grow with the gradients."""
    if config.optimizer != "sgd" or not layer.weight_size:
        return 0.0
    return config.learning_rate / (1 - config.momentum) * layer.gradient_size / layer.weight_size


def _idle(number: int, layer: LayerStatistics) -> Finding | None:
    if layer.idle == layer.units:
        return Finding(Concern.NONE_FIRES, number)
    if layer.idle < _SHARE_OF_UNITS * layer.units:
        return None
    return Finding(Concern.NEVER_FIRE if layer.activation == "relu" else Concern.SATURATED, number)


def _vanishing(layers: tuple[LayerStatistics, ...]) -> Finding | None:
    factor = max(_ratio(layer, layers[0]) for layer in layers)
    return Finding(Concern.VANISHING, 1, factor) if factor >= _VANISHED else None


def _ratio(layer: LayerStatistics, other: LayerStatistics) -> float:
    """Return how many times larger a layer's gradients are than another's; 0 if they are 0."""
    if not layer.gradient_size:
        return 0.0
    return layer.gradient_size / other.gradient_size if other.gradient_size else math.inf
