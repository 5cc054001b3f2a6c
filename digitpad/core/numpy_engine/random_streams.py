"""Where the NumPy engine's chance comes from, and how it is put by and taken up again.

A published table can only be met with the random numbers it was made with. Two of the tutorials' programs are one
notebook with one legacy stream, seeded with 0 at its top. Before a model of it is trained, the stream has given

1. small arrays of earlier cells, which explain shapes and layers;
2. the weights of the MSE model, then those of the cross-entropy model, which are made in one cell;
3. for the cross-entropy model besides, the MSE model's 30 reshufflings, for that one was trained first.

So the streams "tutorial-mse" and "tutorial-ce" draw what went before once more and throw it away.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from digitpad.core.training.config import TrainConfig

RandomStream = np.random.Generator | np.random.RandomState
_NOTEBOOK_SEED = 0
_EARLIER_SHAPES = (
    *((5, 2), (5, 2), (5, 3), (2, 3), (3,), (5, 2), (5, 1)),
    *((2, 10), (10,), (10, 5), (5,), (5, 1), (1,)),
)
_NOTEBOOK_WIDTHS = (784, 64, 16, 10)
_NOTEBOOK_IMAGES, _NOTEBOOK_EPOCHS = 60_000, 30
_BIT_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
_PREFIX = "chance."


def new_stream(config: TrainConfig) -> RandomStream:
    """Return the stream where the weights are drawn from it."""
    if config.stream == "seeded":
        return np.random.default_rng(config.seed)
    chance = np.random.RandomState(_NOTEBOOK_SEED)
    chance.randint(0, _NOTEBOOK_IMAGES, 16)
    for shape in _EARLIER_SHAPES:
        chance.standard_normal(shape)
    if config.stream == "tutorial-ce":
        _draw_notebook_weights(chance)
    return chance


def skip_to_training(config: TrainConfig, chance: RandomStream) -> None:
    """Move the stream from where the weights were drawn to where training begins."""
    if config.stream == "tutorial-mse":
        _draw_notebook_weights(chance)
    if config.stream == "tutorial-ce":
        for _ in range(_NOTEBOOK_EPOCHS):
            chance.permutation(_NOTEBOOK_IMAGES)


def _draw_notebook_weights(chance: RandomStream) -> None:
    for inputs, outputs in pairwise(_NOTEBOOK_WIDTHS):
        chance.standard_normal((inputs, outputs))
        chance.standard_normal(outputs)


def save_state(chance: RandomStream) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return a generator's state: what JSON can hold, and its arrays, each under a dotted name of its own."""
    is_legacy = isinstance(chance, np.random.RandomState)
    state = chance.get_state(legacy=False) if is_legacy else chance.bit_generator.state
    leaves = dict(_leaves(dict(state), _PREFIX))
    arrays = {name: value.copy() for name, value in leaves.items() if isinstance(value, np.ndarray)}
    notes = {name: value for name, value in leaves.items() if name not in arrays}
    return {**notes, f"{_PREFIX}is_legacy": is_legacy}, arrays


def load_state(notes: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> RandomStream:
    """Make the generator whose state was `save_state`.

    Raises
    ------
    KeyError, TypeError, ValueError
        Where it is no such state.

    """
    state: dict[str, Any] = {}
    for name, value in {**notes, **arrays}.items():
        if name.startswith(_PREFIX):
            *groups, last = name.removeprefix(_PREFIX).split(".")
            inner = state
            for group in groups:
                inner = inner.setdefault(group, {})
            inner[last] = value
    is_legacy = state.pop("is_legacy")
    if state["bit_generator"] not in _BIT_GENERATORS:
        raise ValueError("unknown bit generator")
    bits = getattr(np.random, state["bit_generator"])()
    chance = np.random.RandomState(bits) if is_legacy else np.random.Generator(bits)
    if isinstance(chance, np.random.RandomState):
        chance.set_state(state)
    else:
        chance.bit_generator.state = state
    return chance


def _leaves(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
