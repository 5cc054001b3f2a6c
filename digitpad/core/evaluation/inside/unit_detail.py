"""How one unit computes its value for an image: weights times inputs, bias, batch norm, pooling, activation.

torch is imported inside functions, so that the window can import this module without it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from digitpad.core.evaluation.saliency import frozen
from digitpad.core.models.activations import apply_group, layer_groups, prepared_image
from digitpad.core.models.switched_off import Unit

if TYPE_CHECKING:
    from torch import Tensor, nn

    from digitpad.core.models.networks import DigitModel

StepKind = Literal["sum", "bias", "norm", "pool", "relu", "sigmoid", "tanh"]
Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SumStep:
    """One step of the computation.

    `value` is the number after it. `numbers` are what it uses: the bias; scale and shift of a batch norm; the numbers
    of which pooling takes the largest.
    """

    kind: StepKind
    value: float
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class UnitDetail:
    """How a unit computes its value, or a feature map its value at one position.

    Attributes
    ----------
    weights
        (inputs, height, width) float32: the kernels of a map, by the maps that they read; of a unit that reads images
        or maps one weight for each of their pixels; else (inputs, 1, 1).
    inputs
        Of the same shape: what each weight is multiplied with.
    position
        Row and column in the map, from 0; None for a unit.
    steps
        From the sum of weights times inputs to the value.
    fired
        Where in the image it responds, (height, width) float32: the map itself, or for a unit gradient times pixel,
        see `digitpad.core.evaluation.saliency.saliency_map`.

    """

    unit: Unit
    weights: np.ndarray
    inputs: np.ndarray
    position: Position | None
    steps: tuple[SumStep, ...]
    fired: np.ndarray

    @property
    def value(self) -> float:
        """The value of the unit, or of the map at the position."""
        return self.steps[-1].value

    @property
    def parts(self) -> np.ndarray:
        """What each input map or unit adds to the sum, (inputs,) float64."""
        return (self.weights.astype(np.float64) * self.inputs).sum(axis=(1, 2))


def unit_detail(model: "DigitModel", pixels: np.ndarray, unit: Unit, position: Position | None = None) -> UnitDetail:
    """Work out the value of a unit with the model's own layers and weights.

    Parameters
    ----------
    model
        Any model, see `activations_of`; of a `networks.quick_copy` the batch norms are part of the kernels.
    pixels
        (height, width) float32 in [0, 1]: of the size of the model's inputs, or 28x28.
    unit
        A feature map or a unit.
    position
        Row and column in a map; None for its largest value. It is moved into the map. Ignored for a unit.

    """
    import torch

    groups = layer_groups(model)
    group = groups[unit.layer - 1]
    with torch.inference_mode():
        before = prepared_image(model, pixels)
        for earlier in groups[: unit.layer - 1]:
            before = apply_group(earlier, before)
        values = [before, *(apply_group(group[:end], before) for end in range(1, len(group) + 1))]
        if isinstance(group[0], torch.nn.Conv2d):
            return _of_map(group, values, unit, position)
        fired = _pixels_times_gradient(model, pixels, unit)
        return _of_unit(group, values, unit, fired)


def _of_map(group: "list[nn.Module]", values: "list[Tensor]", unit: Unit, position: Position | None) -> UnitDetail:
    from torch import nn
    from torch.nn import functional

    conv, fired = group[0], values[-1][0, unit.number].numpy()
    assert isinstance(conv, nn.Conv2d)  # noqa: S101 - for the types
    height, width = fired.shape
    if position is None:
        row, column = divmod(int(np.nan_to_num(fired).argmax()), width)
    else:
        row, column = min(max(position[0], 0), height - 1), min(max(position[1], 0), width - 1)
    places = _places(group, values, unit, (row, column))
    kernel, bias = conv.weight[unit.number], conv.bias
    stride, pad, side = conv.stride[0], int(conv.padding[0]), kernel.shape[-1]
    padded = functional.pad(values[0], (pad, pad, pad, pad))[0]
    top, left = places[1][0] * stride, places[1][1] * stride
    patch = padded[:, top : top + side, left : left + side]
    steps = _first_steps(kernel.numpy(), patch.numpy(), None if bias is None else float(bias[unit.number]))
    for layer, result, there, earlier in zip(group[1:], values[2:], places[2:], values[1:-1], strict=True):
        steps.append(_step(layer, earlier[0, unit.number], float(result[0, unit.number][there]), unit, there))
    return UnitDetail(unit, kernel.numpy(), patch.numpy(), (row, column), tuple(steps), fired)


def _places(group: "list[nn.Module]", values: "list[Tensor]", unit: Unit, last: Position) -> list[Position]:
    """Return where in each layer's map the value comes from: pooling takes the largest of a window."""
    from torch import nn

    places = [last]
    for layer, earlier in zip(group[:0:-1], values[-2:0:-1], strict=True):
        row, column = places[0]
        if isinstance(layer, nn.MaxPool2d):
            window = earlier[0, unit.number][2 * row : 2 * row + 2, 2 * column : 2 * column + 2].numpy()
            down, right = divmod(int(np.nan_to_num(window).argmax()), window.shape[1])
            row, column = 2 * row + down, 2 * column + right
        places.insert(0, (row, column))
    return [places[0], *places]


