"""What a model has learned, as pictures: its first layer's weights, or its answers over a plane.

torch is imported when a model is at hand, so that the window can import what it shows from here.
"""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Literal

import numpy as np

from digitpad.core.models.specs import CNNSpec, inputs_of

if TYPE_CHECKING:
    from torch import Tensor

    from digitpad.core.models.networks import DigitModel

# What is seen of the plane of XOR's two inputs, along either axis, and in how many points.
PLANE = (-0.25, 1.25)
_PLANE_POINTS = 64
# The few weights beyond this share would leave all others pale.
_EXTREME = 0.995


@dataclass(frozen=True, slots=True, eq=False)
class WeightImages:
    """Pictures of what a model has learned.

    Attributes
    ----------
    kind
        "templates": the weights of each digit; "units": of units of the first hidden layer; "filters": of the first
        convolution; "surface": the answers of a model that reads two numbers.
    images
        (k, height, width) float32 in [-1, 1]. 0 is neutral; weights are on one scale for all pictures, and the most
        extreme half per cent are cut off. Of a surface: twice the probability of 1, less 1; the first row is the top
        one, where the second number is highest, and both numbers run over `PLANE`.
    titles
        k names: digits, or numbers of units from 0.
    note
        What is shown, in a few words.

    """

    kind: Literal["templates", "units", "filters", "surface"]
    images: np.ndarray
    titles: tuple[str, ...]
    note: str


def weight_images(model: "DigitModel", limit: int = 40) -> WeightImages:
    """Return pictures of what a model has learned, at most so many; the model may be on any device."""
    spec = model.spec
    size = inputs_of(spec)
    if prod(size) == 2:
        return WeightImages("surface", _surface(model), ("",), "the probability of 1 for any two numbers")
    if isinstance(spec, CNNSpec):
        filters = _values(_parameters(model)[0])[:, 0]
        note = f"{_of(limit, len(filters))} filters of 3 x 3 pixels"
        return _pictures("filters", filters[:limit], range(len(filters[:limit])), note)
    layers = _parameters(model)
    weights = _values(layers[0]).reshape(-1, *size)
    if len(layers) == 1:
        return _pictures("templates", weights, range(len(weights)), "the weights of each digit")
    # The same ones in every epoch, so that each can be followed.
    first = range(min(limit, len(weights)))
    return _pictures("units", weights[:limit], first, f"{_of(limit, len(weights))} units of the first layer")


def _parameters(model: "DigitModel") -> "list[Tensor]":
    """Return the weights of all layers, without biases and what batch norm has."""
    return [weights for weights in model.layers.parameters() if weights.dim() > 1]


def _values(weights: "Tensor") -> np.ndarray:
    # What a diverged training left is shown as nothing.
    return np.nan_to_num(weights.detach().float().cpu().numpy(), nan=0.0, posinf=0.0, neginf=0.0)


def _pictures(
    kind: Literal["templates", "units", "filters"], weights: np.ndarray, numbers: range | np.ndarray, note: str
) -> WeightImages:
    scale = float(np.quantile(np.abs(weights), _EXTREME)) or float(np.abs(weights).max()) or 1.0
    images = np.clip(weights / scale, -1, 1).astype(np.float32)
    return WeightImages(kind, images, tuple(str(number) for number in numbers), note)


def _of(most: int, there_are: int) -> str:
    return f"{most} of {there_are}" if most < there_are else f"all {there_are}"


def _surface(model: "DigitModel") -> np.ndarray:
    """Return (1, 64, 64): the probability of 1 over the plane, from -1 (never) to 1 (always)."""
    import torch

    along = torch.linspace(*PLANE, _PLANE_POINTS)
    second, first = torch.meshgrid(along.flip(0), along, indexing="ij")
    device = next(model.parameters()).device
    points = torch.stack([first, second], dim=-1).reshape(-1, *inputs_of(model.spec)).to(device)
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        outputs = model.outputs(model(points)).float().cpu().numpy()
    model.train(was_training)
    share = outputs[:, 0] if outputs.shape[1] == 1 else outputs[:, 1]
    image = np.clip(np.nan_to_num(2 * share - 1), -1, 1)
    return image.reshape(1, _PLANE_POINTS, _PLANE_POINTS).astype(np.float32)
