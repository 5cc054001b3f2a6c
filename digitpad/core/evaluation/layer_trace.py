"""What happens to one image in each layer: forwards the values, backwards the gradients of the loss.

`trace` follows a model through PyTorch's layers and autograd; `trace_numpy` follows it through the forward and
backward passes of the NumPy engine, with the slips of its recipe. Both compute in float64. torch is imported inside
functions, so that the window can import this module without it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.models.specs import CNNSpec, inputs_of, output_of
from digitpad.core.training.config import Loss, Slip

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from digitpad.core.models.networks import DigitModel
    from digitpad.core.numpy_engine.layers import Layer


@dataclass(frozen=True, slots=True, eq=False)
class LayerValues:
    """The values of one layer for one image.

    Attributes
    ----------
    name
        "Input" for the normalised pixels, then the layers by their names in torch.nn: "Linear", "ReLU", "Conv2d" …;
        after the logits "Softmax" or "Sigmoid" for the outputs.
    output
        Float64: (units,), or (channels, height, width) in the first part of a CNN.
    gradient
        The derivative of the loss with respect to `output`, same shape. None for the outputs after the logits, because
        their derivatives are computed together with those of the loss.
    parameters
        "weight" (units, inputs) or (channels, inputs, side, side), and "bias" (units,), float64;
        empty for layers without.
    gradients
        The derivatives of the loss with respect to the parameters, by the same names and in the same shapes.
    mask
        Dropout: 1 for a unit that is kept, 0 for one that is dropped, in the shape of `output`; None if none can be.

    """

    name: str
    output: np.ndarray
    gradient: np.ndarray | None
    parameters: Mapping[str, np.ndarray] = field(default_factory=dict)
    gradients: Mapping[str, np.ndarray] = field(default_factory=dict)
    mask: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LayerTrace:
    """One image on its way through a model, and the gradients on their way back.

    Attributes
    ----------
    layers
        From the input to the logits, and the outputs if they differ from the logits.
    target
        (outputs,) float64: the one-hot label, or the label itself for a single output.
    objective
        What the training minimises, for this image; the gradients are its derivatives. "cross-entropy" and
        "binary-cross-entropy": nats; "mse": the squared error summed over the outputs; "sse": half of that.

    """

    layers: tuple[LayerValues, ...]
    target: np.ndarray
    objective: float

    @property
    def outputs(self) -> np.ndarray:
        """The model's outputs, (outputs,) float64."""
        return self.layers[-1].output


def trace(
    model: "DigitModel", pixels: np.ndarray, label: int, loss: Loss, *, dropout_seed: int | None = None
) -> LayerTrace:
    """Follow one image through a model, with PyTorch's autograd.

    Parameters
    ----------
    model
        Any model. Batch norms use their running statistics, as for a prediction.
    pixels
        (height, width) float in [0, 1]: of the size of the model's inputs, or 28x28.
    label
        0–9; 0 or 1 for a single output.
    loss
        The loss that the model was trained with.
    dropout_seed
        Draws the units that dropout drops, as in training; None drops none, as for a prediction.

    """
    import torch

    from digitpad.core.models.networks import model_of
    from digitpad.core.training.losses import objective, targets

    weights = model.state_dict().items()
    wide = model_of(model.spec, {name: t.double() if t.is_floating_point() else t for name, t in weights})
    wide.requires_grad_()
    rng = None if dropout_seed is None else torch.Generator().manual_seed(dropout_seed)
    labels = torch.tensor([label])
    with torch.enable_grad():
        values = _inputs(wide, pixels).requires_grad_()
        passed: list[_Passed] = [("Input", None, values, None)]
        if isinstance(model.spec, CNNSpec):
            values = values.unflatten(1, (1, *inputs_of(model.spec)))
        for layer in wide.layers:
            if values.dim() > 2 or not isinstance(layer, torch.nn.Flatten):
                values, mask = _pass(layer, values, rng)
                values.retain_grad()
                passed.append((type(layer).__name__, layer, values, mask))
        total = objective(wide, values, labels, loss)
        total.backward()
    layers = [_layer_values(*one) for one in passed]
    outputs = wide.outputs(values.detach())[0].numpy()
    target = targets(labels, values.shape[1])[0].double().numpy()
    return LayerTrace((*layers, *_output_layer(model, outputs)), target, float(total.detach()))


