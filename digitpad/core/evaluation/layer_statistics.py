"""Statistics of each layer of a network in training: weights, gradients and activations.

torch is imported inside functions, so that the window can import this module without it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.images.digits import Digits, to_floats
from digitpad.core.models.activations import Activation, activation_of, layer_groups
from digitpad.core.models.specs import CNNSpec, Spec, inputs_of
from digitpad.core.training.config import Loss

if TYPE_CHECKING:
    from torch import Tensor, nn

    from digitpad.core.models.networks import DigitModel

# Images on which gradients and activations are measured: ten of each digit, and still fast for a CNN.
SAMPLE = 100
# A layer with more weights has no lines in the drawing.
MOST_LINES = 256
_BINS = 25
# The histogram of gradients is of log10 of their magnitudes, the same range for every layer.
GRADIENT_DECADES = (-8.0, 2.0)
# A histogram is of at most so many values, drawn at random: enough for its shape.
_MOST_VALUES = 200_000
# Where the derivative is below about a twenty-fifth of its largest value.
_SATURATED_SIGMOID, _SATURATED_TANH = 0.01, 0.98


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """The shares of values in bins of equal width from `low` to `high`, (bins,) float32; all 0 without values.

    `low` and `high` are the same if all values are 0, and NaN without values.
    """

    shares: np.ndarray
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class LayerStatistics:
    """What was measured of a layer, see `digitpad.core.models.specs.layer_shapes`, on a sample of images.

    Attributes
    ----------
    weights, activations
        Histograms. Activations are the values that the next layer gets; logits of the last layer.
    gradients
        Histogram of log10 of the magnitudes of the weights' gradients, over `GRADIENT_DECADES`; those of 0 are left
        out.
    weight_size, gradient_size
        Root mean squares; NaN or infinite if an element is.
    units, idle
        How many units or maps, and how many of them no image makes work: with ReLU those that are 0 for every image,
        with sigmoid or tanh those that are saturated for every image, where learning stops. A block of two
        convolutions has the maps of both.
    activation
        The function that the units have.
    lines, biases
        (units, inputs) and (units,) float32 of a small layer, see `MOST_LINES`; None of a large one, and without
        biases.

    """

    weights: Histogram
    gradients: Histogram
    activations: Histogram
    weight_size: float
    gradient_size: float
    units: int
    idle: int
    activation: Activation
    lines: np.ndarray | None = None
    biases: np.ndarray | None = None

    @property
    def is_finite(self) -> bool:
        """Whether all weights and gradients are numbers."""
        return math.isfinite(self.weight_size) and math.isfinite(self.gradient_size)


@dataclass(frozen=True, slots=True, eq=False)
class NetworkStatistics:
    """The layers of a network after its inputs, measured on `images` images; `loss` is their mean objective."""

    spec: Spec
    layers: tuple[LayerStatistics, ...]
    loss: float
    images: int


def network_statistics(model: "DigitModel", sample: Digits, loss: Loss) -> NetworkStatistics:
    """Measure a network on a sample of its training images.

    Gradients are those of the mean objective of the sample, by one backward pass without dropout, weight decay and the
    slips of a published program. The model is not changed; it draws no random numbers.

    Parameters
    ----------
    model
        In evaluation mode, on the CPU.
    sample
        Of the size that the model reads, or 28x28.
    loss
        The loss of the training.

    """
    import torch

    from digitpad.core.training.losses import objective

    blocks: list[list[_Passed]] = []
    with torch.inference_mode(mode=False), torch.enable_grad():
        pixels = torch.from_numpy(to_floats(sample.images, sample.peak))
        labels = torch.from_numpy(sample.labels.astype(np.int64))
        values = model.prepared(pixels).unflatten(1, (1, *inputs_of(model.spec)))
        for block in _blocks(model):
            blocks.append([])
            for group in block:
                passed = _pass(group, values)
                values = passed.values
                blocks[-1].append(passed)
        total = objective(model, values, labels, loss) / len(sample)
        weights = [passed.weights for block in blocks for passed in block]
        gradients = iter([gradient.numpy() for gradient in torch.autograd.grad(total, weights)])
    last = len(blocks) - 1
    layers = tuple(
        _statistics(block, gradients, activation_of(model.spec, "logits" if number == last else "dense"))
        for number, block in enumerate(blocks)
    )
    return NetworkStatistics(model.spec, layers, total.item(), len(sample))


@dataclass(frozen=True, slots=True, eq=False)
class _Passed:
    """A layer with weights, and the values that it passes on."""

    weights: "Tensor"
    bias: "Tensor | None"
    values: "Tensor"


def _blocks(model: "DigitModel") -> "list[list[list[nn.Module]]]":
    """Return for each layer that is drawn its groups of layers: two of a block of a CNN with pairs, else one."""
    groups = layer_groups(model)
    if not (isinstance(model.spec, CNNSpec) and model.spec.convolutions == "pairs"):
        return [[group] for group in groups]
    count = 2 * len(model.spec.channels)
    return [*(groups[at : at + 2] for at in range(0, count, 2)), *([group] for group in groups[count:])]


def _pass(group: "list[nn.Module]", values: "Tensor") -> _Passed:
    """Pass values (n, …) through a group of layers; its weights are a leaf that shares their memory."""
    from torch import nn
    from torch.func import functional_call

    own = dict(group[0].named_parameters())
    weights, bias = own["weight"].detach().requires_grad_(), own.get("bias")
    start = values.flatten(1) if isinstance(group[0], nn.Linear) else values
    sums = functional_call(group[0], {"weight": weights}, (start,))
    return _Passed(weights, None if bias is None else bias.detach(), nn.Sequential(*group[1:])(sums))


def _statistics(block: list[_Passed], gradients: Iterator[np.ndarray], activation: Activation) -> LayerStatistics:
    weights = np.concatenate([passed.weights.detach().numpy().ravel() for passed in block])
    gradient = np.concatenate([next(gradients).ravel() for _ in block])
    values = [passed.values.detach().numpy() for passed in block]
    last = block[-1]
    is_small = last.weights.dim() == 2 and len(weights) <= MOST_LINES
    return LayerStatistics(
        weights=_signed(weights),
        gradients=_magnitudes(gradient),
        activations=_from_zero(values[-1].ravel()),
        weight_size=_root_mean_square(weights),
        gradient_size=_root_mean_square(gradient),
        units=sum(part.shape[1] for part in values),
        idle=sum(_idle(part, activation) for part in values),
        activation=activation,
        lines=last.weights.detach().numpy().copy() if is_small else None,
        biases=last.bias.numpy().copy() if is_small and last.bias is not None else None,
    )


def _idle(values: np.ndarray, activation: Activation) -> int:
    """Count the units of values (n, units, …) that no image makes work; 0 if a value is not a number."""
    if activation == "none" or not np.isfinite(values).all():
        return 0
    by_unit = np.moveaxis(values, 1, 0).reshape(values.shape[1], -1)
    if activation == "relu":
        is_idle = by_unit <= 0
    elif activation == "sigmoid":
        is_idle = np.abs(by_unit - 0.5) > 0.5 - _SATURATED_SIGMOID
    else:
        is_idle = np.abs(by_unit) > _SATURATED_TANH
    return int(is_idle.all(axis=1).sum())


def _root_mean_square(values: np.ndarray) -> float:
    return math.sqrt(float(np.mean(np.square(values, dtype=np.float64)))) if np.isfinite(values).all() else math.nan


def _signed(values: np.ndarray) -> Histogram:
    kept = values[np.isfinite(values)]
    peak = float(np.abs(kept).max()) if len(kept) else math.nan
    return _histogram(_some(kept), -peak, peak)


def _from_zero(values: np.ndarray) -> Histogram:
    kept = values[np.isfinite(values)]
    low, high = (float(kept.min(initial=0)), float(kept.max(initial=0))) if len(kept) else (math.nan, math.nan)
    return _histogram(_some(kept), low, high)


def _magnitudes(values: np.ndarray) -> Histogram:
    kept = np.abs(_some(values))
    kept = kept[np.isfinite(kept)]
    return _histogram(np.clip(np.log10(kept[kept > 0]), *GRADIENT_DECADES), *GRADIENT_DECADES)


def _some(values: np.ndarray) -> np.ndarray:
    """Return the values, of large arrays a part drawn at random, the same in every call."""
    if len(values) <= _MOST_VALUES:
        return values
    return values[np.random.default_rng(0).integers(0, len(values), _MOST_VALUES)]


def _histogram(values: np.ndarray, low: float, high: float) -> Histogram:
    counts, _ = np.histogram(values, _BINS, (low, high) if low < high else (-1, 1))
    return Histogram((counts / max(len(values), 1)).astype(np.float32), low, high)
