"""Which units of neighbouring layers belong together for one image: the strongest connections."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitpad.core.models.activations import Activations, Stage


@dataclass(frozen=True, slots=True)
class Link:
    """A connection from a unit to one of the next stage.

    `stage` is the number of the stage of the target; `strength` is what the connection adds to it, or takes from it.
    """

    stage: int
    source: int
    target: int
    strength: float


def links_to_winner(activations: Activations, count: int = 12) -> list[Link]:
    """Return the `count` strongest connections into the winner, for each pair of neighbouring fully connected layers.

    The strength of a connection is its value times its weight times the derivative of the winner's logit with respect
    to the sum of its target: to first order, what the logit would lose without it. Into the last layer that is the
    value times the weight.
    """
    stages, links = activations.stages, []
    slopes = np.eye(stages[-1].units, dtype=np.float32)[activations.winner]
    for number in range(len(stages) - 1, 1, -1):
        source, target = stages[number - 1], stages[number]
        if source.kind != "dense" or target.weights is None:
            break
        # After ReLU most units are 0: only the others connect anything.
        rows, columns = np.flatnonzero(slopes), np.flatnonzero(source.values)
        strengths = target.weights[np.ix_(rows, columns)] * source.values[columns] * slopes[rows, None]
        links += _strongest(strengths, number, count, sources=columns, targets=rows)
        slopes = (slopes @ target.weights) * _derivative(source)
    return links


def links_of(activations: Activations, stage: int, unit: int, count: int = 8) -> list[Link]:
    """Return the strongest connections of a unit with the stage before it, and with the one after it.

    For fully connected layers the strength is the value times the weight, summed over the pixels of a feature map.
    Between convolutions it is the mean of the map times the sum of the kernel's magnitudes, with the sign of the
    kernel's sum: a kernel that finds edges has a sum near 0, but uses the map.
    """
    stages = activations.stages
    links = []
    if stage > 0:
        into = connection_strengths(stages[stage - 1], stages[stage])[unit]
        links += _strongest(into[None], stage, count, targets=[unit])
    if stage + 1 < len(stages):
        out = connection_strengths(stages[stage], stages[stage + 1])[:, unit]
        links += _strongest(out[:, None], stage + 1, count, sources=[unit])
    return links


def connection_strengths(source: Stage, target: Stage) -> np.ndarray:
    """Return the strengths (targets, sources) of all connections between two stages, see `links_of`."""
    weights = target.weights
    if weights is None:
        raise ValueError("the target has no weights")
    if weights.ndim == 4:
        sums, magnitudes = weights.sum(axis=(2, 3)), np.abs(weights).sum(axis=(2, 3))
        return np.copysign(magnitudes, sums) * source.values.mean(axis=(1, 2))
    products = weights * source.values.ravel()
    return products.reshape(len(products), source.units, -1).sum(axis=2)


def _strongest(
    strengths: np.ndarray,
    stage: int,
    count: int,
    *,
    sources: Sequence[int] | np.ndarray | None = None,
    targets: Sequence[int] | np.ndarray | None = None,
) -> list[Link]:
    """Return the strongest of (targets, sources), which are those units, or all."""
    flat = np.abs(strengths).ravel()
    flat[~np.isfinite(flat)] = 0
    places = np.argpartition(flat, -count)[-count:] if len(flat) > count else np.arange(len(flat))
    links = []
    for place in places[np.argsort(-flat[places], kind="stable")].tolist():
        if not flat[place]:
            break
        row, column = divmod(place, strengths.shape[1])
        source = column if sources is None else int(sources[column])
        target = row if targets is None else int(targets[row])
        links.append(Link(stage, source, target, float(strengths[row, column])))
    return links


def _derivative(stage: Stage) -> np.ndarray:
    """Return the derivative of a stage's activation, from its values."""
    values = stage.values
    match stage.activation:
        case "relu":
            return (values > 0).astype(values.dtype)
        case "sigmoid":
            return values * (1 - values)
        case "tanh":
            return 1 - values * values
        case "none":
            return np.ones_like(values)