def trace_numpy(
    model: "DigitModel",
    pixels: np.ndarray,
    label: int,
    loss: Loss,
    *,
    slips: Collection[Slip] = (),
    dropout_seed: int | None = None,
) -> LayerTrace:
    """Follow one image through the layers of the NumPy engine; see `trace`.

    `slips` are those of the recipe, which change the gradients. Raise DigitpadError if the model has convolutions or
    tanh units: the engine has neither.
    """
    import torch

    from digitpad.core.numpy_engine.network import build_net, target_outputs
    from digitpad.core.training.losses import loss_scale

    if isinstance(model.spec, CNNSpec):
        raise DigitpadError("the NumPy engine has no convolutions: choose PyTorch for a CNN")
    net = build_net(model.spec, loss, slips, np.random.default_rng(0))
    for layer, torch_layer in zip(net.linear_layers, model.linear_layers, strict=True):
        layer.weights[...] = torch_layer.weight.detach().numpy().T
        if layer.bias is not None:
            layer.bias[...] = torch_layer.bias.detach().numpy()
    rng = None if dropout_seed is None else np.random.default_rng(dropout_seed)
    outputs = [_inputs(model, pixels).numpy()]
    for layer in net.layers:
        outputs.append(layer.forward(outputs[-1], rng))
    logits = outputs[-1]
    target = target_outputs(np.array([label]), logits.shape[1])
    gradients = [net.logits_gradient(logits, target, 1)]
    for layer in reversed(net.layers):
        gradients.append(layer.backward(gradients[-1]))
    gradients.reverse()
    names = (None, *net.layers)
    layers = [_numpy_values(*one) for one in zip(names, outputs, gradients, strict=True)]
    # The engine computes the softmax and the cross-entropy together; then the network has no output layer.
    shown = model.outputs(torch.from_numpy(logits))[0].numpy() if net.output is None else net.output.forward(logits)[0]
    objective = net.loss_of(logits, target) / loss_scale(loss, logits.shape[1])
    return LayerTrace((*layers, *_output_layer(model, shown)), target[0], objective)


# A layer's name, the layer, its values (1, …) and the mask of a dropout.
_Passed = tuple[str, "nn.Module | None", "Tensor", "Tensor | None"]


def _inputs(model: "DigitModel", pixels: np.ndarray) -> "Tensor":
    """Return the normalised pixels, (1, inputs) float64."""
    import torch

    return model.prepared(torch.from_numpy(np.array(pixels, np.float64))[None]).detach()


def _pass(layer: "nn.Module", values: "Tensor", rng: "torch.Generator | None") -> "tuple[Tensor, Tensor | None]":
    """Pass values through a layer; a dropout with a random generator drops units, and returns its mask."""
    import torch

    if rng is None or not isinstance(layer, torch.nn.Dropout) or not layer.p:
        return layer(values), None
    mask = (torch.rand(values.shape, generator=rng) >= layer.p).to(values.dtype)
    return values * mask / (1 - layer.p), mask


def _layer_values(name: str, layer: "nn.Module | None", values: "Tensor", mask: "Tensor | None") -> LayerValues:
    parameters = {} if layer is None else dict(layer.named_parameters())
    return LayerValues(
        name,
        values.detach()[0].numpy(),
        None if values.grad is None else values.grad[0].numpy(),
        {key: tensor.detach().numpy() for key, tensor in parameters.items()},
        {key: tensor.grad.numpy() for key, tensor in parameters.items() if tensor.grad is not None},
        None if mask is None else mask[0].numpy(),
    )


def _numpy_values(layer: "Layer | None", output: np.ndarray, gradient: np.ndarray) -> LayerValues:
    from digitpad.core.numpy_engine.layers import Dropout, Linear

    parameters, gradients, mask = {}, {}, None
    if isinstance(layer, Linear):
        # Transposed: the NumPy engine has (inputs, units).
        for key, parameter, derivative in zip(
            ("weight", "bias"), layer.parameters, layer.gradients or [], strict=False
        ):
            parameters[key], gradients[key] = parameter.T, derivative.T
    elif isinstance(layer, Dropout) and layer.mask is not None:
        mask = layer.mask[0]
    name = "Input" if layer is None else type(layer).__name__
    return LayerValues(name, output[0], gradient[0], parameters, gradients, mask)


def _output_layer(model: "DigitModel", outputs: np.ndarray) -> tuple[LayerValues, ...]:
    """Return the outputs as a last layer, if they differ from the logits."""
    output = output_of(model.spec)
    return () if output == "linear" else (LayerValues(output.capitalize(), outputs, None),)
