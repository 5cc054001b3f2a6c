"""The values of each layer for one image, as fast as the answer itself.

torch is imported inside functions, so that the window can import this module without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from digitpad.core.models.specs import CNNSpec, MLPSpec, Output, Spec, inputs_of, output_of

if TYPE_CHECKING:
    from torch import Tensor, nn

    from digitpad.core.models.networks import DigitModel

Kind = Literal["input", "conv", "dense", "logits"]
Activation = Literal["relu", "sigmoid", "tanh", "none"]


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A layer with weights together with what follows it up to the next one: batch norm, pooling, activation.

    Attributes
    ----------
    kind
        "input" for the pixels; "logits" for the last layer.
    values
        Float32: (maps, height, width) of the input and of a convolution, else (units,). Of the input the pixels as the
        layers get them: normalised, and of the model's size.
    weights
        Of the layer, float32: (maps, inputs, side, side) or (units, inputs), not to be written to. A batch norm that
        directly follows may be included. None for the input.
    activation
        The function that the values come from.

    """

    kind: Kind
    values: np.ndarray
    weights: np.ndarray | None = None
    activation: Activation = "none"

    @property
    def units(self) -> int:
        """The number of feature maps or units."""
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Activations:
    """One image on its way through a model.

    Attributes
    ----------
    spec
        The model's.
    pixels
        (height, width) float32 in [0, 1]: the image at the size that the model reads, before normalisation.
    stages
        From the input to the logits.

    """

    spec: Spec
    pixels: np.ndarray
    stages: tuple[Stage, ...]

    @property
    def output(self) -> Output:
        """The function from logits to outputs."""
        return output_of(self.spec)

    @property
    def logits(self) -> np.ndarray:
        """(outputs,) float64."""
        return self.stages[-1].values.astype(np.float64)

    @property
    def winner(self) -> int:
        """The output with the largest logit; 0 if a logit is not a number."""
        return int(np.where(np.isnan(self.logits), -np.inf, self.logits).argmax())

    @property
    def products(self) -> np.ndarray | None:
        """Of a single layer that reads the pixels: each pixel times its weight, (outputs, height, width) float32.

        Their sum, plus the bias, is the logit. None for a model with hidden layers.
        """
        inputs, layer = self.stages[0].values, self.stages[1]
        if len(self.stages) > 2 or layer.weights is None:
            return None
        return layer.weights.reshape(-1, *inputs.shape[1:]) * inputs


def activations_of(model: "DigitModel", pixels: np.ndarray) -> Activations:
    """Compute the values of each layer with the model's own layers.

    Parameters
    ----------
    model
        In evaluation mode, on the CPU; also a `networks.quick_copy`.
    pixels
        (height, width) float32 in [0, 1]: of the size of the model's inputs, or 28x28.

    """
    import torch

    groups, values = layer_groups(model), [prepared_image(model, pixels)]
    with torch.inference_mode():
        for group in groups:
            values.append(apply_group(group, values[-1]))
    weights = [group[0].get_parameter("weight").detach().numpy() for group in groups]
    return assembled(model.spec, [tensor[0].numpy() for tensor in values], weights)


def assembled(spec: Spec, values: Sequence[np.ndarray], weights: Sequence[np.ndarray]) -> Activations:
    """Return the stages of one image: `values` from the prepared image to the logits, `weights` of each layer."""
    prepared, *results = values
    stages = [Stage("input", prepared)]
    for number, (result, weight) in enumerate(zip(results, weights, strict=True), 1):
        kind: Kind = "logits" if number == len(results) else "conv" if result.ndim > 1 else "dense"
        stages.append(Stage(kind, result, weight, activation_of(spec, kind)))
    shown = np.clip(prepared[0] * spec.normalisation.std + spec.normalisation.mean, 0, 1)
    return Activations(spec, shown, tuple(stages))


def prepared_image(model: "DigitModel", pixels: np.ndarray) -> "Tensor":
    """Return the input of the first layer, (1, 1, height, width) of the model's type, normalised."""
    import torch

    like = next(model.parameters())
    image = torch.from_numpy(np.ascontiguousarray(pixels, np.float32)).to(like.dtype)
    return model.prepared(image[None]).unflatten(1, (1, *inputs_of(model.spec)))


def layer_groups(model: "DigitModel") -> "list[list[nn.Module]]":
    """Return the layers in groups, one for each layer with weights: that layer, and what follows it up to the next.

    Dropout, which does nothing in evaluation mode, and Flatten are left out; `apply_group` flattens.
    """
    from torch import nn

    groups: list[list[nn.Module]] = []
    for layer in model.layers:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            groups.append([layer])
        elif groups and not isinstance(layer, (nn.Dropout, nn.Flatten)):
            groups[-1].append(layer)
    return groups


def apply_group(group: "list[nn.Module]", values: "Tensor") -> "Tensor":
    """Pass values (1, …) through a group of layers."""
    from torch import nn

    if isinstance(group[0], nn.Linear):
        values = values.flatten(1)
    for layer in group:
        values = layer(values)
    return values


def activation_of(spec: Spec, kind: Kind) -> Activation:
    """Return the function that the values of a layer come from."""
    if kind == "logits":
        return "none"
    if isinstance(spec, CNNSpec):
        return "relu"
    return spec.activation if isinstance(spec, MLPSpec) else "none"
