"""Look inside a model while an image is drawn: what the view of the network shows for one image.

torch is imported inside functions, so that the window can import this module without it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from digitpad.core.evaluation.inside.exciting_images import (
    ExcitingImages,
    exciting_images,
    largest_values,
    training_images,
)
from digitpad.core.evaluation.inside.unit_detail import Position, UnitDetail, unit_detail
from digitpad.core.evaluation.inspection import check_size
from digitpad.core.evaluation.saliency import saliency_map
from digitpad.core.images.digits import Digits
from digitpad.core.models.activations import Activations, activations_of
from digitpad.core.models.cache import ModelCache
from digitpad.core.models.switched_off import Unit, without_units

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel
    from digitpad.core.models.networks import DigitModel

Explains = Literal["", "winner", "difference"]
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
    opened, position
        The unit whose computation is worked out, and where in its map; None for its largest value.
    explains
        Which saliency map: "winner" for what supports the winner, "difference" for the winner and not the runner-up.
    activations
        The values of each layer, without the units that are switched off, if they are known.

    """

    source: "Path | LoadedModel"
    pixels: np.ndarray
    switched_off: frozenset[Unit] = frozenset()
    opened: Unit | None = None
    position: Position | None = None
    explains: Explains = ""
    activations: Activations | None = None

    @property
    def is_simple(self) -> bool:
        """Whether the values of each layer answer it."""
        return self.opened is None and not self.explains


@dataclass(frozen=True, slots=True, eq=False)
class ExcitingRequest:
    """A unit of a model, for which exciting images are sought; `on_batch` is called before each batch of images."""

    source: "Path | LoadedModel"
    unit: Unit
    on_batch: Callable[[], object]


@dataclass(frozen=True, slots=True, eq=False)
class InsideView:
    """What was computed for a request.

    Attributes
    ----------
    activations
        The values of each layer.
    detail
        How the opened unit computes its value.
    saliency
        Of the shape of the image, see `digitpad.core.evaluation.saliency.saliency_map`; None if none is asked for.

    """

    request: InsideRequest
    activations: Activations
    detail: UnitDetail | None = None
    saliency: np.ndarray | None = None

    @property
    def runner_up(self) -> int | None:
        """The output with the second largest logit; None if there is one output only."""
        order = np.argsort(-np.nan_to_num(self.activations.logits, nan=-np.inf), kind="stable")
        return int(order[1]) if len(order) > 1 else None


class InsideFollower:
    """Answers requests; keeps the models that were loaded. Use it from one thread at a time."""

    def __init__(self) -> None:
        self._models = ModelCache(of_digits=False)
        self._digits: Digits | None = None
        self._values: tuple[tuple[LoadedModel, int], np.ndarray] | None = None  # of the layer that was searched last
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
        view = InsideView(request, request.activations or activations_of(self._quick(loaded).model, request.pixels))
        return replace(view, detail=_detail(loaded.model, view), saliency=_saliency(loaded.model, view))

    def excite(self, request: ExcitingRequest) -> ExcitingImages:
        """Find the training images that excite a unit most; for other units of its layer they are then known."""
        loaded = self._models.get(request.source)
        key = loaded, request.unit.layer
        if self._values is None or self._values[0] != key:
            self._digits = self._digits or training_images()
            check_size(loaded.model.spec, loaded.card.name, self._digits.size)
            self._values = key, largest_values(loaded.model, self._digits, request.unit.layer, request.on_batch)
        assert self._digits is not None  # noqa: S101 - loaded with the values
        return exciting_images(self._values[1], self._digits, request.unit)


def _detail(model: "DigitModel", view: InsideView) -> UnitDetail | None:
    request = view.request
    if request.opened is None or request.opened.layer >= len(view.activations.stages):
        return None
    return unit_detail(model, request.pixels, request.opened, request.position)


def _saliency(model: "DigitModel", view: InsideView) -> np.ndarray | None:
    if not view.request.explains:
        return None
    against = view.runner_up if view.request.explains == "difference" else None
    return saliency_map(model, view.request.pixels, view.activations.winner, against)


def _without(loaded: "LoadedModel", units: frozenset[Unit]) -> "LoadedModel":
    return replace(loaded, model=without_units(loaded.model, units)) if units else loaded


def _quick_copy(loaded: "LoadedModel") -> "LoadedModel":
    from digitpad.core.models.networks import quick_copy

    return replace(loaded, model=quick_copy(loaded.model))