def _of_unit(group: "list[nn.Module]", values: "list[Tensor]", unit: Unit, fired: np.ndarray) -> UnitDetail:
    layer, inputs = group[0], values[0][0]
    shape = inputs.shape if inputs.dim() > 1 else (len(inputs), 1, 1)
    weights = layer.get_parameter("weight")[unit.number].numpy().reshape(shape)
    bias = layer._parameters["bias"]  # noqa: SLF001 - None without
    numbers = inputs.numpy().reshape(shape)
    steps = _first_steps(weights, numbers, None if bias is None else float(bias[unit.number]))
    for after, result in zip(group[1:], values[2:], strict=True):
        steps.append(_step(after, values[1][0], float(result[0, unit.number]), unit, (0, 0)))
    return UnitDetail(unit, weights, numbers, None, tuple(steps), fired)


def _first_steps(weights: np.ndarray, inputs: np.ndarray, bias: float | None) -> list[SumStep]:
    total = float((weights.astype(np.float64) * inputs).sum())
    steps = [SumStep("sum", total)]
    return steps if bias is None else [*steps, SumStep("bias", total + bias, (bias,))]


def _step(layer: "nn.Module", earlier: "Tensor", value: float, unit: Unit, there: Position) -> SumStep:
    from torch import nn

    if isinstance(layer, nn.BatchNorm2d):
        assert layer.running_mean is not None and layer.running_var is not None  # noqa: S101, PT018 - it is in use
        scale = float(layer.weight[unit.number] / (layer.running_var[unit.number] + layer.eps).sqrt())
        shift = float(layer.bias[unit.number]) - scale * float(layer.running_mean[unit.number])
        return SumStep("norm", value, (scale, shift))
    if isinstance(layer, nn.MaxPool2d):
        row, column = there
        window = earlier[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        return SumStep("pool", value, tuple(window.flatten().tolist()))
    kinds: dict[type, StepKind] = {nn.ReLU: "relu", nn.Sigmoid: "sigmoid", nn.Tanh: "tanh"}
    return SumStep(kinds[type(layer)], value)


def _pixels_times_gradient(model: "DigitModel", pixels: np.ndarray, unit: Unit) -> np.ndarray:
    """Return each pixel times the derivative of the unit's sum, before its activation, with respect to it."""
    import torch

    fixed = frozen(model)
    with torch.inference_mode(mode=False), torch.enable_grad():
        image = torch.tensor(np.ascontiguousarray(pixels, np.float32), requires_grad=True)
        values = fixed.prepared(image[None]).unflatten(1, prepared_image(fixed, pixels).shape[1:])
        groups = layer_groups(fixed)
        for earlier in groups[: unit.layer - 1]:
            values = apply_group(earlier, values)
        total = apply_group(groups[unit.layer - 1][:1], values)[0, unit.number]
        (gradient,) = torch.autograd.grad(total, image)
    return gradient.numpy() * pixels
