"""Look inside a model while an image is drawn: what the view of the network shows for one image.

torch is imported inside functions, so that the window can import this module without it.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.evaluation.inside.activations import Activations, activations_of
from digitpad.core.evaluation.inside.links import Link, links_to_winner
from digitpad.core.evaluation.inspection import check_size
from digitpad.core.models.cache import ModelCache
from digitpad.core.models.switched_off import Unit, without_units

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

# A training adds a new model every epoch.
_MAX_MODELS = 4


@dataclass(frozen=True, slots=True, eq=False)
class InsideRequest:
    """An image, and what to compute about it.

    Attributes
    ----------
    source
        The model: a file, or a model in memory.
    pixels
        (height, width) float32 in [0, 1], as the model gets them.
    switched_off
        Units whose values count as 0 for the layers after them.

    """

    source: "Path | LoadedModel"
    pixels: np.ndarray
    switched_off: frozenset[Unit] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class InsideView:
    """What was computed for a request.

    Attributes
    ----------
    activations
        The values of each layer.
    links
        The strongest connections into the winner, see `links_to_winner`.

    """

    request: InsideRequest
    activations: Activations
    links: tuple[Link, ...]


class InsideFollower:
    """Answers requests; keeps the models that were loaded. Use it from one thread at a time."""

    def __init__(self) -> None:
        self._models = ModelCache(of_digits=False)
        self._changed = lru_cache(_MAX_MODELS)(_without)
        self._quick = lru_cache(_MAX_MODELS)(_quick_copy)

    def follow(self, request: InsideRequest) -> InsideView:
        """Compute what a request asks for.

        Raise DigitpadError if the model cannot be loaded, or reads images of another size.
        """
        import torch

        torch.set_num_threads(1)  # one image is too little work for several
        loaded = self._changed(self._models.get(request.source), request.switched_off)
        check_size(loaded.model.spec, loaded.card.name, request.pixels.shape)
        activations = activations_of(self._quick(loaded).model, request.pixels)
        return InsideView(request, activations, tuple(links_to_winner(activations)))


def _without(loaded: "LoadedModel", units: frozenset[Unit]) -> "LoadedModel":
    return replace(loaded, model=without_units(loaded.model, units)) if units else loaded


def _quick_copy(loaded: "LoadedModel") -> "LoadedModel":
    from digitpad.core.models.networks import quick_copy

    return replace(loaded, model=quick_copy(loaded.model))
