"""The random streams of the NumPy engine, and how their state is saved and restored.

A published table can only be reproduced with the random numbers of its program. Two of the tutorials' programs are one
notebook with one legacy stream, seeded with 0 at its start. Before the notebook trains a model, the stream has drawn

1. small arrays of earlier cells, which explain shapes and layers;
2. the weights of the MSE model, then those of the cross-entropy model, in one cell;
3. before the cross-entropy model, also the 30 shuffles of the MSE model's training.

So the streams "tutorial-mse" and "tutorial-ce" draw those numbers again and discard them.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from digitpad.core.training.config import TrainConfig

RandomStream = np.random.Generator | np.random.RandomState
_NOTEBOOK_SEED = 0
EARLIER_SHAPES = (
    *((5, 2), (5, 2), (5, 3), (2, 3), (3,), (5, 2), (5, 1)),
    *((2, 10), (10,), (10, 5), (5,), (5, 1), (1,)),
)
NOTEBOOK_WIDTHS = (784, 64, 16, 10)
NOTEBOOK_IMAGES, NOTEBOOK_EPOCHS = 60_000, 30
_BIT_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
_PREFIX = "chance."  # of the names in saved states


def new_stream(config: TrainConfig) -> RandomStream:
    """Return the stream that draws the weights."""
    if config.stream == "seeded":
        return np.random.default_rng(config.seed)
    rng, _ = notebook_stream()
    if config.stream == "tutorial-ce":
        _draw_notebook_weights(rng)
    return rng


def notebook_stream() -> tuple[np.random.RandomState, list[np.ndarray]]:
    """Return the notebook's stream before its first model, and the arrays of its earlier cells, `EARLIER_SHAPES`."""
    rng = np.random.RandomState(_NOTEBOOK_SEED)
    rng.randint(0, NOTEBOOK_IMAGES, 16)
    return rng, [rng.standard_normal(shape) for shape in EARLIER_SHAPES]


def skip_to_training(config: TrainConfig, rng: RandomStream) -> None:
    """Advance the stream from the weights to the start of the training."""
    if config.stream == "tutorial-mse":
        _draw_notebook_weights(rng)
    if config.stream == "tutorial-ce":
        for _ in range(NOTEBOOK_EPOCHS):
            rng.permutation(NOTEBOOK_IMAGES)


def _draw_notebook_weights(rng: RandomStream) -> None:
    for inputs, outputs in pairwise(NOTEBOOK_WIDTHS):
        rng.standard_normal((inputs, outputs))
        rng.standard_normal(outputs)


def save_state(rng: RandomStream) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return a generator's state: the values that JSON can hold, and the arrays, by dotted name."""
    is_legacy = isinstance(rng, np.random.RandomState)
    state = rng.get_state(legacy=False) if is_legacy else rng.bit_generator.state
    leaves = dict(_leaves(dict(state), _PREFIX))
    arrays = {name: value.copy() for name, value in leaves.items() if isinstance(value, np.ndarray)}
    notes = {name: value for name, value in leaves.items() if name not in arrays}
    return {**notes, f"{_PREFIX}is_legacy": is_legacy}, arrays


def load_state(notes: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> RandomStream:
    """Return a generator with the state from `save_state`.

    Raise KeyError, TypeError, ValueError if it is not such a state.
    """
    state: dict[str, Any] = {}
    for name, value in {**notes, **arrays}.items():
        if name.startswith(_PREFIX):
            *groups, last = name.removeprefix(_PREFIX).split(".")
            inner = state
            for group in groups:
                inner = inner.setdefault(group, {})
                if not isinstance(inner, dict):
                    raise TypeError("a part of the state is no group of values")
            inner[last] = value
    is_legacy = state.pop("is_legacy")
    if state["bit_generator"] not in _BIT_GENERATORS:
        raise ValueError("unknown bit generator")
    bits = getattr(np.random, state["bit_generator"])()
    rng = np.random.RandomState(bits) if is_legacy else np.random.Generator(bits)
    if isinstance(rng, np.random.RandomState):
        rng.set_state(state)
    else:
        try:
            rng.bit_generator.state = state
        except OverflowError as error:
            raise ValueError("a number of the state is too large") from error
    return rng


def _leaves(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
