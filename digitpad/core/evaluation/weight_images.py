"""Images of what a model has learned: the weights of its first layer, or its output over a plane.

torch is imported inside functions, so that the window can import this module without it.
"""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Literal

import numpy as np

from digitpad.core.datasets.loading import POINTS
from digitpad.core.models.specs import CNNSpec, inputs_of, output_of
from digitpad.core.translation import tr

if TYPE_CHECKING:
    from torch import Tensor

    from digitpad.core.models.networks import DigitModel

# The range of both inputs of an XOR model, and the number of points along each axis.
PLANE = (-0.25, 1.25)
_PLANE_POINTS = 64
# Colours saturate at this quantile: otherwise a few extreme weights would make all others pale.
_SATURATION = 0.995
_JUST_ABOVE_HALF = np.nextafter(np.float32(0.5), np.float32(1))


Kind = Literal["templates", "units", "filters", "surface"]


@dataclass(frozen=True, slots=True, eq=False)
class WeightImages:
    """Images of what a model has learned.

    Attributes
    ----------
    kind
        "templates": the weights of each digit; "units": of units of the first hidden layer; "filters": of the first
        convolution; "surface": the output of a model with two inputs.
    images
        (k, height, width) float32 in [-1, 1]. 0 is neutral; the weights of all images have one scale, and the most
        extreme 0.5 % are clipped. For a surface: 2 p - 1, where p is the probability of 1; both inputs cover `PLANE`,
        and the second input is highest in the first row.
    titles
        k names: digits, or numbers of units from 0.
    note
        A short description.
    total
        How many filters or units the layer has, of which `images` may be the first ones.
    outputs
        For a surface: the probability of 1 at each of the `POINTS` of a gate, float32 as the model computes it, above
        1/2 just where it predicts 1; empty in histories of earlier versions.

    """

    kind: Kind
    images: np.ndarray
    titles: tuple[str, ...]
    note: str
    total: int = 0
    outputs: tuple[float, ...] = ()


def weight_images(model: "DigitModel", limit: int = 40) -> WeightImages:
    """Return at most `limit` images of what a model has learned; the model may be on any device."""
    spec = model.spec
    size = inputs_of(spec)
    if prod(size) == 2:
        return described("surface", _surface(model), 1, tuple(_probabilities(model, np.array(POINTS)).tolist()))
    # Without biases and the parameters of batch norm.
    layers = [weights for weights in model.layers.parameters() if weights.dim() > 1]
    if isinstance(spec, CNNSpec):
        kind, weights = "filters", _values(layers[0])[:, 0]
    else:
        kind, weights = "templates" if len(layers) == 1 else "units", _values(layers[0]).reshape(-1, *size)
    # The first ones, not the strongest: the same units in every epoch, so that the user can follow each.
    shown = weights if kind == "templates" else weights[:limit]
    return described(kind, _scaled(shown), len(weights))


def described(kind: Kind, images: np.ndarray, total: int, outputs: tuple[float, ...] = ()) -> WeightImages:
    """Return images with their texts.

    `images` is (k, height, width) float32 in [-1, 1], of the first k of the layer's `total` filters or units; `outputs`
    are those of a surface.
    """
    notes = {
        "templates": tr("the weights of each digit"),
        "units": tr("{} of {} units of the first layer"),
        "filters": tr("{} of {} filters, {side}x{side} pixels"),
        "surface": tr("the probability of 1 for any two inputs"),
    }
    note = notes[kind].format(len(images), total, side=images.shape[-1])
    titles = ("",) if kind == "surface" else tuple(str(number) for number in range(len(images)))
    return WeightImages(kind, images, titles, note, total, outputs)


def _values(weights: "Tensor") -> np.ndarray:
    # The weights of a diverged training may be NaN or infinite: they are shown as 0.
    return np.nan_to_num(weights.detach().float().cpu().numpy(), nan=0.0, posinf=0.0, neginf=0.0)


def _scaled(weights: np.ndarray) -> np.ndarray:
    scale = float(np.quantile(np.abs(weights), _SATURATION)) or float(np.abs(weights).max()) or 1.0
    return np.clip(weights / scale, -1, 1).astype(np.float32)


def _surface(model: "DigitModel") -> np.ndarray:
    """Return (1, 64, 64) float32: 2 p - 1 over the plane, where p is the probability of 1."""
    along = np.linspace(*PLANE, _PLANE_POINTS)
    second, first = np.meshgrid(along[::-1], along, indexing="ij")
    probability = _probabilities(model, np.stack([first.ravel(), second.ravel()], axis=1))
    return np.clip(2 * probability - 1, -1, 1).reshape(1, _PLANE_POINTS, _PLANE_POINTS)


def _probabilities(model: "DigitModel", points: np.ndarray) -> np.ndarray:
    """Return the probability of 1 at points (n, 2), (n,) float32; where the model computes NaN it is 1/2.

    It is above 1/2 just where the model predicts 1: of a logit close to 0 it would be rounded to 1/2.
    """
    import torch

    from digitpad.core.models.networks import predicted_classes

    device = next(model.parameters()).device
    inputs = torch.tensor(points, dtype=torch.float32).reshape(-1, *inputs_of(model.spec)).to(device)
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        logits = model(inputs)
        is_one = predicted_classes(logits, output_of(model.spec)).cpu().numpy() == 1
        outputs = model.outputs(logits).float().cpu().numpy()
    model.train(was_training)
    found = np.nan_to_num(outputs[:, 0 if outputs.shape[1] == 1 else 1], nan=0.5)
    return np.where(is_one, np.maximum(found, _JUST_ABOVE_HALF), np.minimum(found, np.float32(0.5)))
